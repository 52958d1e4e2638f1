// What became of messages: by the channel's answer, by a status that it told, and for the next of their lane.
import type { AccountId } from '../../domain/account.ts';
import { noLane } from '../../domain/message.ts';
import type { OutboundSettlement } from '../../domain/message.ts';
import type { StatusFacts } from '../../domain/receipt.ts';
import { toRank } from '../../domain/receipt.ts';
import { outboundColumns, outboundState } from './rows.ts';
import type { OutboundRow } from './rows.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { NewReceipt } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';

/** Notes what a status told of a message's id at the channel, unless one is known, and of when it was sent. */
const name = `UPDATE outbound SET channel_message_id = coalesce(channel_message_id, ?), sent_at = coalesce(?, sent_at)
  WHERE id = ? AND account_id = ?`;

/** Keeps a try, unless one of its number is there. */
const insertAttempt = `INSERT INTO send_attempt (outbound_id, number, account_id, at, duration_ms, outcome, code, text)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** What is run for what became of messages, prepared once. */
function settlementStatements(db: Connection) {
  return {
    byId: db.prepare<OutboundRow>(`SELECT ${outboundColumns} FROM outbound WHERE id = ? AND account_id = ?`),
    setStatus: db.prepare('UPDATE outbound SET status = ?, status_rank = ? WHERE id = ? AND status_rank < ?'),
    end: db.prepare('UPDATE outbound SET state = ?, due_at = NULL, leased = 0 WHERE id = ?'),
    name: db.prepare(name),
    insertAttempt: db.prepare(insertAttempt),
    countAttempt: db.prepare('UPDATE outbound SET attempts = attempts + 1 WHERE id = ?'),
    accept: db.prepare(
      'UPDATE outbound SET state = 2, due_at = ?, leased = 0, channel_message_id = ? WHERE id = ?',
    ),
    nameMessage: db.prepare('UPDATE outbound SET channel_message_id = ? WHERE id = ?'),
    plan: db.prepare('UPDATE outbound SET state = ?, due_at = ?, leased = 0 WHERE id = ?'),
    stepOn: db.prepare('UPDATE outbound SET due_at = ?, leased = 0, step = step + 1 WHERE id = ?'),
    nextOfLane: db.prepare<{ id: number; state: number }>(
      'SELECT id, state FROM outbound WHERE account_id = ? AND lane = ? AND state <= 1 ORDER BY id LIMIT 1',
    ),
    unblock: db.prepare('UPDATE outbound SET state = 0, due_at = max(due_at, ?) WHERE id = ?'),
  };
}

/** What is written of messages on their way, each inside a transaction that the caller has. */
export class OutboundSettlements {
  readonly #db: Connection;
  readonly #aliases: AliasTables;
  readonly #sql;

  constructor(db: Connection, aliases: AliasTables) {
    this.#db = db;
    this.#aliases = aliases;
    this.#sql = settlementStatements(db);
  }

  /** Writes what became of a claimed message, and lets the next of its lane go. */
  settle(tx: Transaction, { accountId, id, attempt, next, aliases: told = [] }: OutboundSettlement): void {
    const row = this.#sql.byId.get(id, accountId);
    if (row === undefined) return;
    for (const alias of told) this.#aliases.tell(accountId, alias);
    if (attempt !== null) this.#noteAttempt(row, attempt);
    const isOpen = row.state === outboundState.due || row.state === outboundState.unknown;
    this.#plan(row, next, isOpen);
    if (isOpen && next.kind !== 'retry' && next.kind !== 'released') this.#release(tx, row);
    tx.signal(toSignal(row));
  }

  /** Notes what a status told of a message's id at the channel and of the time when it was sent. */
  name(
    tx: Transaction,
    accountId: AccountId,
    id: number,
    { channelMessageId, sentAt, attempt }: NonNullable<NewReceipt['naming']>,
  ): void {
    if (attempt !== undefined) {
      const next = { kind: 'accepted', channelMessageId, nextStepAt: null } as const;
      this.settle(tx, { accountId, id, attempt, next });
    }
    this.#sql.name.run(channelMessageId, sentAt, id, accountId);
  }

  /** Lets a message follow a status of its own; a status says that the channel has taken it, or will not. */
  follow(tx: Transaction, accountId: AccountId, id: number, { status }: StatusFacts): void {
    const row = this.#sql.byId.get(id, accountId);
    if (row === undefined) return;
    const rank = toRank(status);
    if (rank > 0) this.#sql.setStatus.run(status, rank, id, rank);
    if (row.state === outboundState.accepted || row.state === outboundState.failed) return;
    this.#sql.end.run(status === 'failed' ? outboundState.failed : outboundState.accepted, id);
    this.#release(tx, row);
  }

  #noteAttempt(
    { id, attempts, account_id: accountId }: OutboundRow,
    { at, durationMs, outcome, code, text }: NonNullable<OutboundSettlement['attempt']>,
  ): void {
    this.#sql.insertAttempt.run(id, attempts + 1, accountId, at, durationMs, outcome, code, text);
    this.#sql.countAttempt.run(id);
  }

  /** Writes what is planned next; of a message that a status has ended meanwhile, only what the channel calls it. */
  #plan(row: OutboundRow, next: OutboundSettlement['next'], isOpen: boolean): void {
    const { id } = row;
    switch (next.kind) {
      case 'accepted':
        if (isOpen) this.#sql.accept.run(next.nextStepAt, next.channelMessageId, id);
        // A status was faster than the answer.
        else if (row.channel_message_id === null) this.#sql.nameMessage.run(next.channelMessageId, id);
        break;
      case 'retry':
      case 'released':
        if (isOpen) this.#sql.plan.run(row.state, next.dueAt, id);
        break;
      case 'unknown':
        if (isOpen) this.#sql.plan.run(outboundState.unknown, next.until, id);
        break;
      case 'step':
        this.#sql.stepOn.run(next.dueAt, id);
        break;
    }
  }

  /** Lets the next message of a lane go, once the one before it is out of the way. */
  #release(tx: Transaction, row: OutboundRow): void {
    if (row.lane === noLane) return;
    const first = this.#sql.nextOfLane.get(row.account_id, row.lane);
    if (first?.state !== outboundState.blocked) return;
    this.#sql.unblock.run(this.#db.now(), first.id);
    tx.signal(toSignal(row));
  }
}

function toSignal({ account_id: accountId, channel_id: channelId, sender_id: senderId }: OutboundRow) {
  return { kind: 'outbound', accountId, channelId, senderId } as const;
}
