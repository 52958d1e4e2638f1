// Channels, which CAMS calls instances, and the WABAs of those of WhatsApp (docs/protocols/cams.md).
import { randomBytes } from 'node:crypto';
import {
  bindWaba as bindOwnWaba,
  prepareChannel,
  removeChannel,
  renameChannel,
} from '../../core/channels/channels.ts';
import { channelTypes } from '../../domain/channel.ts';
import type { Channel } from '../../domain/channel.ts';
import { invalid } from '../../domain/refusal.ts';
import { toCloudTime } from './cloud-time.ts';
import { CamsError } from './errors.ts';
import { findChannel, readPage, requireInstance } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type InstanceDeps = OperationDeps<
  | 'bindWaba'
  | 'changeChannel'
  | 'deleteChannel'
  | 'findChannel'
  | 'listChannels'
  | 'listSenders'
  | 'putChannel'
>;

export async function listInstances(deps: InstanceDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const page = readPage(call, 10, 100);
  const type = parameters.text('ChannelType')?.toLowerCase();
  if (type !== undefined && !channelTypes.some((known) => known === type)) throw unsupported(type);
  const id = parameters.text('InstanceId');
  const name = parameters.text('InstanceName') ?? parameters.text('FilterStr');
  const matching = (await deps.store.listChannels(call.accountId)).filter(
    (channel) =>
      (type === undefined || channel.type === type) &&
      (id === undefined || channel.id === id) &&
      (name === undefined || channel.name.includes(name) || channel.id.includes(name)),
  );
  const start = (page.index - 1) * page.size;
  return {
    Success: true,
    TotalCount: matching.length,
    Data: matching.slice(start, start + page.size).map((channel) => ({
      ...toInstance(channel),
      CustSpaceId: channel.id,
      State: 'published',
    })),
  };
}

export async function queryInstance(deps: InstanceDeps, call: Call): Promise<Answer> {
  return { Success: true, Data: toInstance(await requireInstance(deps, call)) };
}

/** Renames a channel. */
export async function updateInstance(deps: InstanceDeps, call: Call): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  const name = readName(call);
  await renameChannel(deps, call, channel, name);
  return { Success: true, Data: toInstance({ ...channel, name }) };
}

/** Takes a channel and its senders away; its receipts stay. */
export async function deleteInstance(deps: InstanceDeps, call: Call): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  // Clients that tidy up delete whatever is listed; a sandbox that is gone cannot be made again.
  if (channel.type === 'sandbox')
    throw CamsError.business(
      'InvalidParameter.ChannelTypeNotSupport',
      'The sandbox of an account cannot be deleted.',
    );
  await removeChannel(deps, call, channel.id);
  return { Success: true };
}

/** Makes a WhatsApp channel for a WABA; its credentials are given in the console or over the admin API. */
export async function bindWaba(deps: InstanceDeps, call: Call): Promise<Answer> {
  const wabaId = call.parameters.required('WabaId');
  if (!/^\d{5,30}$/.test(wabaId)) throw invalid('WabaId', 'has to be digits');
  const id = await bindOwnWaba(deps, call, { id: makeChannelId(), wabaId });
  return { Success: true, Data: { CustSpaceId: id, WabaId: wabaId } };
}

/** Makes a channel without credentials; those are given in the console or over the admin API. */
export async function createInstance(deps: InstanceDeps, call: Call): Promise<Answer> {
  const given = call.parameters.required('ChannelType').toLowerCase();
  const type = channelTypes.find((known) => known === given && known !== 'sandbox');
  if (type === undefined) throw unsupported(given);
  const name = readName(call);
  const channel = await prepareChannel(deps, call, { id: makeChannelId(), type, name, wabaId: null });
  // The SDK takes a number for InstanceName and refuses any other; it is left out.
  return {
    Success: true,
    Data: {
      ChannelType: type.toUpperCase(),
      InstanceId: channel.id,
      SubmitTime: toCloudTime(channel.createdAt),
    },
  };
}

export async function queryBindWaba(deps: InstanceDeps, call: Call): Promise<Answer> {
  const channel =
    (await findChannel(deps, call)) ??
    (await deps.store.listChannels(call.accountId)).find(({ wabaId }) => wabaId !== null);
  if (channel?.wabaId === null || channel === undefined)
    throw CamsError.business('InvalidParameter.WabaNotExist', 'No WABA is bound to this channel.');
  return {
    Success: true,
    Data: {
      Id: channel.wabaId,
      Name: channel.name,
      AccountReviewStatus: 'APPROVED',
      MarketingMessageLiteStatus: 'N',
      IsOnBizApp: 'N',
    },
  };
}

export async function getOpenStatus(): Promise<Answer> {
  return { OpenStatus: true };
}

function unsupported(channelType: string): CamsError {
  return CamsError.business(
    'InvalidParameter.ChannelTypeNotSupport',
    `ChannelType ${channelType} is not supported.`,
  );
}

function readName({ parameters }: Call): string {
  const name = parameters.required('InstanceName');
  if (name.length > 100) throw invalid('InstanceName', 'is longer than 100 characters');
  return name;
}

function makeChannelId(): string {
  return `cams-${randomBytes(8).toString('hex')}`;
}

function toInstance(channel: Channel) {
  return {
    InstanceId: channel.id,
    InstanceName: channel.name,
    InstanceDescription: '',
    ChannelType: channel.type.toUpperCase(),
    SubmitTime: toCloudTime(channel.createdAt),
  };
}
