// What a destination's answers mean for it and for the tries of what was sent.
import type { ClaimedBatch } from '../../domain/delivery.ts';
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

function toFailure({ outcome, status, isCutOff }: Judgement, batch: ClaimedBatch): BreakerFailure {
  if (outcome === 'not_acknowledged') return { scope: 'type', subject: toKind(batch) };
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
