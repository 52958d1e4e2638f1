import type { MessageEvent } from '../../api/model.ts';
import type { Translate } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { toOutcomeText } from '../deliveries/outcome.tsx';

const texts: Readonly<Record<string, TextKey>> = {
  accepted: 'event.accepted',
  send_tried: 'event.send_tried',
  channel_accepted: 'event.channel_accepted',
  status: 'event.status',
  inbound: 'event.inbound',
  fallback_tried: 'event.fallback_tried',
  fallback_taken: 'event.fallback_taken',
  fallback_dead: 'event.fallback_dead',
  push_tried: 'event.push_tried',
  delivered: 'event.delivered',
  delivery_dead: 'event.delivery_dead',
  queued: 'event.queued',
  dequeued: 'event.dequeued',
  queue_deleted: 'event.queue_deleted',
  queue_expired: 'event.queue_expired',
};

/** What happened, in the reader's words. */
export function toEventText({ kind, ref }: MessageEvent, t: Translate): string {
  const key = texts[kind];
  if (key === undefined) return kind;
  const status = ref['status'];
  return t(key, { status: typeof status === 'string' ? toStatusText(status, t) : '' });
}

const statuses: Readonly<Record<string, TextKey>> = {
  sent: 'message.status.sent',
  delivered: 'message.status.delivered',
  read: 'message.status.read',
  failed: 'message.status.failed',
  deleted: 'message.status.deleted',
  subscribe: 'message.status.subscribe',
  unsubscribe: 'message.status.unsubscribe',
};

/** A status of a message in the reader's words; one that is new here as the channel calls it. */
export function toStatusText(status: string, t: Translate): string {
  const key = statuses[status];
  return key === undefined ? status : t(key);
}

const details = [
  'outcome',
  'httpStatus',
  'code',
  'text',
  'errorDescription',
  'url',
  'queueName',
  'count',
  'answer',
];

/** What the event holds besides, in short. */
export function toEventDetail({ ref }: MessageEvent, t: Translate): string {
  return details
    .flatMap((name) => {
      const value = ref[name];
      if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) return [];
      if (name === 'httpStatus') return [`HTTP ${value}`];
      if (name === 'outcome') return [toOutcomeText(String(value), t)];
      // As CAMS writes it, `131026:Message undeliverable`.
      return [name === 'errorDescription' ? String(value).replace(/^(\w+):(?=\S)/, '$1: ') : String(value)];
    })
    .join(' · ');
}

/** Who takes part in an event: from whom to whom, left to right in the picture. */
export type Actor = 'business' | 'service' | 'channel';

const ways: Readonly<Record<string, readonly [Actor, Actor]>> = {
  accepted: ['business', 'service'],
  send_tried: ['service', 'channel'],
  channel_accepted: ['channel', 'service'],
  status: ['channel', 'service'],
  inbound: ['channel', 'service'],
  fallback_tried: ['service', 'business'],
  fallback_taken: ['business', 'service'],
  fallback_dead: ['service', 'service'],
  push_tried: ['service', 'business'],
  delivered: ['business', 'service'],
  delivery_dead: ['service', 'service'],
  queued: ['service', 'service'],
  dequeued: ['service', 'business'],
  queue_deleted: ['business', 'service'],
  queue_expired: ['service', 'service'],
};

export function toWay({ kind }: MessageEvent): readonly [Actor, Actor] {
  return ways[kind] ?? ['service', 'service'];
}

/** Whether an event is a step back: a try that failed, a status that says so, a delivery that is dead. */
export function isBad({ kind, ref }: MessageEvent): boolean {
  if (kind === 'delivery_dead' || kind === 'fallback_dead' || kind === 'queue_expired') return true;
  if (['push_tried', 'send_tried', 'fallback_tried'].includes(kind)) return ref['outcome'] !== 'accepted';
  return kind === 'status' && ref['status'] === 'failed';
}
