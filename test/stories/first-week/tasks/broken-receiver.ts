import { toCall, tryInAnHour } from '../../../browser/bed.ts';
import type { Person } from '../person.ts';
import { ordersFault, users } from '../town.ts';
import type { Town } from '../town.ts';

/** A receiver that fails is found on the overview, explained by what it answered, mended, and given what it missed. */
export async function mendABrokenReceiver(person: Person, town: Town): Promise<void> {
  const url = `${town.orders.url}/orders`;
  await person.goTo('nav.channels');
  await person.follow({ said: 'whatsapp' });
  await person.row('15550001111').follow('webhook.settings');
  await person.turnOn('webhook.http.switch');
  await person.write('webhook.url.inbound', url);
  await person.saves();
  await tryInAnHour({ call: toCall(town.service) }, url);
  await town.userWrites('whatsapp', 'I want my money back');
  await town.orders.waitFor(1);

  await person.goTo('nav.overview');
  const attention = person.within('region', 'cause.destination_failing');
  await attention.sees({ said: url });
  await person.looksOver('3-overview');
  await attention.follow('attention.look');
  const tries = person.within('group', 'last_tries.title');
  await tries.sees('outcome.rejected');
  await person.looksOver('3-callback-url');
  await tries.row(users.whatsapp).follow('receipt.timeline');
  await person.sees({ said: ordersFault });
  await person.looksOver('3-receipt');

  town.orders.mend();
  await person.follow({ said: url });
  await person.press('try_now.do');
  await tries.sees('delivery.state.done');
  await person.looksOver('3-mended');

  await person.goTo('nav.overview');
  await attention.isGone();
}
