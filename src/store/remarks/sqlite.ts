import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import { isOfRemarked, toRawEventEntry, toReasonText, toRemarked } from './rows.ts';
import type { RemarkedRow } from './rows.ts';
import type { Intake, Remarks } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Keeps what is said of raw events, inside the transaction that records them. */
export interface RemarkWrites {
  keep(intake: Intake, rawEventId: number): void;
}

const columns =
  'remarked.raw_event_id AS id, remarked.account_id, remarked.channel_id, remarked.received_at, reader, remarked.remarks';

export function remarkWrites(db: Connection): RemarkWrites {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM remarked WHERE raw_event_id = ? AND account_id = ?');
  return {
    keep: (intake, rawEventId) => {
      const { accountId, channelId, receivedAt, reread } = intake;
      const row = toRemarked(intake);
      if (row !== undefined)
        insert.run(rawEventId, accountId, channelId, receivedAt, row.fromUser, row.reader, row.remarks);
      else if (reread !== undefined && reread.route === undefined) remove.run(rawEventId, accountId);
    },
  };
}

export function remarkVerbs(db: Connection): Remarks {
  const filters = `AND (?4 IS NULL OR t.channel_id = ?4) AND (?5 IS NULL OR t.received_at >= ?5) AND (?6 IS NULL OR t.received_at < ?6)`;
  const listAll = db.prepare<RemarkedRow>(
    `SELECT t.id, t.account_id, t.channel_id, t.received_at, reader, remarked.remarks
     FROM raw_event t LEFT JOIN remarked ON remarked.raw_event_id = t.id
     WHERE t.account_id = ?1 AND t.id < ?2 AND t.id >= ?3 ${filters} ORDER BY t.id DESC LIMIT ?7`,
  );
  // Rows of all accounts lie in one line.
  const walkEnd = db.prepare<{ id: number }>(
    `SELECT id FROM raw_event WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`,
  );
  const listRemarked = db.prepare<RemarkedRow>(
    `SELECT t.raw_event_id AS id, t.account_id, t.channel_id, t.received_at, t.reader, t.remarks FROM remarked t
     WHERE t.account_id = ?1 AND t.raw_event_id < ?2 AND t.raw_event_id >= ?3 ${filters}
       AND (?8 IS NULL OR instr(t.remarks, ?8) > 0) AND (?9 IS NULL OR t.from_user = ?9) ORDER BY t.raw_event_id DESC LIMIT ?7`,
  );
  const remarkedEnd = db.prepare<{ id: number }>(
    `SELECT raw_event_id AS id FROM remarked WHERE account_id = ? AND raw_event_id < ? AND raw_event_id >= ? ORDER BY raw_event_id DESC LIMIT 1 OFFSET ${maxWalked}`,
  );
  const one = db.prepare<RemarkedRow>(
    `SELECT t.id, t.account_id, t.channel_id, t.received_at, reader, remarked.remarks
     FROM raw_event t LEFT JOIN remarked ON remarked.raw_event_id = t.id WHERE t.account_id = ? AND t.id = ?`,
  );
  const ofOthers = db.prepare<RemarkedRow>(
    `SELECT * FROM (SELECT ${columns} FROM remarked WHERE reader < ?1 AND (reader, raw_event_id) > (?2, ?3) ORDER BY reader, raw_event_id LIMIT ?4)
     UNION ALL SELECT * FROM (SELECT ${columns} FROM remarked WHERE reader > ?1 AND (reader, raw_event_id) > (?2, ?3) ORDER BY reader, raw_event_id LIMIT ?4)
     LIMIT ?4`,
  );
  return {
    listRawEvents: (accountId, filter, page) =>
      db.read(() => {
        const { from, before } = toPageRange(page, filter);
        const { channelId = null, since = null, until = null } = filter;
        const narrowed = [channelId, since, until, page.limit + 1] as const;
        if (!isOfRemarked(filter)) {
          const walkedTo = walkEnd.get(before, from)?.id;
          const rows = listAll.all(accountId, before, walkedTo ?? from, ...narrowed);
          return toPage(rows, page.limit, toRawEventEntry, walkedTo);
        }
        const walkedTo = remarkedEnd.get(accountId, before, from)?.id;
        const fromUser = filter.mayBeMessage === undefined ? null : Number(filter.mayBeMessage);
        const reason = toReasonText(filter.reason);
        const rows = listRemarked.all(accountId, before, walkedTo ?? from, ...narrowed, reason, fromUser);
        return toPage(rows, page.limit, toRawEventEntry, walkedTo);
      }),
    findRawEventEntry: (accountId, rawEventId) =>
      db.read(() => {
        const row = one.get(accountId, rawEventId);
        return row && toRawEventEntry(row);
      }),
    findRemarkedByOthers: (reader, limit, after) =>
      db.read(() => ofOthers.all(reader, after?.reader ?? '', after?.id ?? -1, limit).map(toRawEventEntry)),
  };
}
