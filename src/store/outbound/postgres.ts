import { maxId, toFirstId, toIdTimeSql } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import { spellingsAtMost } from '../../domain/alias.ts';
import { toOutboundLane, toTaskKey } from '../../domain/message.ts';
import type { NewOutboundMessage, OutboundMessage, OutboundSettlement } from '../../domain/message.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import { outboundColumns, toCounts, toOutbound, toSendAttempt } from './rows.ts';
import type { OutboundCountRow, OutboundRow, SendAttemptRow } from './rows.ts';
import { toBefore, toPage } from '../rows/paging.ts';
import { findSpellings, isToSpelling, tellCall, toAliasRows, toSpellingArrays } from '../aliases/postgres.ts';
import type { Outbounds, SenderKey, Signal } from '../store.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/connection.ts';
import type { Connection } from '../postgres/connection.ts';
import { setOutboundApart } from '../postgres/quarantine.ts';

/** Most messages added in one transaction. */
const maxAdded = 1000;
/** Most ids that one look is for, when several calls share it. */
const maxFound = 1000;

const columns = outboundColumns
  .split(', ')
  .map((column) => `o.${column}`)
  .join(', ');

const findStatement = `SELECT ${columns} FROM outbound o WHERE o.account_id = $1 AND o.id = ANY ($2)
  UNION ALL
  SELECT ${columns} FROM outbound o WHERE o.account_id = $1 AND o.channel_message_id = ANY ($3)
  UNION ALL
  SELECT ${columns} FROM unnest($4::text[], $5::text[]) AS k(channel, sender) CROSS JOIN LATERAL
    (SELECT * FROM outbound WHERE account_id = $1 AND channel_id = k.channel AND sender_id = k.sender
       AND channel_message_id IS NULL AND (leased = 1 OR state = 4) LIMIT 1) o`;

/** What one call of `findOutbound` looks for. */
interface Wish extends Required<Parameters<Outbounds['findOutbound']>[1]> {
  readonly accountId: AccountId;
}

function toWeight({ ids, channelMessageIds, unanswered }: Wish): number {
  return ids.length + channelMessageIds.length + unanswered.length;
}

function toSenderKey({ channelId, senderId }: Pick<SenderKey, 'channelId' | 'senderId'>): string {
  return `${channelId}/${senderId}`;
}

/** The ids that are told as $4 by now, that one among them. */
const toldAs = `ARRAY(SELECT $4::text UNION ALL SELECT spelling FROM alias
  WHERE account_id = $1 AND told = $4 AND channel_id = $2 AND until IS NULL LIMIT ${spellingsAtMost})`;

export function outboundVerbs(db: Connection): Outbounds {
  interface Call {
    readonly accountId: AccountId;
    readonly messages: readonly NewOutboundMessage[];
  }
  type Added = readonly { readonly id: number; readonly repeat: boolean }[];

  async function add(calls: readonly Call[]): Promise<Added[]> {
    const messages = calls.flatMap((call) => call.messages);
    const accountId = calls[0]?.accountId ?? 0;
    const rows = messages.map((message) => ({
      id: db.nextId(),
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
    }));
    const [answer] = await db.call<{ ids: number[] }>(
      'SELECT add_outbound($1, $2, with_lanes($1, $3)) AS ids',
      [accountId, db.now(), toWellFormedJson(JSON.stringify(rows))],
    );
    const ids = answer?.ids ?? [];
    db.signals.tell(messages.map((message) => toSignal({ accountId, ...message })));
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

  /** Calls of one account share a transaction. */
  const adding = new Batches<Call, Added>(
    { run: add, weigh: ({ messages }) => messages.length, maxWeight: maxAdded, lanes: 2 },
    isOwnFault,
  );

  /** Answers several calls of one account by one look. */
  async function find(calls: readonly Wish[]): Promise<OutboundMessage[][]> {
    const senders = new Map(
      calls.flatMap(({ unanswered }) => unanswered.map((sender) => [toSenderKey(sender), sender])),
    );
    const rows = await db.all<OutboundRow>(findStatement, [
      calls[0]?.accountId ?? 0,
      [...new Set(calls.flatMap(({ ids }) => ids))],
      [...new Set(calls.flatMap(({ channelMessageIds }) => channelMessageIds))],
      [...senders.values()].map(({ channelId }) => channelId),
      [...senders.values()].map(({ senderId }) => senderId),
    ]);
    const own = [...new Map(rows.map((row) => [row.id, row])).values()];
    const found = db.rows.read('outbound', own, (row) => ({ row, message: toOutbound(row) }));
    return calls.map((call) => {
      const ids = new Set(call.ids);
      const channelMessageIds = new Set(call.channelMessageIds);
      const unanswered = new Set(call.unanswered.map(toSenderKey));
      return found
        .filter(
          ({ row, message }) =>
            ids.has(row.id) ||
            (message.channelMessageId === null
              ? unanswered.has(toSenderKey(message))
              : channelMessageIds.has(message.channelMessageId)),
        )
        .map(({ message }) => message);
    });
  }

  const finding = new Batches<Wish, OutboundMessage[]>(
    { run: find, weigh: toWeight, maxWeight: maxFound, lanes: 2 },
    isOwnFault,
  );

  return {
    addOutbound: (accountId, messages) => adding.add(String(accountId), { accountId, messages }),
    claimOutbound: async ({ accountId, channelId, senderId, limit, now, leaseMs, early = false }) => {
      const when = early
        ? 'due_at IS NOT NULL AND (due_at <= $4 OR (leased = 0 AND state <> 4))'
        : 'due_at <= $4';
      const rows = await db.call<OutboundRow & { was_due: number; was_leased: number }>(
        `WITH due AS MATERIALIZED (
           SELECT id, leased, due_at FROM outbound
           WHERE account_id = $1 AND channel_id = $2 AND sender_id = $3 AND ${when} AND state <> 1
           ORDER BY due_at, id LIMIT $5 FOR UPDATE SKIP LOCKED)
         UPDATE outbound o SET due_at = $6, leased = ${early ? 'o.leased' : '1'} FROM due
         WHERE o.account_id = $1 AND o.id = ANY (ARRAY(SELECT id FROM due)) AND o.id = due.id
         RETURNING ${columns}, due.due_at AS was_due, due.leased AS was_leased`,
        [accountId, channelId, senderId, now, limit, now + leaseMs],
      );
      const { items, unreadable } = db.rows.split(
        'outbound',
        rows.toSorted((a, b) => a.was_due - b.was_due || a.id - b.id),
        (row) => ({ message: toOutbound(row), lapsed: row.was_leased === 1 }),
      );
      if (unreadable.length > 0) {
        await setOutboundApart(db, accountId, unreadable);
        db.signals.tell([toSignal({ accountId, channelId, senderId })]);
      }
      return items;
    },
    settleOutbound: async (settlements) => {
      for (const [accountId, own] of Map.groupBy(settlements, (settlement) => settlement.accountId)) {
        // What the answers told is known before their messages are over: a process that ends between the two loses none of it.
        const aliases = own.flatMap(({ aliases: told = [] }) => told);
        if (aliases.length > 0)
          await db.call(`SELECT ${tellCall('$3')}`, [accountId, db.now(), toAliasRows(aliases)]);
        const rows = await db.call<{ channel_id: string; sender_id: string }>(
          'SELECT * FROM settle_outbound($1, $2, $3)',
          [accountId, db.now(), toWellFormedJson(JSON.stringify(own.map(toSettlementRow)))],
        );
        db.signals.tell(
          rows.map((row) => toSignal({ accountId, channelId: row.channel_id, senderId: row.sender_id })),
        );
      }
    },
    countWaitingOutbound: async (accountId, { channelId, senderId = null }, atMost) => {
      const sql = `SELECT count(*)::int AS count FROM (SELECT 1 FROM outbound
          WHERE account_id = $1 AND state <= 1 AND channel_id = $2 AND ($3::text IS NULL OR sender_id = $3) LIMIT $4) o`;
      const row = await db.get<{ count: number }>(sql, [accountId, channelId, senderId, atMost]);
      return row?.count ?? 0;
    },
    findBusySenders: async () => {
      const rows = await db.all<{ account_id: number; channel_id: string; sender_id: string }>(
        `SELECT s.account_id, s.channel_id, s.id AS sender_id FROM sender s WHERE
           (SELECT o.id FROM outbound o WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id
              AND o.due_at IS NOT NULL AND o.state <> 1 LIMIT 1) IS NOT NULL`,
      );
      return rows.map((row): SenderKey => ({
        accountId: row.account_id,
        channelId: row.channel_id,
        senderId: row.sender_id,
      }));
    },
    findNextOutboundDue: async ({ accountId, channelId, senderId }) => {
      const row = await db.get<{ due_at: number }>(
        `SELECT due_at FROM outbound WHERE account_id = $1 AND channel_id = $2 AND sender_id = $3 AND due_at IS NOT NULL AND state <> 1
         ORDER BY due_at LIMIT 1`,
        [accountId, channelId, senderId],
      );
      return row?.due_at;
    },
    findOutbound: async (accountId, refs) => {
      const wish = { accountId, ids: [], channelMessageIds: [], unanswered: [], ...refs };
      return toWeight(wish) === 0 ? [] : finding.add(String(accountId), wish);
    },
    findOpenOutbound: async (accountId, { channelId, senderId, to }, { status, upTo }, limit) => {
      const rows = await db.all<OutboundRow & { is_open: boolean }>(
        `SELECT * FROM (SELECT ${columns}, true AS is_open FROM outbound o
           WHERE o.account_id = $1 AND o.channel_id = $2 AND o.sender_id = $3 AND o.recipient = ANY (${toldAs})
             AND o.status_rank = ANY ($5) AND o.status_rank < 4 AND o.sent_at IS NOT NULL AND o.sent_at <= $6
           ORDER BY o.status_rank, o.sent_at LIMIT $7) open
         UNION ALL
         SELECT * FROM (SELECT ${columns}, false FROM outbound o
           WHERE o.account_id = $1 AND o.channel_id = $2 AND o.sender_id = $3 AND o.recipient = ANY (${toldAs})
             AND o.channel_message_id IS NULL AND (o.leased = 1 OR o.state = 4) LIMIT 1) unanswered`,
        [accountId, channelId, senderId, to, status === 'read' ? [0, 1, 2, 3] : [0, 1, 2], upTo, limit],
      );
      return {
        messages: db.rows.read(
          'outbound',
          rows.filter((row) => row.is_open),
          toOutbound,
        ),
        unanswered: rows.some((row) => !row.is_open),
      };
    },
    countOutbound: async (
      accountId,
      { channelId, senderId, since, until, spanMs, templateCode },
      limit,
      from,
    ) => {
      const rows = await db.all<OutboundCountRow>(
        `SELECT (${toIdTimeSql('id')} - $1::bigint) / $2::bigint AS span, language, count(*) AS seen, max(id) AS last,
           count(*) FILTER (WHERE state = 2 OR status_rank >= 3) AS sent, count(*) FILTER (WHERE status_rank >= 3) AS delivered,
           count(*) FILTER (WHERE status_rank >= 4) AS read
         FROM (SELECT id, state, status_rank, CASE WHEN $3::text IS NULL THEN ''
             ELSE (SELECT coalesce(e ->> 'language', '') FROM read_json(envelope) e WHERE e ->> 'templateCode' = $3) END AS language
           FROM outbound WHERE account_id = $4 AND channel_id = $5 AND sender_id = $6 AND id >= $7 AND id < $8
           ORDER BY id LIMIT $9) o
         GROUP BY 1, 2 ORDER BY 1, min(language) COLLATE "C"`,
        [
          since,
          spanMs,
          templateCode ?? null,
          accountId,
          channelId,
          senderId,
          Math.max(from, toFirstId(since)),
          toFirstId(until),
          limit,
        ],
      );
      return toCounts(rows, limit);
    },
    listOutbound: async (accountId, filter, page) => {
      const values: (string | number | Uint8Array)[] = [accountId];
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
      if (filter.to !== undefined) {
        const spellings = await findSpellings(db, accountId, { ...filter, userId: filter.to });
        conditions.push(isToSpelling(values.length + 1));
        values.push(...toSpellingArrays(spellings));
      }
      narrow('o.group_id =', filter.groupId);
      narrow('o.task_id =', filter.taskId);
      narrow("read_json(o.envelope) ->> 'templateCode' =", filter.templateCode);
      values.push(page.limit + 1);
      const rows = await db.all<OutboundRow>(
        `SELECT ${columns} FROM outbound o WHERE ${conditions.join(' AND ')} ORDER BY o.id DESC LIMIT $${values.length}`,
        values,
      );
      return db.rows.page(
        'outbound',
        toPage(rows, page.limit, (row) => row),
        toOutbound,
      );
    },
    findSendAttempts: async (accountId, id) => {
      const rows = await db.all<SendAttemptRow>(
        'SELECT at, duration_ms, outcome, code, text FROM send_attempt WHERE account_id = $1 AND outbound_id = $2 ORDER BY number',
        [accountId, id],
      );
      return rows.map(toSendAttempt);
    },
  };
}

function toSignal({ accountId, channelId, senderId }: SenderKey): Signal {
  return { kind: 'outbound', accountId, channelId, senderId };
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
