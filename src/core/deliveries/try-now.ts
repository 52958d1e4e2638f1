// Making what waits due now because somebody asks: named deliveries, or all of a callback URL. What cannot be tried says why.
import type { AccountId, Principal } from '../../domain/account.ts';
import type { Delivery, Destination } from '../../domain/delivery.ts';
import { notFound, StandstillError } from '../../domain/errors.ts';
import { reasoned, stoodStill } from '../../domain/findings.ts';
import type { Finding, StandstillCode } from '../../domain/findings.ts';
import type { Store } from '../../store/store.ts';
import { findDestination, stepRows } from './destinations.ts';

interface TryDeps {
  readonly store: Pick<
    Store,
    'findDestination' | 'hasten' | 'hastenDeliveries' | 'listDeliveries' | 'setDestinationState'
  >;
  readonly now: () => number;
}

/** A delivery that is not tried, and why. */
interface Untried extends Finding<StandstillCode> {
  readonly deliveryId: number;
}

/** What came of the deliveries that were named. */
interface Tried {
  /** Those that are due now, or were already. */
  readonly tried: number;
  readonly refused: readonly Untried[];
}

/**
 * Makes named deliveries due now, at the beginning of their schedules; up to 500. A callback URL that is only probed, or paused, is
 * asked with them, as when it is switched on. Nothing is lost where it fails again: its breaker opens anew.
 */
export async function tryNow(
  deps: TryDeps,
  principal: Principal,
  deliveryIds: readonly number[],
): Promise<Tried> {
  const { store } = deps;
  const { accountId, actor } = principal;
  const { items } = await store.listDeliveries(accountId, { deliveryIds }, { limit: stepRows });
  const known = new Map(items.map((one) => [one.id, one]));
  const destinations = await findAll(store, accountId, items);
  const refused = [...new Set(deliveryIds)].flatMap((deliveryId) => {
    const delivery = known.get(deliveryId);
    const code = delivery === undefined ? 'delivery_absent' : toStandstill(delivery, destinations);
    return code === undefined ? [] : [{ deliveryId, ...stoodStill(code) }];
  });
  const isRefused = new Set(refused.map(({ deliveryId }) => deliveryId));
  const tried = items.filter(({ id }) => !isRefused.has(id));
  if (tried.length > 0)
    await store.hastenDeliveries(
      accountId,
      tried.map(({ id }) => id),
      actor,
    );
  for (const id of new Set(tried.map(({ destinationId }) => destinationId)))
    await ask(deps, principal, destinations.get(id));
  return { tried: tried.length, refused };
}

/** Makes one delivery due now, as {@link tryNow}. Throws `not_found`, and `wrong_state` with the reason where it cannot be tried. */
export async function tryOneNow(deps: TryDeps, principal: Principal, deliveryId: number): Promise<Tried> {
  const answer = await tryNow(deps, principal, [deliveryId]);
  const [refused] = answer.refused;
  if (refused?.code === 'delivery_absent') throw notFound('delivery');
  if (refused !== undefined) throw new StandstillError(refused);
  return answer;
}

/**
 * Makes a step of all that waits for a callback URL due now, and has it asked at once; `isMore` when another step is needed. Throws
 * `not_found`, and `wrong_state` where it is switched off.
 */
export async function tryDestinationNow(
  deps: TryDeps,
  principal: Principal,
  id: number,
): Promise<{ readonly tried: number; readonly isMore: boolean }> {
  const { accountId } = principal;
  const destination = await findDestination(deps.store, accountId, id);
  if (destination.state === 'off') throw new StandstillError(stoodStill('destination_off'));
  const tried = await deps.store.hasten(accountId, id, stepRows);
  await ask(deps, principal, destination);
  return { tried, isMore: tried === stepRows };
}

async function findAll(
  store: TryDeps['store'],
  accountId: AccountId,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<number, Destination>> {
  const found = new Map<number, Destination>();
  for (const id of new Set(deliveries.map(({ destinationId }) => destinationId))) {
    const destination = await store.findDestination(accountId, id);
    if (destination !== undefined) found.set(id, destination);
  }
  return found;
}

/** Why a delivery is not tried; undefined for one that is. */
function toStandstill(
  { state, destinationId }: Delivery,
  destinations: ReadonlyMap<number, Destination>,
): StandstillCode | undefined {
  if (state === 'done' || state === 'dead') return 'delivery_over';
  if (state === 'unwanted') return 'delivery_unwanted';
  const destination = destinations.get(destinationId);
  if (destination === undefined) return 'destination_removed';
  if (destination.state === 'off') return 'destination_off';
  return state === 'blocked' ? 'delivery_behind' : undefined;
}

/** Ends that a callback URL is only probed, or left alone for a while. */
async function ask(
  { store, now }: TryDeps,
  { accountId, actor }: Principal,
  destination: Destination | undefined,
): Promise<void> {
  if (destination === undefined) return;
  const { id, state, pause } = destination;
  if (state !== 'opened' && (pause?.until ?? 0) <= now()) return;
  await store.setDestinationState(accountId, id, 'active', reasoned('tried_now', {}), actor);
}
