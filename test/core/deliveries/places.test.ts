import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../../src/core/deliveries/places.ts';

function open(total: number) {
  const places = new Places(total);
  const woken: string[] = [];
  const waiter = (accountId: number, name: string) => ({ accountId, wake: () => void woken.push(name) });
  return { places, woken, waiter };
}

test('the last quarter of the places is for accounts that have less than an eighth', () => {
  const { places } = open(16);
  for (let taken = 0; taken < 12; taken += 1) places.take(1);
  assert.equal(places.room(1), 0);
  assert.equal(places.room(2), 2);
});

test('accounts take turns in the line, and who may have no place is passed over', () => {
  const { places, woken, waiter } = open(4);
  const leaves = [1, 1, 1].map((accountId) => places.take(accountId));
  for (const name of ['a1', 'a2']) places.queue(waiter(1, name));
  for (const name of ['b1', 'b2']) places.queue(waiter(2, name));
  places.wakeNext();
  assert.deepEqual(woken, ['b1'], 'the last place is kept from the first account');
  for (const leave of leaves) leave();
  for (let times = 0; times < 4; times += 1) places.wakeNext();
  assert.deepEqual(woken, ['b1', 'a1', 'b2', 'a2']);
});

test('one waits once, however often it was put in line, and not after it has left', () => {
  const { places, woken, waiter } = open(4);
  const [first, second] = [waiter(1, 'first'), waiter(1, 'second')];
  for (const one of [first, first, second]) places.queue(one);
  places.leave(second);
  for (let times = 0; times < 3; times += 1) places.wakeNext();
  places.queue(first);
  places.leave(first);
  places.wakeNext();
  assert.deepEqual(woken, ['first']);
});
