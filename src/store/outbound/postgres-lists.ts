// Lists and counts of messages of the business.
import { maxId, toFirstId, toIdTimeSql } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import { outboundColumns, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import { findSpellings, isToSpelling, toSpellingArrays } from '../aliases/postgres.ts';
import type { OutboundFilter, OutboundSpan, OutboundViews, Page, PageRequest } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';
import type { Value } from '../postgres/statement.ts';

/** The columns of a message, of `outbound o`. */
export const columns = outboundColumns
  .split(', ')
  .map((column) => `o.${column}`)
  .join(', ');

/** What became of a sender's messages of some ids, by span of time and, of one template, by language. */
const countBySpan = `SELECT (${toIdTimeSql('id')} - $1::bigint) / $2::bigint AS span, language, count(*) AS seen, max(id) AS last,
    count(*) FILTER (WHERE state = 2 OR status_rank >= 3) AS sent, count(*) FILTER (WHERE status_rank >= 3) AS delivered,
    count(*) FILTER (WHERE status_rank >= 4) AS read
  FROM (SELECT id, state, status_rank, CASE WHEN $3::text IS NULL THEN ''
      ELSE (SELECT coalesce(e ->> 'language', '') FROM read_json(envelope) e WHERE e ->> 'templateCode' = $3) END AS language
    FROM outbound WHERE account_id = $4 AND channel_id = $5 AND sender_id = $6 AND id >= $7 AND id < $8
    ORDER BY id LIMIT $9) o
  GROUP BY 1, 2 ORDER BY 1, min(language) COLLATE "C"`;

const attemptsOf =
  'SELECT at, duration_ms, outcome, code, text FROM send_attempt WHERE account_id = $1 AND outbound_id = $2 ORDER BY number';

/** Reads messages of the business for people. */
export class OutboundLists {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async count(
    accountId: AccountId,
    { channelId, senderId, since, until, spanMs, templateCode }: OutboundSpan,
    limit: number,
    from: number,
  ): ReturnType<OutboundViews['countOutbound']> {
    const ids = [Math.max(from, toFirstId(since)), toFirstId(until)];
    const values = [since, spanMs, templateCode ?? null, accountId, channelId, senderId, ...ids, limit];
    return toCounts(await this.#db.all<OutboundCountRow>(countBySpan, values), limit);
  }

  async list(
    accountId: AccountId,
    filter: OutboundFilter,
    page: PageRequest,
  ): Promise<Page<OutboundMessage>> {
    const spellings =
      filter.to === undefined
        ? undefined
        : toSpellingArrays(await findSpellings(this.#db, accountId, { ...filter, userId: filter.to }));
    const { sql, values } = toListing(accountId, filter, page, spellings);
    const rows = await this.#db.all<OutboundRow>(sql, values);
    return this.#db.rows.page(
      'outbound',
      toPage(rows, page.limit, (row) => row),
      toOutbound,
    );
  }

  async findSendAttempts(accountId: AccountId, id: number): Promise<readonly SendAttempt[]> {
    return (await this.#db.all<SendAttemptRow>(attemptsOf, [accountId, id])).map(toSendAttempt);
  }
}

/** The statement that lists what a filter means, newest first, with a condition for each thing that is asked for alone. */
function toListing(
  accountId: AccountId,
  filter: OutboundFilter,
  page: PageRequest,
  spellings: ReturnType<typeof toSpellingArrays> | undefined,
): { readonly sql: string; readonly values: readonly Value[] } {
  const values: Value[] = [accountId];
  const conditions = ['o.account_id = $1'];
  const narrow = (condition: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  const until = filter.until === undefined ? maxId : toFirstId(filter.until);
  narrow('o.id <', Math.min(toBefore(page), until));
  narrow('o.id >=', filter.since === undefined ? undefined : toFirstId(filter.since));
  narrow('o.channel_id =', filter.channelId);
  narrow('o.sender_id =', filter.senderId);
  if (spellings !== undefined) {
    conditions.push(isToSpelling(values.length + 1));
    values.push(...spellings);
  }
  narrow('o.group_id =', filter.groupId);
  narrow('o.task_id =', filter.taskId);
  narrow("read_json(o.envelope) ->> 'templateCode' =", filter.templateCode);
  values.push(page.limit + 1);
  const sql = `SELECT ${columns} FROM outbound o WHERE ${conditions.join(' AND ')} ORDER BY o.id DESC LIMIT $${values.length}`;
  return { sql, values };
}
