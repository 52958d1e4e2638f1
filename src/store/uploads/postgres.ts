import { toMediaKey } from '../media/rows.ts';
import { toUpload } from './rows.ts';
import type { UploadRow } from './rows.ts';
import type { Uploads } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

/** Notes an upload in the place of the one of its id. */
const put = `INSERT INTO upload (account_id, id, channel_id, key, mime_type, bytes, sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (account_id, id) DO UPDATE SET channel_id = excluded.channel_id, mime_type = excluded.mime_type,
    bytes = excluded.bytes, sha256 = excluded.sha256, created_at = excluded.created_at`;

export function uploadVerbs(db: Connection): Uploads {
  return {
    putUpload: async ({ accountId, id, channelId, key, mimeType, bytes, sha256, createdAt }) => {
      await db.call(put, [accountId, toMediaKey(id), channelId, key, mimeType, bytes, sha256, createdAt]);
    },
    findUpload: async (accountId, id) => {
      const sql = 'SELECT * FROM upload WHERE account_id = $1 AND id = $2';
      const row = await db.get<UploadRow>(sql, [accountId, toMediaKey(id)]);
      return row && toUpload(row);
    },
    listUploads: async (before, limit) => {
      const sql = 'SELECT * FROM upload WHERE created_at < $1 ORDER BY created_at LIMIT $2';
      return (await db.all<UploadRow>(sql, [before, limit])).map(toUpload);
    },
    removeUpload: async ({ accountId, id, createdAt }) => {
      const rows = await db.call<{ id: Uint8Array }>(
        'DELETE FROM upload WHERE account_id = $1 AND id = $2 AND created_at = $3 RETURNING id',
        [accountId, toMediaKey(id), createdAt],
      );
      return rows.length === 1;
    },
  };
}
