import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { openCounters } from './counters.ts';
import type { Counters } from './counters.ts';
import type { EventName, Events } from './events.ts';
import { openGroundGauges } from './ground-gauges.ts';
import type { GroundFigures } from './ground-gauges.ts';
import { openWorkerGauges } from './worker-gauges.ts';
import type { WorkerFigures } from './worker-gauges.ts';

/** Figures that are looked up when somebody asks for the metrics. */
export interface Gauges {
  clockAheadSeconds(): number;
  /** When the certificate of the listeners ends, in epoch milliseconds; null without one. */
  certificateEndsAt?(): number | null;
  /** The host of the database that is used, where the store is one. */
  databaseHost?: (() => string) | undefined;
  /** The newest backup, null while there is none, and whether there should be a newer one; null where none are made. */
  backup?(): {
    readonly last: { readonly ageMs: number; readonly bytes: number; readonly durationMs: number } | null;
    readonly isOverdue: boolean;
  } | null;
  /** Whether the store is known to have been damaged. */
  isDegraded?(): boolean;
  /** What the service stands on. */
  ground?(): Promise<GroundFigures>;
  /** What runs by itself. */
  workers?(): readonly WorkerFigures[];
  /** How much accounts hold of what they may, the fullest first. */
  limitUses?(): readonly { readonly accountId: number; readonly limit: string; readonly ratio: number }[];
  oldestUndelivered(): Promise<
    readonly { readonly accountId: number; readonly destinationId: number; readonly ageSeconds: number }[]
  >;
  /** Destinations that are left alone because their receivers asked for it. */
  pauses(): Promise<
    readonly { readonly accountId: number; readonly destinationId: number; readonly seconds: number }[]
  >;
  /** Targets of notices that fail, and for how long; account 0 is the operator. */
  failingTargets(): Promise<
    readonly { readonly accountId: number; readonly targetId: string; readonly seconds: number }[]
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

/** A figure with its series, as the registry has it; of a histogram a series for each bucket, sum and count. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    /** Of a histogram's: what the series is called. */
    readonly metricName?: string;
  }[];
}

interface Metrics {
  readonly count: CountEvent;
  /** All of them in Prometheus text form. */
  readonly text: (gauges: Gauges) => Promise<string>;
  /** The very same, to be written in another form. */
  readonly figures: (gauges: Gauges) => Promise<readonly Figure[]>;
}

type CountEvent = <N extends EventName>(name: N, fields: Events[N]) => void;

/** Series of one gauge at most: a scrape stays small however many destinations and queues there are. */
const maxSeries = 1000;
/** A scrape waits no longer for the store; the counters come all the same. */
const gaugeTimeoutMs = 2000;

/** Makes the metrics of docs/operations.md; every label takes values from a closed or bounded set. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'chasqui_' });
  const counters: Counters = { ...openCounters(registry), ...gaugeSweeps(registry) };
  const showState = gaugeState(registry);
  const showGround = openGroundGauges([registry]);
  const showBacklog = gaugeBacklog(registry);
  const show = async (gauges: Gauges): Promise<void> => {
    showState(gauges);
    const [ground] = await Promise.all([gauges.ground?.(), showBacklog(gauges)]);
    showGround(ground ?? {});
  };
  return {
    count: (name, fields) => counters[name]?.(fields),
    text: async (gauges) => {
      await show(gauges);
      return registry.metrics();
    },
    figures: async (gauges) => {
      await show(gauges);
      // There is no figure of another type.
      return (await registry.getMetricsAsJSON()) as unknown as readonly Figure[];
    },
  };
}

/** How sweeps went. */
function gaugeSweeps(registry: Registry): Counters {
  const registers = [registry];
  const swept = new Counter({
    name: 'chasqui_store_swept_rows_total',
    help: 'Rows taken away because their time was over',
    registers,
  });
  const longest = new Gauge({
    name: 'chasqui_store_sweep_longest_seconds',
    help: 'How long a step of the last sweep held the store at most',
    registers,
  });
  return {
    'store.swept': (event) => {
      swept.inc(event.rows);
      longest.set(event.longestMs / 1000);
    },
  };
}

/** What this process knows by itself. */
function gaugeState(registry: Registry): (gauges: Gauges) => void {
  const registers = [registry];
  const showWorkers = openWorkerGauges(registers);
  const degraded = new Gauge({
    name: 'chasqui_store_degraded',
    help: '1 while the store is known to have been damaged',
    registers,
  });
  const clockAhead = new Gauge({
    name: 'chasqui_clock_ahead_seconds',
    help: "How far this machine's clock is ahead of the store's",
    registers,
  });
  const showCertificate = gaugeCertificate(registers);
  const databaseHost = new Gauge({
    name: 'chasqui_database_host',
    help: '1 for the host of the database that is used',
    labelNames: ['host'],
    registers,
  });
  const showUses = openSeries(
    registry,
    'limit_use_ratio',
    'How much of a limit an account holds; 1 is all of it',
    'limit',
  );
  const showBackup = gaugeBackup(registers);
  return (gauges) => {
    clockAhead.set(gauges.clockAheadSeconds());
    showWorkers(gauges.workers?.() ?? []);
    degraded.set(gauges.isDegraded?.() === true ? 1 : 0);
    showCertificate(gauges.certificateEndsAt?.() ?? null);
    databaseHost.reset();
    if (gauges.databaseHost !== undefined) databaseHost.set({ host: gauges.databaseHost() }, 1);
    showUses((gauges.limitUses?.() ?? []).map((use) => [use.accountId, use.limit, use.ratio]));
    showBackup(gauges.backup?.() ?? null);
  };
}

/** When the certificate ends, in the form of other programs that tell so; no series without one. */
function gaugeCertificate(registers: Registry[]): (endsAt: number | null) => void {
  const gauge = new Gauge({
    name: 'chasqui_certificate_end_timestamp_seconds',
    help: 'When the certificate of the listeners ends, in seconds since 1970',
    registers,
  });
  // A gauge without labels begins with a 0, which would be an end long ago.
  gauge.remove();
  return (endsAt) => {
    if (endsAt !== null) gauge.set(endsAt / 1000);
  };
}

/** The newest backup; no series without one, and none where none are made. */
function gaugeBackup(registers: Registry[]): (backup: ReturnType<NonNullable<Gauges['backup']>>) => void {
  const gauge = (name: string, help: string) => {
    const made = new Gauge({ name: `chasqui_backup_${name}`, help, registers });
    made.remove();
    return made;
  };
  const age = gauge('age_seconds', 'Time since the newest backup was begun');
  const bytes = gauge('bytes', 'Size of the newest backup, files that it shares with older ones included');
  const duration = gauge('duration_seconds', 'How long the newest backup took to write');
  const overdue = gauge('overdue', '1 while there has been none for twice as long as there should');
  return (backup) => {
    if (backup === null) return;
    overdue.set(backup.isOverdue ? 1 : 0);
    if (backup.last === null) return;
    age.set(backup.last.ageMs / 1000);
    bytes.set(backup.last.bytes);
    duration.set(backup.last.durationMs / 1000);
  };
}

/** What the store is asked for: what waits, for how long, and who is left alone. */
function gaugeBacklog(registry: Registry): (gauges: Gauges) => Promise<void> {
  const failures = new Counter({
    name: 'chasqui_gauge_failures_total',
    help: 'Scrapes for which the store did not give its figures in time',
    registers: [registry],
  });
  const showUndelivered = openSeries(
    registry,
    'oldest_undelivered_age_seconds',
    'Age of the oldest delivery that is not over, waits behind a breaker included',
    'destination',
  );
  const showPauses = openSeries(
    registry,
    'destination_pause_seconds',
    'How long a destination is still left alone because its receiver said that it is too much',
    'destination',
  );
  const showTargets = openSeries(
    registry,
    'notice_target_failing_seconds',
    'How long a target of notices has not been told',
    'target',
  );
  const showDepths = openSeries(registry, 'queue_depth', 'Messages ready in a queue', 'queue');
  const showAges = openSeries(
    registry,
    'queue_oldest_age_seconds',
    'Age of the oldest ready message',
    'queue',
  );
  return async (gauges) => {
    const [oldest, pauses, targets, queues] = await Promise.all([
      within(gauges.oldestUndelivered(), gaugeTimeoutMs),
      within(gauges.pauses(), gaugeTimeoutMs),
      within(gauges.failingTargets(), gaugeTimeoutMs),
      within(gauges.queues(), gaugeTimeoutMs),
    ]);
    if ([oldest, pauses, targets, queues].includes(undefined)) failures.inc();
    const byAge = (oldest ?? []).toSorted((a, b) => b.ageSeconds - a.ageSeconds);
    showUndelivered(byAge.map((one) => [one.accountId, String(one.destinationId), one.ageSeconds]));
    showPauses((pauses ?? []).map((one) => [one.accountId, String(one.destinationId), one.seconds]));
    showTargets((targets ?? []).map((one) => [one.accountId, one.targetId, one.seconds]));
    showDepths((queues ?? []).map((one) => [one.accountId, one.name, one.depth]));
    showAges((queues ?? []).map((one) => [one.accountId, one.name, one.oldestAgeSeconds]));
  };
}

/** A gauge with a series for each thing of an account; what is shown takes the place of what was. */
function openSeries(
  registry: Registry,
  name: string,
  help: string,
  label: 'destination' | 'queue' | 'limit' | 'target',
): (series: readonly (readonly [accountId: number, which: string, value: number])[]) => void {
  const gauge = new Gauge({
    name: `chasqui_${name}`,
    help,
    labelNames: ['account', label],
    registers: [registry],
  });
  return (series) => {
    gauge.reset();
    for (const [accountId, which, value] of series.slice(0, maxSeries))
      gauge.set({ account: String(accountId), [label]: which }, value);
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
