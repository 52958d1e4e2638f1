import type { AccountId } from './account.ts';
import { GatewayError } from './errors.ts';

/** How many places there are, and how much of them one holder may have. */
interface ShareRule {
  readonly total: number;
  /** Of one holder at most. */
  readonly each: number;
  /** The last so many are kept for those who hold fewer than `few`; 0 when left out. */
  readonly kept?: number;
  readonly few?: number;
}

/** A quarter of all places, and at least one: what one of many may have of something that holds others up for long. */
export function toQuarter(total: number): number {
  return Math.max(1, Math.floor(total / 4));
}

/**
 * Of an amount that accounts use up together, and get back by and by, the last quarter is kept for those who hold little: less than
 * a 32nd. From `from` on the others get no more, so that one of them at its end leaves the rest served.
 */
export function toKept(total: number): { readonly from: number; readonly little: number } {
  return { from: total - Math.floor(total / 4), little: Math.ceil(total / 32) };
}

/** Places that many share, so that none of them takes all. A holder is an account, or a channel of one. */
export class Shares<Holder> {
  readonly #rule: ShareRule;
  readonly #held = new Map<Holder, number>();
  #taken = 0;

  constructor(rule: ShareRule) {
    this.#rule = rule;
  }

  /** Places that are taken. */
  get taken(): number {
    return this.#taken;
  }

  held(holder: Holder): number {
    return this.#held.get(holder) ?? 0;
  }

  /** How many more this holder may take now. */
  room(holder: Holder): number {
    const { total, each, kept = 0, few = 0 } = this.#rule;
    const held = this.held(holder);
    const free = total - this.#taken;
    const wide = free - kept;
    return Math.max(0, Math.min(each - held, held < few ? Math.min(free, Math.max(few - held, wide)) : wide));
  }

  /** Takes a place, whether or not there is room; returns what gives it back, once. */
  take(holder: Holder): () => void {
    this.#held.set(holder, this.held(holder) + 1);
    this.#taken += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken -= 1;
      const left = this.held(holder) - 1;
      if (left > 0) this.#held.set(holder, left);
      else this.#held.delete(holder);
    };
  }
}

/** A bound for what is asked of others while somebody waits: of one account a quarter, and the last quarter for those without any. */
export function toAskedRule(total: number): ShareRule {
  const quarter = toQuarter(total);
  return { total, each: quarter, kept: quarter, few: 1 };
}

/** Has something done for an account only while it has a place; throws `too_many` without one. */
export function inPlaces<Owner extends { readonly accountId: AccountId }, Rest extends unknown[], Answer>(
  places: Shares<AccountId>,
  ask: (owner: Owner, ...rest: Rest) => Promise<Answer>,
): (owner: Owner, ...rest: Rest) => Promise<Answer> {
  return async (owner, ...rest) => {
    if (places.room(owner.accountId) === 0) throw new GatewayError('too_many');
    const leave = places.take(owner.accountId);
    try {
      return await ask(owner, ...rest);
    } finally {
      leave();
    }
  };
}
