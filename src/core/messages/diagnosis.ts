// Why something is not delivered, told from the state alone: a code that a client can translate, and a sentence.
import type { Attempt, Delivery, Destination } from '../../domain/delivery.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type { Timeline } from '../../store/store.ts';
import { toTime } from '../../domain/time.ts';
import type { FallbackStory } from './story.ts';
import type { Trace } from './trace.ts';

/** All that can be the matter, worst first; the first that holds is the answer. */
export const whyCodes = [
  'refused_by_channel',
  'dead',
  'fallback_dead',
  'destination_off',
  'breaker_open',
  'retrying',
  'fallback_retrying',
  'outcome_unknown',
  'waiting_turn',
  'not_sent_yet',
  'waiting_behind',
  'not_wanted',
  'given_up',
  'waiting',
  'queue_expired',
  'no_subscription',
  'held',
  'in_queue',
  'no_status_yet',
  'fallback_armed',
  'fallback_taken',
  'delivered',
] as const;
type WhyCode = (typeof whyCodes)[number];

interface Why {
  readonly code: WhyCode;
  /** What the sentence speaks of: times as RFC 3339, numbers, URLs and names. */
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  readonly text: string;
}

/** Tells why a message, or what is known of it, has not reached everyone it is meant for; the worst reason first. */
export function explain({
  message,
  attempts,
  timelines,
  fallback,
  destinations,
}: Trace): readonly [Why, ...Why[]] {
  const reasons = [
    ...(message === null ? [] : explainSending(message, attempts, timelines)),
    ...(fallback === null ? [] : explainFallback(fallback)),
    ...timelines.flatMap((timeline) => explainReceipt(timeline, destinations)),
  ].sort((a, b) => whyCodes.indexOf(a.code) - whyCodes.indexOf(b.code));
  const [worst, ...rest] = reasons;
  return worst === undefined ? [delivered()] : [worst, ...rest];
}

/** What stands between a message of the business and its recipient. */
function explainSending(
  message: OutboundMessage,
  attempts: readonly SendAttempt[],
  timelines: readonly Timeline[],
): Why[] {
  const due = message.dueAt === null ? null : toTime(message.dueAt);
  const tries = message.attempts;
  if (message.status === 'failed') return [explainRefusal(message, attempts, timelines)];
  switch (message.state) {
    case 'queued':
      if (message.blocked)
        return [
          why(
            'waiting_turn',
            { to: message.to },
            'It waits for its turn behind an earlier message to the same recipient.',
          ),
        ];
      return [
        why(
          'not_sent_yet',
          { dueAt: due, attempts: tries },
          tries === 0
            ? 'It has not been handed to the channel yet.'
            : `The channel did not take it at try ${tries}; the next try is at ${due ?? 'an open time'}.`,
        ),
      ];
    case 'unknown':
      return [
        why(
          'outcome_unknown',
          { until: due },
          'The channel did not answer the send call, so it may have been sent; a status or the end of a wait decides.',
        ),
      ];
    case 'failed':
      return [explainRefusal(message, attempts, timelines)];
    case 'accepted':
      return message.status === null
        ? [why('no_status_yet', {}, 'The channel took it and has told no status yet.')]
        : [];
  }
}

function explainRefusal(
  message: OutboundMessage,
  attempts: readonly SendAttempt[],
  timelines: readonly Timeline[],
): Why {
  const failed = timelines
    .map(({ receipt }) => receipt.facts)
    .find((facts) => facts.type === 'ChatAppStatus' && facts.status === 'failed');
  const last = attempts.at(-1);
  const told = failed?.type === 'ChatAppStatus' ? failed : undefined;
  const code = told?.errorCode ?? last?.code ?? '';
  const description = told?.errorDescription ?? last?.text ?? '';
  // Descriptions repeat the code in front, as Alibaba's do.
  const reason = description.startsWith(`${code}:`) ? description.slice(code.length + 1).trim() : description;
  return why(
    'refused_by_channel',
    { code, reason, attempts: message.attempts },
    `The channel did not deliver it${code === '' ? '' : `: ${code}`}${reason === '' ? '.' : ` (${reason}).`}`,
  );
}

/** What becomes of the short message that is to take the message's place. */
function explainFallback({
  fallback: { state, dueAt, reason, attempts: tries },
  attempts,
}: FallbackStory): Why[] {
  const due = dueAt === null ? null : toTime(dueAt);
  const params = { reason, attempts: tries };
  const lastly = attempts.at(-1)?.text ?? '';
  switch (state) {
    case 'armed':
      return due === null
        ? []
        : [
            why(
              'fallback_armed',
              { dueAt: due },
              `It has not been told delivered; unless it is by ${due}, its SMS fallback goes out.`,
            ),
          ];
    case 'firing':
      return [
        why(
          'fallback_retrying',
          { ...params, nextTryAt: due },
          tries === 0
            ? 'Its SMS fallback is being handed to the gateway.'
            : `The SMS gateway did not take its fallback at try ${tries}: ${lastly} The next try is at ${due ?? 'an open time'}.`,
        ),
      ];
    case 'taken':
      return [why('fallback_taken', params, 'The SMS gateway took its fallback in its place.')];
    case 'dead':
      return [
        why(
          'fallback_dead',
          params,
          `The SMS gateway did not take its fallback at ${tries} tries, and it is not tried again: ${lastly}`,
        ),
      ];
    case 'dropped':
      return [];
  }
}

/** What stands between one receipt and each of the places it goes to. */
function explainReceipt(timeline: Timeline, destinations: Trace['destinations']): Why[] {
  const { deliveries, queue, receipt } = timeline;
  if (deliveries.length === 0 && queue === null)
    return [
      why(
        'no_subscription',
        { receiptId: receipt.receiptId },
        'When it was recorded, no callback and no queue was set to get receipts of its type.',
      ),
    ];
  return [
    ...deliveries.flatMap((delivery) => {
      const reason = explainDelivery(delivery, destinations.get(delivery.destinationId));
      return reason === null ? [] : [reason];
    }),
    ...(queue === null ? [] : explainQueue(queue)),
  ];
}

function explainDelivery(
  delivery: Delivery & { readonly url: string; readonly tries: readonly Attempt[] },
  destination: Destination | undefined,
): Why | null {
  const { url, state, attempts, receiptId } = delivery;
  const last = delivery.tries.at(-1);
  const nextTryAt = toTime(delivery.dueAt);
  const common = { receiptId, deliveryId: String(delivery.id), url, attempts };
  const lastly = last === undefined ? '' : ` The last answer was ${last.status ?? last.outcome}.`;
  if (state === 'done') return null;
  if (state === 'unwanted')
    return why(
      'not_wanted',
      { ...common, since: toTime(delivery.unwantedSince ?? delivery.dueAt) },
      `Since ${toTime(delivery.unwantedSince ?? delivery.dueAt)} the settings do not want it pushed to ${url}: HTTP is off, or its type is deselected. It goes on once they do, or can be given up.`,
    );
  if (state === 'dead' && attempts === 0)
    return why(
      'given_up',
      common,
      `It was given up before ${url} was tried. Replay it if it is wanted after all.`,
    );
  if (state === 'dead')
    return why(
      'dead',
      { ...common, lastOutcome: last?.outcome ?? null, lastStatus: last?.status ?? null },
      `${url} did not take it at ${attempts} tries, and it is not tried again by itself.${lastly} Replay it once that works.`,
    );
  if (destination?.state === 'off')
    return why(
      'destination_off',
      { ...common, since: toTime(destination.stateSince), reason: destination.stateReason.text },
      `${url} has been switched off since ${toTime(destination.stateSince)}: ${destination.stateReason.text}`,
    );
  if (destination?.state === 'opened')
    return why(
      'breaker_open',
      { ...common, nextTryAt, reason: destination.stateReason.text },
      `${url} keeps failing, so only probes go there; the next try of this one is at ${nextTryAt} or after a probe works.`,
    );
  if (state === 'blocked')
    return why(
      'waiting_behind',
      common,
      `It waits behind an earlier receipt of the same message or user that ${url} has not taken yet.`,
    );
  if (attempts > 0)
    return why(
      'retrying',
      { ...common, nextTryAt },
      `${url} did not take it at try ${attempts}.${lastly} The next try is at ${nextTryAt}.`,
    );
  return why('waiting', { ...common, nextTryAt }, `It is on its way to ${url}, due at ${nextTryAt}.`);
}

function explainQueue({ queueName, state, dequeueCount }: NonNullable<Timeline['queue']>): Why[] {
  const params = { queueName, dequeueCount };
  switch (state) {
    case 'queued':
      return [
        why(
          'in_queue',
          params,
          dequeueCount === 0
            ? `It lies in the queue ${queueName} and nobody has received it yet.`
            : `It lies in the queue ${queueName} again: it was received ${dequeueCount} times and never deleted.`,
        ),
      ];
    case 'held':
      return [
        why('held', params, `A receiver of the queue ${queueName} holds it and has not deleted it yet.`),
      ];
    case 'expired':
      return [
        why(
          'queue_expired',
          params,
          `It outlived the retention of the queue ${queueName} before anybody deleted it.`,
        ),
      ];
    case 'deleted':
    case 'unknown':
      return [];
  }
}

function delivered(): Why {
  return why('delivered', {}, 'Everything that is known of it has been delivered.');
}

function why(code: WhyCode, params: Why['params'], text: string): Why {
  return { code, params, text };
}
