// What a destination's answers mean for it and for the tries of what was sent.
import type { ClaimedBatch, Destination } from '../../domain/delivery.ts';
import { receiptIdParts } from '../../domain/receipt.ts';
import { Breaker, ofEndpoint } from './breaker.ts';
import type { BreakerChange, BreakerFailure, BreakerSettings } from './breaker.ts';
import type { Judgement } from './judge.ts';
import { Pace } from './pace.ts';
import { Refusals } from './refusals.ts';

/** What the destination's state does for the tries of a delivery that was not taken. Waits in milliseconds. */
export interface Shield {
  /** The try uses up nothing; the next is made after this wait. */
  readonly spareMs?: number;
  /** One that would be dead is tried once more after this wait. */
  readonly keepMs?: number;
}

/** What was spared is due again this soon, behind all that is due; the breaker says when it may go. */
const spareWaitMs = 1000;
/** Answers that speak of the address, whatever was sent to it. */
const endpointStatuses: ReadonlySet<number | null> = new Set([401, 403, 404, 405, 407, 408, 421]);
/** A pause that is shorter, or hardly longer than what was written down, is not written down. */
const pauseStepMs = 1000;

/** What the answers of one address have taught. */
export class Health {
  readonly breaker: Breaker;
  readonly pace = new Pace();
  readonly #refusals = new Refusals();

  constructor(settings: BreakerSettings, isOpen: boolean) {
    this.breaker = new Breaker(settings, isOpen);
  }

  /** Takes in how a push ended that began at `begunAt`. Times are of one monotonic clock. */
  heed(
    judgement: Judgement,
    batch: ClaimedBatch,
    at: { readonly begunAt: number; readonly inFlight: number; readonly now: number },
  ): { readonly change: BreakerChange; readonly shield: Shield } {
    const { breaker, pace } = this;
    const { outcome, retryAfterMs } = judgement;
    const { begunAt, inFlight, now } = at;
    if (outcome === 'gone') return { change: null, shield: this.#shield(breaker.isOpen, now) };
    if (outcome === 'throttled') {
      const until = pace.throttled(retryAfterMs, begunAt, inFlight, now);
      return { change: null, shield: { spareMs: until - now } };
    }
    if (outcome === 'accepted') {
      this.#refusals.taken(toKind(batch), now);
      const change = breaker.record(true, now);
      if (change === 'closed') pace.restart(now);
      pace.accepted(now);
      return { change, shield: this.#shield(false, now) };
    }
    const wasOpen = breaker.isOpen;
    const failure = toFailure(judgement, batch);
    const isKnown = failure.scope !== 'endpoint' && this.#refusals.refused(toKind(batch), now);
    const change = breaker.record(false, now, { ...failure, isKnown });
    if (change === 'opened') this.#refusals.doubt();
    if (change === 'closed') pace.restart(now);
    return { change, shield: this.#shield(wasOpen || breaker.isOpen, now) };
  }

  /** Follows the state that the store tells, when another than this process has set it. */
  follow(isOpen: boolean, now: number): void {
    if (isOpen === this.breaker.isOpen) return;
    if (isOpen) {
      this.breaker.open(now);
      this.#refusals.doubt();
      return;
    }
    this.breaker.closeOnTrial(now);
    this.pace.restart(now);
  }

  /** Whether nothing would be lost by forgetting it. */
  isAtEase(now: number): boolean {
    return !this.breaker.isOpen && this.breaker.graceUntil <= now && this.pace.isOld(now);
  }

  #shield(isOpen: boolean, now: number): Shield {
    if (isOpen) return { spareMs: spareWaitMs };
    const keepMs = this.breaker.graceUntil - now;
    return keepMs > 0 ? { keepMs } : {};
  }
}

/**
 * What this process knows of a destination, in line with what the store says of it: people and other nodes set its state and its
 * address as well. Times are of one monotonic clock.
 */
export class Standing {
  readonly #settings: BreakerSettings;
  #health: Health | undefined;
  /** What `#health` was learnt of. */
  #url = '';
  /** When its state was last set, as `#health` knows it; undefined while that is being written here. */
  #stateSince: number | undefined;
  #writes = 0;
  /** The end of the pause that was last written down. */
  #pauseWritten = -Infinity;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
  }

  /** Undefined before the destination was first read. */
  get health(): Health | undefined {
    return this.#health;
  }

  /** Grows when a change of the state begins to be written down and when it is; odd in between. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Takes in a destination as it was read. `writes` is what it was before the reading: a state that was read while one was written
   * may be old.
   */
  follow(
    destination: Pick<Destination, 'state' | 'url' | 'stateSince' | 'createdAt' | 'pause'>,
    writes: number,
    { now, tick }: { readonly now: number; readonly tick: number },
  ): Health {
    const { state, url, stateSince, pause } = destination;
    const isOpen = state === 'opened';
    // Another address has taught nothing yet.
    const known = this.#url === url ? this.#health : undefined;
    this.#url = url;
    if (known === undefined) {
      const health = new Health(this.#settings, isOpen);
      // Another process was told it, or this one before it was started anew.
      if (pause !== null) health.pace.resume(tick + pause.until - now, tick);
      // One that was never set is active from its making on, and has no grace.
      if (state === 'active' && stateSince > destination.createdAt)
        health.breaker.closedAt(tick + Math.min(0, stateSince - now));
      this.#stateSince = stateSince;
      this.#health = health;
      return health;
    }
    if (writes === this.#writes && writes % 2 === 0) {
      known.follow(isOpen, tick);
      // Whoever switches it on has it asked at once.
      const isSet = this.#stateSince !== undefined && this.#stateSince !== stateSince;
      if (isSet && !isOpen) {
        known.pace.endPause(tick);
        known.breaker.closedAt(tick);
      }
      this.#stateSince = stateSince;
    }
    return known;
  }

  /** It has changed, and from here on the store is behind. */
  beginWriting(): void {
    this.#writes += 1;
  }

  /** What was begun is written, or could not be. */
  endWriting(): void {
    this.#writes += 1;
    this.#stateSince = undefined;
  }

  /** How much longer it is left alone, where that is to be written down now; undefined where many answers have said the same. */
  takePause(tick: number): number | undefined {
    const until = this.#health?.pace.pausedUntil ?? -Infinity;
    const leftMs = until - tick;
    if (leftMs < pauseStepMs || until - this.#pauseWritten < pauseStepMs) return undefined;
    this.#pauseWritten = until;
    return leftMs;
  }

  /** What was taken could not be written down. */
  dropPause(): void {
    this.#pauseWritten = -Infinity;
  }
}

function toFailure({ outcome, status, isCutOff }: Judgement, batch: ClaimedBatch): BreakerFailure {
  const isThere = status !== null && status >= 200 && status <= 299 && !isCutOff;
  if (isThere) return { scope: 'type', subject: toKind(batch), isThere };
  if (outcome !== 'rejected' || isCutOff || endpointStatuses.has(status)) return ofEndpoint;
  if (status !== null && status >= 400 && status <= 499) return { scope: 'type', subject: toKind(batch) };
  return { scope: 'lane', subject: toLaneKey(batch) };
}

/** What receivers tell receipts apart by; a batch is of one kind. */
function toKind({ members: [first] }: ClaimedBatch): string {
  return first?.receipt.facts.type ?? '';
}

/** Stands for what shares the lane of a batch's first receipt, within this process. */
function toLaneKey({ members: [first] }: ClaimedBatch): string {
  if (first === undefined) return '';
  const { channelId, senderId, receiptId, facts } = first.receipt;
  if (facts.type !== 'ChatAppInbound') return receiptId.slice(0, receiptIdParts.subject);
  return `${channelId}/${senderId ?? ''}/${facts.user.userId ?? facts.user.id}`;
}
