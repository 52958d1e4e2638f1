import { toMediaKey } from '../media/rows.ts';
import { toUpload } from './rows.ts';
import type { UploadRow } from './rows.ts';
import type { Uploads } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Notes an uploaded file; another one of the same id takes its place. */
const putFile = `INSERT INTO upload (account_id, id, channel_id, key, mime_type, bytes, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (account_id, id) DO UPDATE SET channel_id = excluded.channel_id, mime_type = excluded.mime_type,
    bytes = excluded.bytes, sha256 = excluded.sha256, created_at = excluded.created_at`;

export function uploadVerbs(db: Connection): Uploads {
  const put = db.prepare(putFile);
  const byId = db.prepare<UploadRow>('SELECT * FROM upload WHERE account_id = ? AND id = ?');
  const old = db.prepare<UploadRow>('SELECT * FROM upload WHERE created_at < ? ORDER BY created_at LIMIT ?');
  const remove = db.prepare('DELETE FROM upload WHERE account_id = ? AND id = ? AND created_at = ?');
  return {
    putUpload: ({ accountId, id, channelId, key, mimeType, bytes, sha256, createdAt }) =>
      db.write(() => {
        put.run(accountId, toMediaKey(id), channelId, key, mimeType, bytes, sha256, createdAt);
      }),
    findUpload: (accountId, id) =>
      db.read(() => {
        const row = byId.get(accountId, toMediaKey(id));
        return row && toUpload(row);
      }),
    listUploads: (before, limit) => db.read(() => old.all(before, limit).map(toUpload)),
    removeUpload: ({ accountId, id, createdAt }) =>
      db.write(() => remove.run(accountId, toMediaKey(id), createdAt) === 1),
  };
}
