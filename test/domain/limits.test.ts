import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeLimits, findBound } from '../../src/domain/limits.ts';
import { versionOfLimits } from '../../src/domain/version.ts';

test('a change replaces what is given, takes away what is null, and leaves the rest', () => {
  const limits = { requestsPerSecond: 5, storedBytes: 7 };
  assert.deepEqual(changeLimits(limits, {}), limits);
  assert.deepEqual(changeLimits(limits, { requestsPerSecond: 6, storedBytes: null, queuedMessages: 0 }), {
    requestsPerSecond: 6,
    queuedMessages: 0,
  });
});

test('what was set holds, then the default; 0 of either is no bound', () => {
  const byDefault = { requestsPerSecond: 9 };
  const bounds = [{}, { requestsPerSecond: 3 }, { requestsPerSecond: 0 }].map((limits) => [
    findBound(limits, 'requestsPerSecond'),
    findBound(limits, 'requestsPerSecond', byDefault),
    findBound(limits, 'requestsPerSecond', { requestsPerSecond: 0 }),
  ]);
  assert.deepEqual(bounds, [
    [undefined, 9, undefined],
    [3, 3, 3],
    [undefined, undefined, undefined],
  ]);
});

test('another limit, or another account, is another version; the order in which limits were set is none', () => {
  const account = {
    id: 1,
    name: 'One',
    first: true,
    limits: { queuedMessages: 1, storedBytes: 2 },
    createdAt: 0,
  };
  const versionOf = (changes: Partial<typeof account>) => versionOfLimits({ ...account, ...changes });
  assert.equal(versionOf({ limits: { storedBytes: 2, queuedMessages: 1 }, name: 'Two' }), versionOf({}));
  assert.notEqual(versionOf({ limits: { queuedMessages: 1, storedBytes: 3 } }), versionOf({}));
  assert.notEqual(versionOf({ id: 2 }), versionOf({}));
});
