// What a channel has to have, and what of it cannot be changed. Errors name the member that is wrong.
import { optionTypes } from '../../domain/channel.ts';
import type { Channel, ChannelOptions, ChannelType } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { faultOf } from '../../domain/faults.ts';
import type { Store } from '../../store/store.ts';
import { MemberRefusal } from './refusals.ts';

/** What is asked of a channel's WABA and its token: null takes away, what is left out stays. */
interface GivenChannel {
  readonly wabaId?: string | null | undefined;
  readonly credentials?: Readonly<Record<string, string | null | undefined>> | undefined;
}

/** A name stands in one line of whatever shows it. */
export function checkName(name: string): void {
  if ([...name].some((character) => character < ' ' || character === '\u007f'))
    throw new MemberRefusal(
      'bad_request',
      'name',
      'holds a line break or another control character.',
      faultOf('control_characters'),
    );
}

/** Throws `wrong_state` or `conflict` for a type that a channel of this id cannot have. */
export function checkKind(id: string, type: ChannelType, known: Channel | undefined): void {
  if (known !== undefined && known.type !== type)
    throw new MemberRefusal(
      'wrong_state',
      'type',
      `the channel is of type ${known.type}; delete it first to connect another.`,
    );
  // Each account's sandbox has a name of its own that nobody else may take.
  if (known === undefined && (type === 'sandbox' || /^sandbox(-|$)/.test(id)))
    throw new GatewayError(
      'conflict',
      'The id belongs to a sandbox: sandbox channels are made with their account.',
    );
}

/** An access token is one of its WABA's business: with another WABA the old one must not go on by oversight. */
export function checkWaba(known: Channel, { wabaId, credentials }: GivenChannel): void {
  const isOther = wabaId !== undefined && known.wabaId !== null && wabaId !== known.wabaId;
  if (!isOther || known.credentials['accessToken'] === undefined) return;
  if (credentials?.['accessToken'] === undefined)
    throw new MemberRefusal(
      'wrong_state',
      'wabaId',
      `the channel is that of WABA ${known.wabaId}. For another one give credentials.accessToken as well, null to take the old one away; or connect it as a channel of its own.`,
    );
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
      throw new MemberRefusal(
        'bad_request',
        `options.${name}`,
        isBot
          ? 'does nothing for a bot; leave it out. It is for Business Messages.'
          : 'does nothing for Business Messages; leave it out. It is for a bot, which has an authToken.',
      );
    if (types.includes(type)) continue;
    throw new MemberRefusal(
      'bad_request',
      `options.${name}`,
      `does nothing on ${type}; leave it out. It is for ${types.join(', ')}.`,
    );
  }
}

/** What a channel cannot work without: no signature can be verified, no account event finds its channel. */
export function checkNeeds(
  type: ChannelType,
  wabaId: string | null,
  credentials: Readonly<Record<string, string>>,
): void {
  if (type !== 'whatsapp') return;
  if (wabaId === null) throw new MemberRefusal('bad_request', 'wabaId', 'is missing.', faultOf('missing'));
  for (const name of ['appSecret', 'verifyToken']) {
    if (credentials[name] === undefined)
      throw new MemberRefusal('bad_request', `credentials.${name}`, 'is missing.', faultOf('missing'));
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
    throw new MemberRefusal(
      'wrong_state',
      'credentials.authToken',
      'makes the channel a bot, without it it speaks Business Messages. Take its senders away first.',
    );
}
