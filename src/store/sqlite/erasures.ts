import type { AccountId } from '../../domain/account.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import { erasedReason, findErasable, findMediaOf, overStates, takenBackReason } from '../rows/erasures.ts';
import type { ErasableRow } from '../rows/erasures.ts';
import { toBefore } from '../rows/paging.ts';
import type { Erasures, MediaKey } from '../store.ts';
import type { Connection, Transaction } from './connection.ts';
import type { Recorder } from './journal.ts';

export function erasureVerbs(db: Connection, recordChange: Recorder): Erasures {
  const receipts = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.facts, c.body AS content FROM receipt r
     LEFT JOIN content c ON c.receipt_id = r.id WHERE r.account_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`,
  );
  const ofMessage = db.prepare<ErasableRow>(
    `SELECT r.id, r.channel_id, r.raw_event_id, r.facts, c.body AS content FROM seen s
     JOIN receipt r ON r.id = s.receipt_id JOIN content c ON c.receipt_id = r.id
     WHERE s.account_id = ? AND s.key >= ? AND s.key <= ?`,
  );
  const removeContent = db.prepare('DELETE FROM content WHERE receipt_id = ?');
  // Bytes in which something still waits for its owner stay until that has come, or their time is over.
  const emptyRaw = db.prepare(
    `UPDATE raw_event SET packed = 0, body = x'' WHERE id = ?1 AND account_id = ?2
       AND NOT EXISTS (SELECT 1 FROM unrouted u WHERE u.account_id = ?2 AND u.raw_event_id = ?1)`,
  );
  const eraseMedia = db.prepare(
    "UPDATE media SET state = 'erased', reason = ? WHERE account_id = ? AND id = ? AND state <> 'erased'",
  );
  const outbound = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM outbound WHERE account_id = ?1 AND recipient = ?2 AND state IN ${overStates}
       AND (?3 IS NULL OR channel_id = ?3)
       AND (json_type(envelope, '$.content') IS NOT NULL OR json_type(envelope, '$.templateParams') IS NOT NULL)`,
  );
  const eraseOutbound = db.prepare(
    `UPDATE outbound SET envelope = json_remove(envelope, '$.content', '$.templateParams', '$.payload')
     WHERE account_id = ?1 AND recipient = ?2 AND state IN ${overStates} AND (?3 IS NULL OR channel_id = ?3)
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
    for (const { key } of media) eraseMedia.run(reason, accountId, key);
    if (media.length > 0) tx.signal({ kind: 'media' });
    return media.map(({ id }) => ({ accountId, id }));
  }

  return {
    countErasable: (accountId, request, page) =>
      db.read(() => {
        const rows = receipts.all(accountId, toBefore(page), page.limit);
        const erasable = findErasable(rows, request);
        const { userId, channelId = null } = request;
        const isFirst = page.cursor === undefined;
        const messages = isFirst ? (outbound.get(accountId, userId, channelId)?.count ?? 0) : 0;
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
        const erasable = findErasable(rows, request);
        const media = erase(tx, accountId, erasable, erasedReason);
        const { userId, channelId } = request;
        let messages = 0;
        if (page.cursor === undefined) {
          messages = eraseOutbound.run(accountId, userId, channelId ?? null);
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
        return erase(tx, accountId, findErasable(rows, request, messageIds), takenBackReason);
      }),
  };
}
