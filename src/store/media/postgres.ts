import { toMedia, toMediaKey } from './rows.ts';
import type { MediaRow } from './rows.ts';
import type { MediaFiles } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

export function mediaVerbs(db: Connection): MediaFiles {
  return {
    // Both step from one account, or channel, to the next, over the first row of each.
    listDueMediaAccounts: async (now, after, limit) => {
      const next = (from: string): string =>
        `(SELECT account_id, due_at FROM media WHERE state = 'pending' AND account_id > ${from} ORDER BY account_id, due_at LIMIT 1)`;
      const rows = await db.all<{ account_id: number }>(
        `WITH RECURSIVE turn AS (
           ${next('$1')} UNION ALL SELECT step.* FROM turn CROSS JOIN LATERAL ${next('turn.account_id')} step
         ) SELECT account_id FROM turn WHERE due_at <= $2 LIMIT $3`,
        [after, now, limit],
      );
      return rows.map(({ account_id }) => account_id);
    },
    listDueMediaChannels: async (accountId, now, after, limit) => {
      const next = (from: string): string =>
        `(SELECT channel_id, due_at FROM media WHERE state = 'pending' AND account_id = $1 AND channel_id > ${from} ORDER BY channel_id, due_at LIMIT 1)`;
      const rows = await db.all<{ channel_id: string }>(
        `WITH RECURSIVE turn AS (
           ${next('$2')} UNION ALL SELECT step.* FROM turn CROSS JOIN LATERAL ${next('turn.channel_id')} step
         ) SELECT channel_id FROM turn WHERE due_at <= $3 LIMIT $4`,
        [accountId, after, now, limit],
      );
      return rows.map(({ channel_id }) => channel_id);
    },
    claimMedia: async ({ accountId, channelId }, limit, now, leaseMs) => {
      // A lease is a due time that was moved on: a fetch that is never settled comes up again by itself.
      const rows = await db.call<MediaRow>(
        // Materialized: run again for each row of a join, a locking select gives more than its limit.
        `WITH due AS MATERIALIZED (
           SELECT id FROM media WHERE state = 'pending' AND account_id = $1 AND channel_id = $2 AND due_at <= $3
           ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED)
         UPDATE media m SET due_at = $4, attempts = attempts + 1 FROM due WHERE m.account_id = $1 AND m.id = due.id RETURNING m.*`,
        [accountId, channelId, now, now + leaseMs, limit],
      );
      return rows.map(toMedia).sort((a, b) => a.createdAt - b.createdAt);
    },
    settleMedia: async (accountId, mediaId, result) => {
      const reason = result.state === 'stored' ? '' : result.reason;
      const bytes = result.state === 'stored' ? result.bytes : null;
      const dueAt = result.state === 'pending' ? result.dueAt : null;
      const { mimeType = null, fileName = null } = result.state === 'stored' ? result : {};
      await db.call(
        `UPDATE media SET state = $3, reason = $4, bytes = coalesce($5, bytes), due_at = coalesce($6, due_at),
           mime_type = coalesce($7, mime_type), file_name = coalesce(file_name, $8)
         WHERE account_id = $1 AND id = $2 AND (state = 'pending' OR $3 = 'erased')`,
        [accountId, toMediaKey(mediaId), result.state, reason, bytes, dueAt, mimeType, fileName],
      );
      db.signals.tell([{ kind: 'media' }]);
    },
    findMedia: async (accountId, mediaId) => {
      const sql = 'SELECT * FROM media WHERE account_id = $1 AND id = $2';
      const row = await db.get<MediaRow>(sql, [accountId, toMediaKey(mediaId)]);
      return row && toMedia(row);
    },
    findNextMediaDue: async (now) => {
      const sql = "SELECT due_at FROM media WHERE state = 'pending' AND due_at > $1 ORDER BY due_at LIMIT 1";
      return (await db.get<{ due_at: number }>(sql, [now]))?.due_at;
    },
    sumMediaBytes: async (accountId) => {
      const sql = "SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM media WHERE state = 'stored'";
      const found =
        accountId === undefined
          ? await db.get<{ bytes: number }>(sql)
          : await db.get<{ bytes: number }>(`${sql} AND account_id = $1`, [accountId]);
      return found?.bytes ?? 0;
    },
    listStoredMedia: async (before, limit) => {
      const sql =
        "SELECT * FROM media WHERE state = 'stored' AND created_at < $1 ORDER BY created_at LIMIT $2";
      return (await db.all<MediaRow>(sql, [before, limit])).map(toMedia);
    },
  };
}
