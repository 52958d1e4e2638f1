// What is known of whatever runs by itself: when it ran, how long, what went wrong; and the one way to tell an error.
import { GatewayError } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Time } from './clock.ts';

/** A worker is late when it has shown no sign of life for so many times its interval, and never sooner than the least. */
const lateTimes = 3;
const leastLateMs = 60_000;

export interface WorkerStatus {
  readonly name: string;
  /** `standby`: another node does it for all. */
  readonly state: 'new' | 'idle' | 'running' | 'standby' | 'stopped';
  /** From the end of a run to the next, in ms; null for one that is only woken. */
  readonly everyMs: number | null;
  readonly runs: number;
  readonly failures: number;
  /** When its last run began, and when its last failure was, in epoch ms; null before there was one. */
  readonly lastRunAt: number | null;
  readonly lastDurationMs: number | null;
  readonly lastError: { readonly at: number; readonly text: string } | null;
  /** How many things it knows to wait for it; null where it does not know. */
  readonly waiting: number | null;
  /** By how much it is later than planned, in ms. */
  readonly lagMs: number;
  /** Since its last sign of life, in ms; null before its start. */
  readonly silentMs: number | null;
  /** Whether it has not run for three times its interval. */
  readonly isLate: boolean;
}

/** Whatever runs by itself, from its start to its stop. Both may be called twice; what was stopped never begins. */
export interface Startable {
  readonly status: () => WorkerStatus;
  readonly start: () => void;
  /** Resolves when what is under way has ended, or has had its time for that. */
  readonly stop: () => Promise<void>;
}

interface ActivityOptions extends Time {
  readonly name: string;
  readonly emit?: Emit;
  readonly everyMs?: number | null;
  /** What waits, where it is known without asking the store. */
  readonly waiting?: () => number;
  /** Whether it is at something that is no run of its own. */
  readonly isBusy?: () => boolean;
  /** Whether another node does it. */
  readonly isStandby?: () => boolean;
  /** Whether somebody else tells of an error. */
  readonly isToldElsewhere?: (error: unknown) => boolean;
}

/** What is known of the runs of a worker; several may be under way at once. */
export class Activity {
  readonly #options: ActivityOptions;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #isStarted = false;
  #isStopped = false;
  #underWay = 0;
  #runs = 0;
  #failures = 0;
  #lastRunAt: number | null = null;
  #lastDurationMs: number | null = null;
  #lastError: WorkerStatus['lastError'] = null;
  #signAt: number | null = null;
  #dueAt: number | null = null;
  /** How far apart runs may be just now, where that is not the interval. */
  #pauseMs = 0;
  #lagMs = 0;

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.#now = options.now;
    this.#monotonic = options.monotonic;
  }

  start(): void {
    this.#isStarted = true;
    this.sign();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** It lives: a long run that goes on is not late. */
  sign(): void {
    this.#signAt = this.#monotonic();
  }

  /** The next run is planned in so many ms. */
  plan(ms: number): void {
    this.#dueAt = this.#monotonic() + ms;
    this.#pauseMs = ms;
  }

  /** Notes a run from its beginning to its end, and tells of its error; resolves to whether there was none. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    const startedAt = this.#monotonic();
    this.#lagMs = this.#dueAt === null ? 0 : Math.max(0, startedAt - this.#dueAt);
    this.#dueAt = null;
    this.#lastRunAt = this.#now();
    this.#underWay += 1;
    this.#runs += 1;
    this.sign();
    try {
      await work();
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    } finally {
      this.#underWay -= 1;
      this.#lastDurationMs = this.#monotonic() - startedAt;
      this.sign();
    }
  }

  /** Does one thing of many: where it fails that is noted and told, and the others have their turn. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tell(error);
    }
  }

  /** Notes and tells that something failed which it had begun, at its end as well; `unit` where its own name says too little. */
  crash(error: unknown, unit = this.#options.name): void {
    this.#fail(error);
    this.#options.emit?.('unit.crashed', { unit, error });
  }

  /** What ends while everything ends is no news. */
  #tell(error: unknown): void {
    if (this.#isStopped || this.#options.isToldElsewhere?.(error) === true) this.#fail(error);
    else this.crash(error);
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    this.#lastError = { at: this.#now(), text: toText(error) };
  }

  #toRest(): WorkerStatus['state'] {
    if (this.#isStopped) return 'stopped';
    if (!this.#isStarted) return 'new';
    return this.#options.isStandby?.() === true ? 'standby' : 'idle';
  }

  status(): WorkerStatus {
    const at = this.#monotonic();
    const everyMs = this.#options.everyMs ?? null;
    const isRunning = this.#underWay > 0 || this.#options.isBusy?.() === true;
    const silentMs = this.#signAt === null ? null : at - this.#signAt;
    const lateMs = Math.max(leastLateMs, lateTimes * Math.max(everyMs ?? 0, this.#pauseMs));
    return {
      name: this.#options.name,
      state: isRunning && !this.#isStopped ? 'running' : this.#toRest(),
      everyMs,
      runs: this.#runs,
      failures: this.#failures,
      lastRunAt: this.#lastRunAt,
      lastDurationMs: this.#lastDurationMs,
      lastError: this.#lastError,
      waiting: this.#options.waiting?.() ?? null,
      lagMs: isRunning || this.#dueAt === null ? this.#lagMs : Math.max(0, at - this.#dueAt),
      silentMs,
      isLate: everyMs !== null && !this.#isStopped && silentMs !== null && silentMs > lateMs,
    };
  }
}

/** Ours are written for strangers' eyes; of all others the log has what they say. */
function toText(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return `${error instanceof Error ? error.name : 'Failure'}: the log has it as unit.crashed.`;
}
