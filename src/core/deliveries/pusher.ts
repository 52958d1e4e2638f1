// Pushes to one destination: looks what is due, claims, pushes, and settles, as fast as its answers allow.
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch, Destination } from '../../domain/delivery.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { Pool, Runner } from '../../runtime/pool.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Prefetch, toDeliveryIds } from './prefetch.ts';
import type { PrefetchCount } from './prefetch.ts';
import type { BreakerChange } from './breaker.ts';
import type { Judgement } from './judge.ts';
import type { Places } from './places.ts';
import { push } from './push.ts';
import type { PushDeps, Pushed } from './push.ts';
import { reportAttempt, reportDead, reportState } from './reports.ts';
import type { StateChange } from './reports.ts';
import type { Settling } from './settlement.ts';
import { Standing } from './standing.ts';
import type { Health, Shield } from './standing.ts';
import { setAsideUnwanted } from './suspension.ts';

interface PushSettings {
  readonly breakerFailures: number;
  readonly breakerSpanMs: number;
  readonly probeIntervalMs: number;
  /** POSTs under way at once over all destinations. */
  readonly maxInFlight: number;
  readonly maxBatchBytes: number;
}

/** What pushing needs, to any destination. */
export interface PushingDeps extends Omit<PushDeps, 'maxBatchBytes' | 'heed'> {
  readonly store: Pick<
    Store,
    | 'claimDeliveries'
    | 'settleDeliveries'
    | 'releaseDeliveries'
    | 'findNextDue'
    | 'setDestinationState'
    | 'setDestinationPause'
    | 'setAside'
  >;
  readonly directory: Directory;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly settings: PushSettings;
}

/** What the pushers of a process share. */
export interface Shared extends PushingDeps {
  readonly pool: Pool;
  readonly places: Places;
  readonly settling: Settling;
  readonly ahead: PrefetchCount;
  /** Called when a destination has no work and nothing that is worth keeping. */
  readonly forget: (pusher: Pusher) => void;
}

/** A lease outlives the slowest push, and the wait before it, by this much. */
const leaseMarginMs = 15_000;
/** What a destination has taught is kept at least this long after its last work. */
const easeMs = 60_000;

export class Pusher {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly #shared: Shared;
  readonly #runner: Runner;
  readonly #standing: Standing;
  readonly #ahead: Prefetch;
  readonly #underWay = new Set<ClaimedBatch>();

  constructor(shared: Shared, accountId: AccountId, destinationId: number) {
    this.#shared = shared;
    this.accountId = accountId;
    this.destinationId = destinationId;
    const { breakerFailures: failures, breakerSpanMs: spanMs, probeIntervalMs } = shared.settings;
    this.#standing = new Standing({ failures, spanMs, probeIntervalMs });
    this.#ahead = new Prefetch(shared.ahead);
    this.#runner = shared.pool.open(
      () => this.#look(),
      () => shared.places.wakeNext(),
    );
  }

  wake(): void {
    this.#runner.wake();
  }

  /** Gives back what was claimed ahead; it falls due again at once. */
  async giveBack(): Promise<void> {
    await this.#release(toDeliveryIds(this.#ahead.take()));
  }

  /** At the end of the process: gives back what is under way as well. */
  async giveBackAll(): Promise<void> {
    await this.#release(toDeliveryIds([...this.#ahead.take(), ...this.#underWay]));
  }

  /** Claims as much as may be pushed now and begins to; sets the timer for what is due later. */
  async #look(): Promise<void> {
    const { directory, now, monotonic, places } = this.#shared;
    const { writes } = this.#standing;
    const destination = await directory.destination(this.accountId, this.destinationId);
    if (destination === undefined || destination.state === 'off') {
      await this.#standStill();
      return;
    }
    const health = this.#standing.follow(destination, writes, { now: now(), tick: monotonic() });
    const { breaker } = health;
    if (breaker.isOpen || health.pace.isPaused(monotonic()) || this.#ahead.isOld(monotonic()))
      await this.giveBack();
    const isProbe = breaker.isOpen;
    if (!isProbe) this.#beginAhead(destination, this.#countFree(destination, health));
    const isInLine = places.room(this.accountId) === 0;
    if (isInLine) places.queue(this);
    // A probe goes alone.
    const wanted = isProbe && this.#runner.underWay > 0 ? 0 : this.#countFree(destination, health);
    const limit = breaker.admit(wanted, monotonic());
    if (limit > 0) {
      const isMore = await this.#claimAndBegin(destination, health, limit, isProbe);
      if (isMore) {
        this.#sleepByPace(health);
        return;
      }
    }
    // With pushes under way, the end of one of them looks again; a place that becomes free does.
    const isHeldBack = wanted === 0 && (this.#sleepByPace(health) || this.#runner.underWay > 0);
    if (!isInLine && !isHeldBack) await this.#sleepUntilDue(health);
  }

  /** Nothing goes to a destination that is off, or gone. Once it is switched on again it is asked anew, however long a pause it asked for. */
  async #standStill(): Promise<void> {
    this.#standing.health?.pace.restart(this.#shared.monotonic());
    await this.giveBack();
  }

  /** How many more POSTs may begin now, by its own setting, its pace, and the places of all. */
  #countFree({ settings }: Destination, { pace }: Health): number {
    const { underWay } = this.#runner;
    const room = Math.min(settings.concurrency - underWay, this.#shared.places.room(this.accountId));
    return pace.admit(room, underWay, this.#shared.monotonic());
  }

  /**
   * Claims `limit` batches to push now, and some ahead where nothing slows the destination; begins those that may by then. Resolves to
   * whether there may be more that is due.
   */
  async #claimAndBegin(
    destination: Destination,
    health: Health,
    limit: number,
    isProbe: boolean,
  ): Promise<boolean> {
    const { pool, places, monotonic } = this.#shared;
    const batches = await this.#claim(destination, limit + this.#countMore(destination, isProbe), isProbe);
    this.#ahead.add(batches, monotonic());
    if (batches.length === 0 && isProbe) health.breaker.forgoProbe();
    // Stopped while the store looked: the end gives it back.
    if (pool.isStopped) return true;
    this.#beginAhead(destination, isProbe ? limit : this.#countFree(destination, health));
    // Others may have taken the places while the store looked.
    if (this.#ahead.count > 0 && places.room(this.accountId) === 0) places.queue(this);
    return batches.length >= limit;
  }

  #claim(
    { settings: { batchSize, timeoutMs } }: Destination,
    limit: number,
    isProbe: boolean,
  ): Promise<readonly ClaimedBatch[]> {
    const { accountId, destinationId } = this;
    return this.#shared.store.claimDeliveries({
      accountId,
      destinationId,
      limit,
      batchSize,
      isProbe,
      now: this.#shared.now(),
      leaseMs: 2 * timeoutMs + leaseMarginMs,
    });
  }

  /** How many are claimed ahead. */
  #countMore({ settings: { concurrency } }: Destination, isProbe: boolean): number {
    const { settings, ahead } = this.#shared;
    const isFree = !isProbe && this.#standing.health?.pace.isFree === true;
    return isFree ? Math.max(0, Math.min(concurrency, settings.maxInFlight - ahead.count)) : 0;
  }

  /** Looks again when the destination's pace allows more; false when the pace holds back nothing. */
  #sleepByPace({ pace }: Health): boolean {
    const waitMs = pace.waitMs(this.#shared.monotonic());
    if (waitMs > 0) this.#runner.sleep(waitMs);
    return waitMs > 0;
  }

  /** Looks again when something is due and may go, or is forgotten when nothing is. */
  async #sleepUntilDue({ breaker }: Health): Promise<void> {
    const { store, now, monotonic } = this.#shared;
    const due = await store.findNextDue(this.accountId, this.destinationId);
    const probeMs = Math.max(0, (breaker.nextProbeAt ?? 0) - monotonic());
    if (due !== undefined) this.#runner.sleep(Math.max(due - now(), breaker.isOpen ? probeMs : 0));
    else if (this.#runner.underWay === 0 && !breaker.isOpen && !this.#runner.isWoken) this.#rest();
  }

  /** A destination without work is forgotten, but not what it has taught within the last minutes. */
  #rest(): void {
    const { monotonic, places, forget } = this.#shared;
    if (this.#standing.health?.isAtEase(monotonic()) === false) {
      this.#runner.sleep(easeMs);
      return;
    }
    places.leave(this);
    this.#runner.close();
    forget(this);
  }

  /** Begins to push up to `count` of what was claimed ahead. */
  #beginAhead(destination: Destination, count: number): void {
    if (count <= 0) return;
    for (const batch of this.#ahead.take(count)) this.#begin(destination, batch);
  }

  #begin(destination: Destination, batch: ClaimedBatch): void {
    const { places } = this.#shared;
    this.#standing.health?.pace.begin();
    const leave = places.take(this.accountId);
    this.#underWay.add(batch);
    this.#runner.begin(this.#finish(destination, batch), () => {
      leave();
      this.#underWay.delete(batch);
      this.wake();
      places.wakeNext();
    });
  }

  /** Brings a claimed batch to its end: pushes it, and writes down what became of it and of the destination. */
  async #finish(destination: Destination, claimed: ClaimedBatch): Promise<void> {
    const shared = this.#shared;
    const { health } = this.#standing;
    const batch = await setAsideUnwanted(shared, claimed);
    if (batch === undefined) {
      // Nothing was asked of the destination.
      if (this.#standing.health?.breaker.isOpen === true) this.#standing.health.breaker.forgoProbe();
      return;
    }
    const begunAt = shared.monotonic();
    let change: BreakerChange = null;
    const heed = (judgement: Judgement): Shield => {
      const heeded = this.#heed(judgement, batch, begunAt, health);
      change = heeded?.change ?? null;
      return heeded?.shield ?? {};
    };
    const { client, render, now, monotonic, random, settings, tracing } = shared;
    const { maxBatchBytes } = settings;
    const deps = { client, render, now, monotonic, random, maxBatchBytes, heed, tracing };
    const pushed = await push(deps, destination, batch);
    reportAttempt(shared, batch, pushed);
    for (const error of pushed.faults) shared.pool.crash(error);
    try {
      await this.#settle(destination, batch, pushed);
      if (pushed.judgement.outcome === 'throttled' && health === this.#standing.health)
        await this.#writePause(pushed.judgement);
    } finally {
      if (pushed.wasSent) await this.#writeState(destination, pushed.judgement, change);
    }
  }

  /** Takes in how the destination answered; `health` is what it was pushed to by. */
  #heed(
    judgement: Judgement,
    batch: ClaimedBatch,
    begunAt: number,
    health: Health | undefined,
  ): ReturnType<Health['heed']> | undefined {
    // What an address answered says nothing of the one that is in its place by now.
    if (health !== this.#standing.health) return undefined;
    const inFlight = this.#runner.underWay;
    const heeded = health?.heed(judgement, batch, { begunAt, inFlight, now: this.#shared.monotonic() });
    if (heeded !== undefined && heeded.change !== null) this.#standing.beginWriting();
    return heeded;
  }

  /** Writes down what became of the deliveries of a batch. */
  async #settle(destination: Destination, batch: ClaimedBatch, pushed: Pushed): Promise<void> {
    try {
      await this.#shared.settling.settle(pushed.settlements);
      reportDead(this.#shared, destination, batch, pushed);
    } finally {
      // What did not fit into the POST is due at once, in the next one. Should that not be told, its lease says so later; what went out
      // is written down by then.
      if (pushed.left.length > 0) {
        await this.#release(pushed.left);
        this.wake();
      }
    }
    if (pushed.settlements.some(({ next }) => next.kind === 'retry'))
      await setAsideUnwanted(this.#shared, batch);
  }

  /** Writes down how long the destination is left alone, for whoever looks at it. */
  async #writePause({ status, retryAfterMs }: Judgement): Promise<void> {
    const { store, now, monotonic } = this.#shared;
    const leftMs = this.#standing.takePause(monotonic());
    if (leftMs === undefined) return;
    const pause = { until: Math.round(now() + leftMs), status: status ?? 0, askedMs: retryAfterMs };
    try {
      await store.setDestinationPause(this.accountId, this.destinationId, pause);
    } catch (error) {
      this.#standing.dropPause();
      throw error;
    }
  }

  /** Writes down the state that the destination is in from now on. */
  async #writeState(destination: Destination, { outcome }: Judgement, change: BreakerChange): Promise<void> {
    if (outcome === 'gone') {
      await reportState(this.#shared, destination, { to: 'off' });
      return;
    }
    if (change === null) return;
    const failures = Math.max(1, this.#standing.health?.breaker.failures ?? 1);
    const state: StateChange = change === 'opened' ? { to: 'opened', failures, outcome } : { to: 'closed' };
    try {
      await reportState(this.#shared, destination, state);
    } finally {
      this.#standing.endWriting();
    }
  }

  async #release(deliveryIds: readonly number[]): Promise<void> {
    if (deliveryIds.length === 0) return;
    await this.#shared.store.releaseDeliveries(this.accountId, this.destinationId, deliveryIds);
  }
}
