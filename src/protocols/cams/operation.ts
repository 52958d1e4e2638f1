import type { AccountId, Actor } from '../../domain/account.ts';
import type { OnRouteAdded } from '../../core/channels/channels.ts';
import { requireOwn, toBareDigits } from '../../core/channels/ownership.ts';
import type { AcceptanceSettings } from '../../core/messages/acceptance.ts';
import type { Quota } from '../../core/accounts/quotas.ts';
import type { Requester } from '../../core/accounts/request-rates.ts';
import type { UploadAuthorization } from '../../core/media/upload-links.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { ChannelFault, FoundSender } from '../../channels/channel.ts';
import type { Expected } from '../../domain/version.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store, TemporaryKeys } from '../../store/store.ts';
import { CamsError } from './errors.ts';
import { toScalar } from '../../domain/json.ts';
import type { Parameters } from './parameters.ts';

interface CamsSettings extends AcceptanceSettings {
  /** HTTP status of a business error, whose code is in the body. */
  readonly businessErrorStatus: number;
  /** Whether callback URLs set here are tried for a day (when left out), or three times as the cloud does. */
  readonly callbackTries?: 'long' | 'cloud';
}

/** What operations work with. Of the store each is given the verbs that it names. */
export interface OperationDeps<Verbs extends keyof Store = never> {
  readonly store: Pick<Store, Verbs>;
  readonly directory: Directory;
  readonly temporaryKeys: TemporaryKeys;
  readonly now: () => number;
  /** Records what was waiting for a sender, or for a WABA's channel, that has just been added. Must not throw. */
  readonly onRouteAdded: OnRouteAdded;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** The host of a callback URL when nothing can be sent there for now, because it has no address. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
  readonly raiseNotice: RaiseNotice;
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  readonly uploads: Uploads;
  readonly messageQuota: Pick<Quota, 'requireRoom'>;
  readonly fileQuota: Pick<Quota, 'requireRoom'>;
  /** Asks the channel which senders its credentials may use; undefined where it cannot be asked. */
  readonly findSenders: (channel: Channel) => Promise<readonly FoundSender[] | ChannelFault | undefined>;
  readonly settings: CamsSettings;
}

/** Files that the business puts here for its templates and messages. */
interface Uploads {
  /** A temporary key with which a folder of the channel may be uploaded to. */
  authorize(accountId: AccountId, channelId: string): UploadAuthorization;
  /** The account's own key behind an address, or the key itself; undefined for anything else. */
  toKey(accountId: AccountId, address: string): string | undefined;
  has(accountId: AccountId, key: string): Promise<boolean>;
  /** A signed link to an uploaded file by its key. */
  sign(accountId: AccountId, key: string): string;
  /** The first address in a value that names a file which the account has not uploaded. */
  findMissing(accountId: AccountId, value: unknown): Promise<string | undefined>;
}

/** Whose call it is, and what it asks. */
export interface Call {
  readonly accountId: AccountId;
  readonly actor: Actor;
  /** Whose limits hold. */
  readonly requester: Requester;
  /** What a change is made for only, where the caller said so. */
  readonly expected?: Expected;
  readonly parameters: Parameters;
}

/** The members of an answer beside RequestId, Code and Message. */
export type Answer = Readonly<Record<string, unknown>>;

/** The channel that CustSpaceId names. Throws MissingParameter, and `not_found` when it is not the caller's. */
export async function requireChannel({ directory }: OperationDeps, call: Call): Promise<Channel> {
  return requireOwn(await directory.channel(call.parameters.required('CustSpaceId')), call.accountId);
}

/** The channel that InstanceId names. Throws MissingParameter, and `not_found` when it is not the caller's. */
export async function requireInstance({ directory }: OperationDeps, call: Call): Promise<Channel> {
  return requireOwn(await directory.channel(call.parameters.required('InstanceId')), call.accountId);
}

/** The channel that CustSpaceId names, if it is given. */
export async function findChannel(deps: OperationDeps, call: Call): Promise<Channel | undefined> {
  return call.parameters.text('CustSpaceId') === undefined ? undefined : requireChannel(deps, call);
}

/** The channels that a reading call is about: the one it names, or all of the account. */
export async function listChannels(
  deps: OperationDeps<'listChannels'>,
  call: Call,
): Promise<readonly Channel[]> {
  const channel = await findChannel(deps, call);
  return channel === undefined ? deps.store.listChannels(call.accountId) : [channel];
}

/** A number of the channel. Throws InvalidParameter.PhoneNumberError. */
export async function requireNumber(
  { directory }: OperationDeps,
  call: Call,
  channel: Channel,
): Promise<Sender> {
  const number = call.parameters.required('PhoneNumber');
  const sender = await directory.sender(channel.id, toBareDigits(number));
  if (sender !== undefined) return sender;
  throw CamsError.business(
    'InvalidParameter.PhoneNumberError',
    `${channel.id} has no sender ${number}. QueryChatappPhoneNumbers lists them.`,
  );
}

/** `Page` as JSON, flattened, or as PageIndex and PageSize; counted from 1. Throws InvalidParameter.PageInvalid. */
export function readPage(
  { parameters }: Call,
  initialSize: number,
  maxSize: number,
): { readonly index: number; readonly size: number } {
  let page: unknown;
  try {
    page = parameters.object('Page') ?? {};
  } catch {
    throw pageInvalid('Page is no JSON object');
  }
  const values = Object.fromEntries(
    Object.entries(page as Record<string, unknown>).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const read = (name: string, alias: string, initial: number, max: number): number => {
    const given = values[name] ?? parameters.text(alias);
    if (given === undefined || given === null || given === '') return initial;
    const text = toScalar(given) ?? '';
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= 1 && value <= max) return value;
    throw pageInvalid(`${name} has to be a whole number from 1 to ${max}`);
  };
  return {
    index: read('index', 'PageIndex', 1, 1_000_000),
    size: read('size', 'PageSize', initialSize, maxSize),
  };
}

function pageInvalid(reason: string): CamsError {
  return CamsError.business('InvalidParameter.PageInvalid', `${reason}. Give {"Index":1,"Size":10}.`);
}
