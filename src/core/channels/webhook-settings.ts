// Channel Webhook Settings: where the receipts of a sender, and the audits of a channel, go.
import type { AccountId } from '../../domain/account.ts';
import { isOpen } from '../../domain/channel.ts';
import type { Channel, ChannelWebhook, Sender, SenderWebhook } from '../../domain/channel.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { notFound } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';
import { findUnresolved, readCallbackUrl } from './callback-urls.ts';
import type { CallbackUrlDeps, Unresolved } from './callback-urls.ts';
import type { ChannelOwner } from './ownership.ts';
import { MemberRefusal, NowhereRefusal, UnverifiedRefusal } from './refusals.ts';

interface WebhookDeps extends CallbackUrlDeps {
  readonly store: Pick<Store, 'listDestinations' | 'setSenderWebhook' | 'setChannelWebhook'>;
  /** The host of a callback URL when nothing can be sent there for now, because it has no address. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
}

/** Settings as they are from now on, with what keeps receipts from being taken for now. */
interface SetWebhook<Webhook> {
  readonly webhook: Webhook;
  readonly unresolved: readonly Unresolved[];
}

/**
 * Changes what is given of where a sender's receipts go; a callback URL that is new is pushed to as `preset` says. Throws the refusal
 * of the rule that is broken, `not_found`, and `changed_meanwhile` when the settings are not as the owner expects.
 */
export async function setSenderWebhook(
  deps: WebhookDeps,
  { accountId, actor, expected }: ChannelOwner,
  sender: Sender,
  change: Partial<SenderWebhook>,
  preset: NewDestination,
): Promise<SetWebhook<SenderWebhook>> {
  if (!isOpen(sender)) throw new UnverifiedRefusal(sender);
  const { statusUrl, inboundUrl } = change;
  const urls = await readUrls(deps, accountId, { statusUrl, inboundUrl });
  const { channelId, id } = sender;
  const kept = { ...change, ...urls };
  const webhook = await deps.store.setSenderWebhook(accountId, channelId, id, kept, preset, actor, expected);
  if (webhook === 'missing') throw notFound('sender');
  if (webhook === 'no_url') throw new NowhereRefusal(['statusUrl', 'inboundUrl']);
  return { webhook, unresolved: await findUnresolved(deps.findHostWithoutAddress, urls) };
}

/** As {@link setSenderWebhook}, of where a channel's audits go. */
export async function setChannelWebhook(
  deps: WebhookDeps,
  { accountId, actor, expected }: ChannelOwner,
  { id }: Pick<Channel, 'id'>,
  change: Partial<ChannelWebhook>,
  preset: NewDestination,
): Promise<SetWebhook<ChannelWebhook>> {
  const urls = await readUrls(deps, accountId, { auditUrl: change.auditUrl });
  const kept = { ...change, ...urls };
  const webhook = await deps.store.setChannelWebhook(accountId, id, kept, preset, actor, expected);
  if (webhook === 'missing') throw notFound('channel');
  if (webhook === 'no_url') throw new NowhereRefusal(['auditUrl']);
  return { webhook, unresolved: await findUnresolved(deps.findHostWithoutAddress, urls) };
}

/** The callback URLs that are given, in the spelling that they are kept in. Refuses those that could never be pushed to. */
async function readUrls<Member extends string>(
  deps: CallbackUrlDeps,
  accountId: AccountId,
  given: Readonly<Record<Member, string | null | undefined>>,
): Promise<Partial<Record<Member, string>>> {
  const urls: Partial<Record<Member, string>> = {};
  for (const member of Object.keys(given) as Member[]) {
    const url = given[member];
    if (url === null || url === undefined) continue;
    const read = await readCallbackUrl(deps, accountId, url);
    if ('fault' in read) throw new MemberRefusal('bad_callback_url', member, read.fault, read.why);
    urls[member] = read.url;
  }
  return urls;
}
