// Whose work is done next: accounts take turns, and so do the channels of each, whatever waits behind the first of them.
import type { AccountId } from '../domain/account.ts';
import { Shares, toQuarter } from '../domain/shares.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Startable, WorkerStatus } from './activity.ts';
import { keepLease } from './lease.ts';
import type { SetTimer } from './loop.ts';
import { Pool } from './pool.ts';
import type { Runner } from './pool.ts';
import type { Time } from './clock.ts';

/** Whose work something is. */
interface Owner {
  readonly accountId: AccountId;
  readonly channelId: string;
}

/** Work of many that is due, as a store hands it out. */
interface DueWork<Work extends Owner> {
  /** Accounts with something due at `at`, in order, after the account `after`. */
  readonly listAccounts: (at: number, after: AccountId, limit: number) => Promise<readonly AccountId[]>;
  /** Channels of an account with something due, in order, after the channel `after`. */
  readonly listChannels: (
    accountId: AccountId,
    at: number,
    after: string,
    limit: number,
  ) => Promise<readonly string[]>;
  /** Leases the next thing of a channel; undefined when another was quicker. */
  readonly claim: (owner: Owner, at: number) => Promise<Work | undefined>;
}

interface TurnsOptions<Work extends Owner> {
  readonly due: DueWork<Work>;
  /** Things under way at once, over all accounts. */
  readonly places: number;
  /** Of one channel; half of what an account may have when left out. */
  readonly placesPerChannel?: number;
}

/** Accounts and channels that are asked for at once. */
const pageSize = 100;

class Turns<Work extends Owner> {
  readonly #due: DueWork<Work>;
  readonly #places: number;
  readonly #accounts: Shares<AccountId>;
  readonly #channels: Shares<string>;
  #lastAccount: AccountId = 0;
  /** Of each account with something under way or behind it, the channel that was served last. */
  readonly #lastChannels = new Map<AccountId, string>();

  /** An account has at most a quarter of the places; the last quarter is for those who have none. */
  constructor({ due, places, placesPerChannel }: TurnsOptions<Work>) {
    this.#due = due;
    this.#places = places;
    const each = toQuarter(places);
    this.#accounts = new Shares({ total: places, each, kept: Math.floor(places / 4), few: 1 });
    this.#channels = new Shares({
      total: places,
      each: placesPerChannel ?? Math.max(1, Math.floor(each / 2)),
    });
  }

  get underWay(): number {
    return this.#accounts.taken;
  }

  get isFull(): boolean {
    return this.#accounts.taken >= this.#places;
  }

  /**
   * Leases the next thing that is due at `at` and may be done now, with what ends its turn; undefined without one. Once `isOver`,
   * nothing more is leased.
   */
  async next(
    at: number,
    isOver: () => boolean,
  ): Promise<{ readonly work: Work; readonly end: () => void } | undefined> {
    const accounts = inTurn(this.#lastAccount, 0, (after) => this.#due.listAccounts(at, after, pageSize));
    for await (const accountId of accounts) {
      if (isOver()) return undefined;
      if (this.#accounts.room(accountId) === 0) continue;
      const work = await this.#claim(accountId, at, isOver);
      if (work === undefined) continue;
      this.#lastAccount = accountId;
      return { work, end: this.#take(work) };
    }
    return undefined;
  }

  async #claim(accountId: AccountId, at: number, isOver: () => boolean): Promise<Work | undefined> {
    const last = this.#lastChannels.get(accountId) ?? '';
    const channels = inTurn(last, '', (after) => this.#due.listChannels(accountId, at, after, pageSize));
    for await (const channelId of channels) {
      if (isOver()) return undefined;
      if (this.#channels.room(toKey({ accountId, channelId })) === 0) continue;
      const work = await this.#due.claim({ accountId, channelId }, at);
      if (work !== undefined) return work;
    }
    return undefined;
  }

  #take(work: Work): () => void {
    const { accountId, channelId } = work;
    const ends = [this.#accounts.take(accountId), this.#channels.take(toKey(work))];
    this.#lastChannels.set(accountId, channelId);
    return () => {
      for (const end of ends) end();
      if (this.#lastChannels.size > pageSize && this.#accounts.held(accountId) === 0)
        this.#lastChannels.delete(accountId);
    };
  }
}

const toKey = ({ accountId, channelId }: Owner): string => `${accountId}/${channelId}`;

/** Goes round all once, from the one after `last` to `last`; `list` gives those after a place in order, a page at a time. */
async function* inTurn<Place extends string | number>(
  last: Place,
  first: Place,
  list: (after: Place) => Promise<readonly Place[]>,
): AsyncGenerator<Place> {
  for (const [from, to] of [
    [last, undefined],
    [first, last],
  ] as const) {
    let after = from;
    for (;;) {
      const page = await list(after);
      for (const place of page) {
        if (to !== undefined && place > to) return;
        yield place;
      }
      const end = page.at(-1);
      if (end === undefined || page.length < pageSize) break;
      after = end;
    }
  }
}

interface TurnPoolOptions<Work extends Owner> extends TurnsOptions<Work>, Time {
  readonly name: string;
  readonly emit: Emit;
  /** Does one thing. It may end the lease before it is over, where a renewal would undo what it writes. */
  readonly work: (work: Work, endLease: () => Promise<void>) => Promise<unknown>;
  /** Lengthens the lease of something that somebody is still at. */
  readonly renew: (work: Work) => Promise<unknown>;
  readonly renewMs: number;
  /** From the end of a look to the next; left out where it is known when something falls due, and told by signals. */
  readonly everyMs?: number;
  /** When the next thing falls due of those that are not due at `at`. */
  readonly findNextDue?: (at: number) => Promise<number | undefined>;
  /** Connects it to what wakes it; returns what ends that. */
  readonly connect?: (wake: () => void) => () => void;
  readonly setTimer?: SetTimer;
}

/**
 * Looks for what is due and does it, many things at once: the share of an account and of a channel is bounded, so that one whose
 * calls hang holds up nobody else. What is under way stays leased, however long it takes.
 */
export class TurnPool<Work extends Owner> implements Startable {
  readonly #options: TurnPoolOptions<Work>;
  readonly #turns: Turns<Work>;
  readonly #pool: Pool;
  readonly #runner: Runner;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: TurnPoolOptions<Work>) {
    this.#options = options;
    this.#turns = new Turns(options);
    const { connect, ...others } = options;
    const wake = (): void => this.#runner.wake();
    this.#pool = new Pool({
      ...others,
      search: async () => wake(),
      ...(connect && { connect: () => connect(wake) }),
      waiting: () => this.#turns.underWay,
    });
    this.#runner = this.#pool.open(() => this.#look());
  }

  start(): void {
    this.#pool.start();
  }

  stop(): Promise<void> {
    return this.#pool.stop();
  }

  /** Whether nothing may be begun any more. */
  get isStopped(): boolean {
    return this.#pool.isStopped;
  }

  /** Tells that a part of something failed which goes on. */
  crash(error: unknown): void {
    this.#pool.crash(error);
  }

  status(): WorkerStatus {
    return this.#pool.status();
  }

  /** Resolves when the look under way has ended, and all that was begun. */
  async idle(): Promise<void> {
    for (;;) {
      const { looking } = this.#runner;
      await looking;
      if (this.#runner.looking === looking && this.#underWay.size === 0) return;
      await Promise.allSettled(this.#underWay);
    }
  }

  async #look(): Promise<void> {
    const at = this.#options.now();
    const isOver = (): boolean => this.#pool.isStopped;
    while (!this.#turns.isFull && !isOver()) {
      const turn = await this.#turns.next(at, isOver);
      if (turn === undefined) break;
      this.#begin(turn);
    }
    await this.#rest(at);
  }

  async #rest(at: number): Promise<void> {
    const { everyMs, findNextDue, now } = this.#options;
    if (everyMs !== undefined) return this.#runner.sleep(everyMs);
    // What is due already and was not taken waits for others of its account: the end of each looks again.
    const dueAt = this.#turns.isFull ? undefined : await findNextDue?.(at);
    if (dueAt !== undefined) this.#runner.sleep(dueAt - now());
  }

  #begin({ work, end }: { readonly work: Work; readonly end: () => void }): void {
    const task = this.#do(work);
    this.#underWay.add(task);
    this.#runner.begin(task, () => {
      this.#underWay.delete(task);
      end();
      this.#runner.wake();
    });
  }

  async #do(work: Work): Promise<void> {
    const { name, renew, renewMs, setTimer } = this.#options;
    const lease = keepLease({
      everyMs: renewMs,
      renew: () => renew(work),
      onFailure: (error) => this.#pool.crash(error, `${name}.renew`),
      ...(setTimer && { setTimer }),
    });
    try {
      await this.#options.work(work, lease.end);
    } finally {
      await lease.end();
    }
  }
}
