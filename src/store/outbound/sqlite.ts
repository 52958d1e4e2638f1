import { maxId, toFirstId, toIdTimeSql } from '../../domain/ids.ts';
import type { SQLInputValue } from 'node:sqlite';
import type { AccountId } from '../../domain/account.ts';
import { toOutboundLane, toTaskKey } from '../../domain/message.ts';
import type { NewOutboundMessage, OutboundMessage, OutboundSettlement } from '../../domain/message.ts';
import type { StatusFacts } from '../../domain/receipt.ts';
import { toRank } from '../../domain/receipt.ts';
import { outboundColumns, outboundState, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { NewReceipt, OutboundFilter, Outbounds, PageRequest, SenderKey } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';

/** What other verbs do to outbound messages inside their own transaction. */
export interface OutboundWrites {
  /** Lets a message follow a status of its own; a status says that the channel has taken it, or will not. */
  follow(tx: Transaction, accountId: AccountId, id: number, facts: StatusFacts): void;
  /** Notes what a status told of a message's id at the channel and of the time when it was sent. */
  name(tx: Transaction, accountId: AccountId, id: number, naming: NonNullable<NewReceipt['naming']>): void;
  /** Writes what became of a claimed message, and lets the next of its lane go. */
  settle(tx: Transaction, settlement: OutboundSettlement): void;
}

export function outboundWrites(db: Connection, aliases: AliasTables): OutboundWrites {
  const byId = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound WHERE id = ? AND account_id = ?`,
  );
  const setStatus = db.prepare(
    'UPDATE outbound SET status = ?, status_rank = ? WHERE id = ? AND status_rank < ?',
  );
  const end = db.prepare('UPDATE outbound SET state = ?, due_at = NULL, leased = 0 WHERE id = ?');
  const name = db.prepare(
    `UPDATE outbound SET channel_message_id = coalesce(channel_message_id, ?), sent_at = coalesce(?, sent_at)
     WHERE id = ? AND account_id = ?`,
  );
  const insertAttempt = db.prepare(
    'INSERT INTO send_attempt (outbound_id, number, account_id, at, duration_ms, outcome, code, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const countAttempt = db.prepare('UPDATE outbound SET attempts = attempts + 1 WHERE id = ?');
  const accept = db.prepare(
    'UPDATE outbound SET state = 2, due_at = ?, leased = 0, channel_message_id = ? WHERE id = ?',
  );
  const nameMessage = db.prepare('UPDATE outbound SET channel_message_id = ? WHERE id = ?');
  const plan = db.prepare('UPDATE outbound SET state = ?, due_at = ?, leased = 0 WHERE id = ?');
  const stepOn = db.prepare('UPDATE outbound SET due_at = ?, leased = 0, step = step + 1 WHERE id = ?');
  const release = laneRelease(db);

  function settle(
    tx: Transaction,
    { accountId, id, attempt, next, aliases: told = [] }: OutboundSettlement,
  ): void {
    const row = byId.get(id, accountId);
    if (row === undefined) return;
    for (const alias of told) aliases.tell(accountId, alias);
    if (attempt !== null) {
      const { at, durationMs, outcome, code, text } = attempt;
      insertAttempt.run(id, row.attempts + 1, accountId, at, durationMs, outcome, code, text);
      countAttempt.run(id);
    }
    const isOpen = row.state === outboundState.due || row.state === outboundState.unknown;
    switch (next.kind) {
      case 'accepted':
        if (isOpen) accept.run(next.nextStepAt, next.channelMessageId, id);
        // A status was faster than the answer.
        else if (row.channel_message_id === null) nameMessage.run(next.channelMessageId, id);
        break;
      case 'retry':
      case 'released':
        if (isOpen) plan.run(row.state, next.dueAt, id);
        break;
      case 'unknown':
        if (isOpen) plan.run(outboundState.unknown, next.until, id);
        break;
      case 'step':
        stepOn.run(next.dueAt, id);
        break;
    }
    if (isOpen && next.kind !== 'retry' && next.kind !== 'released') release(tx, row);
    tx.signal(toSignal(row));
  }

  return {
    settle,
    name: (tx, accountId, id, { channelMessageId, sentAt, attempt }) => {
      if (attempt !== undefined)
        settle(tx, {
          accountId,
          id,
          attempt,
          next: { kind: 'accepted', channelMessageId, nextStepAt: null },
        });
      name.run(channelMessageId, sentAt, id, accountId);
    },
    follow: (tx, accountId, id, facts) => {
      const row = byId.get(id, accountId);
      if (row === undefined) return;
      const rank = toRank(facts.status);
      if (rank > 0) setStatus.run(facts.status, rank, id, rank);
      if (row.state === outboundState.accepted || row.state === outboundState.failed) return;
      end.run(facts.status === 'failed' ? outboundState.failed : outboundState.accepted, id);
      release(tx, row);
    },
  };
}

/** Lets the next message of a lane go, once the one before it is out of the way. */
function laneRelease(db: Connection): (tx: Transaction, row: OutboundRow) => void {
  const next = db.prepare<{ id: number; state: number }>(
    'SELECT id, state FROM outbound WHERE account_id = ? AND lane = ? AND state <= 1 ORDER BY id LIMIT 1',
  );
  const unblock = db.prepare('UPDATE outbound SET state = 0, due_at = max(due_at, ?) WHERE id = ?');
  return (tx, row) => {
    const first = next.get(row.account_id, row.lane);
    if (first?.state !== outboundState.blocked) return;
    unblock.run(db.now(), first.id);
    tx.signal(toSignal(row));
  };
}

function toSignal({ account_id: accountId, channel_id: channelId, sender_id: senderId }: OutboundRow) {
  return { kind: 'outbound', accountId, channelId, senderId } as const;
}

export function outboundVerbs(db: Connection, writes: OutboundWrites, aliases: AliasTables): Outbounds {
  const insert = db.prepare(
    `INSERT INTO outbound (id, account_id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step,
       expires_at, channel_message_id, status, status_rank, group_id, task_id, task_key, envelope)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, NULL, NULL, 0, ?, ?, ?, ?)`,
  );
  const laneTaken = db.prepare(
    'SELECT 1 FROM outbound WHERE account_id = ? AND lane = ? AND state <= 1 LIMIT 1',
  );
  const byTask = db.prepare<{ id: number }>('SELECT id FROM outbound WHERE account_id = ? AND task_key = ?');
  const due = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound
     WHERE account_id = ? AND channel_id = ? AND sender_id = ? AND due_at <= ? AND state <> 1 ORDER BY due_at, id LIMIT ?`,
  );
  const planned = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound
     WHERE account_id = ? AND channel_id = ? AND sender_id = ? AND due_at IS NOT NULL AND state <> 1
       AND (due_at <= ? OR (leased = 0 AND state <> 4)) ORDER BY due_at, id LIMIT ?`,
  );
  const lease = db.prepare('UPDATE outbound SET due_at = ?, leased = 1 WHERE id = ?');
  const putOff = db.prepare('UPDATE outbound SET due_at = ? WHERE id = ?');
  const byId = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound WHERE id = ? AND account_id = ?`,
  );
  const byChannelMessage = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound WHERE account_id = ? AND channel_message_id = ? LIMIT 1`,
  );
  const unansweredOf = db.prepare<OutboundRow>(
    `SELECT ${outboundColumns} FROM outbound WHERE account_id = ? AND channel_id = ? AND sender_id = ?
       AND channel_message_id IS NULL AND (leased = 1 OR state = 4) LIMIT 1`,
  );
  // One range of the index for each rank that is lower.
  const open = (ranks: string) =>
    db.prepare<OutboundRow>(
      `SELECT ${outboundColumns} FROM outbound WHERE account_id = ? AND channel_id = ? AND sender_id = ? AND recipient = ?
         AND status_rank IN (${ranks}) AND status_rank < 4 AND sent_at IS NOT NULL AND sent_at <= ?
       ORDER BY status_rank, sent_at LIMIT ?`,
    );
  const openOf = { delivered: open('0, 1, 2'), read: open('0, 1, 2, 3') };
  const unansweredTo = db.prepare(
    `SELECT 1 FROM outbound WHERE account_id = ? AND channel_id = ? AND sender_id = ? AND recipient = ?
       AND channel_message_id IS NULL AND (leased = 1 OR state = 4) LIMIT 1`,
  );
  const attemptsOf = db.prepare<SendAttemptRow>(
    'SELECT at, duration_ms, outcome, code, text FROM send_attempt WHERE outbound_id = ? AND account_id = ? ORDER BY number',
  );
  // A walk over the index with one step a sender, however many messages each has.
  const busy = db.prepare<{ account_id: number; channel_id: string; sender_id: string }>(
    `SELECT account_id, channel_id, id AS sender_id FROM sender AS s WHERE EXISTS (SELECT 1 FROM outbound AS o
       WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id AND o.due_at IS NOT NULL AND o.state <> 1)`,
  );
  // Over what waits alone, however many were sent before.
  const countWaiting = db.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM outbound INDEXED BY outbound_lane
       WHERE account_id = ?1 AND state <= 1 AND channel_id = ?2 AND (?3 IS NULL OR sender_id = ?3) LIMIT ?4)`,
  );
  const nextDue = db.prepare<{ due_at: number }>(
    `SELECT due_at FROM outbound WHERE account_id = ? AND channel_id = ? AND sender_id = ? AND due_at IS NOT NULL AND state <> 1
     ORDER BY due_at LIMIT 1`,
  );
  const countSpans = db.prepare<OutboundCountRow>(
    `SELECT CAST((${toIdTimeSql('id')} - ?1) / ?2 AS INTEGER) AS span, language, count(*) AS seen, max(id) AS last,
       sum(state = 2 OR status_rank >= 3) AS sent, sum(status_rank >= 3) AS delivered, sum(status_rank >= 4) AS read
     FROM (SELECT id, state, status_rank, CASE WHEN ?3 IS NULL THEN ''
         WHEN json_valid(envelope) AND envelope ->> 'templateCode' = ?3 THEN coalesce(envelope ->> 'language', '') END AS language
       FROM outbound WHERE account_id = ?4 AND channel_id = ?5 AND sender_id = ?6 AND id >= ?7 AND id < ?8 ORDER BY id LIMIT ?9)
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );

  function add(
    tx: Transaction,
    accountId: AccountId,
    message: NewOutboundMessage,
  ): { id: number; repeat: boolean } {
    const taskKey =
      message.oncePerTask && message.taskId !== null ? Buffer.from(toTaskKey(message), 'hex') : null;
    const known = taskKey === null ? undefined : byTask.get(accountId, taskKey);
    if (known !== undefined) return { id: known.id, repeat: true };
    const id = db.nextId();
    const { channelId, senderId, to } = message;
    const { lane, blocked } = findLane(accountId, message);
    insert.run(
      id,
      accountId,
      channelId,
      message.channelType,
      senderId,
      to,
      lane,
      blocked ? outboundState.blocked : outboundState.due,
      db.now(),
      message.expiresAt,
      message.groupId,
      message.taskId,
      taskKey,
      JSON.stringify(message.envelope),
    );
    if (!blocked) tx.signal({ kind: 'outbound', accountId, channelId, senderId });
    return { id, repeat: false };
  }

  /**
   * What is told as another id has that one's lane. Where messages wait in the lane of an id on the way there, the next one goes
   * behind them: they were added before the other id was told.
   */
  function findLane(
    accountId: AccountId,
    { channelId, senderId, to }: NewOutboundMessage,
  ): { readonly lane: number; readonly blocked: boolean } {
    let lane = 0;
    for (const id of aliases.findWay(accountId, channelId, to)) {
      lane = toOutboundLane(channelId, senderId, id);
      if (laneTaken.get(accountId, lane) !== undefined) return { lane, blocked: true };
    }
    return { lane, blocked: false };
  }

  function list(accountId: AccountId, filter: OutboundFilter, page: PageRequest): OutboundRow[] {
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
      const spellings = aliases.find(accountId, { ...filter, userId: filter.to });
      const ranges = spellings.map(() => '(recipient = ? AND id >= ? AND id < ?)');
      conditions.push(`(${ranges.join(' OR ')})`);
      values.push(...spellings.flatMap(({ id, since, until }) => [id, toFirstId(since), toFirstId(until)]));
    }
    narrow('group_id = ?', filter.groupId);
    narrow('task_id = ?', filter.taskId);
    narrow("CASE WHEN json_valid(envelope) THEN envelope ->> 'templateCode' END = ?", filter.templateCode);
    const sql = `SELECT ${outboundColumns} FROM outbound WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
    return listing(sql).all(...values, page.limit + 1);
  }

  const listings = new Map<string, ReturnType<typeof db.prepare<OutboundRow>>>();
  /** There are as many as combinations of filters. */
  function listing(sql: string) {
    const known = listings.get(sql) ?? db.prepare<OutboundRow>(sql);
    listings.set(sql, known);
    return known;
  }

  function find(
    accountId: AccountId,
    { ids = [], channelMessageIds = [], unanswered = [] }: Parameters<Outbounds['findOutbound']>[1],
  ): OutboundMessage[] {
    const rows = [
      ...ids.map((id) => byId.get(id, accountId)),
      ...channelMessageIds.map((id) => byChannelMessage.get(accountId, id)),
      ...unanswered.map(({ channelId, senderId }) => unansweredOf.get(accountId, channelId, senderId)),
    ];
    return rows.flatMap((row) => (row === undefined ? [] : [toOutbound(row)]));
  }

  return {
    addOutbound: (accountId, messages) =>
      db.write((tx) => messages.map((message) => add(tx, accountId, message))),
    claimOutbound: ({ accountId, channelId, senderId, limit, now, leaseMs, early = false }) =>
      db.write(() =>
        (early ? planned : due).all(accountId, channelId, senderId, now, limit).map((row) => {
          (early ? putOff : lease).run(now + leaseMs, row.id);
          return { message: toOutbound(row), lapsed: row.leased === 1 };
        }),
      ),
    settleOutbound: (settlements) =>
      db.write((tx) => {
        for (const settlement of settlements) writes.settle(tx, settlement);
      }),
    findBusySenders: () =>
      db.read(() =>
        busy.all().map((row): SenderKey => ({
          accountId: row.account_id,
          channelId: row.channel_id,
          senderId: row.sender_id,
        })),
      ),
    countWaitingOutbound: (accountId, { channelId, senderId = null }, atMost) =>
      db.read(() => countWaiting.get(accountId, channelId, senderId, atMost)?.count ?? 0),
    findNextOutboundDue: ({ accountId, channelId, senderId }) =>
      db.read(() => nextDue.get(accountId, channelId, senderId)?.due_at),
    findOutbound: (accountId, refs) => db.read(() => find(accountId, refs)),
    findOpenOutbound: (accountId, { channelId, senderId, to }, { status, upTo }, limit) =>
      db.read(() => {
        const messages: OutboundRow[] = [];
        let unanswered = false;
        for (const id of aliases.findToldAs(accountId, channelId, to)) {
          const rest = limit - messages.length;
          messages.push(...openOf[status].all(accountId, channelId, senderId, id, upTo, rest));
          unanswered ||= unansweredTo.get(accountId, channelId, senderId, id) !== undefined;
        }
        return { messages: messages.map(toOutbound), unanswered };
      }),
    countOutbound: (accountId, { channelId, senderId, since, until, spanMs, templateCode }, limit, from) =>
      db.read(() => {
        const first = Math.max(from, toFirstId(since));
        const sender = [accountId, channelId, senderId] as const;
        return toCounts(
          countSpans.all(since, spanMs, templateCode ?? null, ...sender, first, toFirstId(until), limit),
          limit,
        );
      }),
    listOutbound: (accountId, filter, page) =>
      db.read(() => toPage(list(accountId, filter, page), page.limit, toOutbound)),
    findSendAttempts: (accountId, id) => db.read(() => attemptsOf.all(id, accountId).map(toSendAttempt)),
  };
}
