import { toFallback, toFallbackAttempt, toOutcome } from './rows.ts';
import type { FallbackAttemptRow, FallbackRow } from './rows.ts';
import type { Fallbacks } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

export function fallbackVerbs(db: Connection): Fallbacks {
  const due = db.prepare<FallbackRow>('SELECT * FROM fallback WHERE due_at <= ? ORDER BY due_at LIMIT ?');
  const lease = db.prepare(
    "UPDATE fallback SET state = 'firing', reason = coalesce(reason, 'undelivered'), due_at = ? WHERE account_id = ? AND outbound_id = ?",
  );
  const byId = db.prepare<FallbackRow>('SELECT * FROM fallback WHERE account_id = ? AND outbound_id = ?');
  const insertAttempt = db.prepare(
    'INSERT INTO fallback_attempt (account_id, outbound_id, number, at, duration_ms, status, text) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const settle = db.prepare(
    "UPDATE fallback SET state = ?, due_at = ?, attempts = attempts + 1 WHERE account_id = ? AND outbound_id = ? AND state = 'firing'",
  );
  const attemptsOf = db.prepare<FallbackAttemptRow>(
    'SELECT at, duration_ms, status, text FROM fallback_attempt WHERE account_id = ? AND outbound_id = ? ORDER BY number',
  );
  return {
    claimFallbacks: (limit, now, leaseMs) =>
      db.write(() =>
        due.all(now, limit).map((row) => {
          lease.run(now + leaseMs, row.account_id, row.outbound_id);
          const reason = row.reason ?? 'undelivered';
          return toFallback({ ...row, state: 'firing', reason, due_at: now + leaseMs });
        }),
      ),
    settleFallback: ({ accountId, outboundId }, { at, durationMs, status, text }, next) =>
      db.write(() => {
        const row = byId.get(accountId, outboundId);
        if (row?.state !== 'firing') return;
        insertAttempt.run(accountId, outboundId, row.attempts + 1, at, durationMs, status, text);
        const { state, dueAt } = toOutcome(next);
        settle.run(state, dueAt, accountId, outboundId);
      }),
    findFallbacks: (accountId, outboundIds) =>
      db.read(() =>
        outboundIds.flatMap((id) => {
          const row = byId.get(accountId, id);
          return row === undefined ? [] : [toFallback(row)];
        }),
      ),
    findFallbackAttempts: (accountId, outboundId) =>
      db.read(() => attemptsOf.all(accountId, outboundId).map(toFallbackAttempt)),
  };
}
