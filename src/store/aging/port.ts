// What would go, by the clock, before anything does.
/** The times up to which a sweep takes things away, in epoch ms; `at` is the time that queues and what has an end of its own go by. */
export interface SweepMark {
  readonly at: number;
  readonly rawEvents: number;
  readonly receipts: number;
  readonly attempts: number;
  /** Of files that users sent, and of those that the business uploaded; absent in the mark of an older version. */
  readonly media?: number;
  readonly uploads?: number;
}

/** What of one kind a sweep would take, and what it would leave; both counted up to a bound. */
export interface OldRows {
  readonly kind: 'raw_events' | 'receipts' | 'messages' | 'queue_messages' | 'media' | 'uploads';
  readonly old: number;
  readonly kept: number;
}

/** What tells a wrong clock from what is kept, before anything is taken away by it. */
export interface Aging {
  /** The newest time that anything is of; null for a store that holds nothing yet. */
  findNewestTime(): Promise<number | null>;
  /** What the last whole sweep went by, of whichever node. */
  findSweepMark(): Promise<SweepMark | undefined>;
  noteSweep(mark: SweepMark): Promise<void>;
  /** How much a sweep would take. Looks at no more than some ten thousand rows. */
  countOld(mark: SweepMark): Promise<readonly OldRows[]>;
  /**
   * Makes due now what is due further ahead than anything is planned: a clock that was wrong said when. A bounded part of it; resolves
   * to how many. Costs next to nothing when there is none.
   */
  bringForward(now: number): Promise<number>;
  /** No receive drops messages of queues that were not old at that time (epoch ms); null goes by the time that it is. */
  holdExpiry(until: number | null): void;
}
