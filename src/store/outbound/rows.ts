// Rows of outbound messages as both stores select them.
import type { ChannelType } from '../../domain/channel.ts';
import { formatOutboundId, toIdTime } from '../../domain/ids.ts';
import type { Envelope, OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type { MessageStatus } from '../../domain/receipt.ts';
import type { OutboundFilter, Outbounds } from '../store.ts';
import { readObject } from '../rows/json-column.ts';

/** 0: due or leased; 1: behind another of its lane; 2: the channel took it; 3: it will not be sent; 4: nobody knows. */
export const outboundState = { due: 0, blocked: 1, accepted: 2, failed: 3, unknown: 4 } as const;

export interface OutboundRow {
  readonly id: number;
  readonly account_id: number;
  readonly channel_id: string;
  readonly channel_type: ChannelType;
  readonly sender_id: string;
  readonly recipient: string;
  readonly lane: number;
  readonly state: number;
  readonly due_at: number | null;
  readonly leased: number;
  readonly attempts: number;
  readonly step: number;
  readonly expires_at: number;
  readonly channel_message_id: string | null;
  readonly status: MessageStatus | null;
  readonly group_id: string | null;
  readonly task_id: string | null;
  readonly envelope: string;
}

export const outboundColumns =
  'id, account_id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step, expires_at, channel_message_id, status, group_id, task_id, envelope';

/** Whether a listing is of one mass send or task, which has an index of its own and few messages to one user. */
export function isOfBatch({ groupId, taskId }: OutboundFilter): boolean {
  return (groupId ?? taskId) !== undefined;
}

/** What a message is listed as: the highest status that its channel told, or its state. */
export const standing = `coalesce(status, CASE state WHEN ${outboundState.accepted} THEN 'accepted' WHEN ${outboundState.failed} THEN 'failed'
  WHEN ${outboundState.unknown} THEN 'unknown' ELSE 'queued' END)`;

export interface OutboundCountRow {
  readonly span: number;
  /** Null for messages that are not of the template asked for. */
  readonly language: string | null;
  readonly seen: number;
  readonly last: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
}

/** What a count over `limit` messages came to, from its groups. */
export function toCounts(
  rows: readonly OutboundCountRow[],
  limit: number,
): Awaited<ReturnType<Outbounds['countOutbound']>> {
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  const last = Math.max(0, ...rows.map((row) => row.last));
  const counts = rows.flatMap(({ span, language, sent, delivered, read }) =>
    language === null ? [] : [{ span, language, sent, delivered, read }],
  );
  return { counts, seen, next: seen < limit ? null : last + 1 };
}

export interface SendAttemptRow {
  readonly at: number;
  readonly duration_ms: number;
  readonly outcome: SendAttempt['outcome'];
  readonly code: string;
  readonly text: string;
}

export function toOutbound(row: OutboundRow): OutboundMessage {
  return {
    accountId: row.account_id,
    id: row.id,
    messageId: formatOutboundId(row.id),
    channelId: row.channel_id,
    channelType: row.channel_type,
    senderId: row.sender_id,
    to: row.recipient,
    lane: row.lane,
    groupId: row.group_id,
    taskId: row.task_id,
    envelope: readObject(row.envelope) as Envelope,
    state: toState(row.state),
    status: row.status,
    channelMessageId: row.channel_message_id,
    attempts: row.attempts,
    step: row.step,
    blocked: row.state === outboundState.blocked,
    dueAt: row.state === outboundState.blocked ? null : row.due_at,
    expiresAt: row.expires_at,
    acceptedAt: toIdTime(row.id),
  };
}

function toState(state: number): OutboundMessage['state'] {
  if (state === outboundState.accepted) return 'accepted';
  if (state === outboundState.failed) return 'failed';
  return state === outboundState.unknown ? 'unknown' : 'queued';
}

export function toSendAttempt(row: SendAttemptRow): SendAttempt {
  return {
    at: row.at,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    code: row.code,
    text: row.text,
  };
}
