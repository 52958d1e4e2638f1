// The whole way of a message as one list of events, in the same order for everyone who looks.
import { isTaken } from '../../domain/fallback.ts';
import type { Fallback, FallbackAttempt } from '../../domain/fallback.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type { Timeline } from '../../store/store.ts';

export const storyKinds = [
  'accepted',
  'send_tried',
  'channel_accepted',
  'inbound',
  'status',
  'fallback_tried',
  'fallback_taken',
  'fallback_dead',
  'queued',
  'push_tried',
  'delivered',
  'delivery_dead',
  'dequeued',
  'queue_deleted',
  'queue_expired',
] as const;
type StoryKind = (typeof storyKinds)[number];

interface StoryEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: StoryKind;
  /** Ids and outcomes, by kind. */
  readonly ref: Readonly<Record<string, string | number | null>>;
}

/** The SMS fallback of a message, with its tries in order. */
export interface FallbackStory {
  readonly fallback: Fallback;
  readonly attempts: readonly FallbackAttempt[];
}

/** Tells what happened, oldest first; what happened in one millisecond stands in the order of {@link storyKinds}. */
export function tell(
  message: OutboundMessage | null,
  attempts: readonly SendAttempt[],
  timelines: readonly Timeline[],
  fallback: FallbackStory | null,
): StoryEvent[] {
  const events = [
    ...(message === null ? [] : tellSending(message, attempts)),
    ...(fallback === null ? [] : tellFallback(fallback)),
    ...timelines.flatMap(tellReceipt),
  ];
  // The sort keeps the order of equals, and what it is given is in the order of the store's ids.
  return events.sort((a, b) => a.at - b.at || storyKinds.indexOf(a.kind) - storyKinds.indexOf(b.kind));
}

function tellSending(message: OutboundMessage, attempts: readonly SendAttempt[]): StoryEvent[] {
  const events: StoryEvent[] = [
    {
      at: message.acceptedAt,
      kind: 'accepted',
      ref: { messageId: message.messageId, taskId: message.taskId },
    },
  ];
  for (const [index, { at, durationMs, outcome, code, text }] of attempts.entries()) {
    events.push({ at, kind: 'send_tried', ref: { number: index + 1, durationMs, outcome, code, text } });
    if (outcome === 'accepted')
      events.push({
        at: at + durationMs,
        kind: 'channel_accepted',
        ref: { channelMessageId: message.channelMessageId },
      });
  }
  return events;
}

function tellFallback({ fallback: { reason, state }, attempts }: FallbackStory): StoryEvent[] {
  const events = attempts.map(({ at, durationMs, status, text }, index): StoryEvent => {
    const outcome = isTaken(status) ? 'accepted' : status === null ? 'failed' : 'rejected';
    const ref = { number: index + 1, reason, durationMs, outcome, httpStatus: status, text };
    return { at, kind: 'fallback_tried', ref };
  });
  const last = attempts.at(-1);
  if (last !== undefined && (state === 'taken' || state === 'dead'))
    events.push({
      at: last.at + last.durationMs,
      kind: state === 'taken' ? 'fallback_taken' : 'fallback_dead',
      ref: { reason },
    });
  return events;
}

function tellReceipt({ receipt, deliveries, queue }: Timeline): StoryEvent[] {
  const { receiptId, facts, recordedAt } = receipt;
  const events: StoryEvent[] = [
    facts.type === 'ChatAppStatus'
      ? {
          at: recordedAt,
          kind: 'status',
          ref: {
            receiptId,
            status: facts.status,
            occurredAt: receipt.occurredAt,
            errorCode: facts.errorCode ?? null,
            errorDescription: facts.errorDescription ?? null,
          },
        }
      : { at: recordedAt, kind: 'inbound', ref: { receiptId, occurredAt: receipt.occurredAt } },
  ];
  for (const { id, destinationId, url, tries, state } of deliveries) {
    const ref = { receiptId, deliveryId: String(id), destinationId, url };
    for (const [index, { at, durationMs, outcome, status, answer }] of tries.entries())
      events.push({
        at,
        kind: 'push_tried',
        ref: { ...ref, number: index + 1, durationMs, outcome, httpStatus: status, answer },
      });
    const last = tries.at(-1);
    if (last !== undefined && (state === 'done' || state === 'dead'))
      events.push({
        at: last.at + last.durationMs,
        kind: state === 'done' ? 'delivered' : 'delivery_dead',
        ref,
      });
  }
  if (queue !== null) {
    const { queueName, messageId, dequeueCount, endedAt, state } = queue;
    const ref = { receiptId, queueName, queueMessageId: messageId };
    events.push({ at: recordedAt, kind: 'queued', ref });
    if (dequeueCount > 0)
      events.push({ at: endedAt ?? recordedAt, kind: 'dequeued', ref: { ...ref, dequeueCount } });
    if (endedAt !== null && (state === 'deleted' || state === 'expired'))
      events.push({ at: endedAt, kind: state === 'deleted' ? 'queue_deleted' : 'queue_expired', ref });
  }
  return events;
}
