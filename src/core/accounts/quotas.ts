// How much an account may hold here: messages in its queues, and files. What it sends and uploads itself is refused beyond that; what
// channels bring is taken in all the same.
import type { AccountId } from '../../domain/account.ts';
import { LimitError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import { findBound } from '../../domain/limits.ts';
import type { LimitName, Limits } from '../../domain/limits.ts';
import type { EndNotice, RaiseNotice } from '../../domain/notice.ts';
import type { Stopwatch } from '../../runtime/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Requester } from './request-rates.ts';

/** What of the store tells how much an account holds. */
type HeldStore = Pick<Store, 'countQueuedMessages' | 'sumFileBytes'>;

type QuotaName = Exclude<LimitName, 'requestsPerSecond'>;

interface QuotaDeps extends Stopwatch {
  readonly store: HeldStore;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  /** What holds for accounts for which nothing was set. */
  readonly limits: Limits;
}

/** A figure of the store is good for so long; what this node lets in meanwhile is added to it. */
const freshMs = 1000;
/** Accounts whose figures are remembered; the one that came first is forgotten, and asked for again. */
const maxRemembered = 10_000;
/** An account is full no more below this part of its limit: what is just below all of it will be full with the next message. */
const easedPart = 0.9;

/** Room for what is on its way into the store. */
export interface Reservation {
  /** Takes so much more. Throws a {@link LimitError} where there is no room for it. */
  take(amount: number): void;
  /** What was taken is in the store by now, or will not come. */
  end(): void;
}

/** What an account holds, as last heard, and what was let in since. */
interface Held {
  counted: number;
  lookedAt: number;
  /** Let in since that look, and what was under way when it began, which may be in it or not. */
  since: number;
  underWay: number;
  looking: Promise<void> | undefined;
}

/** How an amount is asked for, and what is said where there is no room. */
interface Kind {
  readonly count: (store: HeldStore, accountId: AccountId) => Promise<number>;
  readonly describe: (held: number, limit: number, forWhom: string) => string;
  readonly code: 'queue_limit_reached' | 'storage_limit_reached';
}

const kinds: Readonly<Record<QuotaName, Kind>> = {
  queuedMessages: {
    count: (store, accountId) => store.countQueuedMessages(accountId),
    describe: (held, limit, forWhom) =>
      `There are ${held} of at most ${limit} messages in the queues of the account${forWhom}. Have some received and deleted first.`,
    code: 'queue_limit_reached',
  },
  storedBytes: {
    count: (store, accountId) => store.sumFileBytes(accountId),
    describe: (held, limit, forWhom) =>
      `The files of the account take ${held} of at most ${limit} bytes${forWhom}.`,
    code: 'storage_limit_reached',
  },
};

/**
 * One of what accounts may hold. Nothing is counted at a request: the store keeps the figure, this node asks for it once a second at most for
 * an account that has a limit, and adds what it lets in meanwhile. So what an account sends by one node never goes beyond its limit; by
 * several, each of the others may add what it takes in one second.
 */
export class Quota {
  readonly #name: QuotaName;
  readonly #deps: QuotaDeps;
  readonly #held = new Map<AccountId, Held>();

  constructor(name: QuotaName, deps: QuotaDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  /** What may be held at most by an account, or by what its key adds; undefined for no bound. */
  boundOf({ limits = {}, accountLimits }: Pick<Requester, 'limits' | 'accountLimits'>): number | undefined {
    const ofAccount = findBound(accountLimits, this.#name, this.#deps.limits);
    const ofKey = findBound(limits, this.#name);
    if (ofAccount === undefined || ofKey === undefined) return ofAccount ?? ofKey;
    return Math.min(ofAccount, ofKey);
  }

  /** Makes room for an amount; undefined at once for who has no limit. Rejects with a {@link LimitError} where there is none. */
  reserve(requester: Requester, amount: number): Promise<Reservation> | undefined {
    const bound = this.boundOf(requester);
    return bound === undefined ? undefined : this.#reserve(requester, bound, amount);
  }

  /** Rejects with a {@link LimitError} where there is no room for anything. */
  async requireRoom(requester: Requester): Promise<void> {
    (await this.reserve(requester, 0))?.end();
  }

  /** What an account holds at this moment. */
  count(accountId: AccountId): Promise<number> {
    return kinds[this.#name].count(this.#deps.store, accountId);
  }

  /**
   * Tells by a notice that an account holds as much as it may, though it may have sent nothing itself, and that it is over once it holds
   * far less, or has no limit any more (undefined).
   */
  tellHeld(accountId: AccountId, held: number, limit: number | undefined): void {
    const subject = `account/${accountId}`;
    if (limit === undefined || held < limit) this.#ease(accountId, subject, held, limit);
    else this.#deps.raiseNotice({ accountId, subject, ...noticed(kinds[this.#name].code, { held, limit }) });
  }

  #ease(accountId: AccountId, subject: string, held: number, limit = Infinity): void {
    if (held < limit * easedPart) this.#deps.endNotice(accountId, kinds[this.#name].code, subject);
  }

  async #reserve(requester: Requester, bound: number, amount: number): Promise<Reservation> {
    const held = this.#find(requester.accountId);
    const isFull = (): boolean => held.counted + held.since + Math.max(1, amount) > bound;
    // Nobody is refused by what was heard before: something may have been taken away since.
    if (isFull() || this.#deps.monotonic() - held.lookedAt >= freshMs)
      await this.#look(requester.accountId, held);
    if (isFull()) throw this.#refuse(requester, held, bound);
    let taken = 0;
    const take = (more: number): void => {
      if (held.counted + held.since + more > bound) throw this.#refuse(requester, held, bound);
      held.since += more;
      held.underWay += more;
      taken += more;
    };
    take(amount);
    // Of an account a watch tells; of a key nobody else does.
    if (this.#isOfKey(requester, bound))
      this.#ease(requester.accountId, `key/${requester.id ?? ''}`, held.counted + held.since, bound);
    return {
      take,
      end: () => {
        held.underWay -= taken;
        taken = 0;
      },
    };
  }

  #find(accountId: AccountId): Held {
    const known = this.#held.get(accountId);
    if (known !== undefined) return known;
    if (this.#held.size >= maxRemembered) {
      const [oldest] = this.#held.keys();
      if (oldest !== undefined) this.#held.delete(oldest);
    }
    const held = { counted: 0, lookedAt: -Infinity, since: 0, underWay: 0, looking: undefined };
    this.#held.set(accountId, held);
    return held;
  }

  /** Asks the store; those who come meanwhile wait for the same answer. */
  #look(accountId: AccountId, held: Held): Promise<void> {
    held.looking ??= this.#ask(accountId, held).finally(() => (held.looking = undefined));
    return held.looking;
  }

  async #ask(accountId: AccountId, held: Held): Promise<void> {
    const lookedAt = this.#deps.monotonic();
    const [before, underWay] = [held.since, held.underWay];
    held.counted = await this.count(accountId);
    held.since += underWay - before;
    held.lookedAt = lookedAt;
  }

  #refuse(requester: Requester, { counted, since }: Held, limit: number): LimitError {
    const { accountId, id } = requester;
    const isOfKey = this.#isOfKey(requester, limit);
    const held = counted + since;
    this.#deps.emit('limit.met', { limit: this.#name, of: isOfKey ? 'key' : 'account', accountId });
    const subject = isOfKey ? `key/${id ?? ''}` : `account/${accountId}`;
    const { code, describe } = kinds[this.#name];
    this.#deps.raiseNotice({ accountId, subject, ...noticed(code, { held, limit }) });
    return new LimitError('quota_reached', describe(held, limit, isOfKey ? ' for this key' : ''), freshMs);
  }

  /** Whether a limit is the key's own, and not its account's. */
  #isOfKey({ accountLimits }: Requester, limit: number): boolean {
    return limit !== this.boundOf({ accountLimits });
  }
}
