// What both Viber APIs share when an answer is read.
import type { FailureClass } from '../../domain/message.ts';
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

/**
 * What an answer that is not in Viber's own form means, by HTTP's status alone: it is of something in front of Viber, which did not let
 * the call through. Undefined where it may have come after Viber had done its work.
 */
export function readForeign(status: number): FailureClass | undefined {
  if (status === 429) return 'throttle';
  if (status === 401 || status === 403) return 'auth';
  if (status === 408 || status === 502 || status === 503) return 'transient';
  if (status === 413) return 'permanent';
  return status >= 400 && status < 500 ? 'unrecognized' : undefined;
}

/** Whether a status in an answer's body only repeats HTTP's, as many servers write their errors: it is none of Viber's then. */
export function isHttpStatus(status: number, http: number): boolean {
  return http >= 400 && status === http;
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
