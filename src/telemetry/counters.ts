// What is counted of events: each part of the service has its counters, and says which events move them.
import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { channelTypes } from '../domain/channel.ts';
import { noticeCodes } from '../domain/notice.ts';
import type { EventName, Events } from './events.ts';

export type Counters = { readonly [N in EventName]?: (fields: Events[N]) => void };

/** Makes the figures of one registry. */
interface Meters {
  readonly counter: <L extends string>(name: string, help: string, labelNames?: readonly L[]) => Counter<L>;
  /** Of times, unless it is given other buckets. */
  readonly histogram: <L extends string>(
    name: string,
    help: string,
    labelNames?: readonly L[],
    buckets?: number[],
  ) => Histogram<L>;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Codes that refusals are counted by. */
const maxWords = 200;

/** Labels that are vendors' words, and so is how many there are: those beyond the first hundreds, and odd ones, share a series. */
function labelled(shape: RegExp): (word: string) => string {
  const words = new Set<string>();
  return (word) => {
    if (words.size < maxWords && shape.test(word)) words.add(word);
    return words.has(word) ? word : 'other';
  };
}

/**
 * Counts what happens in a registry. What alarms look at begins with 0 where its labels are known: of a series that begins with 1,
 * Prometheus sees no increase.
 */
export function openCounters(registry: Registry): Counters {
  const registers = [registry];
  const meters: Meters = {
    counter: (name, help, labelNames = []) =>
      new Counter({ name: `chasqui_${name}`, help, labelNames, registers }),
    histogram: (name, help, labelNames = [], buckets = seconds) =>
      new Histogram({ name: `chasqui_${name}`, help, labelNames, buckets, registers }),
  };
  return {
    ...countIntake(meters),
    ...countPushes(meters),
    ...countMessages(meters),
    ...countCalls(meters),
    ...countCommits(meters),
    ...countUpkeep(meters),
  };
}

function countIntake({ counter, histogram }: Meters): Counters {
  const webhooks = counter('webhooks_total', 'Webhook POSTs by channel type and outcome', [
    'channel',
    'outcome',
  ]);
  const webhookSeconds = histogram('webhook_duration_seconds', 'Time to answer a webhook POST', ['channel']);
  const remarks = counter('webhook_remarks_total', 'Events that gave no receipt and were kept', [
    'channel',
    'reason',
    'detail',
  ]);
  const unrouted = counter('webhook_unrouted_total', 'Events of senders that are not registered', [
    'channel',
  ]);
  const repeats = counter('receipt_repeats_total', 'Events that were a receipt already (dedupe hits)', [
    'channel',
  ]);
  const receipts = counter('receipts_total', 'Receipts recorded', ['channel', 'type']);
  for (const channel of channelTypes) {
    unrouted.inc({ channel }, 0);
    for (const outcome of ['recorded', 'bad_signature', 'store_failed'])
      webhooks.inc({ channel, outcome }, 0);
  }
  const toDetailLabel = labelled(/^[\w. -]{0,60}$/);
  return {
    'webhook.received': (event) => {
      webhooks.inc({ channel: event.channelType, outcome: event.outcome });
      webhookSeconds.observe({ channel: event.channelType }, event.durationMs / 1000);
      if (event.unrouted > 0) unrouted.inc({ channel: event.channelType }, event.unrouted);
      if (event.repeats > 0) repeats.inc({ channel: event.channelType }, event.repeats);
    },
    'event.remarked': ({ channelType: channel, reason, detail, count }) =>
      remarks.inc({ channel, reason, detail: toDetailLabel(detail) }, count),
    'receipt.recorded': (event) => receipts.inc({ channel: event.channelType, type: event.type }),
  };
}

function countPushes({ counter, histogram }: Meters): Counters {
  const attempts = counter('delivery_attempts_total', 'POSTs to callback URLs by outcome', ['outcome']);
  const attemptSeconds = histogram('delivery_attempt_duration_seconds', 'Time of a POST to a callback URL');
  const pushed = counter('delivery_repeats_total', 'POSTs that may repeat an earlier one, by cause', [
    'cause',
  ]);
  const dead = counter('deliveries_dead_total', 'Deliveries given up after their last try');
  return {
    'delivery.attempted': (event) => {
      attempts.inc({ outcome: event.outcome });
      attemptSeconds.observe(event.durationMs / 1000);
      if (event.cause !== null) pushed.inc({ cause: event.cause });
    },
    'delivery.died': () => dead.inc(),
  };
}

function countMessages({ counter, histogram }: Meters): Counters {
  const unexplained = counter('unrecognized_refusals_total', 'Refusals of channels that no table explains', [
    'channel',
    'code',
  ]);
  const sent = counter('messages_sent_total', 'Send calls to channels by outcome', ['outcome']);
  const sendSeconds = histogram('message_send_duration_seconds', 'Time of a send call to a channel');
  const media = counter('media_fetches_total', 'Media fetches by outcome', ['outcome']);
  const toCodeLabel = labelled(/^\w{1,40}$/);
  return {
    'message.sent': (event) => {
      sent.inc({ outcome: event.outcome });
      sendSeconds.observe(event.durationMs / 1000);
    },
    'channel.unrecognized': (event) =>
      unexplained.inc({ channel: event.channelType, code: toCodeLabel(event.code) }),
    'media.fetched': (event) => media.inc({ outcome: event.outcome }),
  };
}

function countCalls({ counter, histogram }: Meters): Counters {
  const cams = counter('cams_requests_total', 'CAMS requests by operation and code', ['operation', 'code']);
  const camsSeconds = histogram('cams_duration_seconds', 'Time to answer a CAMS request');
  const smq = counter('smq_requests_total', 'SMQ requests by operation and error code', [
    'operation',
    'code',
  ]);
  const smqMessages = counter('smq_messages_total', 'Messages that passed through SMQ operations', [
    'operation',
  ]);
  const api = counter('api_requests_total', 'Admin API requests by status', ['status']);
  const signIns = counter(
    'company_sign_ins_total',
    "Steps of sign-ins by the company's provider of identities, to it and back, by outcome",
    ['step', 'outcome'],
  );
  const limits = counter(
    'limits_met_total',
    'Requests refused because an account, or a key, may use no more',
    ['limit', 'of'],
  );
  return {
    'cams.served': (event) => {
      cams.inc({ operation: event.operation, code: event.code });
      camsSeconds.observe(event.durationMs / 1000);
    },
    'smq.served': (event) => {
      smq.inc({ operation: event.operation, code: event.code ?? 'OK' });
      if (event.messages > 0) smqMessages.inc({ operation: event.operation }, event.messages);
    },
    'api.served': (event) => api.inc({ status: String(event.status) }),
    'company_sign_in.begun': () => signIns.inc({ step: 'begun', outcome: 'done' }),
    'company_sign_in.stepped': ({ step, outcome }) => signIns.inc({ step, outcome }),
    'limit.met': ({ limit, of }) => limits.inc({ limit, of }),
  };
}

function countCommits({ counter, histogram }: Meters): Counters {
  const commits = histogram('store_commit_duration_seconds', 'Time of a transaction of the store');
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];
  const group = histogram('store_commit_calls', 'Calls that shared a transaction', [], sizes);
  const failures = counter('store_commit_failures_total', 'Transactions that failed');
  const moves = counter('database_moves_total', 'Changes to another host of the database');
  const failing = counter(
    'store_failings_total',
    'Times that the store was told to fail, or to be short of connections',
  );
  const damages = counter('store_damage_total', 'Signs of damage to the store that were met');
  return {
    'database.moved': () => moves.inc(),
    'store.committed': (event) => {
      commits.observe(event.durationMs / 1000);
      group.observe(event.calls);
      if (!event.ok) failures.inc();
    },
    'store.failing': () => failing.inc(),
    'store.damaged': () => damages.inc(),
  };
}

function countUpkeep({ counter }: Meters): Counters {
  const notices = counter('notices_total', 'Operator notices', ['code']);
  for (const code of noticeCodes) notices.inc({ code }, 0);
  const messages = counter(
    'notice_messages_total',
    'Tries to tell a target of notices, by its kind and the outcome',
    ['kind', 'outcome'],
  );
  const crashes = counter('unit_crashes_total', 'Units of work that ended by an unforeseen failure', [
    'unit',
  ]);
  const backups = counter('backups_total', 'Backups that were due, by outcome', ['outcome']);
  const lost = counter('log_lines_lost_total', 'Lines of the log that could not be written');
  const spans = counter('spans_lost_total', 'Spans that did not go out to the OTLP endpoint');
  return {
    'spans.lost': (event) => spans.inc(event.spans),
    'log.lost': (event) => lost.inc(event.lines),
    'backup.made': () => backups.inc({ outcome: 'made' }),
    'backup.failed': () => backups.inc({ outcome: 'failed' }),
    'notice.raised': (event) => notices.inc({ code: event.code }),
    'notice.told': ({ kind, outcome }) => messages.inc({ kind, outcome }),
    'unit.crashed': (event) => crashes.inc({ unit: event.unit }),
  };
}
