// Facebook Pages and Instagram accounts: those that a channel has, and those that its token may use (docs/protocols/cams.md).
import type { FoundSender } from '../../channels/channel.ts';
import { bindPage, removeSender } from '../../core/channels/senders.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import { invalid } from '../../domain/refusal.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import type { NewSender } from '../../store/channels/port.ts';
import { CamsError } from './errors.ts';
import { requireInstance } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type PageDeps = OperationDeps<'deleteSender' | 'listSenders' | 'putSender'>;

type PageType = 'messenger' | 'instagram';

/** The Instagram account that is bound to a channel, with where its receipts go. */
export async function listInstagramPage(deps: PageDeps, call: Call): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  const [sender] = await listBound(deps, channel, 'instagram');
  if (sender === undefined) return { Success: true, Data: {} };
  const { webhook } = sender;
  const queue = (type: 'ChatAppStatus' | 'ChatAppInbound'): string =>
    webhook.queue ? toReceiptQueueName(call.accountId, type) : '';
  return {
    Success: true,
    Data: {
      InstagramInfo: {
        AccountId: sender.id,
        AccountName: sender.name,
        PageId: sender.routeId,
        PageName: sender.name,
        ConnectionStatus: 'CONNECTED',
        HttpFlag: webhook.http ? 'Y' : 'N',
        QueueFlag: webhook.queue ? 'Y' : 'N',
        QueueName: queue('ChatAppStatus'),
        StatusCallbackUrl: webhook.statusUrl ?? '',
        StatusQueue: queue('ChatAppStatus'),
        UpCallbackUrl: webhook.inboundUrl ?? '',
        UpQueue: queue('ChatAppInbound'),
      },
    },
  };
}

/** The Pages that an access token may bind, and those that are bound. */
export async function getMessengerPages(deps: PageDeps, call: Call): Promise<Answer> {
  const pages = await listAvailable(deps, call, 'messenger');
  return { Success: true, Data: pages.map(({ id, name }) => ({ PageId: id, PageName: name })) };
}

/** The Instagram accounts that an access token may bind, and those that are bound. */
export async function getInstagramPages(deps: PageDeps, call: Call): Promise<Answer> {
  const accounts = await listAvailable(deps, call, 'instagram');
  return {
    Success: true,
    Data: accounts.map(({ id, name, routeId, isBound }) => ({
      AccountId: id,
      AccountName: name,
      PageId: routeId,
      PageName: name,
      ConnectionStatus: isBound ? 'CONNECTED' : 'DISCONNECTED',
    })),
  };
}

/** Makes a Page a sender of the channel. */
export async function bindMessengerPage(deps: PageDeps, call: Call): Promise<Answer> {
  const { id, name } = await bind(deps, call, 'messenger');
  return { Success: true, Data: [{ PageId: id, PageName: name, ConnectionStatus: 'CONNECTED' }] };
}

/** Makes an Instagram account a sender of the channel. */
export async function bindInstagramPage(deps: PageDeps, call: Call): Promise<Answer> {
  const { id, name, routeId } = await bind(deps, call, 'instagram');
  return {
    Success: true,
    Data: [{ AccountId: id, PageId: routeId, PageName: name, ConnectionStatus: 'CONNECTED' }],
  };
}

export const deleteMessengerPage = (deps: PageDeps, call: Call): Promise<Answer> =>
  unbind(deps, call, 'messenger');

export const deleteInstagramPage = (deps: PageDeps, call: Call): Promise<Answer> =>
  unbind(deps, call, 'instagram');

async function listBound({ store }: PageDeps, channel: Channel, type: PageType): Promise<readonly Sender[]> {
  const senders = await store.listSenders(channel.accountId, channel.id);
  return senders.filter((sender) => sender.type === type);
}

async function listAvailable(
  deps: PageDeps,
  call: Call,
  type: PageType,
): Promise<readonly (FoundSender & { readonly isBound: boolean })[]> {
  const channel = await requireInstance(deps, call);
  const accessToken = call.parameters.required('AccessToken');
  const bound = await listBound(deps, channel, type);
  const found = await deps.findSenders({
    ...channel,
    credentials: { ...channel.credentials, accessToken },
  });
  if (found !== undefined && 'fault' in found)
    throw CamsError.business('InvalidParameter.AccessToken', `The channel says: ${found.reason}`);
  const others = (found ?? []).filter(
    (candidate) => candidate.type === type && !bound.some(({ id }) => id === candidate.id),
  );
  return [
    ...bound.map(({ id, name, routeId }) => ({ id, type, name, routeId, isBound: true })),
    ...others.map((candidate) => ({ ...candidate, isBound: false })),
  ];
}

async function bind(deps: PageDeps, call: Call, type: PageType): Promise<NewSender> {
  const channel = await requireInstance(deps, call);
  const id = call.parameters.required('PageId');
  if (!/^\d{5,30}$/.test(id)) throw invalid('PageId', 'has to be digits');
  return bindPage(deps, call, channel, { id, type });
}

async function unbind(deps: PageDeps, call: Call, type: PageType): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  const pageId = call.parameters.required('PageId');
  const bound = await listBound(deps, channel, type);
  const sender = bound.find(({ id, routeId }) => id === pageId || routeId === pageId);
  if (sender === undefined) throw invalid('PageId', `names nothing that is bound to ${channel.id}`);
  await removeSender(deps, call, channel.id, sender.id);
  return { Success: true, Data: sender.id };
}
