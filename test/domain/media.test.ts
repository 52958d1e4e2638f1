import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFetchDelay } from '../../src/domain/media.ts';

test('a channel that asks to wait is asked again after that, and within hours whatever it asks for', () => {
  const of = (retryAfterMs: number) => toFetchDelay({ attempts: 1, createdAt: 0 }, 0, retryAfterMs);
  assert.deepEqual([0, 1000, 90_000, 9e12].map(of), [2000, 2000, 90_000, 6 * 3_600_000]);
});

test('a file is fetched for seven and a half days, to the millisecond, and not after', () => {
  const keepsMs = 7.5 * 86_400_000;
  const of = (now: number) => toFetchDelay({ attempts: 1, createdAt: 5 }, now);
  assert.deepEqual([5 + keepsMs - 2000, 5 + keepsMs - 1999].map(of), [2000, undefined]);
});

test('a file that cannot be fetched is tried 22 times within the time that its channel keeps it', () => {
  let at = 0;
  let attempts = 0;
  for (;;) {
    attempts += 1;
    const delay = toFetchDelay({ attempts, createdAt: 0 }, at);
    if (delay === undefined) break;
    at += delay;
  }
  assert.equal(attempts, 22);
  assert.ok(at < 7.5 * 86_400_000);
});
