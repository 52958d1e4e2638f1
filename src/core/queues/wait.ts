import type { AccountId } from '../../domain/account.ts';
import type { Queue, ReceivedMessage } from '../../domain/queue.ts';
import { Shares } from '../../domain/shares.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Engine } from '../../store/store.ts';
import { GatewayError } from '../../domain/errors.ts';

/** Who waits: `isGone` once nobody would read the answer. */
export interface Receiver {
  readonly isGone: () => boolean;
  /** Calls back when the caller goes away; returns what ends that. */
  readonly onGone: (listener: () => void) => () => void;
}

/** What of the store a long poll takes. */
export type PolledStore = Pick<Engine, 'receiveMessages' | 'unreceiveMessages' | 'findNextReady' | 'watch'>;

interface WaitingDeps {
  readonly store: PolledStore;
  readonly now: () => number;
  /** Calls back after `ms`; returns what cancels it. */
  readonly setTimer: (callback: () => void, ms: number) => () => void;
  readonly emit: Emit;
  /** Who may wait at once, over all accounts and of one. */
  readonly maxWaiting: number;
  readonly maxWaitingPerAccount: number;
}

interface Waiter {
  readonly limit: number;
  readonly caller: Receiver;
  readonly finish: (messages: readonly ReceivedMessage[]) => void;
}

/** What is known of a queue as long as somebody is interested in it. */
interface Watched {
  readonly queue: Queue;
  readonly waiters: Set<Waiter>;
  /** Requests that have begun and may become waiters. */
  interested: number;
  /** Counts signals, so that one between a look and the wait for it is not missed. */
  signals: number;
  pumping: boolean;
  cancelTimer: (() => void) | undefined;
}

/**
 * Receives that wait. Nobody polls: a waiter is woken by the send itself, or by the one timer of its queue when the next
 * delayed or held message becomes ready. Waiters of a queue are served in the order in which they came.
 */
export class Waiting {
  readonly #deps: WaitingDeps;
  readonly #watched = new Map<number, Watched>();
  readonly #unwatch: () => void;
  readonly #places: Shares<AccountId>;
  #closed = false;

  constructor(deps: WaitingDeps) {
    this.#deps = deps;
    this.#places = new Shares({ total: deps.maxWaiting, each: deps.maxWaitingPerAccount });
    this.#unwatch = deps.store.watch((signal) => {
      if (signal.kind === 'missed') for (const watched of this.#watched.values()) this.#wake(watched);
      if (signal.kind !== 'queue') return;
      const watched = this.#watched.get(signal.queueId);
      if (watched !== undefined) this.#wake(watched);
    });
  }

  /**
   * Receives up to `limit` messages, waiting up to `waitMs` for the first; [] when none came, the queue was deleted or the service is
   * closing. Throws `too_many` when there is none and too many wait already, of this account or of all. For a caller who went away nothing
   * is consumed. What is handed out is still held: a message whose visibility ended while this process stood still may be another's by now.
   */
  async receive(
    queue: Queue,
    limit: number,
    waitMs: number,
    caller: Receiver,
  ): Promise<readonly ReceivedMessage[]> {
    if (waitMs === 0 || this.#closed) return this.#take(queue, limit, caller);
    const watched = this.#enter(queue);
    try {
      const seen = watched.signals;
      const messages = await this.#take(queue, limit, caller);
      if (messages.length > 0 || caller.isGone() || this.#closed) return messages;
      this.#checkRoom(queue.accountId);
      const waited = this.#wait(watched, limit, waitMs, caller);
      if (watched.signals !== seen || watched.cancelTimer === undefined) this.#pump(watched);
      return await waited;
    } finally {
      this.#leave(watched);
    }
  }

  /** Throws `too_many`: an answer that there is no message would be asked for again at once. */
  #checkRoom(accountId: AccountId): void {
    if (this.#places.room(accountId) > 0) return;
    const isOwn = this.#places.held(accountId) >= this.#deps.maxWaitingPerAccount;
    throw new GatewayError(
      'too_many',
      isOwn
        ? `${this.#deps.maxWaitingPerAccount} long polls of this account wait already. Wait with fewer, or receive without waitseconds.`
        : 'Too many long polls wait already. Try again later, or receive without waitseconds.',
    );
  }

  /** Answers all who wait with nothing. */
  close(): void {
    this.#closed = true;
    this.#unwatch();
    for (const watched of this.#watched.values()) {
      watched.cancelTimer?.();
      for (const waiter of watched.waiters) waiter.finish([]);
    }
  }

  async #take(queue: Queue, limit: number, caller: Receiver): Promise<readonly ReceivedMessage[]> {
    if (caller.isGone()) return [];
    const messages = await this.#receiveHeld(queue, limit);
    if (messages.length === 0 || !caller.isGone()) return messages;
    await this.#giveBack(queue, messages);
    return [];
  }

  /** Receives what is still held when the store has answered; the rest was nobody's meanwhile and is not counted as received. */
  async #receiveHeld(queue: Queue, limit: number): Promise<readonly ReceivedMessage[]> {
    const { store, now } = this.#deps;
    const messages = await store.receiveMessages(queue, limit, now());
    const isHeld = ({ nextVisibleAt }: ReceivedMessage): boolean => nextVisibleAt > now();
    const lapsed = messages.filter((message) => !isHeld(message));
    if (lapsed.length === 0) return messages;
    await this.#giveBack(queue, lapsed);
    return messages.filter((message) => !lapsed.includes(message) && isHeld(message));
  }

  async #giveBack(queue: Queue, messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#deps.store.unreceiveMessages(
      queue,
      messages.map(({ handle }) => handle),
    );
  }

  #wait(
    watched: Watched,
    limit: number,
    waitMs: number,
    caller: Receiver,
  ): Promise<readonly ReceivedMessage[]> {
    const { promise, resolve } = Promise.withResolvers<readonly ReceivedMessage[]>();
    const waiter: Waiter = {
      limit,
      caller,
      finish: (messages) => {
        if (!watched.waiters.delete(waiter)) return;
        leave();
        cancelDeadline();
        endGone();
        resolve(messages);
      },
    };
    const leave = this.#places.take(watched.queue.accountId);
    const cancelDeadline = this.#deps.setTimer(() => waiter.finish([]), waitMs);
    const endGone = caller.onGone(() => waiter.finish([]));
    watched.waiters.add(waiter);
    return promise;
  }

  #wake(watched: Watched): void {
    watched.signals += 1;
    this.#pump(watched);
  }

  /** Serves the waiters of a queue until there is nothing more to give; at most one pump runs for a queue. */
  #pump(watched: Watched): void {
    if (watched.pumping || watched.waiters.size === 0) return;
    watched.pumping = true;
    this.#serve(watched)
      .catch((error: unknown) => {
        // The store is away: those who wait are answered at their deadline, or served at the next signal.
        this.#deps.emit('unit.crashed', { unit: 'smq.waiting', error });
      })
      .finally(() => {
        watched.pumping = false;
      });
  }

  async #serve(watched: Watched): Promise<void> {
    watched.cancelTimer?.();
    watched.cancelTimer = undefined;
    for (;;) {
      const [waiter] = watched.waiters;
      if (waiter === undefined) return;
      const seen = watched.signals;
      const messages = await this.#receiveHeld(watched.queue, waiter.limit);
      if (messages.length > 0) {
        // It may have reached its deadline or gone away while the store worked.
        if (watched.waiters.has(waiter) && !waiter.caller.isGone()) {
          waiter.finish(messages);
        } else {
          waiter.finish([]);
          await this.#giveBack(watched.queue, messages);
        }
        continue;
      }
      const next = await this.#deps.store.findNextReady(watched.queue);
      if (watched.signals !== seen) continue;
      // What is made under its name is another queue, which whoever asks again finds.
      if (next === 'gone') for (const waiting of [...watched.waiters]) waiting.finish([]);
      else if (next !== undefined && watched.waiters.size > 0) this.#setTimer(watched, next);
      return;
    }
  }

  #setTimer(watched: Watched, at: number): void {
    watched.cancelTimer = this.#deps.setTimer(
      () => {
        watched.cancelTimer = undefined;
        watched.signals += 1;
        this.#pump(watched);
      },
      Math.max(0, at - this.#deps.now()),
    );
  }

  #enter(queue: Queue): Watched {
    const known = this.#watched.get(queue.id);
    const watched = known ?? {
      queue,
      waiters: new Set(),
      interested: 0,
      signals: 0,
      pumping: false,
      cancelTimer: undefined,
    };
    watched.interested += 1;
    this.#watched.set(queue.id, watched);
    return watched;
  }

  #leave(watched: Watched): void {
    watched.interested -= 1;
    if (watched.interested > 0) return;
    watched.cancelTimer?.();
    this.#watched.delete(watched.queue.id);
  }
}
