// What waits for destinations as a whole: set aside, taken up again, handed over, given up.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Subscribed } from '../../domain/subscription.ts';
import type { Page, PageRequest } from '../page.ts';

/** A delivery that is not over, with what settings choose it by. */
export interface BacklogItem extends Subscribed {
  readonly deliveryId: number;
  readonly destinationId: number;
  readonly isUnwanted: boolean;
}

/** Which deliveries that are not over are meant; all of them when empty. */
export interface BacklogFilter {
  readonly destinationId?: number;
  /** Of one sender, or of a channel as a whole. */
  readonly owner?: Pick<Subscribed, 'channelId' | 'senderId'>;
  readonly kind?: Subscribed['kind'];
  /** Only those that stand still because settings do not want them. */
  readonly isUnwanted?: true;
  readonly since?: number;
  readonly until?: number;
}

/** What people see of what waits. */
export interface BacklogViews {
  /**
   * Oldest first, by what `next` leads on to. One call looks at a bounded number of deliveries, so that few or none may be told although
   * `next` leads on.
   */
  listBacklog(accountId: AccountId, filter: BacklogFilter, page: PageRequest): Promise<Page<BacklogItem>>;
}

export interface Backlog extends BacklogViews {
  /** What settings choose unwanted deliveries by, of all accounts, each once; at most `limit`. */
  findUnwanted(
    limit: number,
  ): Promise<readonly { readonly accountId: AccountId; readonly subscribed: Subscribed }[]>;
  /** Has deliveries that are not over stand still in their lanes, as not wanted since now; resolves to how many. */
  setAside(accountId: AccountId, items: readonly BacklogItem[]): Promise<number>;
  /** Lets unwanted deliveries go on, each in its place of its lane, when they were due before; resolves to how many. */
  takeUp(accountId: AccountId, deliveryIds: readonly number[]): Promise<number>;
  /** Ends deliveries that are not over as dead, and lets the next of each lane go; resolves to how many. */
  giveUpDeliveries(accountId: AccountId, deliveryIds: readonly number[], actor: Actor): Promise<number>;
  /**
   * Gives deliveries that are not over, each with all of its lane, to another destination of the account, due at once and by a schedule
   * that begins anew; what may be under way at this moment comes with the cause `replay`. Resolves to how many. Throws `not_found` when
   * the other one is not there.
   */
  handOver(
    accountId: AccountId,
    deliveryIds: readonly number[],
    toDestinationId: number,
    actor: Actor,
  ): Promise<number>;
  /** Makes those of the named deliveries that wait due now, by a schedule that begins anew; resolves to how many were due later. */
  hastenDeliveries(accountId: AccountId, deliveryIds: readonly number[], actor: Actor): Promise<number>;
  /** Makes up to `limit` waiting deliveries of a destination due now, by a schedule that begins anew; resolves to how many. */
  hasten(accountId: AccountId, destinationId: number, limit: number): Promise<number>;
}
