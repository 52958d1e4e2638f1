import { toMedia, toMediaKey } from './rows.ts';
import type { MediaRow } from './rows.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Media } from '../../domain/media.ts';
import type { MediaFiles, MediaResult } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

/** Accounts with a file that is due: steps from one account to the next, over the first row of each. */
const dueAccounts = stepsOf(
  'account_id',
  (from) =>
    `(SELECT account_id, due_at FROM media WHERE state = 'pending' AND account_id > ${from} ORDER BY account_id, due_at LIMIT 1)`,
  { first: '$1', rest: 'due_at <= $2 LIMIT $3' },
);

/** The same for channels of an account. */
const dueChannels = stepsOf(
  'channel_id',
  (from) =>
    `(SELECT channel_id, due_at FROM media WHERE state = 'pending' AND account_id = $1 AND channel_id > ${from} ORDER BY channel_id, due_at LIMIT 1)`,
  { first: '$2', rest: 'due_at <= $3 LIMIT $4' },
);

/**
 * Leases files that are to be fetched. A lease is a due time that was moved on: a fetch that is never settled comes up again by itself.
 * Materialized: run again for each row of a join, a locking select gives more than its limit.
 */
const leaseDue = `WITH due AS MATERIALIZED (
    SELECT id FROM media WHERE state = 'pending' AND account_id = $1 AND channel_id = $2 AND due_at <= $3
    ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED)
  UPDATE media m SET due_at = $4, attempts = attempts + 1 FROM due WHERE m.account_id = $1 AND m.id = due.id RETURNING m.*`;

/** Writes what became of a fetch, unless the file is over; what is null stays. */
const settle = `UPDATE media SET state = $3, reason = $4, bytes = coalesce($5, bytes), due_at = coalesce($6, due_at),
    mime_type = coalesce($7, mime_type), file_name = coalesce(file_name, $8)
  WHERE account_id = $1 AND id = $2 AND (state = 'pending' OR $3 = 'erased')`;

const sumBytes = 'SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM file_tally';

/** What is done with the table of media. */
export class MediaTables {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async listDueAccounts(now: number, after: AccountId, limit: number): Promise<AccountId[]> {
    const rows = await this.#db.all<{ account_id: number }>(dueAccounts, [after, now, limit]);
    return rows.map(({ account_id }) => account_id);
  }

  async listDueChannels(accountId: AccountId, now: number, after: string, limit: number): Promise<string[]> {
    const rows = await this.#db.all<{ channel_id: string }>(dueChannels, [accountId, after, now, limit]);
    return rows.map(({ channel_id }) => channel_id);
  }

  async claim(
    { accountId, channelId }: Pick<Media, 'accountId' | 'channelId'>,
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<Media[]> {
    const values = [accountId, channelId, now, now + leaseMs, limit];
    const rows = await this.#db.call<MediaRow>(leaseDue, values);
    return rows.map(toMedia).sort((a, b) => a.createdAt - b.createdAt);
  }

  async settle(accountId: AccountId, mediaId: string, result: MediaResult): Promise<void> {
    const reason = result.state === 'stored' ? '' : result.reason;
    const bytes = result.state === 'stored' ? result.bytes : null;
    const dueAt = result.state === 'pending' ? result.dueAt : null;
    const { mimeType = null, fileName = null } = result.state === 'stored' ? result : {};
    const key = [accountId, toMediaKey(mediaId)];
    await this.#db.call(settle, [...key, result.state, reason, bytes, dueAt, mimeType, fileName]);
    this.#db.signals.tell([{ kind: 'media' }]);
  }

  async find(accountId: AccountId, mediaId: string): Promise<Media | undefined> {
    const sql = 'SELECT * FROM media WHERE account_id = $1 AND id = $2';
    const row = await this.#db.get<MediaRow>(sql, [accountId, toMediaKey(mediaId)]);
    return row && toMedia(row);
  }

  async findNextDue(now: number): Promise<number | undefined> {
    const sql = "SELECT due_at FROM media WHERE state = 'pending' AND due_at > $1 ORDER BY due_at LIMIT 1";
    return (await this.#db.get<{ due_at: number }>(sql, [now]))?.due_at;
  }

  async sumBytes(accountId?: AccountId): Promise<number> {
    const found =
      accountId === undefined
        ? await this.#db.get<{ bytes: number }>(sumBytes)
        : await this.#db.get<{ bytes: number }>(`${sumBytes} WHERE account_id = $1`, [accountId]);
    return found?.bytes ?? 0;
  }

  async listStored(before: number, limit: number): Promise<Media[]> {
    const sql = "SELECT * FROM media WHERE state = 'stored' AND created_at < $1 ORDER BY created_at LIMIT $2";
    return (await this.#db.all<MediaRow>(sql, [before, limit])).map(toMedia);
  }
}

export function mediaVerbs(media: MediaTables): MediaFiles {
  return {
    listDueMediaAccounts: (now, after, limit) => media.listDueAccounts(now, after, limit),
    listDueMediaChannels: (accountId, now, after, limit) =>
      media.listDueChannels(accountId, now, after, limit),
    claimMedia: (of, limit, now, leaseMs) => media.claim(of, limit, now, leaseMs),
    settleMedia: (accountId, mediaId, result) => media.settle(accountId, mediaId, result),
    findMedia: (accountId, mediaId) => media.find(accountId, mediaId),
    findNextMediaDue: (now) => media.findNextDue(now),
    sumFileBytes: (accountId) => media.sumBytes(accountId),
    listStoredMedia: (before, limit) => media.listStored(before, limit),
  };
}

/** Steps over an index: `next` is the first row whose column is above what it is given. */
function stepsOf(
  column: string,
  next: (from: string) => string,
  { first, rest }: { readonly first: string; readonly rest: string },
): string {
  return `WITH RECURSIVE turn AS (
      ${next(first)} UNION ALL SELECT step.* FROM turn CROSS JOIN LATERAL ${next(`turn.${column}`)} step
    ) SELECT ${column} FROM turn WHERE ${rest}`;
}
