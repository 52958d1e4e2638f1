// The deliveries of receipts to destinations.
import type { AccountId, Actor } from '../../domain/account.ts';
import type {
  Attempt,
  AttemptOutcome,
  ClaimedBatch,
  Delivery,
  DeliveryState,
  Settlement,
} from '../../domain/delivery.ts';
import type { ReceiptFacts, ReceiptType } from '../../domain/receipt.ts';
import type { Page, PageRequest } from '../page.ts';

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly destinationId?: number;
  readonly since?: number;
  readonly until?: number;
  readonly deliveryIds?: readonly number[];
  /** What its receipt is of. */
  readonly type?: ReceiptType;
  readonly channelId?: string;
  /** The user's id or number, as the channel writes it: of a number the digits alone. */
  readonly user?: string;
  /** How its last try ended. */
  readonly outcome?: AttemptOutcome;
  readonly status?: number;
}

/** A delivery as it stands in a list: with what it carries, and how its last try ended; null where none is recorded. */
export interface ListedDelivery extends Delivery {
  readonly receipt: {
    readonly channelId: string;
    readonly senderId: string | null;
    /** Null where it cannot be read. */
    readonly facts: ReceiptFacts | null;
  };
  readonly lastTry: Omit<Attempt, 'answer'> | null;
}

/** What the hot paths do with deliveries. */
export interface DeliveryEngine {
  /** Every destination of every account that has a delivery which is not over. */
  findBusyDestinations(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number }[]
  >;
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
}

/** What people see of deliveries. */
export interface DeliveryViews {
  /** Newest first; pages as those of listReceipts. */
  listDeliveries(
    accountId: AccountId,
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<ListedDelivery>>;
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
   * How many deliveries to each destination, or to one, wait, are not wanted, and are dead; each counted no further than `atMost`, and
   * those not wanted among the oldest `atMost` of the account.
   */
  countByDestination(
    accountId: AccountId,
    atMost: number,
    destinationId?: number,
  ): Promise<readonly DestinationCounts[]>;
  /** The oldest delivery of each busy destination that is not over: when its receipt was recorded. */
  findOldestUndelivered(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number; readonly since: number }[]
  >;
}

export interface Deliveries extends DeliveryEngine, DeliveryViews {
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
}

export interface DestinationCounts {
  readonly destinationId: number;
  /** Those that wait for their time and those that are blocked. */
  readonly waiting: number;
  /** Those of them that stand behind another of their lane. */
  readonly blocked: number;
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
