import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';
import type { MediaFiles, MediaResult, NewReceipt } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { toMedia, toMediaKey } from './rows.ts';
import type { MediaRow } from './rows.ts';

/** Makes a file that is to be fetched, due at once. */
const insert = `INSERT INTO media (account_id, id, receipt_id, channel_id, sender_id, channel_media_id, mime_type, file_name, sha256, state, reason, bytes, attempts, due_at, created_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', '', NULL, 0, ?10, ?10) ON CONFLICT DO NOTHING`;

/** Writes what became of a fetch that was not settled yet, or that a file was erased. */
const settle = `UPDATE media SET state = ?3, reason = ?4, bytes = coalesce(?5, bytes), due_at = coalesce(?6, due_at), mime_type = coalesce(?7, mime_type), file_name = coalesce(file_name, ?8)
  WHERE account_id = ?1 AND id = ?2 AND (state = 'pending' OR ?3 = 'erased')`;

/** What is run for media, prepared once. */
function mediaStatements(db: Connection) {
  return {
    insert: db.prepare(insert),
    byId: db.prepare<MediaRow>('SELECT * FROM media WHERE account_id = ? AND id = ?'),
    // Steps from one account to the next, and from one channel to the next, over the first row of each.
    nextAccount: db.prepare<{ account_id: number; due_at: number }>(
      "SELECT account_id, due_at FROM media WHERE state = 'pending' AND account_id > ? ORDER BY account_id, due_at LIMIT 1",
    ),
    nextChannel: db.prepare<{ channel_id: string; due_at: number }>(
      "SELECT channel_id, due_at FROM media WHERE state = 'pending' AND account_id = ? AND channel_id > ? ORDER BY channel_id, due_at LIMIT 1",
    ),
    due: db.prepare<MediaRow>(
      "SELECT * FROM media WHERE state = 'pending' AND account_id = ? AND channel_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
    ),
    // A lease is a due time that was moved on: a fetch that is never settled comes up again by itself.
    lease: db.prepare(
      "UPDATE media SET due_at = ?, attempts = attempts + 1 WHERE account_id = ? AND id = ? AND state = 'pending'",
    ),
    settle: db.prepare(settle),
    nextDue: db.prepare<{ due_at: number }>(
      "SELECT due_at FROM media WHERE state = 'pending' AND due_at > ? ORDER BY due_at LIMIT 1",
    ),
    total: db.prepare<{ bytes: number | null }>('SELECT sum(bytes) AS bytes FROM file_tally'),
    totalOf: db.prepare<{ bytes: number }>('SELECT bytes FROM file_tally WHERE account_id = ?'),
    stored: db.prepare<MediaRow>(
      "SELECT * FROM media WHERE state = 'stored' AND created_at < ? ORDER BY created_at LIMIT ?",
    ),
  };
}

/** What is done with the table of media, each inside a transaction that the caller has. */
export class MediaTables {
  readonly #db: Connection;
  readonly #sql;

  constructor(db: Connection) {
    this.#db = db;
    this.#sql = mediaStatements(db);
  }

  /** Adds a file that a receipt tells of, to be fetched. */
  add(
    tx: Transaction,
    accountId: AccountId,
    receiptId: number,
    { channelId, senderId }: NewReceipt,
    media: NonNullable<NewReceipt['media']>,
  ): void {
    const { id, channelMediaId, mimeType, fileName, sha256 } = media;
    this.#sql.insert.run(
      accountId,
      toMediaKey(id),
      receiptId,
      channelId,
      senderId ?? '',
      channelMediaId,
      mimeType,
      fileName ?? null,
      sha256 ?? null,
      this.#db.now(),
    );
    tx.signal({ kind: 'media' });
  }

  find(accountId: AccountId, mediaId: string): Media | undefined {
    const row = this.#sql.byId.get(accountId, toMediaKey(mediaId));
    return row && toMedia(row);
  }

  listDueAccounts(now: number, after: AccountId, limit: number): AccountId[] {
    const found: AccountId[] = [];
    const step = (from: AccountId) => this.#sql.nextAccount.get(from);
    for (let row = step(after); row !== undefined; row = step(row.account_id)) {
      if (row.due_at <= now) found.push(row.account_id);
      if (found.length === limit) break;
    }
    return found;
  }

  listDueChannels(accountId: AccountId, now: number, after: string, limit: number): string[] {
    const found: string[] = [];
    const step = (from: string) => this.#sql.nextChannel.get(accountId, from);
    for (let row = step(after); row !== undefined; row = step(row.channel_id)) {
      if (row.due_at <= now) found.push(row.channel_id);
      if (found.length === limit) break;
    }
    return found;
  }

  claim(
    { accountId, channelId }: Pick<Media, 'accountId' | 'channelId'>,
    limit: number,
    now: number,
    leaseMs: number,
  ): Media[] {
    const dueAt = now + leaseMs;
    return this.#sql.due.all(accountId, channelId, now, limit).map((row) => {
      this.#sql.lease.run(dueAt, row.account_id, row.id);
      return { ...toMedia(row), attempts: row.attempts + 1, dueAt };
    });
  }

  settle(tx: Transaction, accountId: AccountId, mediaId: string, result: MediaResult): void {
    const reason = result.state === 'stored' ? '' : result.reason;
    const bytes = result.state === 'stored' ? result.bytes : null;
    const dueAt = result.state === 'pending' ? result.dueAt : null;
    const { mimeType = null, fileName = null } = result.state === 'stored' ? result : {};
    const key = [accountId, toMediaKey(mediaId)] as const;
    this.#sql.settle.run(...key, result.state, reason, bytes, dueAt, mimeType, fileName);
    tx.signal({ kind: 'media' });
  }

  findNextDue(now: number): number | undefined {
    return this.#sql.nextDue.get(now)?.due_at;
  }

  sumBytes(accountId?: AccountId): number {
    const sum = accountId === undefined ? this.#sql.total.get() : this.#sql.totalOf.get(accountId);
    return sum?.bytes ?? 0;
  }

  listStored(before: number, limit: number): Media[] {
    return this.#sql.stored.all(before, limit).map(toMedia);
  }
}

export function mediaVerbs(db: Connection, media: MediaTables): MediaFiles {
  return {
    listDueMediaAccounts: (now, after, limit) => db.read(() => media.listDueAccounts(now, after, limit)),
    listDueMediaChannels: (accountId, now, after, limit) =>
      db.read(() => media.listDueChannels(accountId, now, after, limit)),
    claimMedia: (channel, limit, now, leaseMs) => db.write(() => media.claim(channel, limit, now, leaseMs)),
    settleMedia: (accountId, mediaId, result) =>
      db.write((tx) => media.settle(tx, accountId, mediaId, result)),
    findMedia: (accountId, mediaId) => db.read(() => media.find(accountId, mediaId)),
    findNextMediaDue: (now) => db.read(() => media.findNextDue(now)),
    sumFileBytes: (accountId) => db.read(() => media.sumBytes(accountId)),
    listStoredMedia: (before, limit) => db.read(() => media.listStored(before, limit)),
  };
}
