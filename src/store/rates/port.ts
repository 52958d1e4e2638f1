// How much happened in each minute.
import type { AccountId } from '../../domain/account.ts';
import type { AttemptOutcome } from '../../domain/delivery.ts';

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

/** How often pushes to a destination ended alike, and took about as long, in the five minutes from one on, counted since 1970. */
export interface PushRate {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly minute: number;
  /** Null where one POST held receipts of several channels. */
  readonly channelId: string | null;
  readonly outcome: AttemptOutcome;
  readonly status: number | null;
  /** The step of its duration (domain/duration-steps.ts). */
  readonly took: number;
  readonly count: number;
}

/** The same, whenever it was. */
export type PushSum = Omit<PushRate, 'accountId' | 'minute'>;
/** The same of one destination, of whatever channel and however long it took. */
export type PushPoint = Pick<PushRate, 'minute' | 'outcome' | 'status' | 'count'>;

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
  /** What was counted of pushes of an account from a minute on, to one destination or to each, added up over time. */
  sumPushRates(
    accountId: AccountId,
    sinceMinute: number,
    destinationId?: number,
  ): Promise<readonly PushSum[]>;
  /** What was counted of pushes to one destination from a minute on, oldest first. */
  listPushRates(
    accountId: AccountId,
    destinationId: number,
    sinceMinute: number,
  ): Promise<readonly PushPoint[]>;
}

export interface Rates extends RateViews {
  /** Adds to what is counted there, of whichever nodes. Kept for two days. */
  addRates(rates: readonly Rate[]): Promise<void>;
  /** Adds to what is counted of queues, of whichever nodes. Kept for two days. */
  addQueueRates(rates: readonly QueueRate[]): Promise<void>;
  /** Adds to what is counted of pushes, of whichever nodes. Kept for two days. */
  addPushRates(rates: readonly PushRate[]): Promise<void>;
}
