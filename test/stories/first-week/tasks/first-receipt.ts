import type { TestContext } from 'node:test';
import { password } from '../../../browser/bed.ts';
import { rootAccount } from '../../../support/service.ts';
import type { Person } from '../person.ts';
import { runReceiverOfReadme } from '../town.ts';

/** From the address that the first start prints to the first receipt at a program of one's own, as the README tells it. */
export async function receiveTheFirstReceipt(t: TestContext, person: Person): Promise<void> {
  const receiver = await runReceiverOfReadme(t);

  await person.open();
  await person.sees('sign_in.setup.title');
  await person.looksOver('1-first-visit');
  await person.write('key.id', rootAccount.keyId);
  await person.write('key.secret', rootAccount.keySecret);
  await person.write('user.name', 'mara');
  await person.write('user.password', password);
  await person.write('user.password.again', password);
  await person.press('sign_in.setup.do');

  await person.sees('steps.done', { done: 0 });
  await person.looksOver('1-overview');
  await person.follow('steps.receipts.do');
  await person.turnOn('webhook.http.switch');
  await person.write('webhook.url.inbound', receiver.url);
  await person.saves();
  await person.looksOver('1-webhook-settings');

  await person.follow('channel.try');
  await person.write('simulator.text', 'Where is my order?');
  await person.press('action.send');
  await person.within('log', 'simulator.log').sees({ said: 'Where is my order?' });
  await person.looksOver('1-simulator');
  await receiver.untilItPrints('Where is my order?');

  await person.goTo('nav.overview');
  await person.sees('steps.done', { done: 2 });
}
