import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Pairs, Rate } from '../../../src/core/messages/rate.ts';

it('lets a burst to one recipient go, and then one at a time, each after its wait', () => {
  const pairs = new Pairs(6000);
  let now = 1_000_000;
  for (let n = 0; n < 45; n += 1) assert.equal(pairs.take(1, now), 0, `message ${n}`);
  assert.equal(pairs.take(1, now), 6000);
  assert.equal(pairs.take(2, now), 0, 'another recipient is none of its business');
  now += 5999;
  assert.equal(pairs.take(1, now), 1);
  now += 1;
  assert.equal(pairs.take(1, now), 0);
  assert.equal(pairs.take(1, now), 6000);
  now += 45 * 6000;
  for (let n = 0; n < 45; n += 1) assert.equal(pairs.take(1, now), 0, `a whole burst again, ${n}`);
  assert.equal(pairs.take(1, now), 6000);
});

it('limits nothing when it is switched off', () => {
  const pairs = new Pairs(0);
  for (let n = 0; n < 1000; n += 1) assert.equal(pairs.take(1, 0), 0);
});

it('keeps the waits of those who wait when it forgets the others', () => {
  const pairs = new Pairs(1000);
  for (let n = 0; n < 49_999; n += 1) pairs.take(1000 + n, 0);
  for (let n = 0; n < 45; n += 1) pairs.take(1, 2000);
  pairs.take(3, 2000);
  assert.equal(pairs.take(1, 2000), 1000);
});

it('lets so many a second go, and as many at once after a pause', () => {
  const rate = new Rate(10, 0);
  assert.equal(rate.take(100, 0), 10);
  assert.equal(rate.take(1, 0), 0);
  assert.equal(rate.waitMs, 100);
  assert.equal(rate.take(100, 500), 5);
  assert.equal(rate.take(100, 60_000), 10);
});

it('halves a rate once a second when it is asked to go slower, and gets it back over ten minutes', () => {
  const rate = new Rate(80, 0);
  rate.slowDown(0);
  rate.slowDown(999);
  assert.equal(rate.take(100, 0), 40);
  rate.slowDown(1000);
  assert.equal(rate.take(100, 2000), 20);
  // A minute brings back a tenth of the whole.
  assert.equal(rate.take(100, 62_000), 28);
  assert.equal(rate.take(100, 662_000), 80);
  let now = 700_000;
  for (let n = 0; n < 20; n += 1) {
    rate.take(0, now);
    rate.slowDown(now);
    now += 1000;
  }
  assert.equal(rate.take(100, now), 1, 'one a second is the least');
});

it('a wait is a whole number of milliseconds, whatever the clock that it is made of', () => {
  const pairs = new Pairs(6000);
  for (let n = 0; n < 45; n += 1) assert.equal(pairs.take(1, 0.25 + n / 1000), 0);
  const waitMs = pairs.take(1, 0.777);
  assert.ok(Number.isInteger(waitMs) && waitMs > 5990, String(waitMs));
});
