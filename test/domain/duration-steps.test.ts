import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDurationStep, toQuantile } from '../../src/domain/duration-steps.ts';

test('durations fall into steps that grow by half a power of two, from one millisecond to a minute', () => {
  assert.deepEqual([0, 0.4, 1, 1.1, 1.5, 2, 2.1, 1000, 65_536, 1e9].map(toDurationStep), [
    ...[0, 0, 0, 1, 2, 2, 3, 20, 32, 32],
  ]);
  assert.deepEqual([Number.NaN, -1].map(toDurationStep), [0, 0]);
});

test('a share of durations lies below what is told, no further off than a step is wide', () => {
  assert.equal(toQuantile(new Map(), 0.5), null);
  assert.equal(toQuantile(new Map([[3, 0]]), 0.5), null);
  for (const spread of [1, 7, 400]) {
    const durations = Array.from({ length: 1000 }, (_, n) => 3 + n * spread * 0.1);
    const counts = new Map<number, number>();
    for (const ms of durations) counts.set(toDurationStep(ms), (counts.get(toDurationStep(ms)) ?? 0) + 1);
    for (const share of [0.5, 0.95, 1]) {
      const exact = durations[Math.ceil(share * durations.length) - 1] ?? 0;
      const told = toQuantile(counts, share) ?? 0;
      assert.ok(told >= exact / Math.SQRT2 && told <= exact * Math.SQRT2 + 1, `${told} for ${exact}`);
    }
  }
});
