// What a channel has to have, and what of it cannot be changed. Errors name the member that is wrong.
import { optionTypes } from '../../domain/channel.ts';
import type { Channel, ChannelOptions, ChannelType } from '../../domain/channel.ts';
import { FaultError } from '../../domain/errors.ts';
import type { Store } from '../../store/store.ts';
import { refusal } from './refusals.ts';

/** What is asked of a channel's WABA and its token: null takes away, what is left out stays. */
interface GivenChannel {
  readonly wabaId?: string | null | undefined;
  readonly credentials?: Readonly<Record<string, string | null | undefined>> | undefined;
}

/** A name stands in one line of whatever shows it. */
export function checkName(name: string): void {
  if ([...name].some((character) => character < ' ' || character === '\u007f'))
    throw refusal('bad_request', 'name', 'control_characters');
}

/** Throws `wrong_state` or `conflict` for a type that a channel of this id cannot have. */
export function checkKind(id: string, type: ChannelType, known: Channel | undefined): void {
  if (known !== undefined && known.type !== type)
    throw refusal('wrong_state', 'type', 'channel_type', { type: known.type });
  // Each account's sandbox has a name of its own that nobody else may take.
  if (known === undefined && (type === 'sandbox' || /^sandbox(-|$)/.test(id)))
    throw new FaultError('conflict', 'channel_sandbox');
}

/** An access token is one of its WABA's business: with another WABA the old one must not go on by oversight. */
export function checkWaba(known: Channel, { wabaId, credentials }: GivenChannel): void {
  const isOther = wabaId !== undefined && known.wabaId !== null && wabaId !== known.wabaId;
  if (!isOther || known.credentials['accessToken'] === undefined) return;
  if (credentials?.['accessToken'] === undefined)
    throw refusal('wrong_state', 'wabaId', 'channel_waba', { wabaId: known.wabaId });
}

/** An option that does nothing would be a promise that is not kept; false asks for nothing. */
export function checkOptions(
  type: ChannelType,
  options: ChannelOptions,
  credentials: Readonly<Record<string, string>>,
): void {
  const isBot = credentials['authToken'] !== undefined;
  for (const [name, value] of Object.entries(options)) {
    const types = optionTypes[name] ?? [];
    if (value === false) continue;
    if (type === 'viber' && name === (isBot ? 'businessUrl' : 'clientStatus'))
      throw refusal('bad_request', `options.${name}`, isBot ? 'option_business' : 'option_bot');
    if (types.includes(type)) continue;
    throw refusal('bad_request', `options.${name}`, 'option_type', { type, allowed: types.join(', ') });
  }
}

/** What a channel cannot work without: no signature can be verified, no account event finds its channel. */
export function checkNeeds(
  type: ChannelType,
  wabaId: string | null,
  credentials: Readonly<Record<string, string>>,
): void {
  if (type !== 'whatsapp') return;
  if (wabaId === null) throw refusal('bad_request', 'wabaId', 'missing');
  for (const name of ['appSecret', 'verifyToken']) {
    if (credentials[name] === undefined) throw refusal('bad_request', `credentials.${name}`, 'missing');
  }
}

/** A bot's sender answers to its channel, a service to its id: the one cannot become the other while it has senders. */
export async function checkViberKind(
  store: Pick<Store, 'listSenders'>,
  known: Channel,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  if (known.type !== 'viber') return;
  const isBot = credentials['authToken'] !== undefined;
  const wasBot = known.credentials['authToken'] !== undefined;
  if (isBot !== wasBot && (await store.listSenders(known.accountId, known.id)).length > 0)
    throw refusal('wrong_state', 'credentials.authToken', 'viber_kind');
}
