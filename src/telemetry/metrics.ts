import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { EventName, Events } from './events.ts';
import { openWorkerGauges } from './worker-gauges.ts';
import type { WorkerFigures } from './worker-gauges.ts';

/** Codes that refusals are counted by. */
const maxWords = 200;

/** Figures that are looked up when somebody asks for the metrics. */
export interface Gauges {
  clockAheadSeconds(): number;
  /** Whether the store is known to have been damaged. */
  isDegraded?(): boolean;
  /** What runs by itself. */
  workers?(): readonly WorkerFigures[];
  oldestUndelivered(): Promise<
    readonly { readonly accountId: number; readonly destinationId: number; readonly ageSeconds: number }[]
  >;
  /** Destinations that are left alone because their receivers asked for it. */
  pauses(): Promise<
    readonly { readonly accountId: number; readonly destinationId: number; readonly seconds: number }[]
  >;
  queues(): Promise<
    readonly {
      readonly accountId: number;
      readonly name: string;
      readonly depth: number;
      readonly oldestAgeSeconds: number;
    }[]
  >;
}

type CountEvent = <N extends EventName>(name: N, fields: Events[N]) => void;

type Counters = { readonly [N in EventName]?: (fields: Events[N]) => void };

/** Series of one gauge at most: a scrape stays small however many destinations and queues there are. */
const maxSeries = 1000;
/** A scrape waits no longer for the store; the counters come all the same. */
const gaugeTimeoutMs = 2000;

/** Labels that are vendors' words, and so is how many there are: those beyond the first hundreds, and odd ones, share a series. */
function labelled(shape: RegExp): (word: string) => string {
  const words = new Set<string>();
  return (word) => {
    if (words.size < maxWords && shape.test(word)) words.add(word);
    return words.has(word) ? word : 'other';
  };
}

/** Makes the metrics of docs/operations.md; every label takes values from a closed or bounded set. */
export function openMetrics(): { count: CountEvent; text: (gauges: Gauges) => Promise<string> } {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'chasqui_' });

  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `chasqui_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ) => new Histogram({ name: `chasqui_${name}`, help, labelNames, buckets, registers });
  const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

  const webhooks = counter('webhooks_total', 'Webhook POSTs by channel type and outcome', [
    'channel',
    'outcome',
  ]);
  const webhookSeconds = histogram('webhook_duration_seconds', 'Time to answer a webhook POST', seconds, [
    'channel',
  ]);
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
  const attempts = counter('delivery_attempts_total', 'POSTs to callback URLs by outcome', ['outcome']);
  const attemptSeconds = histogram(
    'delivery_attempt_duration_seconds',
    'Time of a POST to a callback URL',
    seconds,
  );
  const pushed = counter('delivery_repeats_total', 'POSTs that may repeat an earlier one, by cause', [
    'cause',
  ]);
  const dead = counter('deliveries_dead_total', 'Deliveries given up after their last try');
  const [toCodeLabel, toDetailLabel] = [labelled(/^\w{1,40}$/), labelled(/^[\w. -]{0,60}$/)];
  const unexplained = counter('unrecognized_refusals_total', 'Refusals of channels that no table explains', [
    'channel',
    'code',
  ]);
  const sent = counter('messages_sent_total', 'Send calls to channels by outcome', ['outcome']);
  const sendSeconds = histogram('message_send_duration_seconds', 'Time of a send call to a channel', seconds);
  const cams = counter('cams_requests_total', 'CAMS requests by operation and code', ['operation', 'code']);
  const camsSeconds = histogram('cams_duration_seconds', 'Time to answer a CAMS request', seconds);
  const smq = counter('smq_requests_total', 'SMQ requests by operation and error code', [
    'operation',
    'code',
  ]);
  const smqMessages = counter('smq_messages_total', 'Messages that passed through SMQ operations', [
    'operation',
  ]);
  const api = counter('api_requests_total', 'Admin API requests by status', ['status']);
  const media = counter('media_fetches_total', 'Media fetches by outcome', ['outcome']);
  const commits = histogram('store_commit_duration_seconds', 'Time of a transaction of the store', seconds);
  const group = histogram(
    'store_commit_calls',
    'Calls that shared a transaction',
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  );
  const commitFailures = counter('store_commit_failures_total', 'Transactions that failed');
  const damages = counter('store_damage_total', 'Signs of damage to the store that were met');
  const gauge = (name: string, help: string) => new Gauge({ name: `chasqui_${name}`, help, registers });
  const showWorkers = openWorkerGauges(registers);
  const degraded = gauge('store_degraded', '1 while the store is known to have been damaged');
  const swept = counter('store_swept_rows_total', 'Rows taken away because their time was over');
  const sweptLongest = gauge(
    'store_sweep_longest_seconds',
    'How long a step of the last sweep held the store at most',
  );
  const notices = counter('notices_total', 'Operator notices', ['code']);
  const crashes = counter('unit_crashes_total', 'Units of work that ended by an unforeseen failure', [
    'unit',
  ]);
  const gaugeFailures = counter(
    'gauge_failures_total',
    'Scrapes for which the store did not give its figures in time',
  );
  const undeliveredAge = new Gauge({
    name: 'chasqui_oldest_undelivered_age_seconds',
    help: 'Age of the oldest delivery that is not over, waits behind a breaker included',
    labelNames: ['account', 'destination'],
    registers,
  });
  const pause = new Gauge({
    name: 'chasqui_destination_pause_seconds',
    help: 'How long a destination is still left alone because its receiver said that it is too much',
    labelNames: ['account', 'destination'],
    registers,
  });
  const queueDepth = new Gauge({
    name: 'chasqui_queue_depth',
    help: 'Messages ready in a queue',
    labelNames: ['account', 'queue'],
    registers,
  });
  const queueAge = new Gauge({
    name: 'chasqui_queue_oldest_age_seconds',
    help: 'Age of the oldest ready message',
    labelNames: ['account', 'queue'],
    registers,
  });

  const clockAhead = new Gauge({
    name: 'chasqui_clock_ahead_seconds',
    help: "How far this machine's clock is ahead of the store's",
    registers,
  });

  const counters: Counters = {
    'webhook.received': (event) => {
      webhooks.inc({ channel: event.channelType, outcome: event.outcome });
      webhookSeconds.observe({ channel: event.channelType }, event.durationMs / 1000);
      if (event.unrouted > 0) unrouted.inc({ channel: event.channelType }, event.unrouted);
      if (event.repeats > 0) repeats.inc({ channel: event.channelType }, event.repeats);
    },
    'event.remarked': ({ channelType: channel, reason, detail, count }) =>
      remarks.inc({ channel, reason, detail: toDetailLabel(detail) }, count),
    'receipt.recorded': (event) => receipts.inc({ channel: event.channelType, type: event.type }),
    'delivery.attempted': (event) => {
      attempts.inc({ outcome: event.outcome });
      attemptSeconds.observe(event.durationMs / 1000);
      if (event.cause !== null) pushed.inc({ cause: event.cause });
    },
    'delivery.died': () => dead.inc(),
    'message.sent': (event) => {
      sent.inc({ outcome: event.outcome });
      sendSeconds.observe(event.durationMs / 1000);
    },
    'channel.unrecognized': (event) =>
      unexplained.inc({ channel: event.channelType, code: toCodeLabel(event.code) }),
    'cams.served': (event) => {
      cams.inc({ operation: event.operation, code: event.code });
      camsSeconds.observe(event.durationMs / 1000);
    },
    'smq.served': (event) => {
      smq.inc({ operation: event.operation, code: event.code ?? 'OK' });
      if (event.messages > 0) smqMessages.inc({ operation: event.operation }, event.messages);
    },
    'api.served': (event) => api.inc({ status: String(event.status) }),
    'media.fetched': (event) => media.inc({ outcome: event.outcome }),
    'store.committed': (event) => {
      commits.observe(event.durationMs / 1000);
      group.observe(event.calls);
      if (!event.ok) commitFailures.inc();
    },
    'store.damaged': () => damages.inc(),
    'store.swept': (event) => {
      swept.inc(event.rows);
      sweptLongest.set(event.longestMs / 1000);
    },
    'notice.raised': (event) => notices.inc({ code: event.code }),
    'unit.crashed': (event) => crashes.inc({ unit: event.unit }),
  };

  return {
    count: (name, fields) => counters[name]?.(fields),
    text: async (gauges) => {
      clockAhead.set(gauges.clockAheadSeconds());
      showWorkers(gauges.workers?.() ?? []);
      degraded.set(gauges.isDegraded?.() === true ? 1 : 0);
      undeliveredAge.reset();
      pause.reset();
      queueDepth.reset();
      queueAge.reset();
      const [oldest, pauses, queues] = await Promise.all([
        within(gauges.oldestUndelivered(), gaugeTimeoutMs),
        within(gauges.pauses(), gaugeTimeoutMs),
        within(gauges.queues(), gaugeTimeoutMs),
      ]);
      if (oldest === undefined || pauses === undefined || queues === undefined) gaugeFailures.inc();
      for (const { accountId, destinationId, seconds } of (pauses ?? []).slice(0, maxSeries))
        pause.set({ account: String(accountId), destination: String(destinationId) }, seconds);
      const byAge = (oldest ?? []).toSorted((a, b) => b.ageSeconds - a.ageSeconds);
      for (const { accountId, destinationId, ageSeconds } of byAge.slice(0, maxSeries)) {
        undeliveredAge.set({ account: String(accountId), destination: String(destinationId) }, ageSeconds);
      }
      for (const { accountId, name, depth, oldestAgeSeconds } of (queues ?? []).slice(0, maxSeries)) {
        queueDepth.set({ account: String(accountId), queue: name }, depth);
        queueAge.set({ account: String(accountId), queue: name }, oldestAgeSeconds);
      }
      return registry.metrics();
    },
  };
}

/** What work gives, or undefined when it fails or takes too long. */
async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, timeoutMs);
  });
  const result = await Promise.race([work.catch(() => undefined), tooLong]);
  clearTimeout(timer);
  return result;
}
