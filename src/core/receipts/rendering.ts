// Receipts in the JSON that consumers of CAMS expect (cams-receipts 2 to 4), with one member more: ReceiptId.
import type { Channel } from '../../domain/channel.ts';
import { toKeptId } from '../../domain/foreign-text.ts';
import { toStrictType } from './strict-types.ts';
import type {
  AuditFacts,
  ExtraMembers,
  InboundContent,
  InboundFacts,
  InboundKind,
  MessageStatus,
  Receipt,
  StatusFacts,
} from '../../domain/receipt.ts';

/** As much of a receipt as its JSON is made of. */
export type RenderableReceipt = Pick<
  Receipt,
  'accountId' | 'receiptId' | 'channelId' | 'senderId' | 'senderType' | 'facts' | 'content' | 'occurredAt'
>;

type RenderableChannel = Pick<Channel, 'wabaId' | 'webhook'>;

export type RenderReceipt = (
  receipt: RenderableReceipt,
  channel: RenderableChannel | undefined,
) => Record<string, unknown>;

interface RendererDeps {
  /** A signed link to our copy of a media file. */
  readonly mediaUrl: (accountId: number, mediaId: string, mimeType: string) => string;
  /** Whether the statuses of a mass send carry its GroupMessageId as their MessageId. */
  readonly groupIds: boolean;
  /** Whether inbound types that Alibaba does not document are told as the nearest one that it does. */
  readonly strictTypes?: boolean;
}

/** The `Type` of each kind of inbound message; those after CONTACTS and SYSTEM are this project's names for what Alibaba documents none for. */
const typeOf: Readonly<Record<InboundKind, string>> = {
  text: 'TEXT',
  image: 'IMAGE',
  video: 'VIDEO',
  audio: 'AUDIO',
  document: 'DOCUMENT',
  location: 'LOCATION',
  reply: 'REPLY',
  contacts: 'CONTACTS',
  system: 'SYSTEM',
  sticker: 'STICKER',
  interactive: 'INTERACTIVE',
  order: 'ORDER',
  reaction: 'REACTION',
  edit: 'EDIT',
  revoke: 'REVOKE',
  share: 'SHARE',
  referral: 'REFERRAL',
  optin: 'OPTIN',
  feedback: 'FEEDBACK',
  unsupported: 'UNSUPPORTED',
  echo: 'ECHO',
  payment: 'PAYMENT',
  call: 'CALL',
  group: 'GROUP',
  comment: 'COMMENT',
  mention: 'MENTION',
  client_status: 'CLIENT_STATUS',
};

const statusOf: Readonly<Record<MessageStatus, { name: string; description: string }>> = {
  sent: { name: 'Sent', description: 'The message has been sent.' },
  delivered: { name: 'Delivered', description: 'The message has been delivered.' },
  read: { name: 'Read', description: 'The message has been read.' },
  failed: { name: 'Failed', description: 'The message could not be delivered.' },
  deleted: { name: 'Deleted', description: 'The message has been deleted.' },
  subscribe: { name: 'subscribe', description: 'The user has subscribed.' },
  unsubscribe: { name: 'unsubscribe', description: 'The user has unsubscribed.' },
};

/** Meta's categories in the words of the documented receipt. */
const conversationTypeOf: Readonly<Record<string, string>> = {
  marketing_lite: 'marketing',
  authentication_international: 'authentication',
  'authentication-international': 'authentication',
  referral_conversion: 'service',
};

/** Makes the function that turns a receipt into its JSON object. `channel` is undefined when it has been deleted since. */
export function createReceiptRenderer(deps: RendererDeps): RenderReceipt {
  return (receipt, channel) => {
    const { facts } = receipt;
    if (facts.type === 'ChatAppInbound') return renderInbound(deps, receipt, facts, channel);
    if (facts.type === 'ChatAppStatus') return renderStatus(deps, receipt, facts, channel);
    return renderAudit(receipt, facts, channel);
  };
}

function renderInbound(
  deps: RendererDeps,
  receipt: RenderableReceipt,
  facts: InboundFacts,
  channel: RenderableChannel | undefined,
) {
  const name = facts.user.name ?? '';
  const shown = { Type: typeOf[facts.kind], Message: renderMessage(deps, receipt, facts) };
  return {
    MessageId: facts.messageId,
    CustSpaceId: receipt.channelId,
    WabaId: toWabaId(receipt, channel),
    ...toEnds(receipt, facts),
    ...toUserIds(facts),
    Timestamp: receipt.occurredAt,
    DisplayName: name,
    Name: name,
    NoticeType: 'inbound',
    ...(deps.strictTypes === true ? toStrictType(facts.kind, shown) : shown),
    ...toContext(deps, facts, receipt.content),
    ...toExtra(receipt.content?.extra),
    ReceiptId: receipt.receiptId,
  };
}

/** What of a message's data stands in its context, whatever else `Message` tells. */
const contextMembers = [
  'referral',
  'referred_product',
  'story',
  'prior_message',
  'trackingData',
  'sessionId',
] as const;

/** What a message came with and `Message` has no place for; no member at all where there is nothing. */
function toContext(
  deps: Pick<RendererDeps, 'groupIds'>,
  facts: InboundFacts,
  content: InboundContent | null,
): { readonly Context?: object } {
  const data = content?.data ?? {};
  const context = {
    ...toQuoted(deps, facts),
    ...optional('groupId', facts.groupId),
    ...(facts.forwarded === true ? { forwarded: true } : {}),
    ...(facts.standby === true ? { standby: true } : {}),
    ...(facts.history === true ? { history: true } : {}),
    ...Object.fromEntries(
      contextMembers.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])),
    ),
  };
  return Object.keys(context).length === 0 ? {} : { Context: context };
}

/** An echo was written by the business to the user; everything else the other way round. */
function toEnds(receipt: RenderableReceipt, { kind, user }: InboundFacts) {
  const sender = receipt.senderId ?? '';
  return kind === 'echo' ? { From: sender, To: user.id } : { From: user.id, To: sender };
}

/** The plain text of a text message; of every other kind a JSON object written as a string, its values strings where documented so. */
function renderMessage(deps: RendererDeps, receipt: RenderableReceipt, facts: InboundFacts): string {
  const { content, accountId } = receipt;
  if (facts.kind === 'text') return content?.text ?? '';
  const data: Readonly<Record<string, unknown>> = content?.data ?? {};
  const media = content?.media;
  if (media !== undefined) {
    const fileName = media.fileName ?? `${facts.kind}.${toExtension(media.mimeType)}`;
    const file = {
      id: media.channelMediaId,
      mimeType: media.mimeType,
      url: deps.mediaUrl(accountId, media.id, media.mimeType),
    };
    const caption = typeof data['caption'] === 'string' ? data['caption'] : undefined;
    if (facts.kind === 'image')
      return JSON.stringify({ ...(caption === undefined ? {} : { caption }), ...file });
    if (facts.kind === 'document')
      return JSON.stringify({ name: caption ?? fileName, filename: fileName, ...file });
    if (facts.kind === 'sticker')
      return JSON.stringify({
        animated: data['animated'] === true,
        ...(data['stickerId'] === undefined ? {} : { stickerId: data['stickerId'] }),
        ...file,
      });
    if (facts.kind === 'share' || facts.kind === 'echo')
      return JSON.stringify({ ...data, ...optional('filename', media.fileName), ...file });
    if (facts.kind === 'audio')
      return JSON.stringify({
        name: caption ?? fileName,
        filename: fileName,
        animated: false,
        ...(data['voice'] === true ? { voice: true } : {}),
        ...file,
      });
    return JSON.stringify({ name: caption ?? '', ...file });
  }
  if (facts.kind === 'location') {
    const text = (key: string) => String((data[key] as string | number | undefined) ?? '');
    return JSON.stringify({
      address: text('address'),
      latitude: text('latitude'),
      longitude: text('longitude'),
      name: text('name'),
    });
  }
  return JSON.stringify(withOwnIds(deps, facts, data));
}

/** The message that one answers. Of a postback it may be our message itself that the channel gives the id of. */
function toQuoted(
  deps: Pick<RendererDeps, 'groupIds'>,
  facts: InboundFacts,
): Readonly<Record<string, string>> {
  const { replyTo, messageId } = facts;
  if (replyTo !== undefined) return toReference(deps, facts, replyTo);
  return findReference(facts, messageId) === undefined ? {} : toReference(deps, facts, messageId);
}

/** Members of a message's data that name another message, by this project's word and by Meta's. */
const namingMembers = ['messageId', 'mid'] as const;

/** What a message is about, by our own ids where it was sent through here. */
function withOwnIds(
  deps: Pick<RendererDeps, 'groupIds'>,
  facts: InboundFacts,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (facts.references === undefined) return data;
  const about = namingMembers.map((name) => data[name]).find((id) => typeof id === 'string');
  if (about === undefined || findReference(facts, about) === undefined) return data;
  return { ...data, ...toReference(deps, facts, about) };
}

function findReference({ references = [] }: InboundFacts, channelMessageId: string) {
  const kept = toKeptId(channelMessageId);
  return references.find((reference) => reference.channelMessageId === kept);
}

/** How another message is named: by our own ids with the channel's beside them where it was sent through here, else by the channel's. */
function toReference(
  { groupIds }: Pick<RendererDeps, 'groupIds'>,
  facts: InboundFacts,
  id: string,
): Readonly<Record<string, string>> {
  const own = findReference(facts, id);
  if (own === undefined) return { messageId: id };
  const { messageId, taskId, groupId, channelMessageId } = own;
  return {
    messageId: groupIds && groupId !== undefined ? groupId : messageId,
    ...(taskId === undefined ? {} : { taskId }),
    ...(groupId === undefined ? {} : { groupMessageId: groupId }),
    channelMessageId,
  };
}

function renderStatus(
  deps: RendererDeps,
  receipt: RenderableReceipt,
  facts: StatusFacts,
  channel: RenderableChannel | undefined,
) {
  const { name, description } = statusOf[facts.status];
  const { conversationType, sent } = facts;
  const messageId = deps.groupIds && sent?.groupId !== undefined ? sent.groupId : facts.messageId;
  return {
    MessageId: messageId,
    CustSpaceId: receipt.channelId,
    WabaId: toWabaId(receipt, channel),
    From: receipt.senderId ?? '',
    To: sent?.to ?? facts.user.id,
    ...toChannelTo(facts),
    ...toUserIds(facts),
    Timestamp: receipt.occurredAt,
    Status: name,
    StatusDescription: description,
    ...optional('ErrorCode', facts.errorCode),
    ...optional('ErrorDescription', facts.errorDescription),
    ...optional(
      'ConversationType',
      conversationType === undefined ? undefined : (conversationTypeOf[conversationType] ?? conversationType),
    ),
    ...optional('ConversationId', facts.conversationId),
    ...optional('ConversationExpirationTime', facts.conversationExpiresAt),
    MsgFrameType: sent?.frame ?? 'message',
    ...optional('Type', sent === undefined ? undefined : toMessageType(sent.messageType)),
    TaskId: sent?.taskId ?? messageId,
    ...optional('ChannelMessageId', sent?.channelMessageId),
    OriginPhoneNumber: receipt.senderId ?? '',
    ...optional('TemplateCode', sent?.templateCode),
    ...optional('TemplateName', sent?.templateName),
    ...optional('Language', sent?.language),
    ...optional('GroupMessageId', sent?.groupId),
    ...toGroupContext(facts),
    ...toExtra(facts.extra),
    ReceiptId: receipt.receiptId,
  };
}

/** What the channel calls the user, where that is not what the message was sent to; in a group `Context` tells it. */
function toChannelTo({ sent, user, participant }: StatusFacts) {
  const isOther = sent !== undefined && user.id !== '' && user.id !== sent.to && participant === undefined;
  return isOther ? { ChannelTo: user.id } : {};
}

/** Each member of a group gives statuses of its own; no member at all where there is no group. */
function toGroupContext({ groupId, participant }: StatusFacts): { readonly Context?: object } {
  if (groupId === undefined && participant === undefined) return {};
  return { Context: { ...optional('groupId', groupId), ...optional('participant', participant) } };
}

/** The documented `Type` of a status: four media types in lower case, `none` for text, and upper case as samples have it. */
function toMessageType(messageType: string): string {
  if (messageType === 'text') return 'none';
  return ['image', 'video', 'document', 'audio'].includes(messageType)
    ? messageType
    : messageType.toUpperCase();
}

function renderAudit(receipt: RenderableReceipt, facts: AuditFacts, channel: RenderableChannel | undefined) {
  const common = {
    WabaId: facts.wabaId,
    TemplateCode: facts.templateCode ?? '',
    Language: facts.language ?? '',
    AuditStatus: facts.auditStatus ?? '',
    Reason: facts.reason ?? '',
    ...optional('TemplateName', facts.templateName),
    ...optional('ChannelTemplateCode', facts.channelTemplateCode),
  };
  const extra = toExtra(facts.extra);
  if (channel?.webhook.auditVersion !== 'V2') return { ...common, ...extra, ReceiptId: receipt.receiptId };
  return {
    ...common,
    Type: facts.event,
    Timestamp: receipt.occurredAt,
    ...optional('PhoneNumber', facts.phoneNumber),
    ...optional('Status', facts.status),
    ...optional('CurrentLimit', facts.currentLimit),
    ...optional('UserName', facts.userName),
    ...extra,
    ReceiptId: receipt.receiptId,
  };
}

/** What the channel told and no other member tells; no member at all where that is nothing. */
function toExtra(extra: ExtraMembers | undefined): { readonly Extra?: ExtraMembers } {
  return extra === undefined ? {} : { Extra: extra };
}

/** Only WhatsApp has WABAs; for the others the member is there and empty, because the documents call it required. */
function toWabaId(receipt: RenderableReceipt, channel: RenderableChannel | undefined): string {
  return receipt.senderType === 'whatsapp' ? (channel?.wabaId ?? '') : '';
}

function toUserIds({ user }: InboundFacts | StatusFacts) {
  return {
    ...optional('FromUserId', user.userId),
    ...optional('FromParentUserId', user.parentUserId),
    ...optional('FromUserName', user.userName),
  };
}

function optional(key: string, value: string | number | undefined): Record<string, string | number> {
  return value === undefined ? nothing : { [key]: value };
}

/** No members; one object for all receipts. */
const nothing: Readonly<Record<string, never>> = Object.freeze({});

function toExtension(mimeType: string): string {
  const subtype = /^[a-z]+\/([a-z0-9.+-]+)/i.exec(mimeType)?.[1]?.toLowerCase() ?? 'bin';
  return (
    { jpeg: 'jpg', 'svg+xml': 'svg', plain: 'txt', mpeg: 'mp3', 'octet-stream': 'bin' }[subtype] ?? subtype
  );
}
