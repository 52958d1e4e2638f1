// Lists and counts of messages of the business.
import { maxId, toFirstId, toIdTimeSql, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { IdRange } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import { isToUser } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import { isOfBatch, outboundColumns, standing, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toCounted, toFoundPage, toPage } from '../rows/paging.ts';
import type { WalkedRow } from '../rows/paging.ts';
import { findSpellings, toSpellingArrays } from '../aliases/postgres.ts';
import type { OutboundFilter, OutboundSpan, OutboundViews, Page, PageRequest } from '../store.ts';
import { int8s, texts } from '../postgres/arrays.ts';
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

/** The newest messages to any of these ids, while it is the user's; of each id no more than are wanted are looked at. */
const toUser = `SELECT o.id FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS s (id, first, past) CROSS JOIN LATERAL
    (SELECT r.id FROM outbound r WHERE r.account_id = $1 AND r.recipient = s.id AND r.id >= greatest(s.first, $5)
      AND r.id < least(s.past, $6) ORDER BY r.recipient DESC, r.id DESC LIMIT $7) o
  GROUP BY o.id ORDER BY o.id DESC LIMIT $7`;

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
    const wanted = await this.#toWanted(accountId, filter, toBefore(page), page.limit);
    const { served, rest, values } = wanted;
    const where = [...served, ...rest].join(' AND ');
    const sql = `SELECT ${columns} FROM outbound o WHERE ${where} ORDER BY o.id DESC LIMIT $${values.length + 1}`;
    const rows = await this.#db.all<OutboundRow>(sql, [...values, page.limit + 1]);
    const { items, next } = toPage(rows, page.limit, (row) => row);
    const listed = { items, next: wanted.found === undefined ? next : wanted.found.next };
    const read = this.#db.rows.page('outbound', listed, toOutbound);
    return { ...read, items: read.items.filter(wanted.isUsers) };
  }

  async countListed(
    accountId: AccountId,
    filter: OutboundFilter,
    atMost: number,
  ): Promise<ReturnType<typeof toCounted>> {
    const { served, rest, values, found } = await this.#toWanted(accountId, filter, maxId, atMost);
    const sql = toCount(served, rest, values.length + 1);
    const [row] = await this.#db.all<WalkedRow & Record<string, unknown>>(sql, [...values, atMost + 1]);
    const counted = toCounted(row, atMost);
    return { ...counted, isMore: counted.isMore || (found?.next ?? null) !== null };
  }

  /** What a filter means below an id, and of the messages to a user the newest, as many as are looked at. */
  async #toWanted(accountId: AccountId, filter: OutboundFilter, before: number, limit: number) {
    const range = { from: toSinceId(filter), before: Math.min(before, toUntilId(filter) ?? maxId) };
    const user = filter.user ?? (await this.#findSpellings(accountId, filter));
    const found =
      user === undefined || isOfBatch(filter)
        ? undefined
        : await this.#findToUser(accountId, user, range, limit);
    const isUsers = ({ to, acceptedAt }: OutboundMessage): boolean =>
      user === undefined || isToUser(user, to, acceptedAt);
    return { ...toConditions(accountId, filter, range, { user, ids: found?.ids }), found, isUsers };
  }

  async #findSpellings(
    accountId: AccountId,
    { to, channelId }: OutboundFilter,
  ): Promise<readonly Spelling[] | undefined> {
    if (to === undefined) return undefined;
    const channel = channelId === undefined ? {} : { channelId };
    return findSpellings(this.#db, accountId, { userId: to, ...channel });
  }

  /** The messages to a user, and where they go on. */
  async #findToUser(
    accountId: AccountId,
    user: readonly Spelling[],
    { from, before }: IdRange,
    limit: number,
  ): Promise<ReturnType<typeof toFoundPage>> {
    const values = [accountId, ...toSpellingArrays(user), from, before, limit + 1];
    const rows = await this.#db.all<{ id: number }>(toUser, values);
    return toFoundPage(
      rows.map(({ id }) => id),
      limit,
    );
  }

  async findSendAttempts(accountId: AccountId, id: number): Promise<readonly SendAttempt[]> {
    return (await this.#db.all<SendAttemptRow>(attemptsOf, [accountId, id])).map(toSendAttempt);
  }
}

/** How many of the newest messages that an index serves are wanted by the rest of a filter too. */
function toCount(served: readonly string[], rest: readonly string[], limitAt: number): string {
  return `SELECT count(*)::integer AS seen, (count(*) FILTER (WHERE wanted))::integer AS found
    FROM (SELECT ${rest.join(' AND ') || 'true'} AS wanted FROM outbound o WHERE ${served.join(' AND ')}
      ORDER BY o.id DESC LIMIT $${limitAt}) w`;
}

/** The conditions of a filter: those that an index serves, and the rest, with what both are run with. */
function toConditions(
  accountId: AccountId,
  filter: OutboundFilter,
  { from, before }: IdRange,
  { user, ids }: { readonly user: OutboundFilter['user']; readonly ids: readonly number[] | undefined },
) {
  const values: Value[] = [accountId];
  const conditions = { served: ['o.account_id = $1'], rest: [] as string[] };
  const narrow = (
    by: 'served' | 'rest',
    value: Value | undefined,
    toCondition: (place: string) => string,
  ): void => {
    if (value === undefined) return;
    values.push(value);
    conditions[by].push(toCondition(`$${values.length}`));
  };
  const sender = filter.channelId !== undefined && filter.senderId !== undefined ? 'served' : 'rest';
  narrow('served', before, (place) => `o.id < ${place}`);
  narrow('served', from === 0 ? undefined : from, (place) => `o.id >= ${place}`);
  if (ids !== undefined) narrow('served', int8s(ids), (place) => `o.id = ANY (${place})`);
  else if (user !== undefined)
    narrow('served', texts(user.map(({ id }) => id)), (place) => `o.recipient = ANY (${place})`);
  narrow(sender, filter.channelId, (place) => `o.channel_id = ${place}`);
  narrow(sender, filter.senderId, (place) => `o.sender_id = ${place}`);
  narrow('served', filter.groupId, (place) => `o.group_id = ${place}`);
  narrow('served', filter.taskId, (place) => `o.task_id = ${place}`);
  narrow('rest', filter.templateCode, (place) => `read_json(o.envelope) ->> 'templateCode' = ${place}`);
  narrow('rest', filter.status, (place) => `${standing} = ${place}`);
  return { ...conditions, values };
}
