// What an operator is told, and what keeps a wrong clock from doing harm: there before anything takes up work.
import { settingTable } from '../config/table.ts';
import type { Settings } from '../config/table.ts';
import { Quota } from '../core/accounts/quotas.ts';
import { RequestRates } from '../core/accounts/request-rates.ts';
import { findUnheard } from '../core/accounts/first-account.ts';
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import { openClient } from '../http/client.ts';
import type { Client } from '../http/client.ts';
import { randomUUID } from 'node:crypto';
import type { Duty } from '../runtime/worker.ts';
import { LimitWatch } from '../operations/limit-watch.ts';
import { Leadership } from '../operations/leadership.ts';
import { watchClock } from '../operations/clock-watch.ts';
import { NoticeBoard } from '../operations/notices.ts';
import { createTelling, tellAtOnce } from '../operations/notice-telling.ts';
import type { TellingDeps } from '../operations/notice-telling.ts';
import { PushRateCounter } from '../operations/push-rates.ts';
import { QueueRateCounter } from '../operations/queue-rates.ts';
import { RateCounter } from '../operations/rates.ts';
import { createPeriodicWriter } from '../operations/periodic-writer.ts';
import { createSweepGuard, toMark } from '../operations/sweep-guard.ts';
import type { SweepGuard } from '../operations/sweep-guard.ts';
import type { FileRetention, Retention } from '../store/store.ts';
import { day, megabyte, startWorker } from './host.ts';
import { createNotifiers, toLink, toOperatorTargets } from './notifiers.ts';
import type { Stores } from './stores.ts';

/** How often the last use of keys and portal links is written down. */
const keyUsesMs = 10_000;
/** How often what was counted for the overview is written down. */
const ratesMs = 10_000;

export interface Operations extends Stores {
  /** The only way out, to addresses that may be reached. */
  readonly client: Client;
  /** What accounts, and their keys, may ask in a second. */
  readonly rates: RequestRates;
  /** What they may hold. */
  readonly messageQuota: Quota;
  readonly fileQuota: Quota;
  readonly limitWatch: LimitWatch;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  /** How targets of notices are told, and which the operator has. */
  readonly telling: TellingDeps;
  readonly retention: Retention & FileRetention;
  readonly sweepGuard: SweepGuard;
  /** What one node does for all. */
  readonly duty: Duty;
  /** Wakes the sweeps, once there are any. */
  readonly sweeping: { wake: () => void };
}

export async function openOperations(stores: Stores): Promise<Operations> {
  const { settings, emit, store, now, monotonic, clock, releases } = stores;
  startCounting(stores);
  const duty = await takeLead(stores);
  const client = openClient({
    monotonic,
    egressAllow: settings.egressAllow,
    ...(settings.egressProxy === null
      ? {}
      : { proxy: { url: settings.egressProxy, names: settings.egressProxyNames } }),
  });
  releases.add('store', () => client.close());
  const { telling, notices } = openTelling(stores, client, duty);
  stores.damage.tellBy(notices.raise);
  await tellUnheard(stores, notices);
  const retention = toRetention(settings);
  const sweepGuard = createSweepGuard({
    store,
    raiseNotice: notices.raise,
    endNotice: notices.end,
    monotonic,
  });
  const sweeping = { wake: (): void => undefined };
  // Before anything expires by what a wrong clock says.
  if (clock.doubt() === null) await sweepGuard.admit(toMark(retention, now()));
  else sweepGuard.suspect();
  startWorker(
    stores,
    watchClock({
      clock,
      store,
      raiseNotice: notices.raise,
      endNotice: notices.end,
      emit,
      onDoubt: sweepGuard.suspect,
      onSound: () => sweeping.wake(),
    }),
  );
  const limits = createLimits(stores, notices);
  const quotas = { queuedMessages: limits.messageQuota, storedBytes: limits.fileQuota };
  const limitWatch = new LimitWatch({ store, quotas, emit, now, monotonic, duty });
  return {
    ...stores,
    client,
    raiseNotice: notices.raise,
    endNotice: notices.end,
    telling,
    ...limits,
    limitWatch,
    retention,
    sweepGuard,
    duty,
    sweeping,
  };
}

/** What accounts, and their keys, may use. */
function createLimits(
  { settings, store, emit, monotonic }: Stores,
  { raise: raiseNotice, end: endNotice }: Pick<NoticeBoard, 'raise' | 'end'>,
): Pick<Operations, 'rates' | 'messageQuota' | 'fileQuota'> {
  const limits = {
    get requestsPerSecond() {
      return settings.accountRequestsPerSecond;
    },
    get queuedMessages() {
      return settings.accountQueuedMessages;
    },
    get storedBytes() {
      return settings.accountStoredMegabytes * megabyte;
    },
  };
  const deps = { store, emit, monotonic, raiseNotice, endNotice, limits };
  return {
    rates: new RequestRates(deps),
    messageQuota: new Quota('queuedMessages', deps),
    fileQuota: new Quota('storedBytes', deps),
  };
}

/** Records what is raised, and tells targets of it. */
function openTelling(
  stores: Stores,
  client: Client,
  duty: Duty,
): { readonly telling: TellingDeps; readonly notices: NoticeBoard } {
  const { settings, store, emit, now, monotonic, releases } = stores;
  const operatorTargets = toOperatorTargets(settings);
  const telling: TellingDeps = {
    store,
    notifiers: createNotifiers({ settings, client, now }),
    operatorTargets,
    link: toLink(settings),
    emit,
    now,
    monotonic,
    random: Math.random,
    duty,
  };
  const notices = new NoticeBoard({
    store,
    emit,
    now,
    monotonic,
    operatorTargets,
    tellAtOnce: (targetIds, notice) => tellAtOnce(telling, targetIds, notice),
    get undeliveredAlarmMs() {
      return settings.undeliveredAlarmMinutes * 60_000;
    },
    findHostWithoutAddress: client.findHostWithoutAddress,
    ownStates: stores.damage.states,
    duty,
  });
  releases.add('records', () => notices.close());
  stores.workers.add(notices.watch).start();
  startWorker(stores, createTelling(telling));
  return { telling, notices };
}

/** Tells of settings of the first account that this store does not hear; what it was made by stays quiet. */
async function tellUnheard({ store, settings, emit }: Stores, notices: NoticeBoard): Promise<void> {
  const unheard = await findUnheard(store, settings);
  // Settings are read at a start, and so a start sees that they were put right.
  if (unheard.length === 0) return notices.conclude(null, 'settings_unheard', 'settings');
  const names = unheard.map((name) => settingTable[name].env).join(', ');
  emit('settings.unheard', { settings: names });
  notices.raise({
    accountId: null,
    subject: 'settings',
    ...noticed('settings_unheard', { settings: names }),
  });
}

/** Looks before anything begins whether this node does what one does for all; a single one always does. */
async function takeLead(stores: Stores): Promise<Duty> {
  const { store, emit, now, monotonic, releases } = stores;
  const leadership = new Leadership({ store, emit, now, monotonic, holder: randomUUID() });
  await leadership.worker.look();
  startWorker(stores, leadership.worker);
  releases.add('records', () => leadership.leave());
  return leadership;
}

/** Counts in memory what happens, and writes it down every so often. */
function startCounting(stores: Stores): void {
  const { store, directory, now, monotonic, emit, listen } = stores;
  const rates = new RateCounter(store, now);
  const queueRates = new QueueRateCounter(store, now);
  const pushRates = new PushRateCounter(store, now);
  listen((name, fields) => rates.take(name, fields));
  listen((name, fields) => pushRates.take(name, fields));
  listen((name, fields) => queueRates.take(name, fields));
  const writing = [
    { name: 'keys.write_uses', everyMs: keyUsesMs, write: () => directory.writeUses() },
    { name: 'rates.write', everyMs: ratesMs, write: () => rates.write() },
    { name: 'queue_rates.write', everyMs: ratesMs, write: () => queueRates.write() },
    { name: 'push_rates.write', everyMs: ratesMs, write: () => pushRates.write() },
  ];
  for (const options of writing)
    startWorker(stores, createPeriodicWriter({ ...options, emit, now, monotonic }), 'records');
}

function toRetention(settings: Settings): Retention & FileRetention {
  return {
    get rawEventMs() {
      return settings.rawRetentionDays * day;
    },
    get receiptMs() {
      return settings.receiptRetentionDays * day;
    },
    get attemptMs() {
      return settings.attemptRetentionDays * day;
    },
    get unreadableMs() {
      return settings.unreadableRetentionDays * day;
    },
    mediaMs: settings.mediaLinkDays * day,
    get uploadMs() {
      return settings.uploadDays * day;
    },
  };
}
