import type { AccountId } from '../../domain/account.ts';
import { maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import { isOfRemarked, toRawEventEntry, toReasonText } from './rows.ts';
import type { RemarkedRow } from './rows.ts';
import type { PageRequest, RawEventFilter, Remarks } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

const columns = 'raw_event_id AS id, account_id, channel_id, received_at, reader, remarks';
const filters = `AND ($4::text IS NULL OR t.channel_id = $4) AND ($5::bigint IS NULL OR t.received_at >= $5)
  AND ($6::bigint IS NULL OR t.received_at < $6)`;
const whole = `SELECT t.id, t.account_id, t.channel_id, t.received_at, r.reader, r.remarks
  FROM raw_event t LEFT JOIN remarked r ON r.account_id = t.account_id AND r.raw_event_id = t.id`;

const listWhole = `${whole} WHERE t.account_id = $1 AND t.id < $2 AND t.id >= $3 ${filters} ORDER BY t.id DESC LIMIT $7`;

/** Those of which something was said, by what was said and by whether it may have been a message. */
const listOfRemarked = `SELECT ${columns} FROM remarked t WHERE t.account_id = $1 AND t.raw_event_id < $2 AND t.raw_event_id >= $3 ${filters}
    AND ($8::text IS NULL OR strpos(t.remarks, $8) > 0) AND ($9::int IS NULL OR t.from_user = $9)
  ORDER BY t.raw_event_id DESC LIMIT $7`;

/** Those of which another version of the readers said something, by version and id: before this one in their order, and behind it. */
const ofOthers = `SELECT * FROM (${ofReaders('<')} UNION ALL ${ofReaders('>')}) r ORDER BY reader, id LIMIT $4`;

export function remarkVerbs(db: Connection): Remarks {
  /** The last row that a page looks at, when more lie behind it. */
  async function findWalkEnd(
    [table, id]: readonly ['raw_event', 'id'] | readonly ['remarked', 'raw_event_id'],
    accountId: AccountId,
    { from, before }: { readonly from: number; readonly before: number },
  ): Promise<number | undefined> {
    const row = await db.get<{ id: number }>(
      `SELECT ${id} AS id FROM ${table} WHERE account_id = $1 AND ${id} < $2 AND ${id} >= $3 ORDER BY ${id} DESC OFFSET ${maxWalked} LIMIT 1`,
      [accountId, before, from],
    );
    return row?.id;
  }

  async function listAll(accountId: AccountId, filter: RawEventFilter, page: PageRequest) {
    const range = toPageRange(page, filter);
    const { channelId = null, since = null, until = null } = filter;
    const walkedTo = await findWalkEnd(['raw_event', 'id'], accountId, range);
    const rows = await db.all<RemarkedRow>(listWhole, [
      accountId,
      range.before,
      walkedTo ?? range.from,
      channelId,
      since,
      until,
      page.limit + 1,
    ]);
    return toPage(rows, page.limit, (row) => row, walkedTo);
  }

  async function listRemarked(accountId: AccountId, filter: RawEventFilter, page: PageRequest) {
    const range = toPageRange(page, filter);
    const { channelId = null, since = null, until = null, reason, mayBeMessage } = filter;
    const walkedTo = await findWalkEnd(['remarked', 'raw_event_id'], accountId, range);
    const rows = await db.all<RemarkedRow>(listOfRemarked, [
      ...[accountId, range.before, walkedTo ?? range.from, channelId, since, until, page.limit + 1],
      ...[toReasonText(reason), mayBeMessage === undefined ? null : Number(mayBeMessage)],
    ]);
    return toPage(rows, page.limit, (row) => row, walkedTo);
  }

  return {
    listRawEvents: async (accountId, filter, page) => {
      const found = await (isOfRemarked(filter) ? listRemarked : listAll)(accountId, filter, page);
      return db.rows.page('remarked', found, toRawEventEntry);
    },
    findRawEventEntry: async (accountId, rawEventId) => {
      const sql = `${whole} WHERE t.account_id = $1 AND t.id = $2`;
      const row = await db.get<RemarkedRow>(sql, [accountId, rawEventId]);
      return row && toRawEventEntry(row);
    },
    findRemarkedByOthers: async (reader, limit, after) => {
      const values = [reader, after?.reader ?? '', after?.id ?? -1, limit];
      const rows = await db.all<RemarkedRow>(ofOthers, values);
      return db.rows.read('remarked', rows, toRawEventEntry);
    },
  };
}

function ofReaders(sign: '<' | '>'): string {
  return `(SELECT ${columns} FROM remarked WHERE reader ${sign} $1 AND (reader, raw_event_id) > ($2, $3) ORDER BY reader, raw_event_id LIMIT $4)`;
}
