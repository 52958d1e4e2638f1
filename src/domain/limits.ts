// What an account, or one of its keys, may use of the service.

/** What is bounded: requests in a second, messages in queues, and bytes of files that are kept. */
export const limitNames = ['requestsPerSecond', 'queuedMessages', 'storedBytes'] as const;
export type LimitName = (typeof limitNames)[number];

/** What was set, by its name. What is not there was not set; 0 is no bound, whatever holds where nothing is set. */
export type Limits = Readonly<Partial<Record<LimitName, number>>>;

/** What is to be set; null takes away what was, and what is not there stays. */
export type LimitChanges = Readonly<Partial<Record<LimitName, number | null>>>;

/** The largest that one may be. */
export const largestLimits: Readonly<Record<LimitName, number>> = {
  requestsPerSecond: 1_000_000,
  queuedMessages: 1_000_000_000_000,
  storedBytes: Number.MAX_SAFE_INTEGER,
};

/** What is left of a limit: `left` requests now, and all of `perSecond` again after `fullAfterMs`. */
export interface Allowance {
  readonly of: 'account' | 'key' | 'link';
  readonly perSecond: number;
  readonly left: number;
  readonly fullAfterMs: number;
}

/** Limits as they are once they have been changed. */
export function changeLimits(limits: Limits, changes: LimitChanges): Limits {
  const given = limitNames.map((name) => [name, changes[name] === undefined ? limits[name] : changes[name]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null)) as Limits;
}

/** The one that holds for an account: what was set, or `byDefault`; undefined for no bound. */
export function findBound(limits: Limits, name: LimitName, byDefault: Limits = {}): number | undefined {
  return (limits[name] ?? byDefault[name]) || undefined;
}
