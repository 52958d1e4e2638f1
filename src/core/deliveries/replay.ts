// Making deliveries that are over due again: which, how many that is before it is done, and no more than were there then.
import type { AccountId, Principal } from '../../domain/account.ts';
import type { Delivery } from '../../domain/delivery.ts';
import { FieldError, notFound, StandstillError } from '../../domain/errors.ts';
import { stoodStill } from '../../domain/findings.ts';
import type { StandstillCode } from '../../domain/findings.ts';
import type { DeliveryFilter, PageRequest, Store } from '../../store/store.ts';
import { findDestination } from './destinations.ts';

/** A count goes no further than this. */
const maxCount = 100_000;
/** Deliveries that may be named in one call. */
const maxNamed = 500;

interface ReplayDeps {
  readonly store: Pick<Store, 'listDeliveries' | 'countDeliveries' | 'replayDeliveries' | 'findDestination'>;
  readonly now: () => number;
}

/** Which deliveries are meant: some by their ids, or those of a destination, of a time, or both. */
export type GivenReplay = Omit<DeliveryFilter, 'state'> & { readonly state?: 'done' | 'dead' };

/** What a replay would do. */
interface Preview {
  /** Those that it makes due again, of callback URLs that were removed as well; counted no further than 100,000. */
  readonly count: number;
  /** Whether there may be more than were counted. */
  readonly isMore: boolean;
  /** The end of what was counted, where no ids were given: a replay until then touches nothing that came later. */
  readonly until: number | null;
}

/** What of the deliveries is replayed; dead ones unless something else is said. Throws `bad_request` where nothing says which. */
function toReplayFilter(given: GivenReplay): DeliveryFilter {
  const { deliveryIds, destinationId, since } = given;
  if (deliveryIds === undefined && destinationId === undefined && since === undefined)
    throw new FieldError(
      'bad_request',
      'destinationId',
      'Say which: deliveryIds, destinationId, or since (and until).',
    );
  if (deliveryIds === undefined) return { ...given, state: given.state ?? 'dead' };
  // Whatever they are: what is named is meant.
  const { state: _, ...rest } = given;
  return rest;
}

/** How many deliveries a replay would make due again. Throws `bad_request` where nothing says which, `not_found` for a destination. */
export async function previewReplay(
  { store, now }: ReplayDeps,
  accountId: AccountId,
  given: GivenReplay,
): Promise<Preview> {
  const filter = toReplayFilter(given);
  if (filter.destinationId !== undefined) await findDestination(store, accountId, filter.destinationId);
  if (filter.deliveryIds !== undefined) {
    const { items } = await store.listDeliveries(accountId, filter, { limit: maxNamed });
    return { count: items.filter(isOver).length, isMore: false, until: null };
  }
  // What was made in this very millisecond is there already.
  const until = Math.min(filter.until ?? Infinity, now() + 1);
  return { ...(await store.countDeliveries(accountId, { ...filter, until }, maxCount)), until };
}

/** Makes a step of them due again, oldest first. Throws as {@link previewReplay}. */
export async function replay(
  { store }: ReplayDeps,
  { accountId, actor }: Principal,
  given: GivenReplay,
  page: PageRequest,
): Promise<{ readonly replayed: number; readonly next: string | null }> {
  const filter = toReplayFilter(given);
  if (filter.destinationId !== undefined) await findDestination(store, accountId, filter.destinationId);
  return store.replayDeliveries(accountId, filter, page, actor);
}

/** Makes one delivery due again. Throws `not_found`, and `wrong_state` where it is not over or has nowhere to go. */
export async function replayOne(
  { store }: ReplayDeps,
  { accountId, actor }: Principal,
  deliveryId: number,
): Promise<{ readonly replayed: number; readonly next: string | null }> {
  const filter = { deliveryIds: [deliveryId] };
  const [known] = (await store.listDeliveries(accountId, filter, { limit: 1 })).items;
  if (known === undefined) throw notFound('delivery');
  const answer = await store.replayDeliveries(accountId, filter, { limit: 1 }, actor);
  if (answer.replayed === 0) throw new StandstillError(stoodStill(whyNot(known)));
  return answer;
}

function whyNot(delivery: Delivery): StandstillCode {
  if (isOver(delivery)) return 'destination_removed';
  return delivery.state === 'unwanted' ? 'delivery_unwanted' : 'delivery_open';
}

function isOver({ state }: Delivery): boolean {
  return state === 'done' || state === 'dead';
}
