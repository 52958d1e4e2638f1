import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { failureClasses } from '../../../src/domain/message.ts';
import { toConsequence } from '../../../src/core/messages/consequence.ts';

describe('what follows a refusal', () => {
  it('waits whole milliseconds, near its schedule and never less than the channel asks', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...failureClasses),
        fc.integer({ min: 1, max: 50 }),
        fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.constantFrom(undefined, 'recipient' as const),
        (failure, attempts, retryAfterMs, random, scope) => {
          const consequence = toConsequence(failure, attempts, retryAfterMs, random, scope);
          if (consequence.kind === 'fail') return;
          assert.ok(Number.isSafeInteger(consequence.waitMs), `${consequence.waitMs} ms`);
          assert.ok(consequence.waitMs >= 800);
          if (failure === 'throttle' || failure === 'transient')
            assert.ok(consequence.waitMs >= (retryAfterMs ?? 0));
        },
      ),
    );
  });

  it('grows with every try up to a last wait', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempts) => {
      const consequence = toConsequence('transient', attempts, undefined, 0.5);
      return consequence.kind === 'fail' ? 0 : consequence.waitMs / 1000;
    });
    assert.deepEqual(waits, [1, 2, 5, 15, 30, 60, 120, 300, 300]);
  });
});
