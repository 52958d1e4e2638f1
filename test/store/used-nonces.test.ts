import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nonceKeptMs, UsedNonces } from '../../src/store/nonces/used-nonces.ts';

const minute = 60_000;

test('a nonce is good once for each key, however many there are', () => {
  const used = new UsedNonces();
  const all = Array.from({ length: 5000 }, (_, n) => [`k${n % 3}`, String(Math.floor(n / 3))] as const);
  for (const [key, nonce] of all) assert.ok(used.use(key, nonce, 0), `${key} ${nonce}`);
  for (const [key, nonce] of all) assert.equal(used.use(key, nonce, minute), false, `${key} ${nonce}`);
  assert.ok(used.use('k3', '0', 0));
});

test('a nonce is remembered as long as it has to be, and not for ever', () => {
  const used = new UsedNonces();
  for (let at = 0; at <= 3 * nonceKeptMs; at += minute) assert.ok(used.use('k', String(at), at));
  for (let at = 2 * nonceKeptMs; at <= 3 * nonceKeptMs; at += minute)
    assert.equal(used.use('k', String(at), 3 * nonceKeptMs), false);
  assert.ok(used.use('k', '0', 3 * nonceKeptMs));
});

test('a nonce is remembered while the clock goes back, and forgotten by its own time', () => {
  const used = new UsedNonces();
  assert.ok(used.use('k', 'a', 60 * minute));
  assert.ok(used.use('k', 'b', 0));
  assert.equal(used.use('k', 'a', 0), false);
  assert.equal(used.use('k', 'b', minute), false);
  assert.equal(used.use('k', 'a', 90 * minute), false);
  assert.ok(used.use('k', 'a', 90 * minute + 1));
});
