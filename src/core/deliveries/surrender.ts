// Giving deliveries up that are not over: those that settings do not want any more, or all of one destination.
import type { AccountId, Principal } from '../../domain/account.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { FieldError } from '../../domain/errors.ts';
import type { PageRequest, Store } from '../../store/store.ts';
import { findDestination } from './destinations.ts';

/** Deliveries that may be named in one call. */
const maxNamed = 500;

interface SurrenderDeps {
  readonly store: Pick<Store, 'listDeliveries' | 'listBacklog' | 'giveUpDeliveries' | 'findDestination'>;
}

/** Which deliveries are meant; `open` are all that are not over, of one destination or named by their ids. */
export interface GivenSurrender {
  readonly deliveryIds?: readonly number[];
  readonly destinationId?: number;
  readonly state?: 'unwanted' | 'open';
  readonly since?: number;
  readonly until?: number;
}

interface Step {
  readonly givenUp: number;
  readonly next: string | null;
}

/** How many a step would give up. Throws `bad_request` for all that is open of no destination, `not_found` for a destination. */
export async function previewSurrender(
  { store }: SurrenderDeps,
  accountId: AccountId,
  given: GivenSurrender,
  page: PageRequest,
): Promise<Step> {
  const { ids, next } = await findOpen(store, accountId, given, page);
  return { givenUp: ids.length, next };
}

/** Gives a step of them up: they are dead then, and can be replayed. Throws `bad_request` as {@link previewSurrender}. */
export async function surrender(
  { store }: SurrenderDeps,
  { accountId, actor }: Principal,
  given: GivenSurrender,
  page: PageRequest,
): Promise<Step> {
  const { ids, next } = await findOpen(store, accountId, given, page);
  return { givenUp: await store.giveUpDeliveries(accountId, ids, actor), next };
}

async function findOpen(
  store: SurrenderDeps['store'],
  accountId: AccountId,
  { deliveryIds, state = 'unwanted', ...filter }: GivenSurrender,
  page: PageRequest,
): Promise<{ readonly ids: readonly number[]; readonly next: string | null }> {
  if (filter.destinationId !== undefined) await findDestination(store, accountId, filter.destinationId);
  if (deliveryIds !== undefined) {
    const { items } = await store.listDeliveries(accountId, { deliveryIds }, { limit: maxNamed });
    const isMeant = (one: Delivery): boolean =>
      one.state === 'unwanted' || (state === 'open' && (one.state === 'waiting' || one.state === 'blocked'));
    return { ids: items.filter(isMeant).map(({ id }) => id), next: null };
  }
  if (state === 'open' && filter.destinationId === undefined)
    throw new FieldError('bad_request', 'destinationId', 'Say of which destination: destinationId.');
  const wanted = { ...filter, ...(state === 'unwanted' ? { isUnwanted: true as const } : {}) };
  const { items, next } = await store.listBacklog(accountId, wanted, page);
  return { ids: items.map(({ deliveryId }) => deliveryId), next };
}
