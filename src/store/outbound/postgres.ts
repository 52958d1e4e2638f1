import type { AccountId } from '../../domain/account.ts';
import { spellingsAtMost } from '../../domain/alias.ts';
import { toOutboundLane, toTaskKey } from '../../domain/message.ts';
import type { NewOutboundMessage, OutboundMessage, OutboundSettlement } from '../../domain/message.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import { toOutbound } from './rows.ts';
import type { OutboundRow } from './rows.ts';
import { columns } from './postgres-lists.ts';
import type { OutboundLists } from './postgres-lists.ts';
import { tellCall, toAliasRows } from '../aliases/postgres.ts';
import type {
  ClaimedOutbound,
  ExpiryPlace,
  OutboundClaim,
  OutboundEngine,
  Outbounds,
  SenderKey,
  Signal,
} from '../store.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/faults.ts';
import type { Connection } from '../postgres/connection.ts';
import { setOutboundApart } from '../postgres/quarantine.ts';

/** Most messages added in one transaction. */
const maxAdded = 1000;
/** Most ids that one look is for, when several calls share it. */
const maxFound = 1000;
/** Transactions of one account that this node has under way at once. */
const lanes = 2;

const addMessages = 'SELECT add_outbound($1, $2, with_lanes($1, $3)) AS ids';
const settleMessages = 'SELECT * FROM settle_outbound($1, $2, $3)';

/**
 * Leases messages of a sender that are due. Materialized: run again for each row of a join, a locking select gives more than its limit.
 */
const claimDue = claimOf('due_at <= $4', '1');
/** The same of those alone that may have reached the channel. */
const claimUnanswered = claimOf(
  'due_at <= $4 AND channel_message_id IS NULL AND (leased = 1 OR state = 4)',
  '1',
);
/** The same with those that are planned for later, but for those under way and those whose outcome is unknown. */
const claimEarly = claimOf(
  'due_at IS NOT NULL AND (due_at <= $4 OR (leased = 0 AND state <> 4))',
  'o.leased',
);

/**
 * Messages by our ids, by the channel's, and one of each sender that may have reached the channel and has no id there yet. The selects
 * around the lists hide how long these are from the planner: else it plans anew at each call, which takes several times as long as a look
 * that finds nothing. Ids are looked up one by one: for a list, a planner that was told that there are few walks over the account's messages.
 */
const findMessages = `SELECT ${columns} FROM unnest((SELECT $2::bigint[])) AS k(id) CROSS JOIN LATERAL
    (SELECT * FROM outbound WHERE account_id = $1 AND id = k.id OFFSET 0) o
  UNION ALL
  SELECT ${columns} FROM outbound o WHERE o.account_id = $1 AND o.channel_message_id = ANY ((SELECT $3::text[])::text[])
  UNION ALL
  SELECT ${columns} FROM unnest((SELECT $4::text[]), (SELECT $5::text[])) AS k(channel, sender) CROSS JOIN LATERAL
    (SELECT * FROM outbound WHERE account_id = $1 AND channel_id = k.channel AND sender_id = k.sender
       AND channel_message_id IS NULL AND (leased = 1 OR state = 4) LIMIT 1) o`;

/** The ids that are told as $4 by now, that one among them. */
const toldAs = `ARRAY(SELECT $4::text UNION ALL SELECT spelling FROM alias
  WHERE account_id = $1 AND told = $4 AND channel_id = $2 AND until IS NULL LIMIT ${spellingsAtMost})`;

/** Messages of a sender to a user that have not come as far as some statuses; and one whose answer is still to come, if there is any. */
const findOpen = `SELECT * FROM (SELECT ${columns}, true AS is_open FROM outbound o
    WHERE o.account_id = $1 AND o.channel_id = $2 AND o.sender_id = $3 AND o.recipient = ANY (${toldAs})
      AND o.status_rank = ANY ($5) AND o.status_rank < 4 AND o.sent_at IS NOT NULL AND o.sent_at <= $6
    ORDER BY o.status_rank, o.sent_at LIMIT $7) open
  UNION ALL
  SELECT * FROM (SELECT ${columns}, false FROM outbound o
    WHERE o.account_id = $1 AND o.channel_id = $2 AND o.sender_id = $3 AND o.recipient = ANY (${toldAs})
      AND o.channel_message_id IS NULL AND (o.leased = 1 OR o.state = 4) LIMIT 1) unanswered`;

/** How many messages of a channel, or of one sender of it, wait to be sent, counted so far. */
const countWaiting = `SELECT count(*)::int AS count FROM (SELECT 1 FROM outbound
    WHERE account_id = $1 AND state <= 1 AND channel_id = $2 AND ($3::text IS NULL OR sender_id = $3) LIMIT $4) o`;

/** Senders for whose messages something is planned. */
const busySenders = `SELECT s.account_id AS "accountId", s.channel_id AS "channelId", s.id AS "senderId" FROM sender s WHERE
  (SELECT o.id FROM outbound o WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id
     AND o.due_at IS NOT NULL AND o.state <> 1 LIMIT 1) IS NOT NULL`;

/** When the earliest planned step of a sender's messages falls due. */
const nextDue = `SELECT due_at FROM outbound WHERE account_id = $1 AND channel_id = $2 AND sender_id = $3 AND due_at IS NOT NULL AND state <> 1
  ORDER BY due_at LIMIT 1`;

/** Messages that wait, and whose time was over by a time, behind a place of the index. */
const expired = `SELECT ${columns} FROM outbound o WHERE o.state <= 1 AND o.leased = 0 AND o.expires_at <= $1 AND (o.expires_at, o.id) > ($2, $3)
  ORDER BY o.expires_at, o.id LIMIT $4`;

interface AddCall {
  readonly accountId: AccountId;
  readonly messages: readonly NewOutboundMessage[];
}

type Added = readonly { readonly id: number; readonly repeat: boolean }[];

/** What one call of `find` looks for. */
interface Wish extends Required<Parameters<OutboundEngine['findOutbound']>[1]> {
  readonly accountId: AccountId;
}

/** What is done with the table of messages of the business. */
export class OutboundTables {
  readonly #db: Connection;
  readonly #adds: Batches<AddCall, Added>;
  readonly #finds: Batches<Wish, OutboundMessage[]>;

  constructor(db: Connection) {
    this.#db = db;
    this.#adds = new Batches(
      {
        run: (calls) => this.#addAll(calls),
        weigh: ({ messages }) => messages.length,
        maxWeight: maxAdded,
        lanes,
      },
      isOwnFault,
    );
    this.#finds = new Batches(
      { run: (wishes) => this.#findAll(wishes), weigh: toWeight, maxWeight: maxFound, lanes },
      isOwnFault,
    );
  }

  add(accountId: AccountId, messages: readonly NewOutboundMessage[]): Promise<Added> {
    return this.#adds.add(String(accountId), { accountId, messages });
  }

  async claim(claim: OutboundClaim): Promise<ClaimedOutbound[]> {
    const { accountId, channelId, senderId, limit, now, leaseMs, early = false, unanswered = false } = claim;
    const rows = await this.#db.call<OutboundRow & { was_due: number; was_leased: number }>(
      unanswered ? claimUnanswered : early ? claimEarly : claimDue,
      [accountId, channelId, senderId, now, limit, now + leaseMs],
    );
    const { items, unreadable } = this.#db.rows.split(
      'outbound',
      rows.toSorted((a, b) => a.was_due - b.was_due || a.id - b.id),
      (row) => ({ message: toOutbound(row), lapsed: row.was_leased === 1 }),
    );
    if (unreadable.length > 0) {
      await setOutboundApart(this.#db, accountId, unreadable);
      this.#db.signals.tell([toSignal(claim)]);
    }
    return items;
  }

  async settle(settlements: readonly OutboundSettlement[]): Promise<void> {
    for (const [accountId, own] of Map.groupBy(settlements, (settlement) => settlement.accountId)) {
      // What the answers told is known before their messages are over: a process that ends between the two loses none of it.
      const aliases = own.flatMap(({ aliases: told = [] }) => told);
      if (aliases.length > 0)
        await this.#db.call(`SELECT ${tellCall('$3')}`, [accountId, this.#db.now(), toAliasRows(aliases)]);
      const rows = await this.#db.call<{ channel_id: string; sender_id: string }>(settleMessages, [
        accountId,
        this.#db.now(),
        toWellFormedJson(JSON.stringify(own.map(toSettlementRow))),
      ]);
      this.#db.signals.tell(
        rows.map((row) => toSignal({ accountId, channelId: row.channel_id, senderId: row.sender_id })),
      );
    }
  }

  async countWaiting(
    accountId: AccountId,
    { channelId, senderId }: Parameters<OutboundEngine['countWaitingOutbound']>[1],
    atMost: number,
  ): Promise<number> {
    const values = [accountId, channelId, senderId ?? null, atMost];
    return (await this.#db.get<{ count: number }>(countWaiting, values))?.count ?? 0;
  }

  findBusySenders(): Promise<readonly SenderKey[]> {
    return this.#db.all<{ accountId: AccountId; channelId: string; senderId: string }>(busySenders);
  }

  async findNextDue({ accountId, channelId, senderId }: SenderKey): Promise<number | undefined> {
    return (await this.#db.get<{ due_at: number }>(nextDue, [accountId, channelId, senderId]))?.due_at;
  }

  async findExpired(
    until: number,
    after: ExpiryPlace | undefined,
    limit: number,
  ): Promise<readonly OutboundMessage[]> {
    const values = [until, after?.expiresAt ?? 0, after?.id ?? 0, limit];
    return this.#db.rows.read('outbound', await this.#db.all<OutboundRow>(expired, values), toOutbound);
  }

  async find(
    accountId: AccountId,
    refs: Parameters<OutboundEngine['findOutbound']>[1],
  ): Promise<readonly OutboundMessage[]> {
    const wish = { accountId, ids: [], channelMessageIds: [], unanswered: [], ...refs };
    return toWeight(wish) === 0 ? [] : this.#finds.add(String(accountId), wish);
  }

  async findOpen(
    accountId: AccountId,
    { channelId, senderId, to }: Parameters<OutboundEngine['findOpenOutbound']>[1],
    { status, upTo }: Parameters<OutboundEngine['findOpenOutbound']>[2],
    limit: number,
  ): ReturnType<OutboundEngine['findOpenOutbound']> {
    const ranks = status === 'read' ? [0, 1, 2, 3] : [0, 1, 2];
    const rows = await this.#db.all<OutboundRow & { is_open: boolean }>(findOpen, [
      accountId,
      channelId,
      senderId,
      to,
      ranks,
      upTo,
      limit,
    ]);
    const open = rows.filter((row) => row.is_open);
    return {
      messages: this.#db.rows.read('outbound', open, toOutbound),
      unanswered: open.length < rows.length,
    };
  }

  /** Adds what calls of one account bring, in one transaction. */
  async #addAll(calls: readonly AddCall[]): Promise<Added[]> {
    const messages = calls.flatMap((call) => call.messages);
    const accountId = calls[0]?.accountId ?? 0;
    const rows = messages.map((message) => toRow(this.#db.nextId(), message));
    const values = [accountId, this.#db.now(), toWellFormedJson(JSON.stringify(rows))];
    const [answer] = await this.#db.call<{ ids: number[] }>(addMessages, values);
    const ids = answer?.ids ?? [];
    this.#db.signals.tell(messages.map((message) => toSignal({ accountId, ...message })));
    let start = 0;
    return calls.map((call) => {
      const own = call.messages.map((_, n) => {
        const id = ids[start + n] ?? 0;
        return { id, repeat: id !== rows[start + n]?.id };
      });
      start += call.messages.length;
      return own;
    });
  }

  /** Answers several calls of one account by one look. */
  async #findAll(wishes: readonly Wish[]): Promise<OutboundMessage[][]> {
    const senders = new Map(
      wishes.flatMap(({ unanswered }) => unanswered.map((sender) => [toSenderKey(sender), sender])),
    );
    const rows = await this.#db.all<OutboundRow>(findMessages, [
      wishes[0]?.accountId ?? 0,
      [...new Set(wishes.flatMap(({ ids }) => ids))],
      [...new Set(wishes.flatMap(({ channelMessageIds }) => channelMessageIds))],
      [...senders.values()].map(({ channelId }) => channelId),
      [...senders.values()].map(({ senderId }) => senderId),
    ]);
    const own = [...new Map(rows.map((row) => [row.id, row])).values()];
    const found = this.#db.rows.read('outbound', own, toOutbound);
    return wishes.map((wish) => found.filter(isWished(wish)));
  }
}

export function outboundVerbs(outbound: OutboundTables, lists: OutboundLists): Outbounds {
  return {
    addOutbound: (accountId, messages) => outbound.add(accountId, messages),
    claimOutbound: (claim) => outbound.claim(claim),
    settleOutbound: (settlements) => outbound.settle(settlements),
    countWaitingOutbound: (accountId, of, atMost) => outbound.countWaiting(accountId, of, atMost),
    findBusySenders: () => outbound.findBusySenders(),
    findNextOutboundDue: (sender) => outbound.findNextDue(sender),
    findExpiredOutbound: (until, after, limit) => outbound.findExpired(until, after, limit),
    findOutbound: (accountId, refs) => outbound.find(accountId, refs),
    findOpenOutbound: (accountId, thread, mark, limit) => outbound.findOpen(accountId, thread, mark, limit),
    countOutbound: (accountId, span, limit, from) => lists.count(accountId, span, limit, from),
    countListedOutbound: (accountId, filter, atMost) => lists.countListed(accountId, filter, atMost),
    listOutbound: (accountId, filter, page) => lists.list(accountId, filter, page),
    findSendAttempts: (accountId, id) => lists.findSendAttempts(accountId, id),
  };
}

/**
 * Leases messages of a sender, those that are due longest first. Materialized: run again for each row of a join, a locking select
 * gives more than its limit.
 */
function claimOf(when: string, leased: string): string {
  return `WITH due AS MATERIALIZED (
      SELECT id, leased, due_at FROM outbound
      WHERE account_id = $1 AND channel_id = $2 AND sender_id = $3 AND ${when} AND state <> 1
      ORDER BY due_at, id LIMIT $5 FOR UPDATE SKIP LOCKED)
    UPDATE outbound o SET due_at = $6, leased = ${leased} FROM due
    WHERE o.account_id = $1 AND o.id = ANY (ARRAY(SELECT id FROM due)) AND o.id = due.id
    RETURNING ${columns}, due.due_at AS was_due, due.leased AS was_leased`;
}

function toWeight({ ids, channelMessageIds, unanswered }: Wish): number {
  return ids.length + channelMessageIds.length + unanswered.length;
}

/** Whether a message is one that a call looked for. */
function isWished(wish: Wish): (message: OutboundMessage) => boolean {
  const ids = new Set(wish.ids);
  const channelMessageIds = new Set(wish.channelMessageIds);
  const unanswered = new Set(wish.unanswered.map(toSenderKey));
  return (message) =>
    ids.has(message.id) ||
    (message.channelMessageId === null
      ? unanswered.has(toSenderKey(message))
      : channelMessageIds.has(message.channelMessageId));
}

function toSenderKey({ channelId, senderId }: Pick<SenderKey, 'channelId' | 'senderId'>): string {
  return `${channelId}/${senderId}`;
}

function toSignal({ accountId, channelId, senderId }: SenderKey): Signal {
  return { kind: 'outbound', accountId, channelId, senderId };
}

/** A message as `add_outbound` of the schema reads it. */
function toRow(id: number, message: NewOutboundMessage) {
  return {
    id,
    channel: message.channelId,
    type: message.channelType,
    sender: message.senderId,
    recipient: message.to,
    lane: toOutboundLane(message.channelId, message.senderId, message.to),
    expires: message.expiresAt,
    group: message.groupId,
    task: message.taskId,
    task_key: message.oncePerTask && message.taskId !== null ? toTaskKey(message) : null,
    // Read as JSON by the schema, within the JSON of the rows.
    envelope: toWellFormedJson(JSON.stringify(message.envelope)),
  };
}

/** A settlement as `settle_outbound` of the schema reads it. */
export function toSettlementRow({ id, attempt, next }: Omit<OutboundSettlement, 'accountId'>): object {
  return {
    id,
    kind: next.kind,
    due: next.kind === 'accepted' ? next.nextStepAt : next.kind === 'unknown' ? next.until : next.dueAt,
    ...(next.kind === 'accepted' ? { channel_message: next.channelMessageId } : {}),
    ...(attempt === null
      ? {}
      : {
          at: attempt.at,
          duration: attempt.durationMs,
          outcome: attempt.outcome,
          code: attempt.code,
          text: attempt.text,
        }),
  };
}
