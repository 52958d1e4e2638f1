import type { FailureClass } from '../../domain/message.ts';
import { schedules, toWait } from '../../domain/retry.ts';
import type { Schedule } from '../../domain/retry.ts';

/** What follows a refusal. */
export type Consequence =
  /** Tried again after the wait, as long as the message lives. */
  | { readonly kind: 'retry'; readonly waitMs: number }
  /** The whole sender waits, because it is not this message's fault; `alarm` when a person has to mend it. */
  | { readonly kind: 'pause'; readonly waitMs: number; readonly alarm: boolean }
  | { readonly kind: 'fail' };

/** An operator mends a token or an account in minutes rather than seconds. */
const mendMs = 5 * 60 * 1000;

/** A person has to mend the sender: it is tried with one message at a time until then. */
export const stopped: Consequence = { kind: 'pause', waitMs: mendMs, alarm: true };

/**
 * Decides by the class of the refusal and how often the message has been tried, this try included; for `media`, `ambiguous` and
 * `unrecognized` how often with this class of end. `random` is in [0, 1).
 */
export function toConsequence(
  failure: FailureClass,
  attempts: number,
  retryAfterMs: number | undefined,
  random: number,
  scope?: 'recipient',
): Consequence {
  const again = (schedule: Schedule): Consequence => {
    const waitMs = toWait(schedule, attempts, { random, askedMs: retryAfterMs ?? 0 });
    return waitMs === undefined ? { kind: 'fail' } : { kind: 'retry', waitMs };
  };
  switch (failure) {
    case 'transient':
      return again(schedules.transientSend);
    case 'throttle': {
      const next = again(schedules.throttledSend);
      // Messages to other recipients are not held back by what this one has to wait for.
      return scope === 'recipient' || next.kind !== 'retry' ? next : { ...next, kind: 'pause', alarm: false };
    }
    case 'auth':
    case 'account':
      return stopped;
    case 'media':
      return again(schedules.mediaSend);
    case 'ambiguous':
      return again(schedules.ambiguousSend);
    case 'unrecognized':
      return again(schedules.unrecognizedSend);
    case 'pacing':
    case 'window':
    case 'opt_out':
    case 'template':
    case 'permanent':
      return { kind: 'fail' };
  }
}
