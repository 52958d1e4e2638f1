import type { AccountId } from '../../domain/account.ts';
import type { Spelling } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
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
import type { ErasureRequest, Erasures, MediaKey } from '../store.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** Messages to a spelling of the user that are over and whose envelope holds something, or cannot be read; ?3 narrows to a channel. */
const toUser = `account_id = ?1 AND recipient = ?2 AND id >= ?4 AND id < ?5 AND state IN ${overStates} AND (?3 IS NULL OR channel_id = ?3)
  AND iif(json_valid(envelope), json_type(envelope, '$.content') IS NOT NULL OR json_type(envelope, '$.templateParams') IS NOT NULL, true)`;

/** A member of the JSON of a row kept apart; what cannot be read as such has none. */
const member = (name: string): string => `iif(json_valid(row), row ->> '$.${name}', NULL)`;
/** Whether a row kept apart names the user, with the place of the list of spellings. */
const naming = (place: string): string =>
  `EXISTS (SELECT 1 FROM json_each(${place}) WHERE instr(row, value) > 0)`;
/** Rows kept apart that name the user (?2), and what was written in receipts that do; of a channel if ?3 names one. */
const apartOfUser = `account_id = ?1 AND (${naming('?2')} AND (?3 IS NULL OR ${member('channel_id')} = ?3) OR source = 'content'
  AND ${member('receipt_id')} IN (SELECT ${member('id')} FROM unreadable WHERE account_id = ?1 AND source = 'receipt'
    AND ${naming('?2')} AND (?3 IS NULL OR ${member('channel_id')} = ?3)))`;
/** Rows kept apart that belong to receipts (?2) or came in raw events (?3). */
const apartOfReceipts = `account_id = ?1 AND (source IN ('content', 'message') AND ${member('receipt_id')} IN (SELECT value FROM json_each(?2))
  OR source = 'raw_event' AND ${member('id')} IN (SELECT value FROM json_each(?3)))`;
/** Rows kept apart that may hold something of anybody; ?2 are the tables, ?3 narrows to a channel where the row tells its own. */
const apartOfAnybody = `account_id = ?1 AND source IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR coalesce(${member('channel_id')}, ?3) = ?3)`;

export function erasureVerbs(db: Connection, recordChange: Recorder, aliases: AliasTables): Erasures {
  const receipts = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content FROM receipt r
     LEFT JOIN content c ON c.receipt_id = r.id WHERE r.account_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`,
  );
  const ofMessage = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content FROM seen s
     JOIN receipt r ON r.id = s.receipt_id JOIN content c ON c.receipt_id = r.id
     WHERE s.account_id = ? AND s.key >= ? AND s.key <= ?`,
  );
  const removeContent = db.prepare('DELETE FROM content WHERE receipt_id = ?');
  const bareFacts = db.prepare('UPDATE receipt SET facts = ? WHERE id = ?');
  // Bytes in which something still waits for its owner stay until that has come, or their time is over.
  const emptyRaw = db.prepare(
    `UPDATE raw_event SET packed = 0, body = x'' WHERE id = ?1 AND account_id = ?2
       AND NOT EXISTS (SELECT 1 FROM unrouted u WHERE u.account_id = ?2 AND u.raw_event_id = ?1)`,
  );
  const eraseMedia = db.prepare(
    "UPDATE media SET state = 'erased', reason = ? WHERE account_id = ? AND id = ? AND state <> 'erased'",
  );
  const mediaOf = db.prepare<{ id: Uint8Array }>(
    'SELECT id FROM media WHERE account_id = ? AND receipt_id IN (SELECT value FROM json_each(?))',
  );
  const outbound = db.prepare<{ count: number }>(`SELECT count(*) AS count FROM outbound WHERE ${toUser}`);
  // Of a message that cannot be read, what is left is that there was one.
  const eraseOutbound = db.prepare(
    `UPDATE outbound SET envelope = iif(json_valid(envelope), json_remove(envelope, '$.content', '$.templateParams', '$.payload'), ?6)
     WHERE ${toUser}`,
  );
  const countNamed = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM unreadable WHERE ${apartOfUser}`,
  );
  const removeNamed = db.prepare(`DELETE FROM unreadable WHERE ${apartOfUser}`);
  const countOwned = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM unreadable WHERE ${apartOfReceipts} AND NOT ${naming('?4')}`,
  );
  const removeOwned = db.prepare(`DELETE FROM unreadable WHERE ${apartOfReceipts}`);
  const countLeft = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM unreadable WHERE ${apartOfAnybody} AND NOT ${naming('?4')}`,
  );

  const toOwners = (accountId: AccountId, own: readonly ErasableRow[]) =>
    [
      accountId,
      JSON.stringify(own.map(({ id }) => id)),
      JSON.stringify(own.map(({ raw_event_id: id }) => id)),
    ] as const;

  /** What may hold something of anybody, and does not name the user; counted with the last step. */
  function leftOf(
    accountId: AccountId,
    channelId: string | null,
    namings: string,
    next: string | null,
  ): number {
    if (next !== null) return 0;
    return countLeft.get(accountId, JSON.stringify(contentTables), channelId, namings)?.count ?? 0;
  }

  /** The media of receipts; of those whose content cannot be read, by the receipts. */
  function findMedia(accountId: AccountId, erasable: readonly ErasableRow[]): readonly OwnMedia[] {
    const { media, silent } = findMediaOf(erasable);
    if (silent.length === 0) return media;
    return [...media, ...toOwnMedia(mediaOf.all(accountId, JSON.stringify(silent)))];
  }

  function erase(
    tx: Transaction,
    accountId: AccountId,
    erasable: readonly ErasableRow[],
    reason: string,
  ): readonly MediaKey[] {
    const media = findMedia(accountId, erasable);
    for (const { id, raw_event_id: rawEventId } of erasable) {
      removeContent.run(id);
      emptyRaw.run(rawEventId, accountId);
    }
    for (const { id, facts } of toBareFacts(erasable)) bareFacts.run(facts, id);
    for (const { key } of media) eraseMedia.run(reason, accountId, key);
    if (media.length > 0) tx.signal({ kind: 'media' });
    return media.map(({ id }) => ({ accountId, id }));
  }

  return {
    countErasable: (accountId, request, page) =>
      db.read(() => {
        const rows = receipts.all(accountId, toBefore(page), page.limit);
        const spellings = aliases.find(accountId, request);
        const { erasable, own, unknown } = findErasable(rows, request, spellings);
        const { channelId = null } = request;
        const namings = JSON.stringify(toNamings(spellings));
        const isFirst = page.cursor === undefined;
        const next = toNext(rows, page.limit);
        const counts = isFirst
          ? spellings.map((one) => outbound.get(...toRange(accountId, request, one))?.count ?? 0)
          : [];
        const named = isFirst ? (countNamed.get(accountId, namings, channelId)?.count ?? 0) : 0;
        const owned = countOwned.get(...toOwners(accountId, own), namings)?.count ?? 0;
        return {
          receipts: erasable.length,
          messages: counts.reduce((sum, count) => sum + count, 0),
          media: new Set(findMedia(accountId, erasable).map(({ id }) => id)).size,
          apart: named + owned,
          unreadable: unknown + leftOf(accountId, channelId, namings, next),
          next,
        };
      }),
    eraseContent: (accountId, request, page, actor) =>
      db.write((tx) => {
        const rows = receipts.all(accountId, toBefore(page), page.limit);
        const spellings = aliases.find(accountId, request);
        const { erasable, own, unknown } = findErasable(rows, request, spellings);
        const { channelId = null } = request;
        const namings = JSON.stringify(toNamings(spellings));
        const media = erase(tx, accountId, erasable, erasedReason);
        const next = toNext(rows, page.limit);
        let messages = 0;
        let apart = removeOwned.run(...toOwners(accountId, own));
        if (page.cursor === undefined) {
          for (const one of spellings)
            messages += eraseOutbound.run(...toRange(accountId, request, one), erasedEnvelope);
          apart += removeNamed.run(accountId, namings, channelId);
          // The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased.
          recordChange(accountId, actor, 'content.erased', 'user', channelId === null ? {} : { channelId });
        }
        const unreadable = unknown + leftOf(accountId, channelId, namings, next);
        if (next === null) aliases.forget(accountId, request, spellings);
        return { receipts: erasable.length, messages, media, apart, unreadable, next };
      }),
    eraseMessages: (accountId, request, messageIds) =>
      db.write((tx) => {
        const rows = messageIds.flatMap((messageId) => {
          const digits = toSubjectDigits(messageId);
          const toKey = (fill: string) => Buffer.from(digits.padEnd(32, fill), 'hex');
          return ofMessage.all(accountId, toKey('0'), toKey('f'));
        });
        const { erasable } = findErasable(rows, request, aliases.find(accountId, request), messageIds);
        return erase(tx, accountId, erasable, takenBackReason);
      }),
  };
}

/** What a statement about messages to one spelling is run with. */
function toRange(
  accountId: AccountId,
  { channelId }: ErasureRequest,
  { id, since, until }: Spelling,
): [AccountId, string, string | null, number, number] {
  return [accountId, id, channelId ?? null, toFirstId(since), toFirstId(until)];
}
