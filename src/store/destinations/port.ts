// Destinations: the URLs of the business that deliveries go to.
import type { AccountId, Actor } from '../../domain/account.ts';
import type {
  Destination,
  DestinationPause,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
  StateReason,
} from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';

/** What people see of destinations. */
export interface DestinationViews {
  listDestinations(accountId: AccountId): Promise<readonly Destination[]>;
  /** Pauses of all accounts that end after `now`, the longest first, at most `limit`. */
  listPauses(
    now: number,
    limit: number,
  ): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number; readonly until: number }[]
  >;
}

export interface Destinations extends DestinationViews {
  findDestination(accountId: AccountId, destinationId: number): Promise<Destination | undefined>;
  findDestinationByUrl(accountId: AccountId, url: string): Promise<Destination | undefined>;
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
    reason: StateReason,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  /**
   * Writes down that a destination is left alone for a while, in place of the pause before. Ended by whoever switches it on or off, or
   * gives it another URL; one that is not there any more is left alone.
   */
  setDestinationPause(accountId: AccountId, destinationId: number, pause: DestinationPause): Promise<void>;
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
}
