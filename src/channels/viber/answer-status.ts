// What both Viber APIs share when an answer is read.
import type { Answer } from '../../http/client.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import type { Json } from '../kit/json.ts';

/**
 * The status that an answer of Viber's names, a whole number; NaN for anything else that stands there. Viber's 0 is success, so
 * nothing that merely converts to 0 (an empty text, `false`, `[]`) may pass for it.
 */
export function toStatus(value: Json | undefined): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,8})$/.test(value) ? Number(value) : Number.NaN;
}

export interface Wait {
  /** Milliseconds that an answer asked to wait. */
  readonly retryAfterMs?: number;
}

const maxWaitMs = 24 * 60 * 60 * 1000;

/** The wait that an answer asks for, a day at most. Viber documents none; whatever stands in front of it may ask. */
export function readWait({ headers }: Pick<Answer, 'headers'>, now: number): Wait {
  const retryAfterMs = readRetryAfter(headers, now);
  return retryAfterMs === null ? {} : { retryAfterMs: Math.min(retryAfterMs, maxWaitMs) };
}
