// Pushes what is due: one runner for each destination that has work, woken by the store and by time, never by polling.
import { system } from '../domain/account.ts';
import type { AccountId } from '../domain/account.ts';
import type { ClaimedBatch, Destination } from '../domain/delivery.ts';
import { noticed } from '../domain/findings.ts';
import type { RaiseNotice } from '../domain/notice.ts';
import { Shares } from '../domain/shares.ts';
import type { Directory } from '../store/directory.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';
import { Breaker } from './breaker.ts';
import { push } from './push.ts';
import type { PushDeps, Pushed } from './push.ts';
import { Settling } from './settling.ts';

export interface DispatcherDeps extends Omit<PushDeps, 'maxBatchBytes'> {
  readonly store: Pick<
    Store,
    | 'claimDeliveries'
    | 'settleDeliveries'
    | 'releaseDeliveries'
    | 'findNextDue'
    | 'findBusyDestinations'
    | 'setDestinationState'
    | 'watch'
  >;
  readonly directory: Directory;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
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

export interface Dispatcher {
  /** Finds what is due from before and begins. */
  start(): Promise<void>;
  /** Begins no more pushes, waits up to `limitMs` for those under way, and gives back the rest. */
  stop(limitMs: number): Promise<void>;
}

/** A lease outlives the slowest push, and the wait before it, by this much. */
const leaseMarginMs = 15_000;
/** What was claimed ahead and has waited for its turn so long is given back untried. */
const aheadMs = 5_000;
/** After the store failed, a runner looks again after this long. */
const storeRetryMs = 1000;
/** Timers are set no further ahead, because the longest delay a timer takes is 24.8 days. */
const maxSleepMs = 60 * 60 * 1000;

interface Runner {
  readonly accountId: AccountId;
  readonly destinationId: number;
  breaker: Breaker | undefined;
  /** Whether the store knows that the breaker has opened; if it then says active, an operator has closed it. */
  isOpenKnown: boolean;
  inFlight: number;
  /** Claimed ahead, so that a claim is for many: each of them looks past all that are claimed already. */
  ahead: ClaimedBatch[];
  aheadSince: number;
  /** Whether a look for work is under way, and whether another is wanted after it. */
  isLooking: boolean;
  isAskedAgain: boolean;
  cancelTimer: (() => void) | undefined;
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

export function openDispatcher(deps: DispatcherDeps): Dispatcher {
  const { store, directory, emit, now, settings } = deps;
  const setTimer = deps.setTimer ?? setSystemTimer;
  const runners = new Map<number, Runner>();
  const places = openPlaces(settings.maxInFlight);
  /** Runners that found no free place among the pushes of all, by account; accounts take turns. */
  const queued = new Map<AccountId, Set<Runner>>();
  const settling = new Settling(store);
  const held = new Map<Runner, Set<ClaimedBatch>>();
  /** Batches that are claimed and wait for their turn, of all runners. */
  let ahead = 0;
  let isStopped = false;
  let unwatch = (): void => undefined;

  function runnerOf(accountId: AccountId, destinationId: number): Runner {
    const known = runners.get(destinationId);
    if (known !== undefined) return known;
    const runner: Runner = {
      accountId,
      destinationId,
      breaker: undefined,
      isOpenKnown: false,
      inFlight: 0,
      ahead: [],
      aheadSince: 0,
      isLooking: false,
      isAskedAgain: false,
      cancelTimer: undefined,
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
    if (isStopped) return;
    if (runner.isLooking) {
      runner.isAskedAgain = true;
      return;
    }
    runner.isLooking = true;
    look(runner)
      .catch((error: unknown) => {
        emit('unit.crashed', { unit: 'dispatcher.look', error });
        sleepUntil(runner, now() + storeRetryMs);
      })
      .finally(() => {
        runner.isLooking = false;
        if (runner.isAskedAgain) {
          runner.isAskedAgain = false;
          wake(runner);
        }
        wakeQueued();
      });
  }

  /** Claims as much as may be pushed now and begins to; sets the timer for what is due later. */
  async function look(runner: Runner): Promise<void> {
    runner.cancelTimer?.();
    runner.cancelTimer = undefined;
    const { accountId, destinationId } = runner;
    const destination = await directory.destination(accountId, destinationId);
    if (destination === undefined || destination.state === 'off') {
      await giveBack(runner);
      return;
    }
    const breaker = (runner.breaker ??= new Breaker(
      {
        failures: settings.breakerFailures,
        spanMs: settings.breakerSpanMs,
        probeIntervalMs: settings.probeIntervalMs,
      },
      destination.state === 'opened',
    ));
    if (breaker.isOpen || now() - runner.aheadSince > aheadMs) await giveBack(runner);
    const toFree = (): number =>
      Math.min(destination.settings.concurrency - runner.inFlight, places.room(accountId));
    if (!breaker.isOpen) beginAhead(runner, destination, breaker, toFree());
    const free = toFree();
    const isQueued = places.room(accountId) === 0;
    if (isQueued) queue(runner);
    const wanted = breaker.isOpen && runner.inFlight > 0 ? 0 : Math.max(0, free);
    const isProbe = breaker.isOpen;
    const limit = breaker.admit(wanted, now());
    if (limit > 0) {
      const { batchSize, timeoutMs, concurrency } = destination.settings;
      const batches = await store.claimDeliveries({
        accountId,
        destinationId,
        limit: isProbe ? limit : limit + Math.max(0, Math.min(concurrency, settings.maxInFlight - ahead)),
        batchSize,
        now: now(),
        leaseMs: 2 * timeoutMs + leaseMarginMs,
      });
      if (batches.length === 0 && isProbe) breaker.forgoProbe();
      runner.ahead.push(...batches);
      runner.aheadSince = now();
      ahead += batches.length;
      if (isStopped) {
        await giveBack(runner);
        return;
      }
      beginAhead(runner, destination, breaker, isProbe ? limit : toFree());
      // Others may have taken the places while the store looked.
      if (runner.ahead.length > 0 && places.room(accountId) === 0) queue(runner);
      if (batches.length >= limit) return;
    }
    // With pushes under way, the end of one of them looks again; a place that becomes free does.
    if (isQueued || (wanted === 0 && runner.inFlight > 0)) return;
    const due = await store.findNextDue(accountId, destinationId);
    if (due !== undefined) sleepUntil(runner, Math.max(due, breaker.nextProbeAt ?? 0));
    else if (runner.inFlight === 0 && !breaker.isOpen && !runner.isAskedAgain) runners.delete(destinationId);
  }

  /** Begins to push up to `count` of what was claimed ahead. */
  function beginAhead(runner: Runner, destination: Destination, breaker: Breaker, count: number): void {
    if (count <= 0) return;
    const batches = runner.ahead.splice(0, count);
    ahead -= batches.length;
    for (const batch of batches) begin(runner, destination, breaker, batch);
  }

  /** Gives back what was claimed ahead; it falls due again at once. */
  async function giveBack(runner: Runner): Promise<void> {
    const { accountId, destinationId } = runner;
    const batches = runner.ahead.splice(0);
    ahead -= batches.length;
    const ids = batches.flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
    if (ids.length > 0) await store.releaseDeliveries(accountId, destinationId, ids);
  }

  function sleepUntil(runner: Runner, at: number): void {
    if (isStopped) return;
    runner.cancelTimer?.();
    runner.cancelTimer = setTimer(() => wake(runner), Math.min(maxSleepMs, Math.max(0, at - now())));
  }

  function begin(runner: Runner, destination: Destination, breaker: Breaker, batch: ClaimedBatch): void {
    runner.inFlight += 1;
    const leave = places.take(runner.accountId);
    const batches = held.get(runner) ?? new Set();
    held.set(runner, batches.add(batch));
    finish(runner, destination, breaker, batch)
      .catch((error: unknown) => emit('unit.crashed', { unit: 'dispatcher.push', error }))
      .finally(() => {
        runner.inFlight -= 1;
        leave();
        batches.delete(batch);
        if (batches.size === 0) held.delete(runner);
        wake(runner);
        wakeQueued();
      });
  }

  async function finish(
    runner: Runner,
    destination: Destination,
    breaker: Breaker,
    batch: ClaimedBatch,
  ): Promise<void> {
    const pushed = await push({ ...deps, maxBatchBytes: settings.maxBatchBytes }, destination, batch);
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
    for (const error of pushed.faults) emit('unit.crashed', { unit: 'dispatcher.push', error });
    await giveBackLeft(runner, pushed.left);
    await settling.settle(pushed.settlements);
    tellDead(pushed, batch);
    if (pushed.wasSent) await follow(runner, destination, breaker, outcome);
  }

  /** What did not fit into the POST is due at once, in the next one. */
  async function giveBackLeft(runner: Runner, left: readonly number[]): Promise<void> {
    if (left.length === 0) return;
    await store.releaseDeliveries(runner.accountId, runner.destinationId, left);
    wake(runner);
  }

  function tellDead({ settlements }: Pushed, batch: ClaimedBatch): void {
    for (const { next, deliveryId } of settlements) {
      if (next.kind === 'dead')
        emit('delivery.died', {
          accountId: batch.accountId,
          destinationId: batch.destinationId,
          deliveryId,
          attempts: batch.attempt,
        });
    }
  }

  /** Lets the breaker and the destination's state follow what a push came to. */
  async function follow(
    runner: Runner,
    { accountId, id, url }: Destination,
    breaker: Breaker,
    outcome: Pushed['judgement']['outcome'],
  ): Promise<void> {
    const subject = `destination/${id}`;
    const { host } = outcome === 'accepted' && !breaker.isOpen ? { host: '' } : new URL(url);
    if (outcome === 'gone') {
      const notice = noticed('destination_off', { host });
      await store.setDestinationState(accountId, id, 'off', notice.text, system);
      deps.raiseNotice({ accountId, subject, ...notice });
      return;
    }
    const change = breaker.record(outcome === 'accepted', now());
    if (change === 'opened') {
      const failures = settings.breakerFailures;
      const notice = noticed('destination_opened', { host, failures, outcome });
      await store.setDestinationState(accountId, id, 'opened', notice.text, system);
      runner.isOpenKnown = true;
      deps.raiseNotice({ accountId, subject, ...notice });
    } else if (change === 'closed') {
      const notice = noticed('destination_closed', { host });
      runner.isOpenKnown = false;
      await store.setDestinationState(accountId, id, 'active', notice.text, system);
      deps.raiseNotice({ accountId, subject, ...notice });
    }
  }

  return {
    start: async () => {
      unwatch = store.watch((signal) => {
        if (signal.kind === 'deliveries') wake(runnerOf(signal.accountId, signal.destinationId));
        if (signal.kind === 'missed')
          wakeBusy().catch((error: unknown) => emit('unit.crashed', { unit: 'dispatcher.look', error }));
      });
      await wakeBusy();
    },
    stop: async (limitMs) => {
      isStopped = true;
      unwatch();
      for (const runner of runners.values()) runner.cancelTimer?.();
      const end = Date.now() + limitMs;
      while (places.taken > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const runner of runners.values()) await giveBack(runner);
      for (const [{ accountId, destinationId }, batches] of held) {
        const ids = [...batches].flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
        await store.releaseDeliveries(accountId, destinationId, ids);
      }
    },
  };
}

function setSystemTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
