import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { schedules, spread, toWait } from '../../src/domain/retry.ts';
import type { Schedule } from '../../src/domain/retry.ts';

const all: Readonly<Record<string, Schedule>> = schedules;
const second = 1000;

describe('the schedules', () => {
  it('wait as long as they always did, after each try', () => {
    const waits = (name: keyof typeof schedules): (number | undefined)[] =>
      [1, 2, 3, 4, 12].map((tries) => toWait(schedules[name], tries));
    assert.deepEqual(
      Object.fromEntries(
        (Object.keys(schedules) as (keyof typeof schedules)[]).map((name) => [name, waits(name)]),
      ),
      {
        standardPush: [5_000, 30_000, 120_000, 600_000, undefined],
        camsPush: [60_000, 300_000, undefined, undefined, undefined],
        transientSend: [1_000, 2_000, 5_000, 15_000, 300_000],
        throttledSend: [1_000, 4_000, 16_000, 64_000, 256_000],
        ambiguousSend: [1_000, 4_000, undefined, undefined, undefined],
        unrecognizedSend: [5_000, 30_000, 120_000, 600_000, undefined],
        mediaSend: [1_000, undefined, undefined, undefined, undefined],
        fallback: [5_000, 30_000, 120_000, 600_000, undefined],
        notice: [5_000, 30_000, 120_000, 600_000, undefined],
        review: [300_000, 300_000, 300_000, 300_000, 300_000],
        verdict: [60_000, 60_000, 60_000, 60_000, 60_000],
        removal: [5_000, 30_000, 120_000, 600_000, undefined],
        mediaFetch: [2_000, 10_000, 60_000, 300_000, 43_200_000],
        outage: [100, 250, 500, 1_000, undefined],
        rescue: [60_000, 60_000, 60_000, 300_000, 21_600_000],
        telemetry: [1_000, 1_500, 2_300, 3_400, undefined],
        backup: [60_000, 300_000, 900_000, 3_600_000, 3_600_000],
      },
    );
  });

  for (const [name, schedule] of Object.entries(all))
    it(`${name} tries at once, and never waits less after more tries`, () => {
      assert.equal(schedule.waitsMs[0], 0);
      assert.deepEqual(
        schedule.waitsMs,
        schedule.waitsMs.toSorted((a, b) => a - b),
      );
    });
});

const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  waitsMs: fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 12 }),
  isEndless: fc.boolean(),
  jitter: fc.constantFrom(0, 0.2),
  askedAtMostMs: fc.integer({ min: 0, max: 10 ** 9 }),
});
const anyRandom = fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('a wait', () => {
  it('is of whole milliseconds, within chance of its entry, and lengthened by what is asked for alone', () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.nat(20),
        anyRandom,
        fc.nat(2 * 10 ** 9),
        (schedule, tries, random, askedMs) => {
          const own = toWait(schedule, tries, { random });
          const asked = toWait(schedule, tries, { random, askedMs });
          const { waitsMs, isEndless = false, jitter: part = 0, askedAtMostMs = 0 } = schedule;
          const entry = waitsMs[tries] ?? (isEndless ? waitsMs.at(-1) : undefined);
          if (entry === undefined) {
            assert.deepEqual([own, asked], [undefined, undefined]);
            return;
          }
          assert.ok(own !== undefined && asked !== undefined && Number.isInteger(own));
          assert.ok(Math.abs(own - entry) <= part * entry + 1);
          assert.equal(asked, Math.max(own, Math.min(askedMs, askedAtMostMs)));
        },
      ),
    );
  });

  it('is spread evenly to both sides', () => {
    assert.deepEqual(
      [0, 0.5, 0.75].map((random) => spread(10 * second, random)),
      [8_000, 10_000, 11_000],
    );
    assert.equal(spread(10 * second, 0, 0), 10_000);
  });
});
