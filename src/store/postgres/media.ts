import { toMedia, toMediaKey } from '../rows/media.ts';
import type { MediaRow } from '../rows/media.ts';
import type { MediaFiles } from '../store.ts';
import type { Connection } from './connection.ts';

export function mediaVerbs(db: Connection): MediaFiles {
  return {
    claimMedia: async (limit, now, leaseMs) => {
      // A lease is a due time that was moved on: a fetch that is never settled comes up again by itself.
      const rows = await db.call<MediaRow>(
        `UPDATE media m SET due_at = $2, attempts = attempts + 1 FROM
           (SELECT account_id, id FROM media WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) due
         WHERE m.account_id = due.account_id AND m.id = due.id RETURNING m.*`,
        [now, now + leaseMs, limit],
      );
      return rows.map(toMedia).sort((a, b) => a.createdAt - b.createdAt);
    },
    settleMedia: async (accountId, mediaId, result) => {
      const reason = result.state === 'stored' ? '' : result.reason;
      const bytes = result.state === 'stored' ? result.bytes : null;
      const dueAt = result.state === 'pending' ? result.dueAt : null;
      await db.call(
        `UPDATE media SET state = $3, reason = $4, bytes = coalesce($5, bytes), due_at = coalesce($6, due_at)
         WHERE account_id = $1 AND id = $2 AND (state = 'pending' OR $3 = 'erased')`,
        [accountId, toMediaKey(mediaId), result.state, reason, bytes, dueAt],
      );
      db.signals.tell([{ kind: 'media' }]);
    },
    findMedia: async (accountId, mediaId) => {
      const sql = 'SELECT * FROM media WHERE account_id = $1 AND id = $2';
      const row = await db.get<MediaRow>(sql, [accountId, toMediaKey(mediaId)]);
      return row && toMedia(row);
    },
    findNextMediaDue: async () => {
      const sql = "SELECT due_at FROM media WHERE state = 'pending' ORDER BY due_at LIMIT 1";
      return (await db.get<{ due_at: number }>(sql))?.due_at;
    },
    sumMediaBytes: async () => {
      const sql = "SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM media WHERE state = 'stored'";
      return (await db.get<{ bytes: number }>(sql))?.bytes ?? 0;
    },
    listStoredMedia: async (before, limit) => {
      const sql =
        "SELECT * FROM media WHERE state = 'stored' AND created_at < $1 ORDER BY created_at LIMIT $2";
      return (await db.all<MediaRow>(sql, [before, limit])).map(toMedia);
    },
  };
}
