import type { AccountId } from '../../domain/account.ts';
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
import type { Erasures, MediaKey } from '../store.ts';
import { findSpellings, forgetAliases, isToSpelling, toSpellingArrays } from './aliases.ts';
import { byteas, int8s, texts } from './arrays.ts';
import type { Connection, Transaction } from './connection.ts';
import type { Recorder } from './journal.ts';
import { receiptTables } from './receipts.ts';

const newest = `SELECT r.id, r.channel_id, r.raw_event_id, r.recorded_at, r.facts, c.body AS content ${receiptTables}
  WHERE r.account_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3`;

/** Messages of $1 that hold something still and are over, to one of the spellings from $3 on; of the channel $2, or of all. */
const toUser = `${isToSpelling(3)} AND o.state IN ${overStates} AND ($2::text IS NULL OR o.channel_id = $2)
  AND o.envelope::jsonb ?| '{content,templateParams}'`;

export function erasureVerbs(db: Connection, recordChange: Recorder): Erasures {
  return {
    countErasable: async (accountId, request, page) => {
      const rows = await db.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
      const spellings = await findSpellings(db, accountId, request);
      const erasable = findErasable(rows, request, spellings);
      const { channelId = null } = request;
      const [told] =
        page.cursor === undefined
          ? await db.all<{ count: number }>(
              `SELECT count(*)::integer AS count FROM outbound o WHERE o.account_id = $1 AND ${toUser}`,
              [accountId, channelId, ...toSpellingArrays(spellings)],
            )
          : [];
      const last = rows.length < page.limit ? undefined : rows.at(-1);
      const media = new Set(findMediaOf(erasable).map(({ id }) => id)).size;
      return {
        receipts: erasable.length,
        messages: told?.count ?? 0,
        media,
        next: last === undefined ? null : String(last.id),
      };
    },
    eraseContent: (accountId, request, page, actor) =>
      db.tx(async (tx) => {
        const rows = await tx.all<ErasableRow>(newest, [accountId, toBefore(page), page.limit]);
        const spellings = await findSpellings(tx, accountId, request);
        const erasable = findErasable(rows, request, spellings);
        const media = await erase(tx, accountId, erasable, erasedReason);
        const { channelId } = request;
        let messages = 0;
        if (page.cursor === undefined) {
          messages = await tx.run(
            `UPDATE outbound o SET envelope = (envelope::jsonb - '{content,templateParams,payload}'::text[])::text
             WHERE o.account_id = $1 AND ${toUser}`,
            [accountId, channelId ?? null, ...toSpellingArrays(spellings)],
          );
          // The journal tells that it was asked for, and not of whom: that would be kept longer than what was erased.
          const detail = channelId === undefined ? {} : { channelId };
          await recordChange(tx, accountId, actor, 'content.erased', 'user', detail);
        }
        const last = rows.length < page.limit ? undefined : rows.at(-1);
        if (last === undefined) await forgetAliases(tx, accountId, request, spellings);
        return {
          receipts: erasable.length,
          messages,
          media,
          next: last === undefined ? null : String(last.id),
        };
      }),
    eraseMessages: (accountId, request, messageIds) =>
      db.tx(async (tx) => {
        const subjects = messageIds.map(toSubjectDigits);
        const toKeys = (fill: string) =>
          byteas(subjects.map((digits) => Buffer.from(digits.padEnd(32, fill), 'hex')));
        // A user takes things back while the tables grow. The fences make the planner look up each message and its content; on
        // figures from when the tables were small it would join all receipts with all contents first.
        const rows = await tx.all<ErasableRow>(
          `SELECT r.id, r.channel_id, r.raw_event_id, r.recorded_at, r.facts, c.body AS content
           FROM unnest($2::bytea[], $3::bytea[]) AS k (first, last)
           CROSS JOIN LATERAL (SELECT o.id, o.channel_id, o.raw_event_id, o.recorded_at, o.facts FROM receipt o
             WHERE o.account_id = $1 AND o.key >= k.first AND o.key <= k.last OFFSET 0) r
           CROSS JOIN LATERAL (SELECT o.body FROM content o WHERE o.account_id = $1 AND o.receipt_id = r.id OFFSET 0) c`,
          [accountId, toKeys('0'), toKeys('f')],
        );
        const spellings = await findSpellings(tx, accountId, request);
        return erase(tx, accountId, findErasable(rows, request, spellings, messageIds), takenBackReason);
      }),
  };
}

async function erase(
  tx: Transaction,
  accountId: AccountId,
  erasable: readonly ErasableRow[],
  reason: string,
): Promise<readonly MediaKey[]> {
  const media = findMediaOf(erasable);
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
