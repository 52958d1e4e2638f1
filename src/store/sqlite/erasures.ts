import type { AccountId } from '../../domain/account.ts';
import type { Spelling } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import {
  erasedReason,
  findErasable,
  findMediaOf,
  overStates,
  takenBackReason,
  toBareFacts,
} from '../rows/erasures.ts';
import type { ErasableRow } from '../rows/erasures.ts';
import { toBefore } from '../rows/paging.ts';
import type { ErasureRequest, Erasures, MediaKey } from '../store.ts';
import type { AliasWrites } from './aliases.ts';
import type { Connection, Transaction } from './connection.ts';
import type { Recorder } from './journal.ts';

export function erasureVerbs(db: Connection, recordChange: Recorder, aliases: AliasWrites): Erasures {
  const receipts = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.recorded_at, r.facts, c.body AS content FROM receipt r
     LEFT JOIN content c ON c.receipt_id = r.id WHERE r.account_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`,
  );
  const ofMessage = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.recorded_at, r.facts, c.body AS content FROM seen s
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
  const outbound = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM outbound WHERE account_id = ?1 AND recipient = ?2 AND id >= ?4 AND id < ?5
       AND state IN ${overStates} AND (?3 IS NULL OR channel_id = ?3)
       AND (json_type(envelope, '$.content') IS NOT NULL OR json_type(envelope, '$.templateParams') IS NOT NULL)`,
  );
  const eraseOutbound = db.prepare(
    `UPDATE outbound SET envelope = json_remove(envelope, '$.content', '$.templateParams', '$.payload')
     WHERE account_id = ?1 AND recipient = ?2 AND id >= ?4 AND id < ?5
       AND state IN ${overStates} AND (?3 IS NULL OR channel_id = ?3)
       AND (json_type(envelope, '$.content') IS NOT NULL OR json_type(envelope, '$.templateParams') IS NOT NULL)`,
  );

  function erase(
    tx: Transaction,
    accountId: AccountId,
    erasable: readonly ErasableRow[],
    reason: string,
  ): readonly MediaKey[] {
    const media = findMediaOf(erasable);
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
        const erasable = findErasable(rows, request, spellings);
        const isFirst = page.cursor === undefined;
        const counts = isFirst
          ? spellings.map((one) => outbound.get(...toRange(accountId, request, one))?.count ?? 0)
          : [];
        const messages = counts.reduce((sum, count) => sum + count, 0);
        const last = rows.length < page.limit ? undefined : rows.at(-1);
        const media = new Set(findMediaOf(erasable).map(({ id }) => id)).size;
        return {
          receipts: erasable.length,
          messages,
          media,
          next: last === undefined ? null : String(last.id),
        };
      }),
    eraseContent: (accountId, request, page, actor) =>
      db.write((tx) => {
        const rows = receipts.all(accountId, toBefore(page), page.limit);
        const spellings = aliases.find(accountId, request);
        const erasable = findErasable(rows, request, spellings);
        const media = erase(tx, accountId, erasable, erasedReason);
        const { channelId } = request;
        let messages = 0;
        if (page.cursor === undefined) {
          for (const one of spellings) messages += eraseOutbound.run(...toRange(accountId, request, one));
          // The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased.
          recordChange(
            accountId,
            actor,
            'content.erased',
            'user',
            channelId === undefined ? {} : { channelId },
          );
        }
        const last = rows.length < page.limit ? undefined : rows.at(-1);
        if (last === undefined) aliases.forget(accountId, request, spellings);
        return {
          receipts: erasable.length,
          messages,
          media,
          next: last === undefined ? null : String(last.id),
        };
      }),
    eraseMessages: (accountId, request, messageIds) =>
      db.write((tx) => {
        const rows = messageIds.flatMap((messageId) => {
          const digits = toSubjectDigits(messageId);
          const toKey = (fill: string) => Buffer.from(digits.padEnd(32, fill), 'hex');
          return ofMessage.all(accountId, toKey('0'), toKey('f'));
        });
        return erase(
          tx,
          accountId,
          findErasable(rows, request, aliases.find(accountId, request), messageIds),
          takenBackReason,
        );
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
