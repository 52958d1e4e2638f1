// Channels made, changed and taken away: whoever asks, the rules are the same.
import type { Principal } from '../../domain/account.ts';
import { mergeCredentials } from '../../domain/channel.ts';
import type { Channel, SenderType } from '../../domain/channel.ts';
import { FaultError, notFound } from '../../domain/errors.ts';
import type { Route } from '../../domain/receipt.ts';
import { requireExpected, versionOfChannel } from '../../domain/version.ts';
import type { NewChannel } from '../../store/channels/port.ts';
import type { Store } from '../../store/store.ts';
import { findChannel } from './ownership.ts';
import type { ChannelOwner } from './ownership.ts';
import { checkKind, checkName, checkNeeds, checkOptions, checkViberKind, checkWaba } from './rules.ts';

/** Records what was waiting for a sender, or for a WABA's channel, that has just been added. Must not throw. */
export type OnRouteAdded = (type: SenderType, route: Route) => unknown;

interface ConnectionDeps {
  readonly store: Pick<Store, 'findChannel' | 'listSenders' | 'putChannel'>;
  readonly onRouteAdded: OnRouteAdded;
}

interface Connected {
  readonly channel: Channel;
  readonly isNew: boolean;
}

/** A channel that is made ahead of what it needs. */
type PreparedChannel = Required<Pick<NewChannel, 'id' | 'type' | 'name' | 'wabaId'>>;

/**
 * Makes a channel, or changes what is given of it; the vendor is not asked. What came for its WABA before is recorded then. Throws the
 * refusal of the rule that is broken, and `already_exists` or `changed_meanwhile` when it is not as the owner expects.
 */
export async function connectChannel(
  deps: ConnectionDeps,
  owner: ChannelOwner,
  given: NewChannel,
): Promise<Connected> {
  const { id, type, name, options = {} } = given;
  const known = await deps.store.findChannel(id);
  if (known !== undefined && known.accountId !== owner.accountId) throw taken();
  // Before the rules of a change: who says that he makes a channel is told that it is there.
  requireExpected(owner.expected, known && versionOfChannel(known));
  // Left out means left as it is, so that a change of name needs no secrets.
  const credentials = mergeCredentials(known?.credentials ?? {}, given.credentials ?? {});
  if (name !== undefined) checkName(name);
  checkKind(id, type, known);
  if (known !== undefined) checkWaba(known, given);
  if (known !== undefined) await checkViberKind(deps.store, known, credentials);
  checkNeeds(type, given.wabaId ?? known?.wabaId ?? null, credentials);
  checkOptions(type, options, credentials);
  return put(deps, owner, given);
}

/**
 * Makes a channel ahead of what it needs. That of WhatsApp has to be taken without: CreateInstance and ChatappBindWaba of CAMS have no
 * parameter for credentials, and the former none for a WABA, so to ask for them would be to refuse every call. Until `connectChannel`
 * was given what is missing, nothing that is posted to the channel is believed and nothing is sent, and its check says what it lacks.
 * Every other rule of a channel that is made holds.
 */
export async function prepareChannel(
  deps: ConnectionDeps,
  principal: Principal,
  channel: PreparedChannel,
): Promise<Channel> {
  const { id, type, name } = channel;
  checkName(name);
  checkKind(id, type, undefined);
  return (await put(deps, principal, { ...channel, credentials: {} })).channel;
}

/**
 * The account's channel of a WABA, which is prepared under this id where there is none yet: asked twice, at once as well, a WABA has one
 * channel. Resolves to its id.
 */
export async function bindWaba(
  { store, onRouteAdded }: ConnectionDeps & { readonly store: Pick<Store, 'bindWaba'> },
  { accountId, actor }: Principal,
  { id, wabaId }: { readonly id: string; readonly wabaId: string },
): Promise<string> {
  const type = 'whatsapp';
  checkKind(id, type, undefined);
  const bound = await store.bindWaba(accountId, { id, type, name: wabaId, wabaId }, actor);
  if (bound === 'taken') throw taken();
  if (bound.isNew) await onRouteAdded(type, { by: 'waba', id: wabaId });
  return bound.id;
}

/** Calls a channel by another name; what it needs is not asked for. Throws `not_found`. */
export async function renameChannel(
  { store }: { readonly store: Pick<Store, 'changeChannel'> },
  { accountId, actor }: Principal,
  { id }: Pick<Channel, 'id'>,
  name: string,
): Promise<void> {
  checkName(name);
  if (!(await store.changeChannel(accountId, id, { name }, actor))) throw notFound('channel');
}

/** Takes a channel and its senders away; its receipts stay. Throws `not_found`, and `changed_meanwhile`. */
export async function removeChannel(
  { store }: { readonly store: Pick<Store, 'deleteChannel'> },
  { accountId, actor, expected }: ChannelOwner,
  channelId: string,
): Promise<void> {
  if (!(await store.deleteChannel(accountId, channelId, actor, expected))) throw notFound('channel');
}

async function put(
  { store, onRouteAdded }: ConnectionDeps,
  { accountId, actor, expected }: ChannelOwner,
  given: NewChannel,
): Promise<Connected> {
  const outcome = await store.putChannel(accountId, given, actor, expected);
  if (outcome === 'taken') throw taken();
  const channel = await findChannel(store, accountId, given.id);
  const { type, wabaId } = channel;
  if (wabaId !== null && type !== 'sandbox') await onRouteAdded(type, { by: 'waba', id: wabaId });
  return { channel, isNew: outcome === 'created' };
}

function taken(): FaultError {
  return new FaultError('conflict', 'channel_taken');
}
