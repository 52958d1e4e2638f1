// Sends through Messenger and Instagram, and shows their users signs of the business (docs/protocols/messenger-instagram.md).
import type { Channel, Sender } from '../../domain/channel.ts';
import type { ChannelFault, Outgoing, SendOutcome, Sign } from '../channel.ts';
import type { GraphAnswer } from '../kit/graph.ts';
import { toText } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import type { Accounts } from './accounts.ts';
import { compose } from './content.ts';
import type { Composed } from './content.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { lostUploads, toFailureClass, toRefusal } from './errors.ts';

interface MessagingSendDeps {
  readonly accounts: Accounts;
  readonly now: () => number;
  readonly monotonic: () => number;
}

type Sendable = Extract<Composed, { message: unknown }>;
type NoAnswer = Exclude<GraphAnswer, { readonly kind: 'ok' }>;

/**
 * Watermarks tell times of the platform's clock, of which an answer says nothing. The beginning of the call is the latest time
 * that is surely not after it. More allowance would take a message for read that was sent just after the user looked; an echo,
 * where subscribed, tells the exact time.
 */
const clockAllowanceMs = 100;
/** An uploaded file is sent again by its id for so long; its address may lead to another file then. */
const uploadKeptMs = 60 * 60_000;
const maxUploads = 10_000;

/** Sends, and shows signs. Files that the platform has taken are sent again by its ids for them. */
export class MessagingSending {
  readonly #type: 'messenger' | 'instagram';
  readonly #deps: MessagingSendDeps;
  /** Ids of files that the platform has, by channel, sender and address. */
  readonly #uploads = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(type: 'messenger' | 'instagram', deps: MessagingSendDeps) {
    this.#type = type;
    this.#deps = deps;
  }

  async send(channel: Channel, sender: Sender, outgoing: Outgoing): Promise<SendOutcome> {
    const { accounts, now } = this.#deps;
    const { message, template } = outgoing;
    const composed = compose(this.#type, message.envelope, template);
    if ('fault' in composed)
      return { kind: 'refused', failure: 'permanent', code: 'unsupported', text: composed.fault };
    const key = `${channel.id}/${sender.id}/${composed.fileUrl ?? ''}`;
    const uploadId = this.#findUpload(key);
    const voice = await accounts.voiceOf(channel, sender.id);
    const startedAt = now();
    const body = toBody(this.#type, outgoing, composed, uploadId);
    const answer = await accounts.call(channel, voice, { method: 'POST', edge: 'messages', body });
    if (answer.kind !== 'ok') return this.#judge(answer, composed, key, uploadId);
    const channelMessageId = toText(answer.body['message_id']);
    if (channelMessageId === undefined)
      return { kind: 'unknown', text: 'The answer to the send call named no message.' };
    const attachmentId = toText(answer.body['attachment_id']);
    if (attachmentId !== undefined && composed.fileUrl !== undefined) this.#keepUpload(key, attachmentId);
    return {
      kind: 'accepted',
      channelMessageId,
      sentAt: startedAt - clockAllowanceMs,
      recipientIds: [answer.body['recipient_id']].flatMap((id) => toText(id) ?? []),
      usedPercent: answer.usedPercent,
    };
  }

  async show(channel: Channel, sender: Sender, { kind, userId }: Sign): Promise<ChannelFault | null> {
    const { accounts } = this.#deps;
    const voice = await accounts.voiceOf(channel, sender.id);
    const action = kind === 'read' ? 'mark_seen' : 'typing_on';
    const body = { recipient: { id: userId }, sender_action: action };
    const answer = await accounts.call(channel, voice, { method: 'POST', edge: 'messages', body });
    if (answer.kind === 'refused')
      return { fault: toFaultKind(toFailureClass(answer.error)), reason: answer.error.text };
    if (answer.kind !== 'ok') return { fault: 'later', reason: answer.text };
    // What Meta documents of an answer to a sign.
    if (toText(answer.body['recipient_id']) !== undefined) return null;
    return {
      fault: 'later',
      reason: 'The Graph API did not name the recipient, so what became of it is unknown.',
    };
  }

  /** What follows from a call that did not send: an upload that the platform has lost is made anew by the next try. */
  #judge(answer: NoAnswer, { fileUrl }: Sendable, key: string, uploadId: string | undefined): SendOutcome {
    const refusal = toRefusal(answer);
    if (answer.kind !== 'refused' || refusal.kind !== 'refused') return refusal;
    // The next try names the address instead, which uploads the file anew.
    if (uploadId !== undefined) this.#uploads.delete(key);
    if (!lostUploads.includes(answer.error.subcode ?? 0)) return refusal;
    if (uploadId !== undefined) return { ...refusal, failure: 'transient' };
    // Without a file it is some other parameter that is wrong.
    return fileUrl === undefined ? { ...refusal, failure: 'permanent' } : refusal;
  }

  #keepUpload(key: string, id: string): void {
    if (this.#uploads.size >= maxUploads) this.#uploads.clear();
    this.#uploads.set(key, { id, until: this.#deps.monotonic() + uploadKeptMs });
  }

  #findUpload(key: string): string | undefined {
    const known = this.#uploads.get(key);
    return known !== undefined && known.until > this.#deps.monotonic() ? known.id : undefined;
  }
}

/** The body of a send call. */
function toBody(
  type: 'messenger' | 'instagram',
  { message, quotedId }: Outgoing,
  composed: Sendable,
  uploadId: string | undefined,
): JsonObject {
  return {
    ...toRecipient(message, composed.messagingType),
    ...(composed.tag === undefined ? {} : { tag: composed.tag }),
    message: {
      ...toFile(type, composed, uploadId),
      // Comes back with the echo, so that a message whose answer was lost is known again.
      ...(type === 'messenger' ? { metadata: message.messageId } : {}),
    },
    ...(quotedId === null ? {} : { reply_to: { mid: quotedId.replace(/#[^#]*$/, '') } }),
  };
}

/** Who gets it. What an opt-in or a plugin allows is no answer to a message, and Meta's samples of it say no type. */
function toRecipient({ to, envelope }: Outgoing['message'], messagingType: string): JsonObject {
  const { toToken } = envelope;
  if (toToken === undefined) return { recipient: { id: to }, messaging_type: messagingType };
  const recipient = { [toToken]: to };
  return messagingType === 'RESPONSE' ? { recipient } : { recipient, messaging_type: messagingType };
}

/** A file goes by the id that the platform has for it, or else by its address, to be kept there under an id. */
function toFile(
  type: 'messenger' | 'instagram',
  composed: Sendable,
  uploadId: string | undefined,
): JsonObject {
  const { message, fileUrl } = composed;
  const { attachment } = message;
  if (fileUrl === undefined || type === 'instagram' || typeof attachment !== 'object') return message;
  const payload = uploadId === undefined ? { url: fileUrl, is_reusable: true } : { attachment_id: uploadId };
  return { ...message, attachment: { ...attachment, payload } };
}
