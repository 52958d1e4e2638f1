// A short message by another way, for a recipient whom a message does not reach.
import type { AccountId } from './account.ts';

/** `undelivered` is checked like any message; `sentFailed` takes the place of one that the template's rules refuse as well. */
export const fallbackRules = ['undelivered', 'sentFailed'] as const;
type FallbackRule = (typeof fallbackRules)[number];

/** What the caller wants sent, and when. */
export interface FallbackWish {
  /** The policy at the gateway. */
  readonly id?: string;
  readonly content?: string;
  /** Milliseconds without a delivery after which it goes; null when only a failure lets it go. */
  readonly afterMs: number | null;
  readonly rule: FallbackRule;
}

/** `armed` waits for a failure or its time; `firing` is being handed over; the others are ends. */
export type FallbackState = 'armed' | 'firing' | 'taken' | 'dead' | 'dropped';
export type FallbackReason = 'failed' | 'undelivered';

export interface Fallback {
  readonly accountId: AccountId;
  readonly outboundId: number;
  readonly state: FallbackState;
  /** Why it fired; null while it has not. */
  readonly reason: FallbackReason | null;
  readonly dueAt: number | null;
  readonly attempts: number;
}

/** One POST to the gateway. */
export interface FallbackAttempt {
  readonly at: number;
  readonly durationMs: number;
  /** The HTTP status; null when none came. */
  readonly status: number | null;
  /** What went wrong, in words; empty when nothing did. */
  readonly text: string;
}

/** Whether the gateway has said that the short message is its own now. */
export function isTaken(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

export type FallbackNext =
  { readonly kind: 'taken' } | { readonly kind: 'retry'; readonly dueAt: number } | { readonly kind: 'dead' };
