// Lists and counts of messages of the business.
import { maxId, toFirstId, toIdTimeSql, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { IdRange } from '../../domain/ids.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { SQLInputValue } from 'node:sqlite';
import type { AccountId } from '../../domain/account.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import { isToUser } from '../../domain/alias.ts';
import { isOfBatch, outboundColumns, standing, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toCounted, toFoundPage, toPage } from '../rows/paging.ts';
import type { WalkedRow } from '../rows/paging.ts';
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

/** The newest messages to an id (?2). */
const toOne = `SELECT id FROM outbound INDEXED BY outbound_recipient
  WHERE account_id = ?1 AND recipient = ?2 AND id < ?3 AND id >= ?4 ORDER BY id DESC LIMIT ?5`;

const attemptsOf =
  'SELECT at, duration_ms, outcome, code, text FROM send_attempt WHERE outbound_id = ? AND account_id = ? ORDER BY number';

/** What people see of messages of the business. */
export class OutboundLists {
  readonly #db: Connection;
  readonly #aliases: AliasTables;
  readonly #countBySpan: Statement<OutboundCountRow>;
  readonly #toOne: Statement<{ id: number }>;
  readonly #attemptsOf: Statement<SendAttemptRow>;
  /** By their SQL; there are as many as combinations of filters. */
  readonly #listings = new Map<string, Statement<OutboundRow | WalkedRow>>();

  constructor(db: Connection, aliases: AliasTables) {
    this.#db = db;
    this.#aliases = aliases;
    this.#countBySpan = db.prepare(countBySpan);
    this.#toOne = db.prepare(toOne);
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
    const wanted = this.#toWanted(accountId, filter, toBefore(page), page.limit);
    const { served, rest, values } = wanted;
    const where = [...served, ...rest].join(' AND ');
    const sql = `SELECT ${outboundColumns} FROM outbound WHERE ${where} ORDER BY id DESC LIMIT ?`;
    const rows = this.#prepare(sql).all(...values.served, ...values.rest, page.limit + 1);
    const { items, next } = toPage(rows as OutboundRow[], page.limit, toOutbound);
    return {
      items: items.filter(wanted.isUsers),
      next: wanted.found === undefined ? next : wanted.found.next,
    };
  }

  countListed(accountId: AccountId, filter: OutboundFilter, atMost: number): ReturnType<typeof toCounted> {
    const { served, rest, values, found } = this.#toWanted(accountId, filter, maxId, atMost);
    const [row] = this.#prepare(toCount(served, rest)).all(
      ...values.rest,
      ...values.served,
      atMost + 1,
    ) as WalkedRow[];
    const counted = toCounted(row, atMost);
    return { ...counted, isMore: counted.isMore || (found?.next ?? null) !== null };
  }

  findAttempts(accountId: AccountId, id: number): SendAttempt[] {
    return this.#attemptsOf.all(id, accountId).map(toSendAttempt);
  }

  #findSpellings(accountId: AccountId, { to, channelId }: OutboundFilter): readonly Spelling[] | undefined {
    if (to === undefined) return undefined;
    return this.#aliases.find(accountId, { userId: to, ...(channelId === undefined ? {} : { channelId }) });
  }

  /** The newest messages to any of these ids, while it is the user's. */
  #findToUser(
    accountId: AccountId,
    user: readonly Spelling[],
    { from, before }: IdRange,
    limit: number,
  ): number[] {
    const found = user.flatMap(({ id, since, until }) => {
      const range = [Math.min(before, toFirstId(until)), Math.max(from, toFirstId(since))] as const;
      return this.#toOne.all(accountId, id, ...range, limit);
    });
    return [...new Set(found.map(({ id }) => id))].sort((a, b) => b - a).slice(0, limit);
  }

  /** What a filter means below an id, and of the messages to a user the newest, as many as are looked at. */
  #toWanted(accountId: AccountId, filter: OutboundFilter, before: number, limit: number) {
    const range = { from: toSinceId(filter), before: Math.min(before, toUntilId(filter) ?? maxId) };
    const user = filter.user ?? this.#findSpellings(accountId, filter);
    const found =
      user === undefined || isOfBatch(filter)
        ? undefined
        : toFoundPage(this.#findToUser(accountId, user, range, limit + 1), limit);
    const isUsers = ({ to, acceptedAt }: OutboundMessage): boolean =>
      user === undefined || isToUser(user, to, acceptedAt);
    return { ...toConditions(accountId, filter, range, { user, ids: found?.ids }), found, isUsers };
  }

  #prepare(sql: string): Statement<OutboundRow | WalkedRow> {
    const known = this.#listings.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare<OutboundRow | WalkedRow>(sql);
    this.#listings.set(sql, made);
    return made;
  }
}

/** How many of the newest messages that an index serves are wanted by the rest of a filter too. */
function toCount(served: readonly string[], rest: readonly string[]): string {
  return `SELECT count(*) AS seen, sum(wanted) AS found FROM (SELECT ${rest.join(' AND ') || '1'} AS wanted
    FROM outbound WHERE ${served.join(' AND ')} ORDER BY id DESC LIMIT ?)`;
}

/** The conditions of a filter: those that an index serves, and the rest, each with what they are run with. */
function toConditions(
  accountId: AccountId,
  filter: OutboundFilter,
  { from, before }: IdRange,
  { user, ids }: { readonly user: OutboundFilter['user']; readonly ids: readonly number[] | undefined },
) {
  const values: Record<'served' | 'rest', SQLInputValue[]> = { served: [accountId, before, from], rest: [] };
  const conditions = { served: ['account_id = ?', 'id < ?', 'id >= ?'], rest: [] as string[] };
  const narrow = (by: 'served' | 'rest', condition: string, value: SQLInputValue | undefined): void => {
    if (value === undefined) return;
    conditions[by].push(condition);
    values[by].push(value);
  };
  const isOfSender = filter.channelId !== undefined && filter.senderId !== undefined;
  if (ids !== undefined) narrow('served', 'id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  else if (user !== undefined)
    narrow(
      'served',
      'recipient IN (SELECT value FROM json_each(?))',
      JSON.stringify(user.map(({ id }) => id)),
    );
  narrow(isOfSender ? 'served' : 'rest', 'channel_id = ?', filter.channelId);
  narrow(isOfSender ? 'served' : 'rest', 'sender_id = ?', filter.senderId);
  narrow('served', 'group_id = ?', filter.groupId);
  narrow('served', 'task_id = ?', filter.taskId);
  const templateCode = "CASE WHEN json_valid(envelope) THEN envelope ->> 'templateCode' END";
  narrow('rest', `coalesce(${templateCode} = ?, 0)`, filter.templateCode);
  narrow('rest', `${standing} = ?`, filter.status);
  return { ...conditions, values };
}
