import type {
  Channel,
  CredentialChange,
  ChannelType,
  ChannelWebhook,
  RemovedSender,
  Sender,
  SenderType,
  SenderVerification,
  SenderWebhook,
} from '../../domain/channel.ts';
import { mergeCredentials, noChannelWebhook } from '../../domain/channel.ts';
import type { Seal } from '../seal.ts';
import type { NewChannel } from '../store.ts';
import { readObject } from '../rows/json-column.ts';

export interface ChannelRow {
  readonly id: string;
  readonly account_id: number;
  readonly type: ChannelType;
  readonly name: string;
  readonly waba_id: string | null;
  readonly credentials: Uint8Array;
  readonly options: string;
  readonly webhook: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface SenderRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly id: string;
  readonly type: SenderType;
  readonly name: string;
  readonly route_id: string;
  readonly verification: SenderVerification;
  readonly webhook: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface RemovedSenderRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly id: string;
  readonly channel_type: ChannelType;
  readonly waba_id: string | null;
  readonly type: SenderType;
  readonly name: string;
  readonly route_id: string;
  readonly webhook: string;
  readonly removed_at: number;
}

/** A deleted sender from its row. */
export function toRemovedSender(row: RemovedSenderRow): RemovedSender {
  const { account_id: accountId, channel_id: channelId, removed_at: removedAt } = row;
  return {
    channel: {
      id: channelId,
      accountId,
      type: row.channel_type,
      name: '',
      wabaId: row.waba_id,
      credentials: {},
      options: {},
      webhook: noChannelWebhook,
      createdAt: removedAt,
      updatedAt: removedAt,
    },
    sender: {
      accountId,
      channelId,
      id: row.id,
      type: row.type,
      name: row.name,
      routeId: row.route_id,
      verification: 'unknown',
      webhook: readObject(row.webhook) as SenderWebhook,
      createdAt: removedAt,
      updatedAt: removedAt,
    },
    removedAt,
  };
}

/** A channel from its row. */
export function toChannel(row: ChannelRow, seal: Seal): Channel {
  return {
    id: row.id,
    accountId: row.account_id,
    type: row.type,
    name: row.name,
    wabaId: row.waba_id,
    credentials: readObject(seal.open(row.credentials)) as Channel['credentials'],
    options: readObject(row.options) as Channel['options'],
    webhook: readObject(row.webhook) as ChannelWebhook,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A channel with what is given of it in the place of what it was. */
export function withChange(
  channel: Channel,
  { name, type, wabaId, credentials, options }: Partial<NewChannel>,
): Channel {
  return {
    ...channel,
    name: name ?? channel.name,
    type: type ?? channel.type,
    wabaId: wabaId === undefined ? channel.wabaId : wabaId,
    credentials:
      credentials === undefined ? channel.credentials : mergeCredentials(channel.credentials, credentials),
    options: options ?? channel.options,
  };
}

/** What the journal tells of a change of a channel: no secret. */
export function toChannelDetail(channel: Partial<NewChannel>): Readonly<Record<string, unknown>> {
  const { type, name, wabaId, credentials, options } = channel;
  const detail = {
    type,
    name,
    wabaId,
    credentials:
      credentials === undefined
        ? undefined
        : Object.keys(credentials).filter((name) => credentials[name] !== null),
    removed: credentials === undefined ? undefined : toRemoved(credentials),
    options,
  };
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined));
}

function toRemoved(change: CredentialChange): readonly string[] | undefined {
  const removed = Object.keys(change).filter((name) => change[name] === null);
  return removed.length === 0 ? undefined : removed;
}

/** Whether two sets of credentials hold the same. */
export function isSame(a: Channel['credentials'], b: Channel['credentials']): boolean {
  const toText = (credentials: Channel['credentials']) =>
    JSON.stringify(Object.entries(credentials).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  return toText(a) === toText(b);
}

/** A sender from its row. */
export function toSender(row: SenderRow): Sender {
  return {
    accountId: row.account_id,
    channelId: row.channel_id,
    id: row.id,
    type: row.type,
    name: row.name,
    routeId: row.route_id,
    verification: row.verification,
    webhook: readObject(row.webhook) as SenderWebhook,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
