// What steps in when a message of the business does not arrive.
import type { AccountId } from '../../domain/account.ts';
import type { Fallback, FallbackAttempt, FallbackNext } from '../../domain/fallback.ts';

/** What people see of fallbacks. */
export interface FallbackViews {
  /** Those of some messages; a message without one is left out. */
  findFallbacks(accountId: AccountId, outboundIds: readonly number[]): Promise<readonly Fallback[]>;
  findFallbackAttempts(accountId: AccountId, outboundId: number): Promise<readonly FallbackAttempt[]>;
}

/** Fallbacks are armed by `addOutbound` and follow the statuses of their messages by themselves. */
export interface Fallbacks extends FallbackViews {
  /** Leases up to `limit` fallbacks that fire or are to be tried again, those due first. */
  claimFallbacks(limit: number, now: number, leaseMs: number): Promise<readonly Fallback[]>;
  /** Writes what became of a claimed fallback; one that is over is left alone. */
  settleFallback(
    fallback: Pick<Fallback, 'accountId' | 'outboundId'>,
    attempt: FallbackAttempt,
    next: FallbackNext,
  ): Promise<void>;
}
