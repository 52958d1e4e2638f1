import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Pairs } from '../../src/sending/rate.ts';

it('lets a burst to one recipient go, and then one at a time, each after its wait', () => {
  const pairs = new Pairs(6000);
  let now = 1_000_000;
  for (let n = 0; n < 45; n += 1) assert.equal(pairs.take('a', now), 0, `message ${n}`);
  assert.equal(pairs.take('a', now), 6000);
  assert.equal(pairs.take('b', now), 0, 'another recipient is none of its business');
  now += 5999;
  assert.equal(pairs.take('a', now), 1);
  now += 1;
  assert.equal(pairs.take('a', now), 0);
  assert.equal(pairs.take('a', now), 6000);
  now += 45 * 6000;
  for (let n = 0; n < 45; n += 1) assert.equal(pairs.take('a', now), 0, `a whole burst again, ${n}`);
  assert.equal(pairs.take('a', now), 6000);
});

it('limits nothing when it is switched off', () => {
  const pairs = new Pairs(0);
  for (let n = 0; n < 1000; n += 1) assert.equal(pairs.take('a', 0), 0);
});

it('keeps the waits of those who wait when it forgets the others', () => {
  const pairs = new Pairs(1000);
  for (let n = 0; n < 49_999; n += 1) pairs.take(`u${n}`, 0);
  for (let n = 0; n < 45; n += 1) pairs.take('a', 2000);
  pairs.take('one more', 2000);
  assert.equal(pairs.take('a', 2000), 1000);
});
