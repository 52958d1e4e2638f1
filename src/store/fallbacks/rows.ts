import type {
  Fallback,
  FallbackAttempt,
  FallbackNext,
  FallbackReason,
  FallbackState,
} from '../../domain/fallback.ts';

export interface FallbackRow {
  readonly account_id: number;
  readonly outbound_id: number;
  readonly state: FallbackState;
  readonly reason: FallbackReason | null;
  readonly due_at: number | null;
  readonly attempts: number;
}

export interface FallbackAttemptRow {
  readonly at: number;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly text: string;
}

export function toFallback(row: FallbackRow): Fallback {
  return {
    accountId: row.account_id,
    outboundId: row.outbound_id,
    state: row.state,
    reason: row.reason,
    dueAt: row.due_at,
    attempts: row.attempts,
  };
}

export function toFallbackAttempt(row: FallbackAttemptRow): FallbackAttempt {
  return { at: row.at, durationMs: row.duration_ms, status: row.status, text: row.text };
}

/** The columns that an outcome sets. */
export function toOutcome(next: FallbackNext): {
  readonly state: FallbackState;
  readonly dueAt: number | null;
} {
  return next.kind === 'retry' ? { state: 'firing', dueAt: next.dueAt } : { state: next.kind, dueAt: null };
}
