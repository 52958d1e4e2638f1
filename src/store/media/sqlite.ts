import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';
import type { MediaFiles, NewReceipt } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { toMedia, toMediaKey } from './rows.ts';
import type { MediaRow } from './rows.ts';

/** What other verbs do to media inside their own transaction. */
export interface MediaWrites {
  addMedia(
    tx: Transaction,
    accountId: AccountId,
    receiptId: number,
    receipt: NewReceipt,
    media: NonNullable<NewReceipt['media']>,
  ): void;
  find(accountId: AccountId, mediaId: string): Media | undefined;
}

export function mediaWrites(db: Connection): MediaWrites {
  const insert = db.prepare(
    `INSERT INTO media (account_id, id, receipt_id, channel_id, sender_id, channel_media_id, mime_type, file_name, sha256, state, reason, bytes, attempts, due_at, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', '', NULL, 0, ?10, ?10) ON CONFLICT DO NOTHING`,
  );
  const byId = db.prepare<MediaRow>('SELECT * FROM media WHERE account_id = ? AND id = ?');
  return {
    addMedia: (tx, accountId, receiptId, { channelId, senderId }, media) => {
      const { id, channelMediaId, mimeType, fileName, sha256 } = media;
      insert.run(
        accountId,
        toMediaKey(id),
        receiptId,
        channelId,
        senderId ?? '',
        channelMediaId,
        mimeType,
        fileName ?? null,
        sha256 ?? null,
        db.now(),
      );
      tx.signal({ kind: 'media' });
    },
    find: (accountId, mediaId) => {
      const row = byId.get(accountId, toMediaKey(mediaId));
      return row && toMedia(row);
    },
  };
}

export function mediaVerbs(db: Connection, writes: MediaWrites): MediaFiles {
  // Steps from one account to the next, and from one channel to the next, over the first row of each.
  const nextAccount = db.prepare<{ account_id: number; due_at: number }>(
    "SELECT account_id, due_at FROM media WHERE state = 'pending' AND account_id > ? ORDER BY account_id, due_at LIMIT 1",
  );
  const nextChannel = db.prepare<{ channel_id: string; due_at: number }>(
    "SELECT channel_id, due_at FROM media WHERE state = 'pending' AND account_id = ? AND channel_id > ? ORDER BY channel_id, due_at LIMIT 1",
  );
  const due = db.prepare<MediaRow>(
    "SELECT * FROM media WHERE state = 'pending' AND account_id = ? AND channel_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
  );
  // A lease is a due time that was moved on: a fetch that is never settled comes up again by itself.
  const lease = db.prepare(
    "UPDATE media SET due_at = ?, attempts = attempts + 1 WHERE account_id = ? AND id = ? AND state = 'pending'",
  );
  const settle = db.prepare(
    "UPDATE media SET state = ?3, reason = ?4, bytes = coalesce(?5, bytes), due_at = coalesce(?6, due_at), mime_type = coalesce(?7, mime_type), file_name = coalesce(file_name, ?8) WHERE account_id = ?1 AND id = ?2 AND (state = 'pending' OR ?3 = 'erased')",
  );
  const nextDue = db.prepare<{ due_at: number }>(
    "SELECT due_at FROM media WHERE state = 'pending' AND due_at > ? ORDER BY due_at LIMIT 1",
  );
  const total = db.prepare<{ bytes: number | null }>(
    "SELECT sum(bytes) AS bytes FROM media WHERE state = 'stored'",
  );
  const totalOf = db.prepare<{ bytes: number | null }>(
    "SELECT sum(bytes) AS bytes FROM media WHERE state = 'stored' AND account_id = ?",
  );
  const stored = db.prepare<MediaRow>(
    "SELECT * FROM media WHERE state = 'stored' AND created_at < ? ORDER BY created_at LIMIT ?",
  );

  return {
    listDueMediaAccounts: (now, after, limit) =>
      db.read(() => {
        const found: AccountId[] = [];
        for (let row = nextAccount.get(after); row !== undefined; row = nextAccount.get(row.account_id)) {
          if (row.due_at <= now) found.push(row.account_id);
          if (found.length === limit) break;
        }
        return found;
      }),
    listDueMediaChannels: (accountId, now, after, limit) =>
      db.read(() => {
        const found: string[] = [];
        const step = (from: string) => nextChannel.get(accountId, from);
        for (let row = step(after); row !== undefined; row = step(row.channel_id)) {
          if (row.due_at <= now) found.push(row.channel_id);
          if (found.length === limit) break;
        }
        return found;
      }),
    claimMedia: ({ accountId, channelId }, limit, now, leaseMs) =>
      db.write(() =>
        due.all(accountId, channelId, now, limit).map((row) => {
          lease.run(now + leaseMs, row.account_id, row.id);
          return { ...toMedia(row), attempts: row.attempts + 1, dueAt: now + leaseMs };
        }),
      ),
    settleMedia: (accountId, mediaId, result) =>
      db.write((tx) => {
        const reason = result.state === 'stored' ? '' : result.reason;
        const bytes = result.state === 'stored' ? result.bytes : null;
        const dueAt = result.state === 'pending' ? result.dueAt : null;
        const { mimeType = null, fileName = null } = result.state === 'stored' ? result : {};
        settle.run(accountId, toMediaKey(mediaId), result.state, reason, bytes, dueAt, mimeType, fileName);
        tx.signal({ kind: 'media' });
      }),
    findMedia: (accountId, mediaId) => db.read(() => writes.find(accountId, mediaId)),
    findNextMediaDue: (now) => db.read(() => nextDue.get(now)?.due_at),
    sumMediaBytes: (accountId) =>
      db.read(() => (accountId === undefined ? total.get() : totalOf.get(accountId))?.bytes ?? 0),
    listStoredMedia: (before, limit) => db.read(() => stored.all(before, limit).map(toMedia)),
  };
}
