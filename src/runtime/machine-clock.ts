// The time of a store that no other process shares: this machine's clock, for as long as nothing speaks against it.
import { uptime } from 'node:os';
import { machineNow, monotonicNow } from './clock.ts';
import type { Clock, ClockDoubt } from './clock.ts';
import { GatewayError } from '../domain/errors.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

/** A step of no more than this is followed at once: leap seconds, and NTP that sets a clock after a while without it. */
export const stepLimitMs = minuteMs;
/** A step of up to a day is taken for right once the clock has gone on from it for so long: machines that are paused wake up so. */
export const heldMs = 2 * minuteMs;
const heldLimitMs = dayMs;
/** At a start the clock may be behind what is kept by this much, and ahead of it by as long as a service may have stood still. */
const behindLimitMs = dayMs;
export const standstillLimitMs = 31 * dayMs;
/** A machine without a battery says 1970 or the like. */
const earliest = Date.UTC(2021);
const latest = Date.UTC(2100);
/**
 * What goes on where nothing was ever sure is dated from here on: a time of no clock that may be believed, so that what is kept of it
 * speaks against none.
 */
const unsure = Date.UTC(2020);
/** When this version was made; a release sets it. Nobody begins with a version that is older than this, so a clock says. */
const madeAt = Date.UTC(2026, 10);
const firstStartLimitMs = 5 * 365 * dayMs;
/** How often it is noted how long the machine has been up, which tells how long it slept. */
const noteMs = secondMs;

interface MachineClockOptions {
  readonly wall?: () => number;
  readonly monotonic?: () => number;
  /** Milliseconds since the machine was started, with those for which it slept. */
  readonly uptime?: () => number;
}

/**
 * This machine's clock, compared with one that nobody sets and with the newest that the store keeps. While it is in doubt, time goes
 * on from where it was sure, so that what has to be written meanwhile (ends of work, notices) is dated by that.
 */
export class MachineClock implements Clock {
  readonly monotonic: () => number;
  readonly #wall: () => number;
  readonly #uptime: () => number;
  /** Epoch ms at the zero of `monotonic`. */
  #offset: number;
  /** The newest time that the store keeps; null when it keeps none, undefined before it was asked. */
  #kept: number | null | undefined;
  /** Whether the clock agreed with what is kept since the start. */
  #isAgreed: boolean;
  /** A step that is not believed yet, and since when it is there. */
  #step: { readonly aheadMs: number; readonly since: number } | undefined;
  #noted: { readonly at: number; readonly uptime: number };
  /** What the clock said when it was last found sound; NaN once it was not. */
  #sound = Number.NaN;

  constructor({
    wall = machineNow,
    monotonic = monotonicNow,
    uptime: up = () => uptime() * secondMs,
  }: MachineClockOptions = {}) {
    this.#wall = wall;
    this.monotonic = monotonic;
    this.#uptime = up;
    this.#isAgreed = isPossible(wall());
    this.#offset = (this.#isAgreed ? wall() : unsure) - monotonic();
    this.#noted = { at: monotonic(), uptime: up() };
  }

  readonly now = (): number => {
    const wall = this.#wall();
    // An event asks some eleven times, and many come in one millisecond. A clock that stands still is found by `doubt`.
    if (wall === this.#sound) return wall;
    const at = this.monotonic();
    return this.#look(wall, at) ? wall : Math.floor(at + this.#offset);
  };

  readonly aheadMs = (): number => this.#wall() - this.now();

  readonly databaseAheadMs = (): number => 0;

  readonly doubt = (): ClockDoubt | null => {
    const wall = this.#wall();
    const at = this.monotonic();
    if (this.#look(wall, at)) return null;
    const aheadMs = Math.round(wall - at - this.#offset);
    if (!isPossible(wall)) return { kind: 'impossible', aheadMs, text: toImpossible(wall) };
    if (!this.#isAgreed) return { kind: 'kept', aheadMs, text: toDisagreement(wall, this.#kept ?? null) };
    return { kind: 'step', aheadMs, text: toStep(aheadMs) };
  };

  readonly compare = (found: number | null): void => {
    const kept = toEvidence(found);
    if (kept === this.#kept) return;
    this.#kept = kept;
    this.#sound = Number.NaN;
    const wall = this.#wall();
    this.#isAgreed = isPossible(wall) && agrees(wall, kept);
    if (this.#isAgreed) this.#follow(wall, this.monotonic());
    else this.#offset = (kept ?? unsure) - this.monotonic();
  };

  readonly confirm = (): void => {
    const wall = this.#wall();
    const at = this.monotonic();
    if (!isPossible(wall)) throw new GatewayError('wrong_state', toImpossible(wall));
    if (isBehind(wall, this.#kept ?? null))
      throw new GatewayError('wrong_state', toDisagreement(wall, this.#kept ?? null));
    this.#follow(wall, at);
  };

  /** Whether the clock is sound at a moment; it is followed then. */
  #look(wall: number, at: number): boolean {
    const isSound =
      isPossible(wall) &&
      (this.#isAgreed ? this.#isExpected(wall - at - this.#offset, at) : agrees(wall, this.#kept ?? null));
    if (isSound) this.#follow(wall, at);
    this.#sound = isSound ? wall : Number.NaN;
    return isSound;
  }

  #isExpected(aheadMs: number, at: number): boolean {
    if (Math.abs(aheadMs) <= stepLimitMs) return true;
    // What nobody sets stands still while a machine sleeps; how long it has been up does not.
    const sleptMs = this.#uptime() - this.#noted.uptime - (at - this.#noted.at);
    if (sleptMs > 0 && Math.abs(aheadMs - sleptMs) <= stepLimitMs) return true;
    if (Math.abs(aheadMs) > heldLimitMs) {
      this.#step = undefined;
      return false;
    }
    if (this.#step === undefined || Math.abs(aheadMs - this.#step.aheadMs) > stepLimitMs)
      this.#step = { aheadMs, since: at };
    return at - this.#step.since >= heldMs;
  }

  #follow(wall: number, at: number): void {
    this.#isAgreed = true;
    this.#offset = wall - at;
    this.#step = undefined;
    if (at - this.#noted.at >= noteMs) this.#noted = { at, uptime: this.#uptime() };
  }
}

/** Whether a clock may say this at all. */
export function isPossible(wall: number): boolean {
  return wall >= earliest && wall < latest;
}

const nothingTaken = 'Nothing is taken on, and nothing is swept.';

/** The newest time that is kept as far as it tells anything: null for what was dated where nothing was sure. */
export function toEvidence(kept: number | null): number | null {
  return kept === null || kept < earliest ? null : kept;
}

/**
 * Whether a time goes with the newest that is kept: not much below it, and not so far above it as no service stands still. Where
 * nothing is kept, whether this version may be that old.
 */
export function agrees(time: number, kept: number | null): boolean {
  return kept === null
    ? time <= madeAt + firstStartLimitMs
    : time >= kept - behindLimitMs && time <= kept + standstillLimitMs;
}

/** Whether a time is further below the newest that is kept than may be. */
export function isBehind(time: number, kept: number | null): boolean {
  return kept !== null && time < kept && !agrees(time, kept);
}

/** What is told of a time that cannot be. */
export function toImpossible(wall: number): string {
  return `The clock of this machine says ${toText(wall)}, which cannot be. ${nothingTaken} Set it by NTP.`;
}

/** What is told of a time that does not go with what is kept. */
export function toDisagreement(wall: number, kept: number | null): string {
  if (kept === null)
    return (
      `The clock of this machine says ${toText(wall)}, but nothing is kept yet and this version is of ${toText(madeAt)}. ${nothingTaken} Set the clock by NTP. ` +
      'If it is right, say so by `chasqui clock confirm`.'
    );
  return (
    `The clock of this machine says ${toText(wall)}, but the newest that the store keeps is of ${toText(kept)}. ${nothingTaken} Set the clock by NTP. ` +
    (wall < kept
      ? 'If it is right, what is kept was dated by a clock that was wrong: stop the service, run `chasqui check --mend`, and start it again.'
      : 'If it is right, and the service stood still for so long, say so by `chasqui clock confirm`.')
  );
}

function toStep(aheadMs: number): string {
  const isShort = Math.abs(aheadMs) <= heldLimitMs;
  return (
    `The clock of this machine was set ${toLength(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'back'}. ${nothingTaken} Set it by NTP. ` +
    `If it is right, ${isShort ? 'it is believed two minutes after it was set, or' : 'it is believed'} when you say so by \`chasqui clock confirm\`.`
  );
}

function toText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? 'no time' : date.toISOString();
}

function toLength(ms: number): string {
  if (ms < 2 * 60 * minuteMs) return `${Math.round(ms / minuteMs)} minutes`;
  if (ms < 2 * dayMs) return `${Math.round(ms / (60 * minuteMs))} hours`;
  return `${Math.round(ms / dayMs)} days`;
}
