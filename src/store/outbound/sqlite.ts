import type { AccountId } from '../../domain/account.ts';
import { toIdTime } from '../../domain/ids.ts';
import { noLane, toOutboundLane, toTaskKey } from '../../domain/message.ts';
import type { NewOutboundMessage, OutboundMessage } from '../../domain/message.ts';
import { outboundState, toOutbound } from './rows.ts';
import type { OutboundRow } from './rows.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { ClaimedOutbound, ExpiryPlace, OutboundClaim, Outbounds, SenderKey } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { OutboundLists } from './sqlite-lists.ts';
import type { OutboundSettlements } from './sqlite-settlements.ts';
import { outboundStatements } from './sqlite-statements.ts';

/** A claim that meets messages which have to wait behind others looks again so often, each time at so many at least. */
const claimSteps = 20;
const claimRows = 32;

interface Added {
  readonly id: number;
  readonly repeat: boolean;
}

/** What is done with the table of messages of the business, each inside a transaction that the caller has. */
export class OutboundTables {
  readonly #db: Connection;
  readonly #aliases: AliasTables;
  readonly #sql;

  constructor(db: Connection, aliases: AliasTables) {
    this.#db = db;
    this.#aliases = aliases;
    this.#sql = outboundStatements(db);
  }

  add(tx: Transaction, accountId: AccountId, message: NewOutboundMessage): Added {
    const taskKey =
      message.oncePerTask && message.taskId !== null ? Buffer.from(toTaskKey(message), 'hex') : null;
    const known = taskKey === null ? undefined : this.#sql.byTask.get(accountId, taskKey);
    if (known !== undefined) return { id: known.id, repeat: true };
    const id = this.#db.nextId();
    const { channelId, senderId } = message;
    this.#sql.insert.run(
      id,
      accountId,
      channelId,
      message.channelType,
      senderId,
      message.to,
      toIdTime(id),
      message.expiresAt,
      message.groupId,
      message.taskId,
      taskKey,
      JSON.stringify(message.envelope),
    );
    tx.signal({ kind: 'outbound', accountId, channelId, senderId });
    return { id, repeat: false };
  }

  /** Looks again, for some steps, where what it met has to wait behind others of its lane. */
  claim(claim: OutboundClaim): ClaimedOutbound[] {
    const claimed: ClaimedOutbound[] = [];
    let asked = claim.limit;
    for (let step = 0; step < claimSteps && claimed.length < claim.limit; step += 1) {
      const rows = this.#findDue(claim, asked);
      const free = rows.flatMap((row) => this.#enter(row) ?? []).slice(0, claim.limit - claimed.length);
      claimed.push(...free.map((row) => this.#lease(row, claim)));
      const isMore = rows.length === asked && free.length < rows.length;
      // An early claim would meet those again that it has taken.
      if (!isMore || (claim.early === true && free.length > 0)) break;
      asked = Math.max(claim.limit - claimed.length, claimRows);
    }
    return claimed;
  }

  findBusySenders(): SenderKey[] {
    return this.#sql.busySenders.all().map((row) => ({
      accountId: row.account_id,
      channelId: row.channel_id,
      senderId: row.sender_id,
    }));
  }

  countWaiting(
    accountId: AccountId,
    { channelId, senderId }: Parameters<Outbounds['countWaitingOutbound']>[1],
    atMost: number,
  ): number {
    return this.#sql.countWaiting.get(accountId, channelId, senderId ?? null, atMost)?.count ?? 0;
  }

  findNextDue({ accountId, channelId, senderId }: SenderKey): number | undefined {
    const next = this.#sql.nextDue.get(accountId, channelId, senderId);
    if (next === undefined) return undefined;
    return next.lane === noLane ? Math.min(next.due_at, this.#db.now()) : next.due_at;
  }

  findExpired(until: number, after: ExpiryPlace | undefined, limit: number): OutboundMessage[] {
    return this.#sql.expired.all(until, after?.expiresAt ?? 0, after?.id ?? 0, limit).map(toOutbound);
  }

  find(
    accountId: AccountId,
    { ids = [], channelMessageIds = [], unanswered = [] }: Parameters<Outbounds['findOutbound']>[1],
  ): OutboundMessage[] {
    const rows = [
      ...ids.map((id) => this.#sql.byId.get(id, accountId)),
      ...channelMessageIds.map((id) => this.#sql.byChannelMessage.get(accountId, id)),
      ...unanswered.map(({ channelId, senderId }) =>
        this.#sql.unansweredOf.get(accountId, channelId, senderId),
      ),
    ];
    return rows.flatMap((row) => (row === undefined ? [] : [toOutbound(this.#asSeen(row))]));
  }

  findOpen(
    accountId: AccountId,
    { channelId, senderId, to }: Parameters<Outbounds['findOpenOutbound']>[1],
    { status, upTo }: Parameters<Outbounds['findOpenOutbound']>[2],
    limit: number,
  ): { readonly messages: readonly OutboundMessage[]; readonly unanswered: boolean } {
    const statement = this.#sql.openBefore[status];
    const messages: OutboundRow[] = [];
    let unanswered = false;
    for (const id of this.#aliases.findToldAs(accountId, channelId, to)) {
      const rest = limit - messages.length;
      messages.push(...statement.all(accountId, channelId, senderId, id, upTo, rest));
      unanswered ||= this.#sql.unansweredTo.get(accountId, channelId, senderId, id) !== undefined;
    }
    return { messages: messages.map(toOutbound), unanswered };
  }

  #findDue(
    { accountId, channelId, senderId, now, early = false, unanswered = false }: OutboundClaim,
    limit: number,
  ): OutboundRow[] {
    const all = early ? this.#sql.planned : this.#sql.due;
    const select = unanswered ? this.#sql.dueUnanswered : all;
    return select.all(accountId, channelId, senderId, now, toIdTime(this.#db.lastId), limit);
  }

  /** What was never claimed is in no lane, and waits for its turn all the same where another to its recipient was added before it. */
  #asSeen(row: OutboundRow): OutboundRow {
    if (row.lane !== noLane) return row;
    const { account_id: accountId, channel_id: channelId, sender_id: senderId, recipient, id } = row;
    const isBehind = this.#sql.before.get(accountId, channelId, senderId, recipient, id) !== undefined;
    return isBehind ? { ...row, state: outboundState.blocked } : row;
  }

  #lease(row: OutboundRow, { now, leaseMs, early = false }: OutboundClaim): ClaimedOutbound {
    (early ? this.#sql.putOff : this.#sql.lease).run(now + leaseMs, row.id);
    return { message: toOutbound(row), lapsed: row.leased === 1 };
  }

  /**
   * Has a message that is claimed for the first time enter its lane: those added before it have entered theirs. Until then it is in none,
   * as a lane for each that waits would be written at a place of its own. Undefined when another is under way there.
   *
   * What is told as another id has that one's lane. Where messages wait in the lane of an id on the way there, the next one goes
   * behind them: they entered it before the other id was told.
   */
  #enter(row: OutboundRow): OutboundRow | undefined {
    if (row.lane !== noLane) return row;
    let lane = noLane;
    let isTaken = false;
    for (const id of this.#aliases.findWay(row.account_id, row.channel_id, row.recipient)) {
      lane = toOutboundLane(row.channel_id, row.sender_id, id);
      isTaken = this.#sql.laneTaken.get(row.account_id, lane) !== undefined;
      if (isTaken) break;
    }
    this.#sql.enter.run(lane, isTaken ? outboundState.blocked : outboundState.due, row.id);
    return isTaken ? undefined : { ...row, lane };
  }
}

export function outboundVerbs(
  db: Connection,
  outbound: OutboundTables,
  settlements: OutboundSettlements,
  lists: OutboundLists,
): Outbounds {
  return {
    addOutbound: (accountId, messages) =>
      db.write((tx) => messages.map((message) => outbound.add(tx, accountId, message))),
    claimOutbound: (claim) => db.write(() => outbound.claim(claim)),
    settleOutbound: (settled) =>
      db.write((tx) => {
        for (const settlement of settled) settlements.settle(tx, settlement);
      }),
    findBusySenders: () => db.read(() => outbound.findBusySenders()),
    countWaitingOutbound: (accountId, of, atMost) =>
      db.read(() => outbound.countWaiting(accountId, of, atMost)),
    findNextOutboundDue: (sender) => db.read(() => outbound.findNextDue(sender)),
    findExpiredOutbound: (until, after, limit) => db.read(() => outbound.findExpired(until, after, limit)),
    findOutbound: (accountId, refs) => db.read(() => outbound.find(accountId, refs)),
    findOpenOutbound: (accountId, thread, mark, limit) =>
      db.read(() => outbound.findOpen(accountId, thread, mark, limit)),
    countOutbound: (accountId, span, limit, from) => db.read(() => lists.count(accountId, span, limit, from)),
    countListedOutbound: (accountId, filter, atMost) =>
      db.read(() => lists.countListed(accountId, filter, atMost)),
    listOutbound: (accountId, filter, page) => db.read(() => lists.list(accountId, filter, page)),
    findSendAttempts: (accountId, id) => db.read(() => lists.findAttempts(accountId, id)),
  };
}
