// Moves rows that cannot be read and would come first for ever into the table `unreadable`, as the embedded store does.
import type { AccountId } from '../../domain/account.ts';
import type { Connection } from './connection.ts';

const reason = 'its JSON cannot be read';

/** Moves messages of queues apart, and takes them out of what their queues hold. */
const moveMessages = `WITH gone AS (DELETE FROM message WHERE account_id = $1 AND id = ANY ($2) RETURNING *),
    kept AS (INSERT INTO unreadable (at, source, reason, account_id, row)
      SELECT $3::bigint, 'message', $4::text, $1::bigint, to_jsonb(gone)::text FROM gone)
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    SELECT $1::bigint, queue_id, -count(*) FILTER (WHERE state = 0), -count(*) FILTER (WHERE state <> 0), 0
    FROM gone GROUP BY queue_id`;

/** Moves messages of the business apart. */
const moveOutbound = `WITH gone AS (DELETE FROM outbound WHERE account_id = $1 AND id = ANY ($2) RETURNING *)
  INSERT INTO unreadable (at, source, reason, account_id, row)
    SELECT $3::bigint, 'outbound', $4::text, $1::bigint, to_jsonb(gone)::text FROM gone`;

interface Identified {
  readonly id: number;
}

/** Takes messages out of their queues, ready or received; one that is gone meanwhile is gone. */
export async function setMessagesApart(
  db: Connection,
  accountId: AccountId,
  rows: readonly Identified[],
): Promise<void> {
  await db.call(moveMessages, [accountId, rows.map(({ id }) => id), db.now(), reason]);
}

/** Takes outbound messages out of their lanes, so that those behind them go. */
export async function setOutboundApart(
  db: Connection,
  accountId: AccountId,
  rows: readonly (Identified & { readonly lane: number })[],
): Promise<void> {
  const lanes = [...new Set(rows.map(({ lane }) => lane))];
  const now = db.now();
  await db.tx(async (tx) => {
    await tx.get('SELECT hold_lanes($1, $2)', [accountId, lanes]);
    await tx.run(moveOutbound, [accountId, rows.map(({ id }) => id), now, reason]);
    for (const lane of lanes) await tx.get('SELECT release_outbound($1, $2, $3)', [accountId, lane, now]);
  });
}
