import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeld, Leases } from '../../../src/store/deliveries/sqlite-leases.ts';

const transaction = () => ({ afterCommit: () => undefined, signal: () => undefined });

test('a lease lasts until its end and not longer', () => {
  const held = new Map([[7, 100]]);
  assert.equal(isHeld(held, 7, 99), true);
  assert.equal(isHeld(held, 7, 100), false);
  assert.equal(isHeld(held, 8, 0), false);
});

test('each destination has leases of its own, which end one by one', () => {
  const leases = new Leases();
  leases.of(1).set(7, 100).set(8, 100);
  leases.of(2).set(7, 100);
  leases.end(1, 7);
  leases.end(3, 7);
  assert.deepEqual([...leases.of(1).keys()], [8]);
  assert.deepEqual([...leases.of(2).keys()], [7]);
});

test('what is promised is known to those who share the transaction, and to nobody else', () => {
  const leases = new Leases();
  const [first, second] = [transaction(), transaction()];
  leases.promisedIn(first).set(7, 100);
  assert.deepEqual([...leases.promisedIn(first).keys()], [7]);
  assert.equal(leases.promisedIn(second).size, 0);
  assert.equal(leases.of(1).size, 0);
});
