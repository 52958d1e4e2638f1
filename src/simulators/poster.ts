// Posts webhooks as a vendor does: a few at once, again by a schedule when they are refused, until they are given up.
import type { Answer, Client, Failure } from '../http/client.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Clock } from './clock.ts';
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
  readonly regroup?: (attempt: number) => readonly Posting[];
}

export interface PosterOptions {
  /** The waits before the second try and those after it, in the vendor's milliseconds; after the last it is given up. */
  readonly scheduleMs: readonly number[];
  /** How long an answer is waited for, in real milliseconds. */
  readonly timeoutMs: number;
  /** Posts under way at once. */
  readonly concurrency?: number;
  /** Webhooks that wait for their turn or their next try; one more is refused. */
  readonly maxWaiting?: number;
  /** Whether an answer takes a webhook; a 200 when left out. */
  readonly isTaken?: (answer: Answer) => boolean;
  /** What goes out in the place of a webhook that was refused, e.g. its events in other groups. */
  readonly regroup?: (refused: Posting, attempt: number) => readonly Posting[];
}

interface PosterDeps {
  readonly client: Pick<Client, 'post'>;
  readonly clock: Clock;
  readonly ledger: Ledger;
}

export interface Poster {
  /** Takes a webhook to be posted at once, or after a wait. Throws `too_many` when too many wait. */
  readonly post: (posting: Posting, afterMs?: number) => void;
  /** Posts once, now, and resolves to what came back: for calls that wait for the answer, such as a probe. */
  readonly postOnce: (posting: Posting) => Promise<Answer | Failure>;
  /** Webhooks that are not over. */
  readonly waiting: () => number;
  /** Resolves once nothing waits any more. */
  readonly idle: () => Promise<void>;
  /** Forgets what waits and lets what is under way end. */
  readonly close: () => Promise<void>;
}

/** Bytes of an answer that are read. */
const maxAnswerBytes = 64 * 1024;

export function openPoster(deps: PosterDeps, options: PosterOptions): Poster {
  const { client, clock, ledger } = deps;
  const { scheduleMs, timeoutMs, concurrency = 16, maxWaiting = 100_000 } = options;
  const isTaken = options.isTaken ?? (({ status }) => status === 200);
  const due: { posting: Posting; attempt: number }[] = [];
  const timers = new Set<() => void>();
  const underWay = new Set<Promise<void>>();
  const idlers: (() => void)[] = [];
  let isClosed = false;

  const waiting = (): number => due.length + timers.size + underWay.size;

  function plan(posting: Posting, attempt: number, afterMs: number): void {
    if (isClosed) return;
    if (afterMs <= 0) {
      due.push({ posting, attempt });
      begin();
      return;
    }
    const cancel = clock.after(afterMs, () => {
      timers.delete(cancel);
      due.push({ posting, attempt });
      begin();
    });
    timers.add(cancel);
  }

  function begin(): void {
    while (!isClosed && underWay.size < concurrency) {
      const next = due.shift();
      if (next === undefined) break;
      const work = attemptOne(next.posting, next.attempt).finally(() => {
        underWay.delete(work);
        begin();
        if (waiting() === 0) for (const resolve of idlers.splice(0)) resolve();
      });
      underWay.add(work);
    }
  }

  async function postOnce(posting: Posting, attempt = 1): Promise<Answer | Failure> {
    const { url, headers, body, subject } = posting;
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

  async function attemptOne(posting: Posting, attempt: number): Promise<void> {
    const result = await postOnce(posting, attempt);
    if ('status' in result && isTaken(result)) {
      posting.onTaken?.(result);
      return;
    }
    const waitMs = scheduleMs[attempt - 1];
    if (waitMs === undefined) {
      const { subject } = posting;
      ledger.write({ at: clock.now(), kind: 'given_up', subject, status: null, attempt, text: '' });
      posting.onGivenUp?.();
      return;
    }
    const group = posting.regroup?.(attempt) ?? options.regroup?.(posting, attempt) ?? [posting];
    for (const next of group) plan(next, attempt + 1, waitMs);
  }

  return {
    post: (posting, afterMs = 0) => {
      if (waiting() >= maxWaiting)
        throw new GatewayError('too_many', `${maxWaiting} webhooks wait to be posted. Try again later.`);
      plan(posting, 1, afterMs);
    },
    postOnce: (posting) => postOnce(posting),
    waiting,
    idle: () => (waiting() === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    close: async () => {
      isClosed = true;
      due.length = 0;
      for (const cancel of timers) cancel();
      timers.clear();
      await Promise.all(underWay);
      for (const resolve of idlers.splice(0)) resolve();
    },
  };
}
