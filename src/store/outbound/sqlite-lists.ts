// Lists and counts of messages of the business.
import { maxId, toFirstId, toIdTimeSql } from '../../domain/ids.ts';
import type { SQLInputValue } from 'node:sqlite';
import type { AccountId } from '../../domain/account.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import { outboundColumns, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { OutboundFilter, OutboundSpan, Page, PageRequest } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Statement } from '../sqlite/statement.ts';

/** What became of a sender's messages of some ids, by span of time and, of one template, by language. */
const countBySpan = `SELECT CAST((${toIdTimeSql('id')} - ?1) / ?2 AS INTEGER) AS span, language, count(*) AS seen, max(id) AS last,
    sum(state = 2 OR status_rank >= 3) AS sent, sum(status_rank >= 3) AS delivered, sum(status_rank >= 4) AS read
  FROM (SELECT id, state, status_rank, CASE WHEN ?3 IS NULL THEN ''
      WHEN json_valid(envelope) AND envelope ->> 'templateCode' = ?3 THEN coalesce(envelope ->> 'language', '') END AS language
    FROM outbound WHERE account_id = ?4 AND channel_id = ?5 AND sender_id = ?6 AND id >= ?7 AND id < ?8 ORDER BY id LIMIT ?9)
  GROUP BY 1, 2 ORDER BY 1, 2`;

const attemptsOf =
  'SELECT at, duration_ms, outcome, code, text FROM send_attempt WHERE outbound_id = ? AND account_id = ? ORDER BY number';

/** What people see of messages of the business. */
export class OutboundLists {
  readonly #db: Connection;
  readonly #aliases: AliasTables;
  readonly #countBySpan: Statement<OutboundCountRow>;
  readonly #attemptsOf: Statement<SendAttemptRow>;
  /** By their SQL; there are as many as combinations of filters. */
  readonly #listings = new Map<string, Statement<OutboundRow>>();

  constructor(db: Connection, aliases: AliasTables) {
    this.#db = db;
    this.#aliases = aliases;
    this.#countBySpan = db.prepare(countBySpan);
    this.#attemptsOf = db.prepare(attemptsOf);
  }

  count(
    accountId: AccountId,
    { channelId, senderId, since, until, spanMs, templateCode }: OutboundSpan,
    limit: number,
    from: number,
  ): ReturnType<typeof toCounts> {
    const sender = [accountId, channelId, senderId] as const;
    const ids = [Math.max(from, toFirstId(since)), toFirstId(until)] as const;
    const values = [since, spanMs, templateCode ?? null, ...sender, ...ids, limit] as const;
    return toCounts(this.#countBySpan.all(...values), limit);
  }

  list(accountId: AccountId, filter: OutboundFilter, page: PageRequest): Page<OutboundMessage> {
    const { sql, values } = this.#toListing(accountId, filter, page);
    const rows = this.#prepare(sql).all(...values, page.limit + 1);
    return toPage(rows, page.limit, toOutbound);
  }

  findAttempts(accountId: AccountId, id: number): SendAttempt[] {
    return this.#attemptsOf.all(id, accountId).map(toSendAttempt);
  }

  /** A listing with a condition for each filter that is there, and what it is run with before its limit. */
  #toListing(
    accountId: AccountId,
    filter: OutboundFilter,
    page: PageRequest,
  ): { readonly sql: string; readonly values: readonly SQLInputValue[] } {
    const conditions = ['account_id = ?', 'id < ?'];
    const before = Math.min(toBefore(page), filter.until === undefined ? maxId : toFirstId(filter.until));
    const values: SQLInputValue[] = [accountId, before];
    const narrow = (condition: string, value: SQLInputValue | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    narrow('id >= ?', filter.since === undefined ? undefined : toFirstId(filter.since));
    narrow('channel_id = ?', filter.channelId);
    narrow('sender_id = ?', filter.senderId);
    if (filter.to !== undefined) {
      const spellings = this.#aliases.find(accountId, { ...filter, userId: filter.to });
      const ranges = spellings.map(() => '(recipient = ? AND id >= ? AND id < ?)');
      conditions.push(`(${ranges.join(' OR ')})`);
      values.push(...spellings.flatMap(({ id, since, until }) => [id, toFirstId(since), toFirstId(until)]));
    }
    narrow('group_id = ?', filter.groupId);
    narrow('task_id = ?', filter.taskId);
    narrow("CASE WHEN json_valid(envelope) THEN envelope ->> 'templateCode' END = ?", filter.templateCode);
    const sql = `SELECT ${outboundColumns} FROM outbound WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
    return { sql, values };
  }

  #prepare(sql: string): Statement<OutboundRow> {
    const known = this.#listings.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare<OutboundRow>(sql);
    this.#listings.set(sql, made);
    return made;
  }
}
