import type { AccountId, Actor } from '../../domain/account.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import {
  contentTables,
  erasedEnvelope,
  erasedReason,
  findErasable,
  findMediaOf,
  overStates,
  takenBackReason,
  toBareFacts,
  toNamings,
  toNext,
  toOwnMedia,
} from './rows.ts';
import type { ErasableRow, OwnMedia } from './rows.ts';
import { toBefore } from '../rows/paging.ts';
import type { Erasable, Erased, ErasureRequest, Erasures, MediaKey, PageRequest } from '../store.ts';
import { findSpellings, forgetAliases, isToSpelling, toSpellingArrays } from '../aliases/postgres.ts';
import { byteas, int8s, texts } from '../postgres/arrays.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Value } from '../postgres/statement.ts';
import type { Recorder } from '../journal/postgres.ts';
import { receiptTables } from '../receipts/postgres.ts';

/** The newest receipts below one. */
const newest = `SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content ${receiptTables}
  WHERE r.account_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3`;

/**
 * Messages of $1 that are over and hold something still, or cannot be read, to one of the spellings from $3 on; of the channel $2, or
 * of all.
 */
const toUser = `${isToSpelling(3)} AND o.state IN ${overStates} AND ($2::text IS NULL OR o.channel_id = $2)
  AND (jsonb_typeof(read_json(o.envelope)) IS DISTINCT FROM 'object' OR read_json(o.envelope) ?| '{content,templateParams}')`;

/** Rows kept apart that name the user ($2 in its spellings), of a channel if $3 names one. */
const apartOfUser = `account_id = $1 AND ${naming('$2')}
  AND ($3::text IS NULL OR read_json(row) ->> 'channel_id' = $3)`;
/** Rows kept apart that belong to receipts ($2) or came in raw events ($3). */
const apartOfReceipts = `account_id = $1 AND (source IN ('content', 'message') AND read_number(row, '{receipt_id}', 9007199254740991) = ANY ($2)
  OR source = 'raw_event' AND read_number(row, '{id}', 9007199254740991) = ANY ($3))`;
/** Rows kept apart that may hold something of anybody; $2 are the tables, $3 narrows to a channel where the row tells its own. */
const apartOfAnybody = `account_id = $1 AND source = ANY ($2) AND ($3::text IS NULL OR coalesce(read_json(row) ->> 'channel_id', $3) = $3)`;

/** Takes what was written to the user; of a message that cannot be read, what is left is that there was one. */
const bareMessages = `UPDATE outbound o SET envelope = CASE WHEN jsonb_typeof(read_json(envelope)) = 'object'
    THEN (read_json(envelope) - '{content,templateParams,payload}'::text[])::text ELSE $6 END
  WHERE o.account_id = $1 AND ${toUser}`;

/**
 * Receipts with content whose keys lie in one of the ranges. A user takes things back while the tables grow. The fences make the planner
 * look up each message and its content; on figures from when the tables were small it would join all receipts with all contents first.
 */
const ofMessages = `SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content
  FROM unnest($2::bytea[], $3::bytea[]) AS k (first, last)
  CROSS JOIN LATERAL (SELECT o.id, o.channel_id, o.raw_event_id, o.occurred_at, o.recorded_at, o.facts FROM receipt o
    WHERE o.account_id = $1 AND o.key >= k.first AND o.key <= k.last OFFSET 0) r
  CROSS JOIN LATERAL (SELECT o.body FROM content o WHERE o.account_id = $1 AND o.receipt_id = r.id OFFSET 0) c`;

/** Empties raw events; bytes in which something still waits for its owner stay until that has come, or their time is over. */
const emptyRaw = `UPDATE raw_event e SET packed = 0, body = ''::bytea WHERE e.account_id = $1 AND e.id = ANY ($2)
    AND (SELECT 1 FROM unrouted u WHERE u.account_id = $1 AND u.raw_event_id = e.id LIMIT 1) IS NULL`;

const putFacts = `UPDATE receipt r SET facts = b.facts FROM unnest($2::bigint[], $3::text[]) AS b (id, facts)
  WHERE r.account_id = $1 AND r.id = b.id`;

const eraseMedia =
  "UPDATE media SET state = 'erased', reason = $1 WHERE account_id = $2 AND id = $3 AND state <> 'erased'";

/** What is done with whatever holds what users wrote and were written to. */
export class ErasureTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;

  constructor(db: Connection, recordChange: Recorder) {
    this.#db = db;
    this.#recordChange = recordChange;
  }

  async count(accountId: AccountId, request: ErasureRequest, page: PageRequest): Promise<Erasable> {
    const rows = await this.#db.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
    const spellings = await findSpellings(this.#db, accountId, request);
    const { erasable, own, unknown } = findErasable(rows, request, spellings);
    const { channelId = null } = request;
    const next = toNext(rows, page.limit);
    const namings = toNamings(spellings);
    let [messages, named, left] = [0, 0, 0];
    if (page.cursor === undefined) {
      const to = [accountId, channelId, ...toSpellingArrays(spellings)];
      messages = await count(this.#db, `outbound o WHERE o.account_id = $1 AND ${toUser}`, to);
      named = await count(this.#db, `unreadable WHERE ${apartOfUser}`, [accountId, namings, channelId]);
    }
    const notNamed = `NOT (${naming('$4')})`;
    const owners = [...toOwners(accountId, own), namings];
    const owned = await count(this.#db, `unreadable WHERE ${apartOfReceipts} AND ${notNamed}`, owners);
    if (next === null) {
      const anybody = [accountId, contentTables, channelId, namings];
      left = await count(this.#db, `unreadable WHERE ${apartOfAnybody} AND ${notNamed}`, anybody);
    }
    const media = new Set((await findMedia(this.#db, accountId, erasable)).map(({ id }) => id)).size;
    return {
      ...{ receipts: erasable.length, messages, media },
      ...{ apart: named + owned, unreadable: unknown + left, next },
    };
  }

  async erase(
    tx: Transaction,
    accountId: AccountId,
    request: ErasureRequest,
    page: PageRequest,
    actor: Actor,
  ): Promise<Erased> {
    const rows = await tx.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
    const spellings = await findSpellings(tx, accountId, request);
    const { erasable, own, unknown } = findErasable(rows, request, spellings);
    const media = await erase(tx, accountId, erasable, erasedReason);
    const next = toNext(rows, page.limit);
    const { channelId = null } = request;
    let [messages, left] = [0, 0];
    let apart = await tx.run(`DELETE FROM unreadable WHERE ${apartOfReceipts}`, toOwners(accountId, own));
    if (page.cursor === undefined) {
      const to = [accountId, channelId, ...toSpellingArrays(spellings), erasedEnvelope];
      messages = await tx.run(bareMessages, to);
      const named = [accountId, toNamings(spellings), channelId];
      apart += await tx.run(`DELETE FROM unreadable WHERE ${apartOfUser}`, named);
      await this.#note(tx, accountId, channelId, actor);
    }
    if (next === null) {
      left = await count(tx, `unreadable WHERE ${apartOfAnybody}`, [accountId, contentTables, channelId]);
      await forgetAliases(tx, accountId, request, spellings);
    }
    return { receipts: erasable.length, messages, media, apart, unreadable: unknown + left, next };
  }

  async eraseMessages(
    tx: Transaction,
    accountId: AccountId,
    request: ErasureRequest,
    messageIds: readonly string[],
  ): Promise<readonly MediaKey[]> {
    const ranges = toKeyRanges(messageIds.map(toSubjectDigits));
    const rows = await tx.all<ErasableRow>(ofMessages, [accountId, ...ranges]);
    const spellings = await findSpellings(tx, accountId, request);
    const { erasable } = findErasable(rows, request, spellings, messageIds);
    return erase(tx, accountId, erasable, takenBackReason);
  }

  /** The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased. */
  async #note(tx: Transaction, accountId: AccountId, channelId: string | null, actor: Actor): Promise<void> {
    const detail = channelId === null ? {} : { channelId };
    await this.#recordChange(tx, accountId, actor, 'content.erased', 'user', detail);
  }
}

export function erasureVerbs(db: Connection, erasures: ErasureTables): Erasures {
  return {
    countErasable: (accountId, request, page) => erasures.count(accountId, request, page),
    eraseContent: (accountId, request, page, actor) =>
      db.tx((tx) => erasures.erase(tx, accountId, request, page, actor)),
    eraseMessages: (accountId, request, messageIds) =>
      db.tx((tx) => erasures.eraseMessages(tx, accountId, request, messageIds)),
  };
}

/** Whether a row kept apart names the user, with the place of the spellings. */
function naming(place: string): string {
  return `EXISTS (SELECT 1 FROM unnest(${place}::text[]) naming WHERE position(naming IN row) > 0)`;
}

/** Receipts and the raw events that they came in, as statements about rows kept apart take them. */
function toOwners(accountId: AccountId, own: readonly ErasableRow[]): Value[] {
  return [accountId, own.map(({ id }) => id), own.map(({ raw_event_id: id }) => id)];
}

async function count(db: Queries, from: string, values: readonly Value[]): Promise<number> {
  const row = await db.get<{ count: number }>(`SELECT count(*)::integer AS count FROM ${from}`, values);
  return row?.count ?? 0;
}

/** First and last of the keys that begin with some digits. */
function toKeyRanges(subjects: readonly string[]): [Buffer, Buffer] {
  const toKeys = (fill: string): Buffer =>
    byteas(subjects.map((digits) => Buffer.from(digits.padEnd(32, fill), 'hex')));
  return [toKeys('0'), toKeys('f')];
}

/** The media of receipts; of those whose content cannot be read, by the receipts. */
async function findMedia(
  db: Queries,
  accountId: AccountId,
  erasable: readonly ErasableRow[],
): Promise<readonly OwnMedia[]> {
  const { media, silent } = findMediaOf(erasable);
  if (silent.length === 0) return media;
  const sql = 'SELECT id FROM media WHERE account_id = $1 AND receipt_id = ANY ($2)';
  return [...media, ...toOwnMedia(await db.all<{ id: Uint8Array }>(sql, [accountId, silent]))];
}

/** Takes content away, and what raw events and media hold of it; resolves to the media. */
async function erase(
  tx: Transaction,
  accountId: AccountId,
  erasable: readonly ErasableRow[],
  reason: string,
): Promise<readonly MediaKey[]> {
  const media = await findMedia(tx, accountId, erasable);
  if (erasable.length > 0) {
    const ids = erasable.map(({ id }) => id);
    const rawIds = erasable.map(({ raw_event_id: id }) => id);
    await tx.run('DELETE FROM content WHERE account_id = $1 AND receipt_id = ANY ($2)', [accountId, ids]);
    await tx.run(emptyRaw, [accountId, rawIds]);
  }
  const bare = toBareFacts(erasable);
  if (bare.length > 0) {
    const columns = [int8s(bare.map(({ id }) => id)), texts(bare.map(({ facts }) => facts))];
    await tx.run(putFacts, [accountId, ...columns]);
  }
  for (const { key } of media) await tx.run(eraseMedia, [reason, accountId, key]);
  if (media.length > 0) tx.signal({ kind: 'media' });
  return media.map(({ id }) => ({ accountId, id }));
}
