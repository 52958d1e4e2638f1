import type { AccountId } from '../../domain/account.ts';
import type { Spelling } from '../../domain/alias.ts';
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
import type { Erasures, MediaKey } from '../store.ts';
import { findSpellings, forgetAliases, isToSpelling, toSpellingArrays } from '../aliases/postgres.ts';
import { byteas, int8s, texts } from '../postgres/arrays.ts';
import type { Connection, Queries, Transaction, Value } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';
import { receiptTables } from '../receipts/postgres.ts';

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

export function erasureVerbs(db: Connection, recordChange: Recorder): Erasures {
  return {
    countErasable: async (accountId, request, page) => {
      const rows = await db.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
      const spellings = await findSpellings(db, accountId, request);
      const { erasable, own, unknown } = findErasable(rows, request, spellings);
      const { channelId = null } = request;
      const isFirst = page.cursor === undefined;
      const next = toNext(rows, page.limit);
      const count = async (from: string, values: readonly Value[]): Promise<number> =>
        (await db.get<{ count: number }>(`SELECT count(*)::integer AS count FROM ${from}`, values))?.count ??
        0;
      const namings = toNamings(spellings);
      const named = isFirst
        ? await count(`unreadable WHERE ${apartOfUser}`, [accountId, namings, channelId])
        : 0;
      const owned = await count(`unreadable WHERE ${apartOfReceipts} AND NOT (${naming('$4')})`, [
        ...toOwners(accountId, own),
        namings,
      ]);
      const left =
        next === null
          ? await count(`unreadable WHERE ${apartOfAnybody} AND NOT (${naming('$4')})`, [
              ...[accountId, contentTables, channelId],
              namings,
            ])
          : 0;
      const messages = isFirst
        ? await count(`outbound o WHERE o.account_id = $1 AND ${toUser}`, [
            accountId,
            channelId,
            ...toSpellingArrays(spellings),
          ])
        : 0;
      const media = new Set((await findMedia(db, accountId, erasable)).map(({ id }) => id)).size;
      return {
        ...{ receipts: erasable.length, messages, media },
        ...{ apart: named + owned, unreadable: unknown + left, next },
      };
    },
    eraseContent: (accountId, request, page, actor) =>
      db.tx(async (tx) => {
        const rows = await tx.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
        const spellings = await findSpellings(tx, accountId, request);
        const { erasable, own, unknown } = findErasable(rows, request, spellings);
        const media = await erase(tx, accountId, erasable, erasedReason);
        const next = toNext(rows, page.limit);
        const { channelId = null } = request;
        let messages = 0;
        let apart = await tx.run(`DELETE FROM unreadable WHERE ${apartOfReceipts}`, toOwners(accountId, own));
        if (page.cursor === undefined) {
          messages = await eraseMessagesTo(tx, accountId, channelId, spellings);
          const named = [accountId, toNamings(spellings), channelId];
          apart += await tx.run(`DELETE FROM unreadable WHERE ${apartOfUser}`, named);
          // The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased.
          const detail = channelId === null ? {} : { channelId };
          await recordChange(tx, accountId, actor, 'content.erased', 'user', detail);
        }
        const left =
          next === null
            ? await tx.get<{ count: number }>(
                `SELECT count(*)::integer AS count FROM unreadable WHERE ${apartOfAnybody}`,
                [accountId, contentTables, channelId],
              )
            : undefined;
        if (next === null) await forgetAliases(tx, accountId, request, spellings);
        const unreadable = unknown + (left?.count ?? 0);
        return { receipts: erasable.length, messages, media, apart, unreadable, next };
      }),
    eraseMessages: (accountId, request, messageIds) =>
      db.tx(async (tx) => {
        const subjects = messageIds.map(toSubjectDigits);
        const toKeys = (fill: string) =>
          byteas(subjects.map((digits) => Buffer.from(digits.padEnd(32, fill), 'hex')));
        // A user takes things back while the tables grow. The fences make the planner look up each message and its content; on
        // figures from when the tables were small it would join all receipts with all contents first.
        const rows = await tx.all<ErasableRow>(
          `SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content
           FROM unnest($2::bytea[], $3::bytea[]) AS k (first, last)
           CROSS JOIN LATERAL (SELECT o.id, o.channel_id, o.raw_event_id, o.occurred_at, o.recorded_at, o.facts FROM receipt o
             WHERE o.account_id = $1 AND o.key >= k.first AND o.key <= k.last OFFSET 0) r
           CROSS JOIN LATERAL (SELECT o.body FROM content o WHERE o.account_id = $1 AND o.receipt_id = r.id OFFSET 0) c`,
          [accountId, toKeys('0'), toKeys('f')],
        );
        const spellings = await findSpellings(tx, accountId, request);
        const { erasable } = findErasable(rows, request, spellings, messageIds);
        return erase(tx, accountId, erasable, takenBackReason);
      }),
  };
}

/** Whether a row kept apart names the user, with the place of the spellings. */
function naming(place: string): string {
  return `EXISTS (SELECT 1 FROM unnest(${place}::text[]) naming WHERE position(naming IN row) > 0)`;
}

function toOwners(accountId: AccountId, own: readonly ErasableRow[]): Value[] {
  return [accountId, own.map(({ id }) => id), own.map(({ raw_event_id: id }) => id)];
}

/** What was written to the user; of a message that cannot be read, what is left is that there was one. */
async function eraseMessagesTo(
  tx: Transaction,
  accountId: AccountId,
  channelId: string | null,
  spellings: readonly Spelling[],
): Promise<number> {
  return tx.run(
    `UPDATE outbound o SET envelope = CASE WHEN jsonb_typeof(read_json(envelope)) = 'object'
       THEN (read_json(envelope) - '{content,templateParams,payload}'::text[])::text ELSE $6 END
     WHERE o.account_id = $1 AND ${toUser}`,
    [accountId, channelId, ...toSpellingArrays(spellings), erasedEnvelope],
  );
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
    // Bytes in which something still waits for its owner stay until that has come, or their time is over.
    await tx.run(
      `UPDATE raw_event e SET packed = 0, body = ''::bytea WHERE e.account_id = $1 AND e.id = ANY ($2)
         AND (SELECT 1 FROM unrouted u WHERE u.account_id = $1 AND u.raw_event_id = e.id LIMIT 1) IS NULL`,
      [accountId, rawIds],
    );
  }
  const bare = toBareFacts(erasable);
  if (bare.length > 0)
    await tx.run(
      `UPDATE receipt r SET facts = b.facts FROM unnest($2::bigint[], $3::text[]) AS b (id, facts)
       WHERE r.account_id = $1 AND r.id = b.id`,
      [accountId, int8s(bare.map(({ id }) => id)), texts(bare.map(({ facts }) => facts))],
    );
  for (const { key } of media)
    await tx.run(
      "UPDATE media SET state = 'erased', reason = $1 WHERE account_id = $2 AND id = $3 AND state <> 'erased'",
      [reason, accountId, key],
    );
  if (media.length > 0) tx.signal({ kind: 'media' });
  return media.map(({ id }) => ({ accountId, id }));
}
