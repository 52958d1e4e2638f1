// The one call of a channel's send API: what it needs, and what came of it.
import type { Connector, Outgoing, SendOutcome } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import { toAliases } from '../../domain/alias.ts';
import type { Alias } from '../../domain/alias.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import { toKeptId } from '../../domain/foreign-text.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import { isGroupMessageId } from '../../domain/message.ts';
import type { Envelope, OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type { Template } from '../../domain/template.ts';
import type { Store } from '../../store/store.ts';

export interface CallDeps {
  readonly store: Pick<Store, 'findOutbound' | 'listOutbound'>;
  readonly findTemplate: (message: OutboundMessage) => Promise<Template | null>;
  /** A value with the addresses of uploaded files in it replaced by links that the channel can read. */
  readonly signLinks: <T>(accountId: AccountId, value: T) => T;
  /** Tells of a bug; `unit` says where. */
  readonly crash: (error: unknown, unit: string) => void;
}

/** Who sends, through which channel. */
export interface Way {
  readonly channel: Channel;
  readonly sender: Sender;
  readonly connector: Connector;
}

/** Makes the call. Never throws: what goes wrong here is an outcome like any other. */
export async function callChannel(
  deps: CallDeps,
  { channel, sender, connector }: Pick<Way, 'channel' | 'sender'> & { connector: Pick<Connector, 'send'> },
  message: OutboundMessage,
): Promise<SendOutcome> {
  if (connector.send === undefined) {
    const text = 'This channel cannot send.';
    return { kind: 'refused', failure: 'permanent', code: 'unsupported', text };
  }
  let outgoing: Outgoing;
  try {
    outgoing = await prepare(deps, message);
  } catch (error) {
    // Nothing went out, so this is no unknown outcome: it is tried again until the message's time is over.
    deps.crash(error, 'messages.send.prepare');
    const name = error instanceof Error ? error.name : typeof error;
    const text = `The message could not be prepared inside this service (${name}).`;
    return { kind: 'refused', failure: 'transient', code: 'unprepared', text };
  }
  try {
    return await connector.send(channel, sender, outgoing);
  } catch (error) {
    deps.crash(error, 'messages.send.call');
    return { kind: 'unknown', text: 'The send call failed inside this service.' };
  }
}

/** What a connector needs to send a message. */
async function prepare(deps: CallDeps, message: OutboundMessage): Promise<Outgoing> {
  const { accountId, envelope } = message;
  const template = envelope.frame === 'template' ? await deps.findTemplate(message) : null;
  return {
    message: { ...message, envelope: deps.signLinks(accountId, envelope) },
    template: template && {
      ...template,
      components: deps.signLinks(accountId, template.components),
    },
    quotedId: await findQuoted(deps.store, message),
  };
}

/** Callers quote by our MessageId, by that of a mass send, or by the channel's: what receipts tell. */
async function findQuoted(
  store: CallDeps['store'],
  { accountId, channelId, senderId, to, envelope }: OutboundMessage,
): Promise<string | null> {
  const quoting = toMentioned(envelope) ?? envelope.contextMessageId;
  if (quoting === undefined) return null;
  if (isGroupMessageId(quoting)) {
    const filter = { channelId, senderId, to, groupId: quoting };
    const [quoted] = (await store.listOutbound(accountId, filter, { limit: 1 })).items;
    return quoted === undefined ? quoting : quoted.channelMessageId;
  }
  const id = parseOutboundId(quoting);
  if (id === undefined) return quoting;
  const [quoted] = await store.findOutbound(accountId, { ids: [id] });
  return quoted?.channelMessageId ?? null;
}

/** The message that a reaction, a pin or a sign is about. */
function toMentioned({ messageType, content }: Envelope): string | undefined {
  if (!['reaction', 'pin', 'typing_indicator'].includes(messageType)) return undefined;
  if (typeof content !== 'object' || content === null || !('messageId' in content)) return undefined;
  return typeof content.messageId === 'string' ? content.messageId : undefined;
}

/** A call as it is kept with the message. */
export function toAttempt(outcome: SendOutcome, at: number, durationMs: number): SendAttempt {
  const isAccepted = outcome.kind === 'accepted';
  return {
    at,
    durationMs: Math.round(durationMs),
    outcome: outcome.kind === 'refused' ? outcome.failure : outcome.kind,
    code: isAccepted ? '' : (outcome.code ?? ''),
    text: isAccepted ? '' : outcome.text,
  };
}

/** What the answer to a send call says of the recipient; a group has no other ids. */
export function toAliasesOf(
  { channelId, to, envelope }: OutboundMessage,
  told: readonly string[],
  at: number,
): readonly Alias[] {
  if (envelope.toGroup === true) return [];
  return toAliases(channelId, [to, ...told.map(toKeptId)], at);
}
