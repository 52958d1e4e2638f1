import { toFallback, toFallbackAttempt, toOutcome } from './rows.ts';
import type { FallbackAttemptRow, FallbackRow } from './rows.ts';
import type { Fallbacks } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

/**
 * Leases fallbacks whose time has come. Materialized: run again for each row of a join, a locking select gives more than its limit.
 */
const leaseDue = `WITH due AS MATERIALIZED (
    SELECT account_id, outbound_id, due_at FROM fallback WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  UPDATE fallback f SET state = 'firing', reason = coalesce(f.reason, 'undelivered'), due_at = $2 FROM due
  WHERE f.account_id = due.account_id AND f.outbound_id = due.outbound_id RETURNING f.*, due.due_at AS was_due`;

/** Writes what became of a try, once: a call whose answer was lost may be made again. */
const settle = `WITH settled AS (
    UPDATE fallback SET state = $3, due_at = $4, attempts = attempts + 1
    WHERE account_id = $1 AND outbound_id = $2 AND state = 'firing'
      AND NOT EXISTS (SELECT 1 FROM fallback_attempt a WHERE a.account_id = $1 AND a.outbound_id = $2
        AND a.number = fallback.attempts AND a.at = $5 AND a.duration_ms = $6 AND fallback.due_at = $4)
    RETURNING attempts)
  INSERT INTO fallback_attempt (account_id, outbound_id, number, at, duration_ms, status, text)
    SELECT $1, $2, attempts, $5, $6, $7, $8 FROM settled ON CONFLICT DO NOTHING`;

export function fallbackVerbs(db: Connection): Fallbacks {
  return {
    claimFallbacks: async (limit, now, leaseMs) => {
      const values = [now, now + leaseMs, limit];
      const rows = await db.call<FallbackRow & { was_due: number }>(leaseDue, values);
      return rows.toSorted((a, b) => a.was_due - b.was_due).map(toFallback);
    },
    settleFallback: async ({ accountId, outboundId }, { at, durationMs, status, text }, next) => {
      const { state, dueAt } = toOutcome(next);
      await db.call(settle, [accountId, outboundId, state, dueAt, at, durationMs, status, text]);
    },
    findFallbacks: async (accountId, outboundIds) => {
      if (outboundIds.length === 0) return [];
      const sql = 'SELECT * FROM fallback WHERE account_id = $1 AND outbound_id = ANY ($2)';
      return (await db.all<FallbackRow>(sql, [accountId, [...outboundIds]])).map(toFallback);
    },
    findFallbackAttempts: async (accountId, outboundId) => {
      const sql =
        'SELECT at, duration_ms, status, text FROM fallback_attempt WHERE account_id = $1 AND outbound_id = $2 ORDER BY number';
      return (await db.all<FallbackAttemptRow>(sql, [accountId, outboundId])).map(toFallbackAttempt);
    },
  };
}
