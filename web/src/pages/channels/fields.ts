// What a channel can be given, member by member of the API: which kinds of channel have a use for it, and how it is entered. The tables
// have every member by their types, and a test holds them to the API's schema.
import type { paths } from '../../api/schema.d.ts';
import type { ChannelType } from '../../api/model.ts';

export type ChannelBody = NonNullable<
  paths['/api/v1/channels/{channelId}']['put']['requestBody']
>['content']['application/json'];

export type CredentialName = keyof NonNullable<ChannelBody['credentials']>;
export type OptionName = keyof NonNullable<ChannelBody['options']>;

/** What is connected: the types of channels, with the two products of Viber apart. */
export const channelKinds = ['whatsapp', 'messenger', 'instagram', 'viber-bot', 'viber-business'] as const;
export type ChannelKind = (typeof channelKinds)[number];

const meta = ['whatsapp', 'messenger', 'instagram'] as const;

/** The type of channel that a kind is of. */
export function toType(kind: ChannelKind): Exclude<ChannelType, 'sandbox'> {
  return kind === 'viber-bot' || kind === 'viber-business' ? 'viber' : kind;
}

/** The kind of a channel; null of the sandbox. A Viber channel with an authToken is a bot. */
export function toKind(channel: {
  readonly type: ChannelType;
  readonly credentials: readonly string[];
}): ChannelKind | null {
  if (channel.type === 'sandbox') return null;
  if (channel.type !== 'viber') return channel.type;
  return channel.credentials.includes('authToken') ? 'viber-bot' : 'viber-business';
}

interface CredentialField {
  readonly kinds: readonly ChannelKind[];
  /** Those that nothing works without. */
  readonly isNeeded?: boolean;
  /** A secret hides and is never read back; `made` is one of ours that may be seen while it is made. */
  readonly input: 'secret' | 'made' | 'path' | 'addresses' | 'digits' | 'text' | 'time';
  /** Secrets are replaced by a rotation, old ones stand beside them for a while, and the rest is changed like a name. */
  readonly part: 'secret' | 'old' | 'open';
}

const old = { part: 'old' } as const;

export const credentialFields: Readonly<Record<CredentialName, CredentialField>> = {
  appSecret: { kinds: meta, isNeeded: true, input: 'secret', part: 'secret' },
  verifyToken: { kinds: meta, isNeeded: true, input: 'made', part: 'secret' },
  accessToken: { kinds: meta, input: 'secret', part: 'secret' },
  authToken: { kinds: ['viber-bot'], isNeeded: true, input: 'secret', part: 'secret' },
  pathSecret: { kinds: ['viber-business'], input: 'path', part: 'secret' },
  allowedAddresses: { kinds: ['viber-business'], input: 'addresses', part: 'open' },
  serviceId: { kinds: ['viber-business'], input: 'digits', part: 'open' },
  welcomeText: { kinds: ['viber-bot'], input: 'text', part: 'open' },
  appSecretPrevious: { kinds: meta, input: 'secret', ...old },
  appSecretPreviousUntil: { kinds: meta, input: 'time', ...old },
  authTokenPrevious: { kinds: ['viber-bot'], input: 'secret', ...old },
  authTokenPreviousUntil: { kinds: ['viber-bot'], input: 'time', ...old },
  pathSecretPrevious: { kinds: ['viber-business'], input: 'secret', ...old },
  pathSecretPreviousUntil: { kinds: ['viber-business'], input: 'time', ...old },
};

export const credentialNames = Object.keys(credentialFields) as readonly CredentialName[];

interface OptionField {
  readonly kinds: readonly ChannelKind[];
  readonly input: 'switch' | 'digits' | 'address' | readonly string[];
}

export const optionFields: Readonly<Record<OptionName, OptionField>> = {
  echoes: { kinds: meta, input: 'switch' },
  calls: { kinds: ['whatsapp'], input: 'switch' },
  groups: { kinds: ['whatsapp'], input: 'switch' },
  usernames: { kinds: ['whatsapp'], input: 'switch' },
  history: { kinds: ['whatsapp'], input: 'switch' },
  comments: { kinds: ['instagram'], input: 'switch' },
  mentions: { kinds: ['instagram'], input: 'switch' },
  clientStatus: { kinds: ['viber-bot'], input: 'switch' },
  marketingMessages: { kinds: ['whatsapp'], input: 'switch' },
  appSecretProof: { kinds: meta, input: 'switch' },
  mediaBy: { kinds: ['whatsapp'], input: ['link', 'upload'] },
  appId: { kinds: meta, input: 'digits' },
  businessUrl: { kinds: ['viber-business'], input: 'address' },
};

export const optionNames = Object.keys(optionFields) as readonly OptionName[];
