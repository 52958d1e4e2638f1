// What can be asked of a channel beyond events and messages: whether it works, which senders it has, to post its events here.
import type { ChannelFault, Check, Connector, FoundSender, Sign } from '../../channels/channel.ts';
import type { Channel, ChannelType, Sender, SenderVerification } from '../../domain/channel.ts';
import { FaultError, GatewayError } from '../../domain/errors.ts';
import type { FaultCode } from '../../domain/faults.ts';
import { checked } from '../../domain/findings.ts';
import type { CheckName } from '../../domain/findings.ts';
import type { Store } from '../../store/store.ts';

/** Where it is kept how the verification of senders stands. */
export type VerificationStore = Pick<Store, 'listSenders' | 'setSenderVerification'>;

interface ConnectionDeps {
  readonly store: VerificationStore;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly now: () => number;
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Where the channel's vendor is called. */
  readonly findVendorUrl: (channel: Channel) => string | undefined;
}

/** The calls of a channel that people and the watch make. Those that fail throw a GatewayError that says what to do. */
export interface Connections {
  /** Everything that can be looked at, first in the settings and then at the channel. Does not throw for what is wrong there. */
  readonly check: (channel: Channel) => Promise<readonly Check[]>;
  /** The senders that the credentials may use. */
  readonly findSenders: (channel: Channel) => Promise<readonly FoundSender[]>;
  /** Has the channel post its events here, of those senders alone if any are named. May be called again. */
  readonly subscribe: (channel: Channel, senderIds?: readonly string[]) => Promise<void>;
  /** Shows a user that a message has been read, or that somebody is writing. */
  readonly show: (channel: Channel, sender: Sender, sign: Sign) => Promise<void>;
}

export function createConnections(deps: ConnectionDeps): Connections {
  const { store, connectors, now, publicUrl, findVendorUrl } = deps;
  const findConnector = ({ type }: Channel): Partial<Connector> => connectors[type] ?? {};
  const listSenders = ({ accountId, id }: Channel) => store.listSenders(accountId, id);

  /** Keeps what the channel said of its senders, where that is new. */
  async function note(
    channel: Channel,
    senders: readonly Sender[],
    told: ReadonlyMap<string, SenderVerification>,
  ): Promise<void> {
    for (const { id, verification: known } of senders) {
      const verification = told.get(id);
      if (verification !== undefined && verification !== known)
        await store.setSenderVerification(channel.accountId, channel.id, id, verification);
    }
  }

  return {
    check: async (channel) => {
      const senders = await listSenders(channel);
      const own = [
        ...checkSettings(channel, senders.length, now()),
        ...checkAddress(channel, publicUrl(), findVendorUrl(channel)),
      ];
      const asked = await findConnector(channel).check?.(channel, senders, toHookUrl(channel, publicUrl()));
      const told = (asked ?? []).flatMap(({ verified }) => verified ?? []);
      await note(channel, senders, new Map(told.map((one) => [one.senderId, one.verification])));
      return withoutRepeats(own, asked ?? []);
    },
    findSenders: async (channel) => {
      const found = await findConnector(channel).findSenders?.(channel);
      if (found === undefined) throw cannot(channel, 'vendor_no_list');
      if ('fault' in found) throw toError(found);
      const told = found.flatMap(({ id, verification }): [string, SenderVerification][] =>
        verification === undefined ? [] : [[id, verification]],
      );
      await note(channel, await listSenders(channel), new Map(told));
      return found;
    },
    subscribe: async (channel, senderIds) => {
      const { subscribe } = findConnector(channel);
      if (subscribe === undefined) throw cannot(channel, 'vendor_no_subscription');
      const senders = (await listSenders(channel)).filter(({ id }) => senderIds?.includes(id) ?? true);
      const fault = await subscribe(channel, senders, toHookUrl(channel, publicUrl()));
      if (fault !== null) throw toError(fault);
    },
    show: async (channel, sender, sign) => {
      const { show } = findConnector(channel);
      if (show === undefined) throw cannot(channel, 'vendor_no_sign');
      const fault = await show(channel, sender, sign);
      if (fault !== null) throw toError(fault);
    },
  };
}

/** Where a channel posts its events to; what secret stands behind it in the path is its connector's to add. */
function toHookUrl({ type, id }: Pick<Channel, 'type' | 'id'>, publicUrl: string): string {
  return publicUrl + (type === 'sandbox' ? '/sandbox' : `/hooks/${type}/${id}`);
}

function cannot({ type }: Channel, what: Extract<FaultCode, `vendor_no_${string}`>): FaultError {
  return new FaultError('bad_request', what, { type });
}

function toError({ fault, reason }: ChannelFault): GatewayError {
  return new GatewayError(fault === 'refused' ? 'channel_refused' : 'channel_unavailable', reason);
}

/** Checks of settings that nothing is sent without; the others are of what is received. */
const neededToSend: readonly CheckName[] = ['senders', 'accessToken'];

/** What keeps a channel from sending, as far as its settings tell: the vendor is not asked. */
export function findObstacles(channel: Channel, senders: number, now: number): readonly Check[] {
  return checkSettings(channel, senders, now).filter(({ name, ok }) => !ok && neededToSend.includes(name));
}

/** What can be seen without asking the vendor. */
function checkSettings({ type, credentials }: Channel, senders: number, now: number): Check[] {
  const checks: Check[] = [
    {
      name: 'senders',
      ok: senders > 0,
      ...(senders > 0 ? checked('senders_added', { count: senders }) : checked('no_sender', {})),
    },
    ...checkRotation(credentials, now),
  ];
  if (type === 'sandbox' || type === 'viber') return checks;
  const { appSecret, accessToken, verifyToken } = credentials;
  const isSecret = appSecret !== undefined && /^[0-9a-f]{32}$/i.test(appSecret);
  return [
    ...checks,
    {
      name: 'appSecret',
      ok: isSecret,
      ...checked(isSecret ? 'app_secret_shaped' : 'app_secret_misshaped', {}),
    },
    {
      name: 'verifyToken',
      ok: verifyToken !== undefined,
      ...checked(verifyToken === undefined ? 'verify_token_missing' : 'is_set', {}),
    },
    {
      name: 'accessToken',
      ok: accessToken !== undefined,
      ...checked(accessToken === undefined ? 'access_token_missing' : 'is_set', {}),
    },
  ];
}

/** Old secrets that are still taken, and until when. */
function checkRotation(credentials: Channel['credentials'], now: number): Check[] {
  return Object.keys(credentials)
    .filter((name): name is CheckName & `${string}Previous` => name.endsWith('Previous'))
    .map((name) => {
      const until = credentials[`${name}Until`];
      if (until === undefined) return { name, ok: true, ...checked('old_secret_endless', {}) };
      const isOver = Date.parse(until) <= now;
      return { name, ok: true, ...checked(isOver ? 'old_secret_over' : 'old_secret_taken', { until }) };
    });
}

/** Both, each setting told once: as the vendor found it, unless all that it has is another complaint of what is wrong by its looks. */
function withoutRepeats(own: readonly Check[], asked: readonly Check[]): readonly Check[] {
  const kept = own.filter(({ name, ok }) => !asked.some((one) => one.name === name && (one.ok || ok)));
  return [...kept, ...asked.filter(({ name }) => !kept.some((one) => one.name === name))];
}

/**
 * Whether the vendor could reach the address at all; that it does is seen when it is subscribed. Who calls a vendor inside calls a
 * simulator, which reaches what is inside too.
 */
function checkAddress({ type }: Channel, publicUrl: string, vendorUrl: string | undefined): Check[] {
  if (type === 'sandbox') return [];
  const name = 'publicUrl';
  if (new URL(publicUrl).protocol === 'https:' && !isInside(publicUrl))
    return [{ name, ok: true, ...checked('address_public', { publicUrl }) }];
  if (vendorUrl !== undefined && isInside(vendorUrl))
    return [{ name, ok: true, ...checked('address_simulated', { publicUrl, vendorUrl }) }];
  return [{ name, ok: false, ...checked('address_private', { publicUrl }) }];
}

function isInside(url: string): boolean {
  return /^(localhost|127\.|10\.|192\.168\.|\[::1\]|0\.0\.0\.0)/.test(new URL(url).hostname);
}
