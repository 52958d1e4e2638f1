import assert from 'node:assert/strict';
import type { Person } from '../person.ts';
import { users } from '../town.ts';
import type { Town } from '../town.ts';

/** The business lost what it was given: what a user wrote is found by the number and pushed once more. */
export async function replayWhatWasLost(person: Person, town: Town): Promise<void> {
  const before = town.orders.calls.length;
  await person.goTo('nav.deliveries');
  await person.openFilters();
  await person.write('deliveries.user', `+${users.whatsapp}`);
  const deliveries = person.within('group', 'nav.deliveries');
  const delivery = deliveries.row(users.whatsapp);
  await delivery.sees('delivery.state.done');
  await person.looksOver('4-deliveries');
  await delivery.press('delivery.replay');
  await person.isTold('delivery.replayed');
  await town.orders.waitFor(before + 1);
  const call = town.orders.calls[before];
  assert.equal(call?.headers['chasqui-repeat-cause'], 'replay');
  assert.ok(call.body.includes('I want my money back'));
  await person.looksOver('4-replayed');
}
