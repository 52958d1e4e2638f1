import type { AccountId } from './account.ts';

export const channelTypes = ['whatsapp', 'messenger', 'instagram', 'viber', 'sandbox'] as const;
export type ChannelType = (typeof channelTypes)[number];

/** The kind of identity a sender is; a sandbox channel has one sender of each. */
export type SenderType = Exclude<ChannelType, 'sandbox'>;

/** One connected channel instance (CustSpaceId in CAMS). `id` is unique on the server, not just in its account. */
export interface Channel {
  readonly id: string;
  readonly accountId: AccountId;
  readonly type: ChannelType;
  readonly name: string;
  readonly wabaId: string | null;
  /** By name, e.g. `appSecret`, `appSecretPrevious`, `verifyToken`, `accessToken`; clear text here, sealed in the store. */
  readonly credentials: Readonly<Record<string, string>>;
  /** How the channel is to work, by name; docs/channels.md lists them. No secrets. */
  readonly options: ChannelOptions;
  readonly webhook: ChannelWebhook;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * Secrets that verify webhooks. While one is changed, the old one is taken along: it stands beside the new one as
 * `<name>Previous`, until the time (RFC 3339) in `<name>PreviousUntil` when there is one.
 */
export const rotatableCredentials = ['appSecret', 'authToken', 'pathSecret'] as const;

/** Credentials that hide nothing, so that whoever may look at the channel may read them back. */
const openCredentials: readonly string[] = [
  'allowedAddresses',
  'serviceId',
  'welcomeText',
  ...rotatableCredentials.map((name) => `${name}PreviousUntil`),
];

/** What of a channel's credentials is no secret, by name. */
export function toOpenCredentials({ credentials }: Pick<Channel, 'credentials'>): Record<string, string> {
  return Object.fromEntries(Object.entries(credentials).filter(([name]) => openCredentials.includes(name)));
}

/** Credentials by name; null takes one away, and what is left out stays as it is. */
export type CredentialChange = Readonly<Record<string, string | null>>;

/** The credentials with what is given in its place; what is null goes. */
export function mergeCredentials(
  known: Channel['credentials'],
  change: CredentialChange,
): Channel['credentials'] {
  const merged = Object.entries({ ...known, ...change });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The channel without old secrets whose time is over. */
export function withoutExpiredSecrets(channel: Channel, now: number): Channel {
  const expired = rotatableCredentials.filter((name) => {
    const until = channel.credentials[`${name}PreviousUntil`];
    return until !== undefined && Date.parse(until) <= now;
  });
  if (expired.length === 0) return channel;
  const isKept = (key: string): boolean => !expired.some((name) => key === `${name}Previous`);
  const credentials = Object.fromEntries(Object.entries(channel.credentials).filter(([key]) => isKept(key)));
  return { ...channel, credentials };
}

export type ChannelOptions = Readonly<Record<string, string | boolean>>;

/** The channels that an option does something for. */
export const optionTypes: Readonly<Record<string, readonly ChannelType[]>> = {
  echoes: ['whatsapp', 'messenger', 'instagram'],
  history: ['whatsapp'],
  calls: ['whatsapp'],
  groups: ['whatsapp'],
  usernames: ['whatsapp'],
  comments: ['instagram'],
  mentions: ['instagram'],
  clientStatus: ['viber'],
  mediaBy: ['whatsapp'],
  marketingMessages: ['whatsapp'],
  appId: ['whatsapp', 'messenger', 'instagram'],
  appSecretProof: ['whatsapp', 'messenger', 'instagram'],
  businessUrl: ['viber'],
};

/** The business identity on a channel: a phone number in bare digits, a Page id, an account id or a service ID. */
export interface Sender {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly id: string;
  readonly type: SenderType;
  readonly name: string;
  /** What the channel calls this sender in its events, e.g. Meta's `phone_number_id`; equal to `id` where it has no other name. */
  readonly routeId: string;
  readonly verification: SenderVerification;
  readonly webhook: SenderWebhook;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A sender that was deleted, as it was, while the messages that waited for it are being closed. */
export interface RemovedSender {
  readonly sender: Sender;
  /** Without its name, credentials, options and settings, which may be gone with it. */
  readonly channel: Channel;
  readonly removedAt: number;
}

export const senderVerifications = ['unknown', 'verified', 'pending', 'failed'] as const;

/** Whether the business has proven to the channel that a number is its own; `unknown` until the channel told. */
export type SenderVerification = (typeof senderVerifications)[number];

/** Whether a sender's settings may be set: those of a number that the channel says is not proven to be the business's stay closed. */
export function isOpen({ verification }: Pick<Sender, 'verification'>): boolean {
  return verification !== 'pending' && verification !== 'failed';
}

/** Channel Webhook Settings of a channel: where audit receipts go. */
export interface ChannelWebhook {
  readonly http: boolean;
  readonly queue: boolean;
  readonly auditUrl: string | null;
  /** V2 adds Type, PhoneNumber, Status and CurrentLimit, and account and number events (docs/protocols/receipts.md). */
  readonly auditVersion: 'V1' | 'V2';
}

/** Channel Webhook Settings of a sender: where status (MT) and inbound (MO) receipts go. */
export interface SenderWebhook {
  readonly http: boolean;
  readonly queue: boolean;
  readonly statusUrl: string | null;
  readonly inboundUrl: string | null;
  readonly types: readonly SenderReceiptType[];
  /** What happens to a status that comes after a higher one: handed on and marked superseded, or dropped. */
  readonly lateStatuses: 'mark' | 'drop';
}

export type SenderReceiptType = 'ChatAppInbound' | 'ChatAppStatus';

export const noChannelWebhook: ChannelWebhook = {
  http: false,
  queue: false,
  auditUrl: null,
  auditVersion: 'V1',
};

export const noSenderWebhook: SenderWebhook = {
  http: false,
  queue: false,
  statusUrl: null,
  inboundUrl: null,
  types: ['ChatAppInbound', 'ChatAppStatus'],
  lateStatuses: 'mark',
};
