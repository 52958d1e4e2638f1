/** How many places there are, and how much of them one holder may have. */
export interface ShareRule {
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
