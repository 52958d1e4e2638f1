// The database's clock, as every node has it: what a node measures of it, carried on by what no change of a clock moves.
import { clockLimitMs } from '../../runtime/clock.ts';
import type { Clock, ClockDoubt, Time } from '../../runtime/clock.ts';
import { GatewayError } from '../../domain/errors.ts';
import {
  agrees,
  isBehind,
  isPossible,
  toDisagreement,
  toEvidence,
  toImpossible,
} from '../../runtime/machine-clock.ts';

/** What was asked of the database's clock, by `monotonic`. */
export interface ClockSample {
  readonly sentAt: number;
  readonly heardAt: number;
  /** Epoch ms with fractions. */
  readonly databaseMs: number;
}

/** An answer that took longer says too little. */
const slowMs = 2000;
/** How far a machine's monotonic clock may run away from true time, as a share: ten times what a bad quartz does. */
const drift = 0.0005;

/**
 * The store's time on one node: its monotonic clock, set by the database's. A measurement is off by half of what its answer
 * took at most, so nodes agree within some milliseconds, and a clock that a machine is set to has no part in it.
 *
 * When the database's clock is set while this machine's goes on, time goes on as well: it is two against one, all nodes see
 * the same, and what is kept stays in step. When both are set, or this machine stood still, the database's is taken over.
 */
export class DatabaseClock implements Clock {
  readonly monotonic: () => number;
  readonly #wall: () => number;
  /** Epoch ms at the zero of `monotonic`, how far that may be off, and when that was measured. */
  #offset = 0;
  #offBy = Number.POSITIVE_INFINITY;
  #measuredAt = 0;
  #databaseAheadMs = 0;
  #steppedAt = Number.NEGATIVE_INFINITY;
  /** The newest time that the database keeps, null when it keeps none; undefined once the clock agrees with it. */
  #kept: number | null | undefined;

  /** Of a machine's clock: what it says, and what nobody sets. */
  constructor({ now: wall, monotonic }: Time) {
    this.#wall = wall;
    this.monotonic = monotonic;
  }

  readonly now = (): number => Math.floor(this.monotonic() + this.#offset);

  readonly aheadMs = (): number => this.#wall() - this.now();

  readonly databaseAheadMs = (): number => this.#databaseAheadMs;

  readonly doubt = (): ClockDoubt | null => {
    const aheadMs = this.aheadMs();
    if (Math.abs(aheadMs) <= clockLimitMs) return this.#compareKept();
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const side = aheadMs > 0 ? 'ahead of' : 'behind';
    return {
      kind: 'database',
      aheadMs,
      text: `The clock of this node is ${seconds} s ${side} the database's, so it takes on no work. Set both by NTP.`,
    };
  };

  readonly compare = (kept: number | null): void => {
    this.#kept = toEvidence(kept);
  };

  readonly confirm = (): void => {
    const now = this.now();
    if (!isPossible(now)) throw new GatewayError('wrong_state', toImpossible(now));
    if (isBehind(now, this.#kept ?? null))
      throw new GatewayError('wrong_state', toDisagreement(now, this.#kept ?? null));
    this.#kept = undefined;
  };

  #compareKept(): ClockDoubt | null {
    const kept = this.#kept;
    const now = this.now();
    if (!isPossible(now)) return { kind: 'impossible', aheadMs: 0, text: toImpossible(now) };
    if (kept !== undefined && !agrees(now, kept))
      return { kind: 'kept', aheadMs: kept === null ? 0 : now - kept, text: toDisagreement(now, kept) };
    // Once they agree, time goes on by what nobody sets.
    this.#kept = undefined;
    return null;
  }

  /** By `monotonic`, when time was last set by more than a measurement may be off; long ago when it never was. */
  get steppedAt(): number {
    return this.#steppedAt;
  }

  /** Sets time by a measurement if that says more than is known. */
  take({ sentAt, heardAt, databaseMs }: ClockSample): void {
    const offBy = (heardAt - sentAt) / 2;
    const isFirst = this.#offBy === Number.POSITIVE_INFINITY;
    if (offBy * 2 > slowMs && !isFirst) return;
    const offset = databaseMs - (sentAt + heardAt) / 2;
    if (isFirst) {
      this.#set(offset, offBy, heardAt);
      return;
    }
    const known = this.#offBy + (heardAt - this.#measuredAt) * drift;
    const jump = offset - this.#offset;
    // Whichever is surer, as long as both may be true.
    if (Math.abs(jump) <= known + offBy + 1) {
      this.#databaseAheadMs = 0;
      if (offBy <= known) this.#set(offset, offBy, heardAt);
      return;
    }
    if (Math.abs(jump) > clockLimitMs && Math.abs(this.aheadMs()) <= clockLimitMs) {
      this.#databaseAheadMs = jump;
      return;
    }
    this.#databaseAheadMs = 0;
    this.#set(offset, offBy, heardAt);
    this.#steppedAt = this.monotonic();
  }

  #set(offset: number, offBy: number, at: number): void {
    this.#offset = offset;
    this.#offBy = offBy;
    this.#measuredAt = at;
  }
}
