// Every worker of the service over a store that does as it is told: what comes of starting and stopping is the same for all.
import { toBackupName } from '../../src/domain/backup.ts';
import { GatewayError } from '../../src/domain/errors.ts';
import { watchChannels } from '../../src/core/channels/watch.ts';
import { Dispatcher } from '../../src/core/deliveries/dispatcher.ts';
import { followSettings } from '../../src/core/deliveries/suspension.ts';
import { MediaFetcher } from '../../src/core/media/fetcher.ts';
import { createClosing } from '../../src/core/messages/closure.ts';
import { Sending } from '../../src/core/messages/dispatcher.ts';
import { createExpiry } from '../../src/core/messages/expiry.ts';
import { createFallbacks } from '../../src/core/messages/fallbacks.ts';
import { Holding } from '../../src/core/receipts/hold.ts';
import { createRemarkedRereading } from '../../src/core/receipts/remark-reread.ts';
import { createRereading } from '../../src/core/receipts/route-reread.ts';
import { createRemovals } from '../../src/core/templates/removals.ts';
import { createReviews } from '../../src/core/templates/reviews.ts';
import { watchTemplates } from '../../src/core/templates/watch.ts';
import { BackupSchedule } from '../../src/operations/backup-schedule.ts';
import { CertificateWatch } from '../../src/operations/certificate-watch.ts';
import { watchClock } from '../../src/operations/clock-watch.ts';
import { Leadership } from '../../src/operations/leadership.ts';
import { NoticeBoard } from '../../src/operations/notices.ts';
import { createTelling } from '../../src/operations/notice-telling.ts';
import { createSweeps } from '../../src/operations/sweeps.ts';
import { createTallyCompaction } from '../../src/operations/tally-compaction.ts';
import { LimitWatch } from '../../src/operations/limit-watch.ts';
import { createWorkerWatch } from '../../src/operations/worker-watch.ts';
import { createPeriodicWriter } from '../../src/operations/periodic-writer.ts';
import type { Startable } from '../../src/runtime/activity.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';
import type { Emit } from '../../src/telemetry/events.ts';

/** A store that answers that there is nothing, once its gate is open, or that it is away. */
export class ObedientStore {
  calls = 0;
  isAway = false;
  readonly watchers = new Set<unknown>();
  #gate = Promise.withResolvers<void>();

  constructor() {
    this.#gate.resolve();
  }

  /** From now on a call ends when `open` is called. */
  shut(): void {
    this.#gate = Promise.withResolvers<void>();
  }

  open(): void {
    this.#gate.resolve();
  }

  /** Every verb of a store. */
  readonly verbs = new Proxy(
    {},
    {
      get: (_target, name) => {
        if (name === 'watch')
          return (watcher: unknown) => {
            this.watchers.add(watcher);
            return () => this.watchers.delete(watcher);
          };
        return () => this.#answer(String(name));
      },
    },
  ) as never;

  async #answer(verb: string): Promise<unknown> {
    this.calls += 1;
    await this.#gate.promise;
    if (this.isAway) throw new GatewayError('store_unavailable');
    if (verb === 'sweep') return { rows: 0, heldMs: 0 };
    if (verb === 'findNextMediaDue' || verb === 'findSweepMark') return undefined;
    return /^(claim|list|find|count)/.test(verb) ? [] : undefined;
  }
}

export interface Kind {
  readonly open: (store: ObedientStore, emit: Emit) => Startable;
  /** Whether its end waits for a call of the store that is under way. */
  readonly waits: boolean;
}

const nothing = (): void => undefined;
const now = Date.now;
const monotonic = monotonicNow;
const random = (): number => 0.5;
const hour = 60 * 60_000;
/** What no worker comes to use while the store holds nothing. */
const unused = {} as never;

type Deps = { readonly store: never; readonly emit: Emit };
type Opening = (deps: Deps) => Startable;

const toDeps = (deps: Deps) => ({
  ...deps,
  directory: unused,
  connectors: {},
  now,
  monotonic,
  random,
  record: async () => undefined,
  raiseNotice: nothing,
  endNotice: nothing,
  signLinks: <T>(_accountId: unknown, value: T): T => value,
  onHeld: nothing,
  removeMedia: async () => undefined,
  renderReceipt: unused,
  client: unused,
});

const writing =
  (name: string): Opening =>
  ({ store, emit }) =>
    createPeriodicWriter({
      name,
      everyMs: 1000,
      write: () => (store as { addRates: () => Promise<void> }).addRates(),
      emit,
      now,
      monotonic,
    });

const byName: Readonly<Record<string, Opening>> = {
  'certificate.watch': (deps) => {
    const { probe } = deps.store as { probe: () => Promise<void> };
    const read = () => probe().then(() => ({ beginsAt: 0, endsAt: Date.UTC(2120, 0), digest: 'the same' }));
    return new CertificateWatch({ ...toDeps(deps), read, use: nothing }).worker;
  },
  'queues.compact': ({ store, emit }) =>
    createTallyCompaction({ ...pick(store, 'compactTallies'), emit, now, monotonic }),
  'deliveries.push': (deps) => {
    const settings = {
      breakerFailures: 1,
      breakerSpanMs: 1,
      probeIntervalMs: 1,
      maxInFlight: 8,
      maxBatchBytes: 1,
    };
    return new Dispatcher({ ...toDeps(deps), render: unused, settings });
  },
  'messages.send': (deps) => {
    const settings = {
      perSecond: 1,
      pairMs: 0,
      concurrency: 1,
      unknownWaitMs: 1,
      unknownThen: 'fail',
    } as const;
    return new Sending({ ...toDeps(deps), recordSent: unused, findTemplate: unused, settings });
  },
  'media.fetch': (deps) => {
    const settings = { budgetBytes: 1, maxBytes: 1, keepMs: 1, concurrency: 4 };
    return new MediaFetcher({ ...toDeps(deps), files: unused, settings });
  },
  'intake.holding': (deps) => {
    const one = new Holding({ ...toDeps(deps), holdMs: 1000 });
    one.hold('whatsapp', 'wa/1');
    return one;
  },
  'intake.reread': (deps) => createRereading(toDeps(deps)),
  'intake.remarked': (deps) => createRemarkedRereading({ ...toDeps(deps), receiptMs: hour }),
  'delivery.unwanted': (deps) => followSettings(toDeps(deps)).worker,
  reviews: (deps) => createReviews({ ...toDeps(deps), localReviewMs: 0 }),
  removals: (deps) => createRemovals(toDeps(deps)),
  expiry: (deps) => createExpiry(toDeps(deps)),
  closing: (deps) => createClosing({ ...toDeps(deps), unknownWaitMs: 1 }),
  fallbacks: (deps) =>
    createFallbacks({ ...toDeps(deps), gatewayUrl: 'https://sms.example/', toHeaders: () => ({}) }),
  'channels.watch': (deps) =>
    watchChannels({
      ...toDeps(deps),
      connections: unused,
      renewToken: unused,
      intervalMs: hour,
      aheadMs: 1,
    }),
  'templates.watch': (deps) =>
    watchTemplates({ ...toDeps(deps), hasTemplates: () => true, adopt: unused, intervalMs: hour }),
  'notice.watch': (deps) =>
    new NoticeBoard({
      ...deps,
      store: {
        ...pick(
          deps.store,
          'probe',
          'findOldestUndelivered',
          'listStandingNotices',
          'findDestination',
          'findChannel',
          'findSender',
          'findKey',
          'findTemplates',
          'listDestinations',
        ),
        recordNotice: async () => unused,
      },
      now,
      monotonic,
      undeliveredAlarmMs: hour,
      operatorTargets: [],
      tellAtOnce: async () => undefined,
      findHostWithoutAddress: async () => null,
    }).watch,
  'notices.tell': (deps) =>
    createTelling({ ...toDeps(deps), notifiers: {}, operatorTargets: [], link: null }),
  'clock.watch': ({ store, emit }) =>
    watchClock({
      clock: {
        now,
        monotonic,
        doubt: () => ({ kind: 'kept', aheadMs: 1, text: 'why' }),
        databaseAheadMs: () => 0,
        compare: nothing,
      },
      store,
      raiseNotice: nothing,
      endNotice: nothing,
      emit,
    }),
  'store.sweep': (deps) =>
    createSweeps({
      ...toDeps(deps),
      sweepFiles: async () => 0,
      retention: { rawEventMs: 1, receiptMs: 1, attemptMs: 1, unreadableMs: 1, mediaMs: 1, uploadMs: 1 },
      isInDoubt: () => false,
      guard: {
        admit: async () => true,
        note: async () => undefined,
        suspect: nothing,
        letGo: nothing,
        held: () => [],
      },
    }).worker,
  'store.backup': (deps) => {
    const { probe } = deps.store as { probe: () => Promise<void> };
    const at = Date.now();
    let readings = 0;
    return new BackupSchedule({
      ...deps,
      now,
      // What waits for a while to try again has its turn at the next look.
      monotonic: () => monotonic() + (readings += 1) * 600_000,
      storeId: '1a2b3c4d',
      // The newest is of just now, so that none is due.
      openPlace: () =>
        probe().then(() => ({
          address: '/backup',
          begin: unused,
          keep: unused,
          remove: unused,
          clear: () => probe(),
          list: async () => [toBackupName('1a2b3c4d', at)],
          read: async () => ({ store: { bytes: 1 }, media: { bytes: 0 } }) as never,
        })),
      backups: unused,
      everyMs: 30 * 24 * hour,
      keep: 1,
      isInDoubt: () => false,
      raiseNotice: nothing,
      endNotice: nothing,
    }).worker;
  },
  'node.lead': (deps) => {
    const leadership = new Leadership({ ...deps, now, monotonic, holder: 'one' });
    return leadership.worker;
  },
  'keys.write_uses': writing('keys.write_uses'),
  'rates.write': writing('rates.write'),
  'push_rates.write': writing('push_rates.write'),
  'queue_rates.write': writing('queue_rates.write'),
  'limits.watch': (deps) => new LimitWatch({ ...toDeps(deps), quotas: {} }).worker,
  'workers.watch': ({ emit, store }) =>
    createWorkerWatch({
      emit,
      now,
      monotonic,
      list: () => {
        void (store as { addRates: () => Promise<void> }).addRates().catch(nothing);
        return [];
      },
      raiseNotice: nothing,
      endNotice: nothing,
    }),
};

/** Those whose end does not wait for the store: they have told what they look at. */
const waitless = new Set(['clock.watch', 'workers.watch']);

/** All that runs by itself, by the name that it has in the list of workers. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries(byName).map(([name, open]) => [
    name,
    {
      open: (store, emit) => open({ store: store.verbs, emit }),
      waits: !waitless.has(name),
    },
  ]),
);

function pick<K extends string>(store: never, ...names: readonly K[]): Record<K, never> {
  return Object.fromEntries(names.map((name) => [name, store[name]])) as Record<K, never>;
}
