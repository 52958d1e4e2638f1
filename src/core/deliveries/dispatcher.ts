// Pushes what is due: one runner for each destination that has work, woken by the store and by time, never by polling.
import type { Startable } from '../../runtime/activity.ts';
import { Pool } from '../../runtime/pool.ts';
import type { Runner as Lookout } from '../../runtime/pool.ts';
import { system } from '../../domain/account.ts';
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch, Destination } from '../../domain/delivery.ts';
import { noticed } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { Shares } from '../../domain/shares.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { BreakerChange } from './breaker.ts';
import { Health } from './standing.ts';
import type { Shield } from './standing.ts';
import type { Judgement } from './judge.ts';
import { push } from './push.ts';
import type { PushDeps, Pushed } from './push.ts';
import { Settling } from './settlement.ts';
import { findUnwanted } from './suspension.ts';

export interface DispatcherDeps extends Omit<PushDeps, 'maxBatchBytes' | 'heed'> {
  readonly store: Pick<
    Store,
    | 'claimDeliveries'
    | 'settleDeliveries'
    | 'releaseDeliveries'
    | 'findNextDue'
    | 'findBusyDestinations'
    | 'setDestinationState'
    | 'setDestinationPause'
    | 'setAside'
    | 'watch'
  >;
  readonly directory: Directory;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  /** Monotonic milliseconds, for what never leaves the process; `now` when left out. */
  readonly tick?: () => number;
  readonly settings: DispatcherSettings;
}

export interface DispatcherSettings {
  readonly breakerFailures: number;
  readonly breakerSpanMs: number;
  readonly probeIntervalMs: number;
  /** POSTs under way at once over all destinations. */
  readonly maxInFlight: number;
  readonly maxBatchBytes: number;
}

/** A lease outlives the slowest push, and the wait before it, by this much. */
const leaseMarginMs = 15_000;
/** What was claimed ahead and has waited for its turn so long is given back untried. */
const aheadMs = 5_000;
/** What a destination has taught is kept at least this long after its last work. */
const easeMs = 60_000;
/** A pause that is shorter, or hardly longer than what was written down, is not written down. */
const pauseStepMs = 1000;

interface Runner {
  readonly accountId: AccountId;
  readonly destinationId: number;
  health: Health | undefined;
  /** What `health` was learnt of. */
  url: string;
  /** When its state was last set, as `health` knows it; undefined while that is being written here. */
  stateSince: number | undefined;
  /** The end of the pause that was last written down, by the monotonic clock. */
  pauseTold: number;
  /** Grows when a change of the breaker begins to be written down and when it is; odd in between. */
  told: number;
  readonly lookout: Lookout;
  /** Claimed ahead, so that a claim is for many: each of them looks past all that are claimed already. */
  ahead: ClaimedBatch[];
  aheadSince: number;
}

/** The last quarter of the places is kept for accounts that have less than an eighth, so that none pushes all others aside. */
function openPlaces(total: number): Shares<AccountId> {
  return new Shares({
    total,
    each: total,
    kept: Math.floor(total / 4),
    few: Math.max(1, Math.floor(total / 8)),
  });
}

export function openDispatcher(deps: DispatcherDeps): Startable {
  const { store, directory, emit, now, settings } = deps;
  const tick = deps.tick ?? now;
  const runners = new Map<number, Runner>();
  const places = openPlaces(settings.maxInFlight);
  /** Runners that found no free place among the pushes of all, by account; accounts take turns. */
  const queued = new Map<AccountId, Set<Runner>>();
  const settling = new Settling(store);
  const held = new Map<Runner, Set<ClaimedBatch>>();
  /** Batches that are claimed and wait for their turn, of all runners. */
  let ahead = 0;
  const pool = new Pool({
    name: 'deliveries.push',
    emit,
    search: wakeBusy,
    connect: () =>
      store.watch((signal) => {
        if (signal.kind === 'deliveries') wake(runnerOf(signal.accountId, signal.destinationId));
        if (signal.kind === 'missed') pool.search();
      }),
    giveBack: giveBackAll,
    waiting: () => ahead,
    now,
    monotonic: tick,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });

  function runnerOf(accountId: AccountId, destinationId: number): Runner {
    const known = runners.get(destinationId);
    if (known !== undefined) return known;
    const runner: Runner = {
      accountId,
      destinationId,
      health: undefined,
      url: '',
      stateSince: undefined,
      pauseTold: -Infinity,
      told: 0,
      lookout: pool.open(async () => {
        try {
          await look(runner);
        } finally {
          wakeQueued();
        }
      }),
      ahead: [],
      aheadSince: 0,
    };
    runners.set(destinationId, runner);
    return runner;
  }

  async function wakeBusy(): Promise<void> {
    for (const { accountId, destinationId } of await store.findBusyDestinations())
      wake(runnerOf(accountId, destinationId));
  }

  function queue(runner: Runner): void {
    const waiting = queued.get(runner.accountId) ?? new Set();
    queued.set(runner.accountId, waiting.add(runner));
  }

  /** Wakes the next that waits for a place and may have one; its look wakes the one after it. */
  function wakeQueued(): void {
    for (const [accountId, waiting] of queued) {
      if (places.room(accountId) === 0) continue;
      queued.delete(accountId);
      const [next] = waiting;
      if (next === undefined) continue;
      waiting.delete(next);
      if (waiting.size > 0) queued.set(accountId, waiting);
      wake(next);
      return;
    }
  }

  function wake(runner: Runner): void {
    runner.lookout.wake();
  }

  /** Claims as much as may be pushed now and begins to; sets the timer for what is due later. */
  async function look(runner: Runner): Promise<void> {
    const { accountId, destinationId } = runner;
    const { told } = runner;
    const destination = await directory.destination(accountId, destinationId);
    if (destination === undefined || destination.state === 'off') {
      // Once it is switched on again it is asked anew, however long a pause it asked for.
      runner.health?.pace.restart(tick());
      await giveBack(runner);
      return;
    }
    const { breaker, pace } = healthOf(runner, destination, told);
    if (breaker.isOpen || pace.isPaused(tick()) || tick() - runner.aheadSince > aheadMs)
      await giveBack(runner);
    const toFree = (): number =>
      pace.admit(
        Math.min(destination.settings.concurrency - runner.lookout.underWay, places.room(accountId)),
        runner.lookout.underWay,
        tick(),
      );
    if (!breaker.isOpen) beginAhead(runner, destination, toFree());
    const isQueued = places.room(accountId) === 0;
    if (isQueued) queue(runner);
    const isProbe = breaker.isOpen;
    const wanted = isProbe && runner.lookout.underWay > 0 ? 0 : toFree();
    const limit = breaker.admit(wanted, tick());
    if (limit > 0) {
      const claimed = await claim(runner, destination, limit, isProbe);
      if (claimed === 0 && isProbe) breaker.forgoProbe();
      if (pool.isStopped) return;
      beginAhead(runner, destination, isProbe ? limit : toFree());
      // Others may have taken the places while the store looked.
      if (runner.ahead.length > 0 && places.room(accountId) === 0) queue(runner);
      if (claimed >= limit) {
        sleepByPace(runner);
        return;
      }
    }
    // With pushes under way, the end of one of them looks again; a place that becomes free does.
    if (isQueued || (wanted === 0 && sleepByPace(runner)) || (wanted === 0 && runner.lookout.underWay > 0))
      return;
    const due = await store.findNextDue(accountId, destinationId);
    const probeMs = Math.max(0, (breaker.nextProbeAt ?? 0) - tick());
    if (due !== undefined) sleepFor(runner, Math.max(due - now(), breaker.isOpen ? probeMs : 0));
    else if (runner.lookout.underWay === 0 && !breaker.isOpen && !runner.lookout.isWoken) forget(runner);
  }

  /** The health of a destination. `told` is what it was before its state was looked up: a state that was read meanwhile may be old. */
  function healthOf(runner: Runner, { state, url, stateSince, pause }: Destination, told: number): Health {
    const isOpen = state === 'opened';
    // Another address has taught nothing yet.
    if (runner.url !== url) runner.health = undefined;
    runner.url = url;
    if (runner.health === undefined) {
      const { breakerFailures: failures, breakerSpanMs: spanMs, probeIntervalMs } = settings;
      runner.health = new Health({ failures, spanMs, probeIntervalMs }, isOpen);
      // Another process was told it, or this one before it was started anew.
      if (pause !== null) runner.health.pace.resume(tick() + pause.until - now(), tick());
      runner.stateSince = stateSince;
    } else if (told === runner.told && told % 2 === 0) {
      runner.health.follow(isOpen, tick());
      // Whoever switches it on has it asked at once.
      const isSet = runner.stateSince !== undefined && runner.stateSince !== stateSince;
      if (isSet && !isOpen) runner.health.pace.endPause(tick());
      runner.stateSince = stateSince;
    }
    return runner.health;
  }

  /** Claims `limit` batches to push now, and some ahead where nothing slows the destination; returns how many. */
  async function claim(
    runner: Runner,
    { accountId, id: destinationId, settings: { batchSize, timeoutMs, concurrency } }: Destination,
    limit: number,
    isProbe: boolean,
  ): Promise<number> {
    const isFree = !isProbe && runner.health?.pace.isFree === true;
    const more = isFree ? Math.max(0, Math.min(concurrency, settings.maxInFlight - ahead)) : 0;
    const batches = await store.claimDeliveries({
      accountId,
      destinationId,
      limit: limit + more,
      batchSize,
      isProbe,
      now: now(),
      leaseMs: 2 * timeoutMs + leaseMarginMs,
    });
    runner.ahead.push(...batches);
    runner.aheadSince = tick();
    ahead += batches.length;
    return batches.length;
  }

  /** Looks again when the destination's pace allows more; false when the pace holds back nothing. */
  function sleepByPace(runner: Runner): boolean {
    const waitMs = runner.health?.pace.waitMs(tick()) ?? 0;
    if (waitMs > 0) sleepFor(runner, waitMs);
    return waitMs > 0;
  }

  /** A destination without work is forgotten, but not what it has taught within the last minutes. */
  function forget(runner: Runner): void {
    const { health } = runner;
    if (health?.isAtEase(tick()) === false) sleepFor(runner, easeMs);
    else {
      runners.delete(runner.destinationId);
      runner.lookout.close();
    }
  }

  /** Begins to push up to `count` of what was claimed ahead. */
  function beginAhead(runner: Runner, destination: Destination, count: number): void {
    if (count <= 0) return;
    const batches = runner.ahead.splice(0, count);
    ahead -= batches.length;
    for (const batch of batches) begin(runner, destination, batch);
  }

  /** Gives back what was claimed ahead; it falls due again at once. */
  async function giveBack(runner: Runner): Promise<void> {
    const { accountId, destinationId } = runner;
    const batches = runner.ahead.splice(0);
    ahead -= batches.length;
    const ids = batches.flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
    if (ids.length > 0) await store.releaseDeliveries(accountId, destinationId, ids);
  }

  /** At the end: what was claimed ahead, and what is under way still. */
  async function giveBackAll(): Promise<void> {
    for (const runner of runners.values()) await giveBack(runner);
    for (const [{ accountId, destinationId }, batches] of held) {
      const ids = [...batches].flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
      await store.releaseDeliveries(accountId, destinationId, ids);
    }
  }

  function sleepFor(runner: Runner, ms: number): void {
    runner.lookout.sleep(ms);
  }

  function begin(runner: Runner, destination: Destination, batch: ClaimedBatch): void {
    runner.health?.pace.begin();
    const leave = places.take(runner.accountId);
    const batches = held.get(runner) ?? new Set();
    held.set(runner, batches.add(batch));
    runner.lookout.begin(finish(runner, destination, batch), () => {
      leave();
      batches.delete(batch);
      if (batches.size === 0) held.delete(runner);
      wake(runner);
      wakeQueued();
    });
  }

  async function finish(runner: Runner, destination: Destination, claimed: ClaimedBatch): Promise<void> {
    const batch = await setAsideUnwanted(claimed);
    if (batch === undefined) {
      // Nothing was asked of the destination.
      if (runner.health?.breaker.isOpen === true) runner.health.breaker.forgoProbe();
      return;
    }
    const begunAt = tick();
    const { health } = runner;
    let change: BreakerChange = null;
    const heed = (judgement: Judgement): Shield => {
      // What an address answered says nothing of the one that is in its place by now.
      const heeded = (health === runner.health ? health : undefined)?.heed(judgement, batch, {
        begunAt,
        inFlight: runner.lookout.underWay,
        now: tick(),
      });
      change = heeded?.change ?? null;
      // From here on the store is behind.
      if (change !== null) runner.told += 1;
      return heeded?.shield ?? {};
    };
    const pushed = await push({ ...deps, maxBatchBytes: settings.maxBatchBytes, heed }, destination, batch);
    const { outcome, status } = pushed.judgement;
    emit('delivery.attempted', {
      accountId: batch.accountId,
      destinationId: batch.destinationId,
      receipts: batch.members.length,
      attempt: batch.attempt,
      cause: batch.cause,
      outcome,
      status,
      durationMs: pushed.durationMs,
    });
    for (const error of pushed.faults) pool.crash(error);
    try {
      await giveBackLeft(runner, pushed.left);
      await settling.settle(pushed.settlements);
      if (pushed.settlements.some(({ next }) => next.kind === 'retry')) await setAsideUnwanted(batch);
      tellDead(deps, destination, pushed, batch);
      if (outcome === 'throttled' && health === runner.health) await tellPause(runner, pushed.judgement);
    } finally {
      if (pushed.wasSent) await tell(runner, destination, outcome, change);
    }
  }

  /**
   * Sets aside what settings do not want any more, which is looked at here because what was claimed may have waited for its turn.
   * Returns what is left to push.
   */
  async function setAsideUnwanted(batch: ClaimedBatch): Promise<ClaimedBatch | undefined> {
    const { accountId, destinationId } = batch;
    const release = (deliveryIds: readonly number[]): Promise<void> =>
      store.releaseDeliveries(accountId, destinationId, deliveryIds);
    try {
      const unwanted = await findUnwanted(directory, batch);
      if (unwanted.length === 0) return batch;
      await store.setAside(accountId, unwanted);
      const ids = new Set(unwanted.map(({ deliveryId }) => deliveryId));
      await release([...ids]);
      const members = batch.members.filter(({ deliveryId }) => !ids.has(deliveryId));
      return members.length === 0 && batch.unreadable === undefined ? undefined : { ...batch, members };
    } catch (error) {
      // It is not known whether they are wanted, so they are looked at again.
      await release(batch.members.map(({ deliveryId }) => deliveryId));
      throw error;
    }
  }

  /** What did not fit into the POST is due at once, in the next one. */
  async function giveBackLeft(runner: Runner, left: readonly number[]): Promise<void> {
    if (left.length === 0) return;
    await store.releaseDeliveries(runner.accountId, runner.destinationId, left);
    wake(runner);
  }

  /** Writes down how long the destination is left alone, for whoever looks at it; not each of many answers that say the same. */
  async function tellPause(runner: Runner, { status, retryAfterMs }: Judgement): Promise<void> {
    const until = runner.health?.pace.pausedUntil ?? -Infinity;
    const leftMs = until - tick();
    if (leftMs < pauseStepMs || until - runner.pauseTold < pauseStepMs) return;
    runner.pauseTold = until;
    const { accountId, destinationId } = runner;
    const pause = { until: Math.round(now() + leftMs), status: status ?? 0, askedMs: retryAfterMs };
    try {
      await store.setDestinationPause(accountId, destinationId, pause);
    } catch (error) {
      runner.pauseTold = -Infinity;
      throw error;
    }
  }

  /** Writes down the state that the destination is in from now on. */
  async function tell(
    runner: Runner,
    { accountId, id, url }: Destination,
    outcome: Pushed['judgement']['outcome'],
    change: BreakerChange,
  ): Promise<void> {
    if (outcome !== 'gone' && change === null) return;
    const subject = `destination/${id}`;
    const { host } = new URL(url);
    if (outcome === 'gone') {
      const notice = noticed('destination_off', { host });
      await store.setDestinationState(accountId, id, 'off', notice.text, system);
      deps.raiseNotice({ accountId, subject, ...notice });
      return;
    }
    const failures = Math.max(1, runner.health?.breaker.failures ?? 1);
    const notice =
      change === 'opened'
        ? noticed('destination_opened', { host, failures, outcome })
        : noticed('destination_closed', { host });
    try {
      const state = change === 'opened' ? 'opened' : 'active';
      await store.setDestinationState(accountId, id, state, notice.text, system);
    } finally {
      runner.told += 1;
      runner.stateSince = undefined;
    }
    deps.raiseNotice({ accountId, subject, ...notice });
  }

  return pool;
}

function tellDead(
  { emit, raiseNotice }: Pick<DispatcherDeps, 'emit' | 'raiseNotice'>,
  { url }: Destination,
  { settlements, judgement, wasSent }: Pushed,
  batch: ClaimedBatch,
): void {
  for (const { next, deliveryId } of settlements) {
    if (next.kind === 'dead')
      emit('delivery.died', {
        accountId: batch.accountId,
        destinationId: batch.destinationId,
        deliveryId,
        attempts: batch.attempt,
      });
  }
  // What went wrong here is told as a fault of ours, not as the destination's.
  if (!wasSent || !settlements.some(({ next }) => next.kind === 'dead')) return;
  const params = { host: new URL(url).host, tries: batch.attempt, outcome: judgement.outcome };
  const subject = `destination/${batch.destinationId}`;
  raiseNotice({ accountId: batch.accountId, subject, ...noticed('delivery_died', params) });
}
