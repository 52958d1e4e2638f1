import type { AccountId } from '../../domain/account.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import { isOfRemarked, toRawEventEntry, toReasonText, toRemarked } from './rows.ts';
import type { RemarkedRow } from './rows.ts';
import type { Intake, Page, PageRequest, RawEventEntry, RawEventFilter, Remarks } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Keeps what is said of a raw event, in place of what was said before. */
const insert = `INSERT OR REPLACE INTO remarked (raw_event_id, account_id, channel_id, received_at, from_user, reader, remarks)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

const filters = `AND (?4 IS NULL OR t.channel_id = ?4) AND (?5 IS NULL OR t.received_at >= ?5) AND (?6 IS NULL OR t.received_at < ?6)`;
const selectEntry = `SELECT t.id, t.account_id, t.channel_id, t.received_at, reader, remarked.remarks
  FROM raw_event t LEFT JOIN remarked ON remarked.raw_event_id = t.id`;

/** Raw events between two ids, newest first. */
const listAll = `${selectEntry} WHERE t.account_id = ?1 AND t.id < ?2 AND t.id >= ?3 ${filters} ORDER BY t.id DESC LIMIT ?7`;

/** The last row of a walk over raw events; those of all accounts lie in one line. */
const walkEnd = `SELECT id FROM raw_event WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`;

/** Raw events of which something is said, between two ids, newest first; by what is said (?8) and whether it is of a user (?9). */
const listRemarked = `SELECT t.raw_event_id AS id, t.account_id, t.channel_id, t.received_at, t.reader, t.remarks FROM remarked t
  WHERE t.account_id = ?1 AND t.raw_event_id < ?2 AND t.raw_event_id >= ?3 ${filters}
    AND (?8 IS NULL OR instr(t.remarks, ?8) > 0) AND (?9 IS NULL OR t.from_user = ?9) ORDER BY t.raw_event_id DESC LIMIT ?7`;

/** The last row of a walk over what is said. */
const remarkedEnd = `SELECT raw_event_id AS id FROM remarked WHERE account_id = ? AND raw_event_id < ? AND raw_event_id >= ?
  ORDER BY raw_event_id DESC LIMIT 1 OFFSET ${maxWalked}`;

const columns =
  'remarked.raw_event_id AS id, remarked.account_id, remarked.channel_id, remarked.received_at, reader, remarked.remarks';

/** What readers other than one (?1) said, from after a place on: two ranges of the index, before and after that reader's. */
const ofOthers = `SELECT * FROM (SELECT ${columns} FROM remarked WHERE reader < ?1 AND (reader, raw_event_id) > (?2, ?3) ORDER BY reader, raw_event_id LIMIT ?4)
  UNION ALL SELECT * FROM (SELECT ${columns} FROM remarked WHERE reader > ?1 AND (reader, raw_event_id) > (?2, ?3) ORDER BY reader, raw_event_id LIMIT ?4)
  LIMIT ?4`;

/** What is run for remarks, prepared once. */
function remarkStatements(db: Connection) {
  return {
    insert: db.prepare(insert),
    remove: db.prepare('DELETE FROM remarked WHERE raw_event_id = ? AND account_id = ?'),
    listAll: db.prepare<RemarkedRow>(listAll),
    walkEnd: db.prepare<{ id: number }>(walkEnd),
    listRemarked: db.prepare<RemarkedRow>(listRemarked),
    remarkedEnd: db.prepare<{ id: number }>(remarkedEnd),
    one: db.prepare<RemarkedRow>(`${selectEntry} WHERE t.account_id = ? AND t.id = ?`),
    ofOthers: db.prepare<RemarkedRow>(ofOthers),
  };
}

/** What is done with what is said of raw events, each inside a transaction that the caller has. */
export class RemarkTables {
  readonly #sql;

  constructor(db: Connection) {
    this.#sql = remarkStatements(db);
  }

  /** Keeps what is said of a raw event; one that is read again as a whole, and of which nothing is said any more, has nothing. */
  keep(intake: Intake, rawEventId: number): void {
    const { accountId, channelId, receivedAt, reread } = intake;
    const row = toRemarked(intake);
    if (row !== undefined) {
      const { fromUser, reader, remarks } = row;
      this.#sql.insert.run(rawEventId, accountId, channelId, receivedAt, fromUser, reader, remarks);
    } else if (reread !== undefined && reread.route === undefined)
      this.#sql.remove.run(rawEventId, accountId);
  }

  listRawEvents(accountId: AccountId, filter: RawEventFilter, page: PageRequest): Page<RawEventEntry> {
    const { from, before } = toPageRange(page, filter);
    const { channelId, since, until } = filter;
    const narrowed = [channelId ?? null, since ?? null, until ?? null, page.limit + 1] as const;
    if (!isOfRemarked(filter)) {
      const walkedTo = this.#sql.walkEnd.get(before, from)?.id;
      const rows = this.#sql.listAll.all(accountId, before, walkedTo ?? from, ...narrowed);
      return toPage(rows, page.limit, toRawEventEntry, walkedTo);
    }
    const walkedTo = this.#sql.remarkedEnd.get(accountId, before, from)?.id;
    const fromUser = filter.mayBeMessage === undefined ? null : Number(filter.mayBeMessage);
    const wanted = [...narrowed, toReasonText(filter.reason), fromUser] as const;
    const rows = this.#sql.listRemarked.all(accountId, before, walkedTo ?? from, ...wanted);
    return toPage(rows, page.limit, toRawEventEntry, walkedTo);
  }

  findRawEvent(accountId: AccountId, rawEventId: number): RawEventEntry | undefined {
    const row = this.#sql.one.get(accountId, rawEventId);
    return row && toRawEventEntry(row);
  }

  findByOthers(reader: string, limit: number, after?: Pick<RawEventEntry, 'reader' | 'id'>): RawEventEntry[] {
    const place = [after?.reader ?? '', after?.id ?? -1] as const;
    return this.#sql.ofOthers.all(reader, ...place, limit).map(toRawEventEntry);
  }
}

export function remarkVerbs(db: Connection, remarks: RemarkTables): Remarks {
  return {
    listRawEvents: (accountId, filter, page) => db.read(() => remarks.listRawEvents(accountId, filter, page)),
    findRawEventEntry: (accountId, rawEventId) => db.read(() => remarks.findRawEvent(accountId, rawEventId)),
    findRemarkedByOthers: (reader, limit, after) => db.read(() => remarks.findByOthers(reader, limit, after)),
  };
}
