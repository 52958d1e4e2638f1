// Sends through Messenger and Instagram, and shows their users signs of the business (channels 3.6, 4.4).
import type { Channel, Sender } from '../domain/channel.ts';
import type { ChannelFault, Outgoing, SendOutcome, Sign } from './channel.ts';
import { toText } from './meta.ts';
import type { JsonObject } from './meta.ts';
import type { Accounts } from './messaging-accounts.ts';
import { compose } from './messaging-content.ts';
import type { Composed } from './messaging-content.ts';
import { toFailureClass, toRefusal } from './messaging-errors.ts';

export interface MessagingSendDeps {
  readonly accounts: Accounts;
  readonly now: () => number;
}

export interface MessagingSending {
  readonly send: (channel: Channel, sender: Sender, outgoing: Outgoing) => Promise<SendOutcome>;
  readonly show: (channel: Channel, sender: Sender, sign: Sign) => Promise<ChannelFault | null>;
}

/**
 * Watermarks tell times of the platform's clock, of which an answer says nothing. The beginning of the call is the latest time
 * that is surely not after it. More allowance would take a message for read that was sent just after the user looked; an echo,
 * where subscribed, tells the exact time.
 */
const clockAllowanceMs = 100;
/** An uploaded file is sent again by its id for so long; its address may lead to another file then. */
const uploadKeptMs = 60 * 60_000;
const maxUploads = 10_000;

export function createMessagingSending(
  type: 'messenger' | 'instagram',
  { accounts, now }: MessagingSendDeps,
): MessagingSending {
  /** Ids of files that the platform has, by channel, sender and address. */
  const uploads = new Map<string, { readonly id: string; readonly until: number }>();

  function keepUpload(key: string, id: string): void {
    if (uploads.size >= maxUploads) uploads.clear();
    uploads.set(key, { id, until: now() + uploadKeptMs });
  }

  function findUpload(key: string): string | undefined {
    const known = uploads.get(key);
    return known !== undefined && known.until > now() ? known.id : undefined;
  }

  return {
    send: async (channel, sender, { message, template, quotedId }) => {
      const composed = compose(type, message.envelope, template);
      if ('fault' in composed)
        return { kind: 'refused', failure: 'permanent', code: 'unsupported', text: composed.fault };
      const key = `${channel.id}/${sender.id}/${composed.fileUrl ?? ''}`;
      const uploadId = findUpload(key);
      const voice = await accounts.voiceOf(channel, sender.id);
      const startedAt = now();
      const body = {
        recipient: { id: message.to },
        messaging_type: composed.messagingType,
        ...(composed.tag === undefined ? {} : { tag: composed.tag }),
        message: {
          ...toFile(type, composed, uploadId),
          // Comes back with the echo, so that a message whose answer was lost is known again.
          ...(type === 'messenger' ? { metadata: message.messageId } : {}),
        },
        ...(quotedId === null ? {} : { reply_to: { mid: quotedId.replace(/#[^#]*$/, '') } }),
      };
      const answer = await accounts.call(channel, voice, { method: 'POST', edge: 'messages', body });
      if (answer.kind === 'refused') {
        // The next try names the address instead, which uploads the file anew.
        if (uploadId !== undefined) uploads.delete(key);
        return toRefusal(answer.error);
      }
      if (answer.kind !== 'ok')
        return answer.kind === 'unknown'
          ? { kind: 'unknown', text: answer.text }
          : { kind: 'refused', failure: 'transient', code: 'unreachable', text: answer.text };
      const channelMessageId = toText(answer.body['message_id']);
      if (channelMessageId === undefined)
        return { kind: 'unknown', text: 'The answer to the send call named no message.' };
      const attachmentId = toText(answer.body['attachment_id']);
      if (attachmentId !== undefined && composed.fileUrl !== undefined) keepUpload(key, attachmentId);
      return {
        kind: 'accepted',
        channelMessageId,
        sentAt: startedAt - clockAllowanceMs,
        usedPercent: answer.usedPercent,
      };
    },
    show: async (channel, sender, { kind, userId }) => {
      const voice = await accounts.voiceOf(channel, sender.id);
      const action = kind === 'read' ? 'mark_seen' : 'typing_on';
      const body = { recipient: { id: userId }, sender_action: action };
      const answer = await accounts.call(channel, voice, { method: 'POST', edge: 'messages', body });
      if (answer.kind === 'ok') return null;
      if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
      const failure = toFailureClass(answer.error);
      const isLater = failure === 'transient' || failure === 'throttle';
      return {
        fault: failure === 'auth' ? 'auth' : isLater ? 'later' : 'refused',
        reason: answer.error.text,
      };
    },
  };
}

/** A file goes by the id that the platform has for it, or else by its address, to be kept there under an id. */
function toFile(
  type: 'messenger' | 'instagram',
  composed: Extract<Composed, { message: unknown }>,
  uploadId: string | undefined,
): JsonObject {
  const { message, fileUrl } = composed;
  const { attachment } = message;
  if (fileUrl === undefined || type === 'instagram' || typeof attachment !== 'object') return message;
  const payload = uploadId === undefined ? { url: fileUrl, is_reusable: true } : { attachment_id: uploadId };
  return { ...message, attachment: { ...attachment, payload } };
}
