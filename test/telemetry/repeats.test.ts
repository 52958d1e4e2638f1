import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Events } from '../../src/telemetry/events.ts';
import { Repeats } from '../../src/telemetry/repeats.ts';

const died = (attempts: number): Events['delivery.died'] => ({
  accountId: 1,
  destinationId: 2,
  deliveryId: 3,
  attempts,
});

/** The seconds of a day at which something is told of a kind that comes once a second until `ends`, and with how many held back. */
function playDay(ends: number): readonly (readonly [second: number, heldBack: number])[] {
  const repeats = new Repeats();
  const told: [number, number][] = [];
  for (let second = 0; second < 86_400; second++) {
    if (second < ends && repeats.admit('delivery.died', '2', died(second))) told.push([second, 0]);
    for (const { heldBack } of repeats.passSecond()) told.push([second + 1, heldBack]);
  }
  return told;
}

describe('what goes on', () => {
  it('is told at once, after 1 minute, 10 more and then every hour, and nothing of it is missing', () => {
    const told = playDay(Number.POSITIVE_INFINITY);
    assert.deepEqual(told.slice(0, 5), [
      [0, 0],
      [60, 59],
      [660, 600],
      [4260, 3600],
      [7860, 3600],
    ]);
    assert.ok(told.length < 30, `${told.length} lines a day`);
  });

  it('is told to its end, and is new again after an hour without it', () => {
    assert.deepEqual(playDay(100), [
      [0, 0],
      [60, 59],
      [660, 40],
    ]);
    const repeats = new Repeats();
    assert.ok(repeats.admit('delivery.died', '2', died(1)));
    for (let second = 0; second < 60; second++) assert.deepEqual(repeats.passSecond(), []);
    assert.ok(repeats.isEmpty);
    assert.ok(repeats.admit('delivery.died', '2', died(2)));
  });

  it('is told with the latest of its kind, and all that is left at the end', () => {
    const repeats = new Repeats();
    for (const attempts of [1, 2, 3]) repeats.admit('delivery.died', '2', died(attempts));
    repeats.admit('delivery.died', '4', died(9));
    assert.deepEqual(repeats.end(), [{ name: 'delivery.died', fields: died(3), heldBack: 2 }]);
    assert.ok(repeats.isEmpty);
  });
});

it('kinds beyond a thousand share one, so that whoever makes up names makes no lines', () => {
  const repeats = new Repeats();
  let lines = 0;
  for (let kind = 0; kind < 5000; kind++)
    if (repeats.admit('delivery.died', String(kind), died(1))) lines += 1;
  assert.equal(lines, 1001);
  assert.equal(
    repeats.end().reduce((sum, { heldBack }) => sum + heldBack, 0),
    3999,
  );
});
