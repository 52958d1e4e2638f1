// The end of the service: what was started ends by phases, each with its share of the time that there is.
import { setSystemTimer } from '../runtime/clock.ts';
import type { Stopwatch } from '../runtime/clock.ts';
import type { Emit } from '../telemetry/events.ts';

type End = () => Promise<unknown> | void;

/**
 * What a service ends by, in order, and when each has to be over, in ms from the beginning of the end:
 * - `taking`: what lets work in. It begins nothing new from the first moment on; requests under way have their time.
 * - `work`: what runs by itself, all at once.
 * - `records`: what others left to be written down or told, all at once.
 * - `store`: what all stands on, one after the other, the last that was opened first.
 * The process ends itself soon after the last.
 */
const endsBy = { taking: 500, work: 7600, records: 8500, store: 9300 } as const;
export type Phase = keyof typeof endsBy;

interface ReleaseOptions extends Stopwatch {
  readonly emit: Emit;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** What was started, to be ended. */
export class Releases {
  readonly #ends: Readonly<Record<Phase, End[]>> = { taking: [], work: [], records: [], store: [] };
  readonly #emit: Emit;
  readonly #setTimer: NonNullable<ReleaseOptions['setTimer']>;
  readonly #monotonic: () => number;

  constructor({ emit, setTimer = setSystemTimer, monotonic }: ReleaseOptions) {
    this.#emit = emit;
    this.#setTimer = setTimer;
    this.#monotonic = monotonic;
  }

  add(phase: Phase, ...ends: readonly End[]): void {
    this.#ends[phase].push(...ends);
  }

  /** Ends everything, in less than ten seconds. What fails, or hangs, keeps nobody else from ending. */
  async run(): Promise<void> {
    const startedAt = this.#monotonic();
    const leftMs = (phase: Phase): number => Math.max(0, startedAt + endsBy[phase] - this.#monotonic());
    const taking = this.#endAtOnce('taking');
    await this.#within(leftMs('taking'), taking);
    const work = Promise.all([taking, this.#endAtOnce('work')]);
    this.#tellLate('work', await this.#within(leftMs('work'), work));
    this.#tellLate('records', await this.#within(leftMs('records'), this.#endAtOnce('records')));
    this.#tellLate('store', await this.#within(leftMs('store'), this.#endInTurn('store')));
  }

  async #endAtOnce(phase: Phase): Promise<void> {
    await Promise.all(this.#ends[phase].map((end) => this.#end(end)));
  }

  async #endInTurn(phase: Phase): Promise<void> {
    for (const end of this.#ends[phase].toReversed()) await this.#end(end);
  }

  async #end(end: End): Promise<void> {
    try {
      await end();
    } catch (error) {
      this.#emit('unit.crashed', { unit: 'service.stop', error });
    }
  }

  /** Resolves to whether it ended in time; what did not goes on until the process ends. */
  async #within(ms: number, work: Promise<unknown>): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#setTimer(() => resolve(false), ms);
    const isOver = await Promise.race([work.then(() => true), promise]);
    cancel();
    return isOver;
  }

  #tellLate(phase: Phase, isOver: boolean): void {
    if (isOver) return;
    const error = new Error(
      `What ends in the phase ${phase} has not ended ${endsBy[phase]} ms after the beginning.`,
    );
    this.#emit('unit.crashed', { unit: 'service.stop', error });
  }
}
