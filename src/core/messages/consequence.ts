import type { FailureClass } from '../../domain/message.ts';

/** What follows a refusal. */
export type Consequence =
  /** Tried again after the wait, as long as the message lives. */
  | { readonly kind: 'retry'; readonly waitMs: number }
  /** The whole sender waits, because it is not this message's fault; `alarm` when a person has to mend it. */
  | { readonly kind: 'pause'; readonly waitMs: number; readonly alarm: boolean }
  | { readonly kind: 'fail' };

const second = 1000;
const minute = 60 * second;
/** Waits between tries of a transient failure; the last one repeats. */
const transientMs = [1, 2, 5, 15, 30, 60, 120, 300].map((seconds) => seconds * second);
/** A channel that asks to go slower gets at least this much. */
const throttleMs = [1, 4, 16, 64, 256].map((seconds) => seconds * second);
/** An operator mends a token or an account in minutes rather than seconds. */
const mendMs = 5 * minute;
/** A refusal that may be one user's fault: long enough for others to say the same, if it is the sender's. */
const ambiguousMs = [1, 4].map((seconds) => seconds * second);
/** A refusal that nothing explains is final only after these. */
const unrecognizedMs = [5, 30, 120, 600, 1800].map((seconds) => seconds * second);
/** So much of a wait is left to chance, so that messages do not come back in step. */
const jitter = 0.2;

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
  // Stores keep whole milliseconds.
  const at = (schedule: readonly number[]): number =>
    Math.round(
      (schedule[Math.min(attempts, schedule.length) - 1] ?? minute) * (1 + jitter * (random * 2 - 1)),
    );
  switch (failure) {
    case 'transient':
      return { kind: 'retry', waitMs: Math.max(at(transientMs), retryAfterMs ?? 0) };
    case 'throttle':
      // Messages to other recipients are not held back by what this one has to wait for.
      if (scope === 'recipient')
        return { kind: 'retry', waitMs: Math.max(at(throttleMs), retryAfterMs ?? 0) };
      return { kind: 'pause', waitMs: Math.max(at(throttleMs), retryAfterMs ?? 0), alarm: false };
    case 'auth':
    case 'account':
      return stopped;
    case 'media':
      return attempts === 1 ? { kind: 'retry', waitMs: at(transientMs) } : { kind: 'fail' };
    case 'ambiguous':
    case 'unrecognized': {
      const schedule = failure === 'ambiguous' ? ambiguousMs : unrecognizedMs;
      if (attempts > schedule.length) return { kind: 'fail' };
      return { kind: 'retry', waitMs: Math.max(at(schedule), retryAfterMs ?? 0) };
    }
    case 'pacing':
    case 'window':
    case 'opt_out':
    case 'template':
    case 'permanent':
      return { kind: 'fail' };
  }
}
