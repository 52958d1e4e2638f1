// The callback URLs of an account: changed as a whole, moved with what waits for them, switched, handed over, removed.
import { parseCallbackUrl } from '../../domain/callback-url.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import type { AccountId, Principal } from '../../domain/account.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { Destination, DestinationSettings } from '../../domain/delivery.ts';
import type { Preset } from '../../domain/delivery.ts';
import { FaultError, FieldError, notFound } from '../../domain/errors.ts';
import { reasoned } from '../../domain/findings.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { PageRequest, Store } from '../../store/store.ts';

/** Deliveries that one step changes, so that nobody else waits for long. */
export const stepRows = 500;
const removalTries = 5;

/** What of a destination is to be another; what is left out stays. */
interface GivenDestination extends Partial<DestinationSettings> {
  /** Brings its own schedule and time limit; batch size and concurrency stay unless they are given too. */
  readonly preset?: Preset;
  readonly state?: 'active' | 'off';
  readonly name?: string;
  readonly url?: string;
}

interface ChangeDeps {
  readonly store: Pick<
    Store,
    'findDestination' | 'changeDestination' | 'setDestinationSettings' | 'setDestinationState' | 'hasten'
  >;
  readonly now: () => number;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
}

/** Finds a destination of the account. Throws `not_found`. */
export async function findDestination(
  store: Pick<Store, 'findDestination'>,
  accountId: AccountId,
  id: number,
): Promise<Destination> {
  const destination = await store.findDestination(accountId, id);
  if (destination === undefined) throw notFound('destination');
  return destination;
}

/**
 * Changes what is given; all that waits is due when it goes to another URL, or when the destination is switched on again. Throws
 * `not_found`, `bad_callback_url`, `conflict`, `changed_meanwhile`.
 */
export async function changeDestination(
  deps: ChangeDeps,
  principal: Principal,
  id: number,
  given: GivenDestination,
  expected?: Expected,
): Promise<void> {
  const { store, now } = deps;
  const { accountId, actor } = principal;
  const { settings, state: before, pause } = await findDestination(store, accountId, id);
  const { state, preset, name, url, ...rest } = given;
  // The first of the changes is made only while things are as they were seen; those after it follow from it.
  let open = expected;
  if (name !== undefined || url !== undefined) {
    await rename(deps, principal, id, { name, url }, open);
    open = undefined;
  }
  if (preset !== undefined || Object.keys(rest).length > 0) {
    const changed = { ...toBase(settings, preset), ...rest };
    await store.setDestinationSettings(accountId, id, changed, actor, open);
    open = undefined;
  }
  if (state === undefined) return;
  const reason = reasoned(state === 'off' ? 'switched_off' : 'switched_on', {});
  await store.setDestinationState(accountId, id, state, reason, actor, open);
  // What it answered before somebody saw to it is no reason to wait any longer.
  if (state === 'active' && (before === 'off' || (pause?.until ?? 0) > now()))
    await hasten(store, accountId, id);
}

function toBase(settings: DestinationSettings, preset: Preset | undefined): DestinationSettings {
  if (preset === undefined) return settings;
  const { batchSize, concurrency } = settings;
  return { ...toDestinationSettings(preset), batchSize, concurrency };
}

/** Names it, or gives it another URL; then all that waits is due, because it waited for the old one. */
async function rename(
  { store, checkUrl }: ChangeDeps,
  { accountId, actor }: Principal,
  id: number,
  { name, url }: { readonly name: string | undefined; readonly url: string | undefined },
  expected: Expected | undefined,
): Promise<void> {
  const wanted = {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(url === undefined ? {} : { url: await readUrl(checkUrl, url) }),
  };
  const known = wanted.url === undefined ? undefined : await store.findDestination(accountId, id);
  const outcome = await store.changeDestination(accountId, id, wanted, actor, expected);
  if (outcome === 'missing') throw notFound('destination');
  if (outcome === 'taken')
    throw new FieldError('conflict', 'url', faultTexts.url_taken, faultOf('url_taken'));
  if (wanted.url !== undefined && wanted.url !== known?.url) await hasten(store, accountId, id);
}

/** A callback URL as it is kept. Throws `bad_callback_url`. */
async function readUrl(checkUrl: ChangeDeps['checkUrl'], text: string): Promise<string> {
  const parsed = parseCallbackUrl(text);
  const fault = 'fault' in parsed ? parsed.fault : await checkUrl(parsed.url);
  if ('fault' in parsed || fault !== null)
    throw new FieldError(
      'bad_callback_url',
      'url',
      `url: ${fault}`,
      'why' in parsed ? parsed.why : faultOf('url_inside'),
    );
  return parsed.url;
}

/** Makes all due that waits. */
async function hasten(store: Pick<Store, 'hasten'>, accountId: AccountId, id: number): Promise<void> {
  while ((await store.hasten(accountId, id, stepRows)) === stepRows);
}

/** Hands a step of what waits for one destination over to another; with `isDry` only counts it. Throws `not_found`, `bad_request`. */
export async function handBacklogOver(
  { store }: { readonly store: Pick<Store, 'findDestination' | 'listBacklog' | 'handOver'> },
  { accountId, actor }: Principal,
  { from, to, isDry }: { readonly from: number; readonly to: number; readonly isDry: boolean },
  page: PageRequest,
): Promise<{ readonly handedOver: number; readonly next: string | null }> {
  await findDestination(store, accountId, from);
  await findDestination(store, accountId, to);
  if (from === to)
    throw new FieldError('bad_request', 'to', faultTexts.destination_same, faultOf('destination_same'));
  const { items, next } = await store.listBacklog(accountId, { destinationId: from }, page);
  const ids = items.map(({ deliveryId }) => deliveryId);
  return { handedOver: isDry ? ids.length : await store.handOver(accountId, ids, to, actor), next };
}

interface RemovalDeps {
  readonly store: Pick<
    Store,
    | 'findDestination'
    | 'listChannels'
    | 'listSenders'
    | 'listBacklog'
    | 'giveUpDeliveries'
    | 'removeDestination'
  >;
}

/** How many deliveries the removal of a destination would give up. Throws as {@link removeDestination}. */
export async function previewRemoval(
  { store }: RemovalDeps,
  accountId: AccountId,
  id: number,
  expected?: Expected,
): Promise<number> {
  await findRemovable(store, accountId, id, expected);
  return eachStep(store, accountId, id, (ids) => Promise.resolve(ids.length));
}

/**
 * Gives up what waits for a destination that no settings name, and removes it; resolves to how many were given up. Throws `not_found`,
 * `wrong_state` and `changed_meanwhile` before anything is given up. Once something is, the removal goes on to its end.
 */
export async function removeDestination(
  { store }: RemovalDeps,
  { accountId, actor }: Principal,
  id: number,
  expected?: Expected,
): Promise<number> {
  const { url } = await findRemovable(store, accountId, id, expected);
  // A receipt that came under settings of a moment ago may be added behind the walk.
  let givenUp = 0;
  for (let tries = 0; tries < removalTries; tries += 1) {
    givenUp += await eachStep(store, accountId, id, (ids) => store.giveUpDeliveries(accountId, ids, actor));
    const outcome = await store.removeDestination(accountId, id, actor, givenUp === 0 ? expected : undefined);
    if (outcome === 'done') return givenUp;
    if (outcome === 'missing') throw notFound('destination');
    if (outcome === 'in_use') await requireUnused(store, accountId, url);
  }
  throw new FaultError('wrong_state', 'destination_busy');
}

/** A destination that may be removed: as it is expected to be, and named by no settings. */
async function findRemovable(
  store: RemovalDeps['store'],
  accountId: AccountId,
  id: number,
  expected: Expected | undefined,
): Promise<Destination> {
  const destination = await findDestination(store, accountId, id);
  requireExpected(expected, versionOfDestination(destination));
  await requireUnused(store, accountId, destination.url);
  return destination;
}

/** Walks over all that is not over of a destination, step by step; resolves to how many `work` took. */
async function eachStep(
  store: Pick<Store, 'listBacklog'>,
  accountId: AccountId,
  destinationId: number,
  work: (deliveryIds: readonly number[]) => Promise<number>,
): Promise<number> {
  let total = 0;
  let cursor: string | undefined;
  do {
    const page = { limit: stepRows, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next } = await store.listBacklog(accountId, { destinationId }, page);
    if (items.length > 0) total += await work(items.map(({ deliveryId }) => deliveryId));
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return total;
}

/** Throws `wrong_state`, with what names the URL, unless nothing does. */
async function requireUnused(store: RemovalDeps['store'], accountId: AccountId, url: string): Promise<void> {
  for (const { id, webhook } of await store.listChannels(accountId)) {
    const senders = await store.listSenders(accountId, id);
    const sender = senders.find((one) => [one.webhook.statusUrl, one.webhook.inboundUrl].includes(url));
    if (sender === undefined && webhook.auditUrl !== url) continue;
    throw sender === undefined
      ? new FaultError('wrong_state', 'url_of_channel', { channelId: id })
      : new FaultError('wrong_state', 'url_of_sender', { senderId: sender.id, channelId: id });
  }
}

/** Secrets that sign at a time, newest first. */
export function findValidSecrets({ secrets }: Destination, at: number): Destination['secrets'] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > at);
}

/** Makes a new signing secret; the newest before it signs along for `overlapMs`, and all others end. Throws `not_found`. */
export async function rotateSecret(
  {
    store,
    now,
    generateSecret,
  }: {
    readonly store: Pick<Store, 'findDestination' | 'setDestinationSecrets'>;
    readonly now: () => number;
    readonly generateSecret: () => string;
  },
  { accountId, actor }: Principal,
  id: number,
  overlapMs: number,
): Promise<Destination> {
  const [newest] = (await findDestination(store, accountId, id)).secrets;
  const kept = newest === undefined || overlapMs === 0 ? [] : [{ ...newest, expiresAt: now() + overlapMs }];
  const secrets = [{ secret: generateSecret(), expiresAt: null }, ...kept];
  await store.setDestinationSecrets(accountId, id, secrets, actor);
  return findDestination(store, accountId, id);
}
