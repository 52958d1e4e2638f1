import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toChannelFigures, toCodePoints, toFigures } from '../../../src/core/deliveries/figures.ts';
import { toDurationStep } from '../../../src/domain/duration-steps.ts';
import type { PushSum } from '../../../src/store/store.ts';

const sum = (count: number, ms: number, changes: Partial<PushSum> = {}): PushSum => ({
  ...{ destinationId: 1, channelId: 'wa', outcome: 'accepted', status: 200 },
  ...{ took: toDurationStep(ms), count },
  ...changes,
});

it('of a hundred pushes it is told how many were taken, and how long the middle one and the slow ones took', () => {
  const { tries, accepted, p50Ms, p95Ms } = toFigures([
    sum(60, 20),
    sum(30, 200),
    sum(6, 10_000, { outcome: 'timeout', status: null }),
    sum(4, 1, { outcome: 'refused', status: null }),
  ]);
  assert.deepEqual([tries, accepted], [100, 90]);
  assert.ok(p50Ms !== null && p50Ms >= 16 && p50Ms <= 23, `${p50Ms}`);
  assert.ok(
    p95Ms !== null && p95Ms >= 8192 && p95Ms <= 11_586,
    'what was waited for in vain is a duration too',
  );
  assert.deepEqual(toFigures([sum(4, 1, { outcome: 'refused', status: null })]), {
    ...{ tries: 4, accepted: 0, p50Ms: null, p95Ms: null },
  });
});

it('figures are told channel by channel, the busiest first', () => {
  const sums = [sum(1, 1, { channelId: null }), sum(2, 1, { channelId: 'ig' }), sum(5, 1)];
  assert.deepEqual(
    toChannelFigures(sums).map(({ channelId, tries }) => [channelId, tries]),
    [
      ['wa', 5],
      ['ig', 2],
      [null, 1],
    ],
  );
});

it('what came back is told by its status, or by why that is not all', () => {
  const points = toCodePoints(
    [
      { minute: 5, outcome: 'accepted', status: 200, count: 9 },
      { minute: 10, outcome: 'accepted', status: 200, count: 2 },
      { minute: 15, outcome: 'rejected', status: 500, count: 1 },
      { minute: 20, outcome: 'not_acknowledged', status: 200, count: 1 },
      { minute: 20, outcome: 'timeout', status: null, count: 2 },
      { minute: 40, outcome: 'accepted', status: 200, count: 3 },
    ],
    { from: 10, count: 3, size: 10 },
  );
  assert.deepEqual(points, [
    { minute: 10, codes: { 200: 2, 500: 1 } },
    { minute: 20, codes: { not_acknowledged: 1, timeout: 2 } },
    { minute: 30, codes: {} },
  ]);
});
