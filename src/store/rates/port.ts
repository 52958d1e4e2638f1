// How much happened in each minute.
import type { AccountId } from '../../domain/account.ts';

/** What is counted for the overview of an account. */
export const rateKinds = [
  'statuses',
  'inbounds',
  'audits',
  'pushed',
  'pushFailed',
  'dead',
  'sent',
  'sendFailed',
] as const;

export type RateKind = (typeof rateKinds)[number];

/** How often something happened in one minute, counted since 1970. */
export interface Rate {
  readonly accountId: AccountId;
  readonly minute: number;
  readonly kind: RateKind;
  readonly count: number;
}

/** How many messages were put into a queue, and how many were taken away for good, in one minute, counted since 1970. */
export interface QueueRate {
  readonly accountId: AccountId;
  readonly queue: string;
  readonly minute: number;
  readonly put: number;
  readonly deleted: number;
}

/** What people see of it. */
export interface RateViews {
  /** All of an account from a minute on, oldest first. */
  listRates(accountId: AccountId, sinceMinute: number): Promise<readonly Rate[]>;
  /** What was counted of the named queues of an account from a minute on, oldest first. */
  listQueueRates(
    accountId: AccountId,
    queues: readonly string[],
    sinceMinute: number,
  ): Promise<readonly QueueRate[]>;
}

export interface Rates extends RateViews {
  /** Adds to what is counted there, of whichever nodes. Kept for two days. */
  addRates(rates: readonly Rate[]): Promise<void>;
  /** Adds to what is counted of queues, of whichever nodes. Kept for two days. */
  addQueueRates(rates: readonly QueueRate[]): Promise<void>;
}
