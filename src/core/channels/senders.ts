// Senders added, found at their channel and taken away: whoever asks, the rules are the same.
import type { ChannelFault, FoundSender } from '../../channels/channel.ts';
import type { Principal } from '../../domain/account.ts';
import type { Channel, Sender, SenderType } from '../../domain/channel.ts';
import { notFound } from '../../domain/errors.ts';
import type { NewSender } from '../../store/channels/port.ts';
import type { Store } from '../../store/store.ts';
import type { OnRouteAdded } from './channels.ts';
import { findSender, toBareDigits } from './ownership.ts';
import type { VerificationStore } from './enquiries.ts';
import type { ChannelOwner, SenderStore } from './ownership.ts';
import { TakenRefusal } from './refusals.ts';
import { checkSenderId, requireSenderType, toRouteId, toSenderType } from './sender-rules.ts';

interface AdditionDeps {
  readonly store: Pick<Store, 'putSender'>;
  readonly onRouteAdded: OnRouteAdded;
}

interface EnquiryDeps extends AdditionDeps {
  /** Asks the channel which senders its credentials may use; undefined where it cannot be asked. */
  readonly findSenders: (channel: Channel) => Promise<readonly FoundSender[] | ChannelFault | undefined>;
}

/** A sender as it was given: left out means left as it is. */
interface GivenSender {
  readonly id: string;
  readonly name?: string;
  /** Meta's id of a WhatsApp number. */
  readonly phoneNumberId?: string;
}

/**
 * Adds a sender to a channel, or changes what is given of it; what came for it before is recorded then. Throws the refusal of the rule
 * that is broken, and `already_exists` or `changed_meanwhile` when it is not as the owner expects.
 */
export async function registerSender(
  deps: AdditionDeps & { readonly store: SenderStore },
  owner: ChannelOwner,
  channel: Channel,
  given: GivenSender,
): Promise<{ readonly sender: Sender; readonly isNew: boolean }> {
  const id = toBareDigits(given.id);
  const known = await deps.store.findSender(channel.id, id);
  const type = toSenderType(channel.type, known);
  checkSenderId(type, id);
  const routeId = toRouteId(channel, id, given.phoneNumberId, known);
  const isNew = await put(deps, owner, channel, { id, type, name: given.name ?? known?.name ?? id, routeId });
  return { sender: await findSender(deps.store, owner.accountId, channel.id, id), isNew };
}

/**
 * Makes a Page or professional account a sender of its channel, as the channel tells it, or by its id alone where the channel does
 * not. A sandbox plays both, and takes more of them than it has from the start, so that a client that binds one can be tried.
 */
export async function bindPage(
  deps: EnquiryDeps,
  principal: Principal,
  channel: Channel,
  { id, type }: { readonly id: string; readonly type: SenderType },
): Promise<NewSender> {
  requireSenderType(channel, type);
  const told = channel.type === 'sandbox' ? [] : await listTold(deps, channel, type);
  const page = told.find((one) => one.id === id) ?? { id, type, name: id, routeId: id };
  await put(deps, principal, channel, page);
  return page;
}

/**
 * Asks the channel for its numbers, adds those that are new, and keeps what it says of the others' verification. Where it cannot be
 * asked nothing changes. A number that another channel of this server has stays there.
 */
export async function syncNumbers(
  deps: EnquiryDeps & { readonly store: VerificationStore },
  principal: Principal,
  channel: Channel,
): Promise<void> {
  const told = await listTold(deps, channel, 'whatsapp');
  const senders = await deps.store.listSenders(principal.accountId, channel.id);
  for (const number of told) {
    const { id, verification } = number;
    const known = senders.find((sender) => sender.id === id);
    if (known === undefined) await add(deps, principal, channel, number);
    else if (verification !== undefined && verification !== known.verification)
      await deps.store.setSenderVerification(principal.accountId, channel.id, id, verification);
  }
}

/** Takes a sender away; its receipts stay. Throws `not_found`, and `changed_meanwhile`. */
export async function removeSender(
  { store }: { readonly store: Pick<Store, 'deleteSender'> },
  { accountId, actor, expected }: ChannelOwner,
  channelId: string,
  senderId: string,
): Promise<void> {
  if (!(await store.deleteSender(accountId, channelId, toBareDigits(senderId), actor, expected)))
    throw notFound('sender');
}

/** What the channel tells of its senders of a type; nothing where it cannot be asked or does not answer. */
async function listTold(
  { findSenders }: EnquiryDeps,
  channel: Channel,
  type: SenderType,
): Promise<readonly FoundSender[]> {
  const told = await findSenders(channel);
  return told === undefined || 'fault' in told ? [] : told.filter((one) => one.type === type);
}

/** As {@link add}; resolves to whether the sender is new. Throws the refusal of one that is another's. */
async function put(
  deps: AdditionDeps,
  owner: ChannelOwner,
  channel: Channel,
  sender: NewSender,
): Promise<boolean> {
  const outcome = await add(deps, owner, channel, sender);
  if (outcome !== 'taken') return outcome === 'created';
  throw new TakenRefusal(
    sender.routeId === channel.id
      ? 'A Viber bot is one sender; its channel has it already.'
      : 'Another sender on this server has that id at the channel.',
  );
}

async function add(
  { store, onRouteAdded }: AdditionDeps,
  { accountId, actor, expected }: ChannelOwner,
  { id: channelId }: Channel,
  sender: NewSender,
): Promise<'created' | 'replaced' | 'taken'> {
  const outcome = await store.putSender(accountId, channelId, sender, actor, expected);
  if (outcome === 'no_channel') throw notFound('channel');
  if (outcome !== 'taken') await onRouteAdded(sender.type, { by: 'sender', id: sender.routeId });
  return outcome;
}
