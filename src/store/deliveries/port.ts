// Destinations, and the deliveries of receipts to them.
import type { AccountId, Actor } from '../../domain/account.ts';
import type {
  ClaimedBatch,
  Delivery,
  DeliveryState,
  Destination,
  DestinationPause,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
  Settlement,
} from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';
import type { Page, PageRequest } from '../page.ts';

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly destinationId?: number;
  readonly since?: number;
  readonly until?: number;
  readonly deliveryIds?: readonly number[];
}

export interface Deliveries {
  findDestination(accountId: AccountId, destinationId: number): Promise<Destination | undefined>;
  findDestinationByUrl(accountId: AccountId, url: string): Promise<Destination | undefined>;
  listDestinations(accountId: AccountId): Promise<readonly Destination[]>;
  /** Every destination of every account that has a delivery which is not over. */
  findBusyDestinations(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number }[]
  >;
  /** This and the next throw `changed_meanwhile` when the destination is not as `expected`. */
  setDestinationSettings(
    accountId: AccountId,
    destinationId: number,
    settings: DestinationSettings,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  setDestinationState(
    accountId: AccountId,
    destinationId: number,
    state: DestinationState,
    reason: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  /**
   * Writes down that a destination is left alone for a while, in place of the pause before. Ended by whoever switches it on or off, or
   * gives it another URL; one that is not there any more is left alone.
   */
  setDestinationPause(accountId: AccountId, destinationId: number, pause: DestinationPause): Promise<void>;
  /** Pauses of all accounts that end after `now`, the longest first, at most `limit`. */
  listPauses(
    now: number,
    limit: number,
  ): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number; readonly until: number }[]
  >;
  /**
   * Calls a destination by another name, or gives it another URL: what waits for it, its secrets and its past go with it, and settings
   * that name the old URL name the new one. `taken`: the account has a destination of that URL already.
   */
  changeDestination(
    accountId: AccountId,
    destinationId: number,
    change: { readonly name?: string; readonly url?: string },
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'taken'>;
  /**
   * Removes a destination with its secrets. What became of receipts there stays told. `in_use`: settings name its URL; `busy`: deliveries
   * to it are not over.
   */
  removeDestination(
    accountId: AccountId,
    destinationId: number,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'in_use' | 'busy'>;
  setDestinationSecrets(
    accountId: AccountId,
    destinationId: number,
    secrets: readonly DestinationSecret[],
    actor: Actor,
  ): Promise<boolean>;
  /**
   * Leases up to `limit` batches of at most `batchSize` deliveries that are due, oldest first; a lease that is not settled
   * within `leaseMs` falls due again. Two callers never hold the same delivery, and of one lane only the first is ever
   * handed out. A batch keeps its members from its first claim until it is settled.
   */
  claimDeliveries(request: ClaimRequest): Promise<readonly ClaimedBatch[]>;
  /** Writes what became of claimed deliveries, and lets the next of each lane go. One that is over already is left alone. */
  settleDeliveries(settlements: readonly Settlement[]): Promise<void>;
  /** Gives claimed deliveries back untried, e.g. at the end of the process. */
  releaseDeliveries(
    accountId: AccountId,
    destinationId: number,
    deliveryIds: readonly number[],
  ): Promise<void>;
  /** When the earliest delivery of a destination falls due, a held one at the end of its lease; undefined when none waits. */
  findNextDue(accountId: AccountId, destinationId: number): Promise<number | undefined>;
  /** Newest first; pages as those of listReceipts. */
  listDeliveries(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /**
   * How many match, counted no further than `atMost`, and of a filter that no index serves among the newest `atMost` deliveries
   * alone; `isMore` when there may be more than were counted.
   */
  countDeliveries(
    accountId: AccountId,
    filter: DeliveryFilter,
    atMost: number,
  ): Promise<{ readonly count: number; readonly isMore: boolean }>;
  /**
   * How many deliveries to each destination wait, are not wanted, and are dead; each counted no further than `atMost`, and those not
   * wanted among the oldest `atMost` of the account.
   */
  countByDestination(accountId: AccountId, atMost: number): Promise<readonly DestinationCounts[]>;
  /**
   * Makes up to `page.limit` deliveries that are over (done or dead) and match the filter due again, oldest first, at the
   * end of their lanes, with the cause `replay`; `next` leads on to the rest. One call looks at a bounded number of deliveries,
   * so few or none may be replayed although `next` leads on.
   */
  replayDeliveries(
    accountId: AccountId,
    filter: DeliveryFilter,
    page: PageRequest,
    actor: Actor,
  ): Promise<{ readonly replayed: number; readonly next: string | null }>;
  /** The oldest delivery of each busy destination that is not over: when its receipt was recorded. */
  findOldestUndelivered(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number; readonly since: number }[]
  >;
}

export interface DestinationCounts {
  readonly destinationId: number;
  readonly waiting: number;
  readonly unwanted: number;
  readonly dead: number;
}

export interface ClaimRequest {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly limit: number;
  readonly batchSize: number;
  readonly now: number;
  readonly leaseMs: number;
  /** Whether what has not been refused yet goes first, among the oldest and the newest that are due. */
  readonly isProbe?: boolean;
}
