// Sends messages and shows signs through the Cloud API (docs/protocols/whatsapp.md).
import type { Channel, Sender } from '../../domain/channel.ts';
import { isBusinessScopedUserId } from '../../domain/user-id.ts';
import type { ChannelFault, Outgoing, SendOutcome, Sign } from '../channel.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { withSuccess } from '../kit/graph.ts';
import type { Graph } from '../kit/graph.ts';
import { proofOf } from '../kit/app-secret.ts';
import { toObjects, toText } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { toMeaning, toRefusal } from './errors.ts';
import { aboutOf, Unsendable, writeContent } from './content.ts';
import type { MediaKind } from './content.ts';
import { writeTemplate } from './template-message.ts';
import type { Uploads } from './media-ids.ts';

interface WhatsappSendDeps {
  readonly graph: Graph;
  readonly uploads: Uploads;
}

/** Hands one message to the Cloud API. Never throws. */
export async function send(
  { graph, uploads }: WhatsappSendDeps,
  channel: Channel,
  sender: Sender,
  outgoing: Outgoing,
): Promise<SendOutcome> {
  const token = channel.credentials['accessToken'] ?? '';
  if (token === '')
    return { kind: 'refused', failure: 'auth', code: 'no_token', text: 'The channel has no accessToken.' };
  const links = new Set<string>();
  const toMedia = async (link: string, kind: MediaKind) => {
    links.add(link);
    return uploads.resolve(channel, sender, link, kind);
  };
  let body: JsonObject;
  try {
    body = await toRequest(outgoing, toMedia);
  } catch (error) {
    if (!(error instanceof Unsendable)) throw error;
    const failure = /^132/.test(error.code) ? 'template' : 'permanent';
    return { kind: 'refused', failure, code: error.code, text: error.message };
  }
  const asked = await graph({
    method: 'POST',
    path: [sender.routeId, isMarketing(channel, outgoing) ? 'marketing_messages' : 'messages'],
    token,
    ...proofOf(channel),
    body,
  });
  const answer = body['status'] === 'read' ? withSuccess(asked) : asked;
  if (answer.kind !== 'ok') {
    const refusal = toRefusal(answer);
    if (refusal.kind === 'refused' && refusal.failure === 'media')
      for (const link of links) uploads.distrust(sender, link);
    return refusal;
  }
  const { usedPercent } = answer;
  // A sign is no message and gets no id; its own stands in, so that no status can be taken for its.
  if (body['status'] === 'read')
    return { kind: 'accepted', channelMessageId: `sign.${outgoing.message.messageId}`, usedPercent };
  const id = toText(toObjects(answer.body['messages'])[0]?.['id']);
  if (id === undefined) return { kind: 'unknown', text: 'The Graph API took the message and gave no id.' };
  return { kind: 'accepted', channelMessageId: id, recipientIds: toRecipientIds(answer.body), usedPercent };
}

/** What WhatsApp calls whom a message went to: not always the number that was sent to, as where numbers have grown by a digit. */
function toRecipientIds(body: JsonObject): readonly string[] {
  const contacts = toObjects(body['contacts']);
  if (contacts.length !== 1) return [];
  return ['wa_id', 'user_id', 'parent_user_id'].flatMap((name) => toText(contacts[0]?.[name]) ?? []);
}

/** The request that sends a message. Throws {@link Unsendable}. */
async function toRequest(
  outgoing: Outgoing,
  toMedia: Parameters<typeof writeContent>[1],
): Promise<JsonObject> {
  const { message, template, quotedId } = outgoing;
  const { envelope, to, messageId } = message;
  if (envelope.messageType === 'typing_indicator') return toSignRequest('typing', aboutOf(outgoing));
  if (envelope.frame === 'template' && template === null)
    throw new Unsendable('132001', 'The template of the message does not exist any more.');
  // A reaction and a pin name their message themselves.
  const quotes = quotedId !== null && !['reaction', 'pin'].includes(envelope.messageType);
  return {
    messaging_product: 'whatsapp',
    recipient_type: envelope.toGroup === true ? 'group' : 'individual',
    ...(envelope.toGroup !== true && isBusinessScopedUserId(to) ? { recipient: to } : { to }),
    ...(template === null
      ? await writeContent(outgoing, toMedia)
      : { type: 'template', template: await writeTemplate(template, envelope, toMedia) }),
    ...(quotes ? { context: { message_id: quotedId } } : {}),
    biz_opaque_callback_data: messageId,
  };
}

/** Marks a user's message as read, and shows that an answer is being written. Never throws. */
export async function show(
  { graph }: Pick<WhatsappSendDeps, 'graph'>,
  channel: Channel,
  sender: Sender,
  sign: Sign,
): Promise<ChannelFault | null> {
  const { kind, channelMessageId } = sign;
  if (channelMessageId === null)
    return { fault: 'refused', reason: 'WhatsApp wants the id of the user’s message that was read.' };
  const token = channel.credentials['accessToken'] ?? '';
  const asked = await graph({
    method: 'POST',
    path: [sender.routeId, 'messages'],
    token,
    ...proofOf(channel),
    body: toSignRequest(kind, channelMessageId),
  });
  const answer = withSuccess(asked);
  if (answer.kind === 'ok') return null;
  if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
  return { fault: toFaultKind(toMeaning(answer.error)?.failure), reason: answer.error.text };
}

function toSignRequest(kind: Sign['kind'], messageId: string): JsonObject {
  return {
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: messageId,
    ...(kind === 'typing' ? { typing_indicator: { type: 'text' } } : {}),
  };
}

function isMarketing({ options }: Channel, { template }: Outgoing): boolean {
  return options['marketingMessages'] === true && template?.category === 'MARKETING';
}
