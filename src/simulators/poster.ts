// Posts webhooks as a vendor does: a few at once, again by a schedule when they are refused, until they are given up.
import type { Answer, Client, Failure } from '../http/client.ts';
import { GatewayError } from '../domain/errors.ts';
import { Timers } from './simulated-clock.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import type { Ledger } from './ledger.ts';

/** One webhook to post. `body` is posted byte for byte, so its signature is made over these bytes. */
export interface Posting {
  readonly subject: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Called with the answer that took it. */
  readonly onTaken?: (answer: Answer) => void;
  readonly onGivenUp?: () => void;
  /** What goes out in its place at its next try, e.g. its events in other groups. */
  readonly regroup?: () => readonly Posting[];
}

export interface PosterOptions {
  /** The waits before the second try and those after it, in the vendor's milliseconds; after the last it is given up. */
  readonly scheduleMs: readonly number[];
  /** How long an answer is waited for, in real milliseconds. */
  readonly timeoutMs: number;
  /** Webhooks that wait for their turn or their next try; one more is refused. */
  readonly maxWaiting?: number;
}

interface PosterDeps {
  readonly client: Pick<Client, 'post'>;
  readonly clock: SimulatedClock;
  readonly ledger: Ledger;
}

/** Posts under way at once. */
const maxUnderWay = 16;
/** Bytes of an answer that are read. */
const maxAnswerBytes = 64 * 1024;

/** A webhook at one of its tries, from 1. */
interface Try {
  readonly posting: Posting;
  readonly attempt: number;
}

export class Poster {
  readonly #deps: PosterDeps;
  readonly #options: PosterOptions;
  readonly #maxWaiting: number;
  readonly #due: Try[] = [];
  readonly #later: Timers;
  readonly #underWay = new Set<Promise<void>>();
  readonly #idlers: (() => void)[] = [];
  #isClosed = false;

  constructor(deps: PosterDeps, options: PosterOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? 100_000;
    this.#later = new Timers(deps.clock);
  }

  /** Takes a webhook to be posted at once, or after a wait. Throws `too_many` when too many wait. */
  post(posting: Posting, afterMs = 0): void {
    if (this.waiting() >= this.#maxWaiting)
      throw new GatewayError('too_many', `${this.#maxWaiting} webhooks wait to be posted. Try again later.`);
    this.#plan({ posting, attempt: 1 }, afterMs);
  }

  /** Posts once, now, and resolves to what came back: for calls that wait for the answer, such as a probe. */
  async postOnce(posting: Posting, attempt = 1): Promise<Answer | Failure> {
    const { client, clock, ledger } = this.#deps;
    const { url, headers, body, subject } = posting;
    const { timeoutMs } = this.#options;
    const result = await client.post(url, { headers, body, timeoutMs, maxBytes: maxAnswerBytes });
    const isAnswer = 'status' in result;
    ledger.write({
      at: clock.now(),
      kind: 'posted',
      subject,
      status: isAnswer ? result.status : null,
      attempt,
      text: isAnswer ? '' : result.reason,
    });
    return result;
  }

  /** Webhooks that are not over. */
  waiting(): number {
    return this.#due.length + this.#later.size + this.#underWay.size;
  }

  /** Resolves once nothing waits any more. */
  idle(): Promise<void> {
    return this.waiting() === 0 ? Promise.resolve() : new Promise((resolve) => this.#idlers.push(resolve));
  }

  /** Forgets what waits and lets what is under way end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due.length = 0;
    this.#later.clear();
    await Promise.all(this.#underWay);
    this.#tellIdlers();
  }

  #plan(next: Try, afterMs: number): void {
    if (this.#isClosed) return;
    const add = (): void => {
      this.#due.push(next);
      this.#begin();
    };
    if (afterMs <= 0) add();
    else this.#later.after(afterMs, add);
  }

  /** Begins as many of those that are due as may be under way at once. */
  #begin(): void {
    while (!this.#isClosed && this.#underWay.size < maxUnderWay) {
      const next = this.#due.shift();
      if (next === undefined) break;
      const work = this.#try(next).finally(() => {
        this.#underWay.delete(work);
        this.#begin();
        if (this.waiting() === 0) this.#tellIdlers();
      });
      this.#underWay.add(work);
    }
  }

  async #try({ posting, attempt }: Try): Promise<void> {
    const result = await this.postOnce(posting, attempt);
    if ('status' in result && result.status === 200) {
      posting.onTaken?.(result);
      return;
    }
    const waitMs = this.#options.scheduleMs[attempt - 1];
    if (waitMs === undefined) {
      this.#giveUp(posting, attempt);
      return;
    }
    const group = posting.regroup?.() ?? [posting];
    for (const next of group) this.#plan({ posting: next, attempt: attempt + 1 }, waitMs);
  }

  #giveUp({ subject, onGivenUp }: Posting, attempt: number): void {
    const { clock, ledger } = this.#deps;
    ledger.write({ at: clock.now(), kind: 'given_up', subject, status: null, attempt, text: '' });
    onGivenUp?.();
  }

  #tellIdlers(): void {
    for (const resolve of this.#idlers.splice(0)) resolve();
  }
}
