// ListChatappMessage: messages of both directions with their status (cams-openapi 4.4).
import type { AccountId } from '../domain/account.ts';
import type { OutboundMessage } from '../domain/message.ts';
import type { Receipt } from '../domain/receipt.ts';
import { fillVariables } from '../domain/template.ts';
import { CamsError, invalid } from './errors.ts';
import { readPage, requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import { missing } from './errors.ts';

/** Pages reach so many messages back; a narrower time reaches further. */
const maxReach = 10_000;

export async function listMessages(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters, accountId } = call;
  const channelType = parameters.required('ChannelType').toUpperCase();
  if (!['WHATSAPP', 'VIBER', 'MESSENGER', 'INSTAGRAM'].includes(channelType))
    throw CamsError.business(
      'InvalidParameter.ChannelTypeNotSupport',
      `ChannelType ${channelType} is not supported.`,
    );
  const senderId = parameters.required('BusinessNumber');
  const channel = await requireChannel(deps, call);
  if (parameters.document('Page') === undefined && parameters.text('PageIndex') === undefined)
    throw missing('Page');
  const { index, size } = readPage(call, 10, 100);
  const reach = index * size;
  if (reach > maxReach)
    throw CamsError.business(
      'InvalidParameter.PageInvalid',
      `Pages reach ${maxReach} messages back; narrow the time.`,
    );
  const direction = parameters.word('EventAction', ['DOWN', 'UP']);
  const to = parameters.text('UserNumber');
  const groupId = parameters.text('GroupMessageId');
  const templateCode = parameters.text('TemplateCode');
  const status = parameters.text('MessageStatus')?.toLowerCase();
  const accepted = parameters.text('ClientAcceptStatus')?.toLowerCase();
  const since = readTime(call, 'StartTime', 'StartTimeStr');
  const until = readTime(call, 'EndTime', 'EndTimeStr');
  const time = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  const rows: { readonly at: number; readonly row: Answer }[] = [];
  let outbound: readonly OutboundMessage[] = [];
  const isOfOutbound = groupId !== undefined || templateCode !== undefined;
  if (direction !== 'UP') {
    const { items } = await deps.store.listOutbound(
      accountId,
      {
        channelId: channel.id,
        senderId,
        ...time,
        ...(to === undefined ? {} : { to }),
        ...(groupId === undefined ? {} : { groupId }),
        ...(templateCode === undefined ? {} : { templateCode }),
      },
      { limit: reach },
    );
    outbound = items;
  }
  if (direction !== 'DOWN' && !isOfOutbound) {
    const { items } = await deps.store.listReceipts(
      accountId,
      { type: 'ChatAppInbound', channelId: channel.id, senderId, ...time },
      { limit: reach },
    );
    for (const receipt of items)
      if (receipt.facts.type === 'ChatAppInbound' && (to === undefined || receipt.facts.user.id === to))
        rows.push({ at: receipt.recordedAt, row: toInboundRow(receipt, channelType) });
  }
  const armed = await findFired(deps, accountId, outbound);
  for (const message of outbound)
    rows.push({
      at: message.acceptedAt,
      row: await toOutboundRow(deps, message, channelType, armed.has(message.id)),
    });
  const matching = rows
    .filter(
      ({ row }) =>
        (status === undefined || row['MessageStatus'] === status) &&
        (accepted === undefined || String(row['ClientAcceptStatusName']).toLowerCase() === accepted),
    )
    .sort((a, b) => b.at - a.at);
  const page = matching.slice((index - 1) * size, reach).map(({ row }) => row);
  return { Success: true, Data: await Promise.all(page.map((row) => withReason(deps, accountId, row))) };
}

/** The messages whose fallback has fired. */
async function findFired(
  { store }: OperationDeps,
  accountId: AccountId,
  messages: readonly OutboundMessage[],
): Promise<ReadonlySet<number>> {
  const ids = messages.filter(({ envelope }) => envelope.fallBack !== undefined).map(({ id }) => id);
  const found = ids.length === 0 ? [] : await store.findFallbacks(accountId, ids);
  return new Set(found.filter(({ reason }) => reason !== null).map(({ outboundId }) => outboundId));
}

/** Why a message failed, as its receipt tells it. */
async function withReason({ store }: OperationDeps, accountId: AccountId, row: Answer): Promise<Answer> {
  if (row['MessageStatus'] !== 'fail') return row;
  const filter = { type: 'ChatAppStatus', messageId: String(row['UniqueMessageId']) } as const;
  const { items } = await store.listReceipts(accountId, filter, { limit: 10 });
  const failed = items
    .map(({ facts }) => facts)
    .find((facts) => 'status' in facts && facts.status === 'failed');
  const reason = failed !== undefined && 'errorDescription' in failed ? failed.errorDescription : undefined;
  return { ...row, FailReason: reason ?? '' };
}

async function toOutboundRow(
  { directory }: OperationDeps,
  message: OutboundMessage,
  channelType: string,
  hasFallenBack: boolean,
): Promise<Answer> {
  const { envelope, messageId, groupId, acceptedAt, status } = message;
  const state = toStatus(message);
  const received = status === 'delivered' || status === 'read';
  const template =
    envelope.templateCode === undefined || envelope.language === undefined
      ? undefined
      : await directory.template(
          message.accountId,
          message.channelId,
          envelope.templateCode,
          envelope.language,
        );
  const body = template?.components.find(({ Type }) => Type === 'BODY')?.['Text'];
  return {
    BusinessNumber: message.senderId,
    UserNumber: message.to,
    ChannelType: channelType,
    EventAction: 'DOWN',
    EventActionName: 'DOWN',
    MessageId: groupId ?? messageId,
    UniqueMessageId: messageId,
    Type: envelope.frame,
    MessageType: envelope.messageType.toUpperCase(),
    MessageTypeName: envelope.messageType,
    MessageStatus: state,
    MessageStatusName: capitalize(state),
    ClientAcceptStatusName: received ? 'Success' : state === 'fail' ? 'Fail' : 'Sending',
    ClientReadStatus: status === 'read' ? 'success' : 'sending',
    ClientReadStatusName: status === 'read' ? 'Success' : 'Sending',
    TemplateCode: envelope.templateCode ?? '',
    TemplateName: envelope.templateName ?? '',
    LanguageCode: envelope.language ?? '',
    Message:
      typeof body === 'string'
        ? fillVariables(body, envelope.templateParams ?? {})
        : envelope.content === undefined
          ? ''
          : JSON.stringify(envelope.content),
    MessageSource: 'api',
    FailBackFlag: hasFallenBack ? 'Y' : 'N',
    FailBackContent: hasFallenBack ? (envelope.fallBack?.content ?? '') : '',
    FailReason: '',
    Month: toMonth(acceptedAt),
    SendTime: toTime(acceptedAt),
  };
}

function toInboundRow(
  { facts, content, senderId, recordedAt, occurredAt }: Receipt,
  channelType: string,
): Answer {
  if (facts.type !== 'ChatAppInbound') return {};
  return {
    BusinessNumber: senderId ?? '',
    UserNumber: facts.user.id,
    ChannelType: channelType,
    EventAction: 'UP',
    EventActionName: 'UP',
    MessageId: facts.messageId,
    UniqueMessageId: facts.messageId,
    Type: 'message',
    MessageType: facts.kind.toUpperCase(),
    MessageTypeName: facts.kind,
    MessageStatus: 'success',
    MessageStatusName: 'Success',
    ClientAcceptStatusName: 'Success',
    Message: content?.text ?? (content?.data === undefined ? '' : JSON.stringify(content.data)),
    MessageSource: 'user',
    Month: toMonth(recordedAt),
    SendTime: toTime(occurredAt),
  };
}

function toStatus({ state, status }: OutboundMessage): 'sending' | 'success' | 'fail' {
  if (state === 'failed' || status === 'failed') return 'fail';
  return status === null ? 'sending' : 'success';
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function toMonth(time: number): string {
  return new Date(time).toISOString().slice(0, 7).replace('-', '');
}

function toTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '+00:00');
}

/** Milliseconds, or `yyyy-MM-dd HH:mm:ss` of GMT+8. */
function readTime({ parameters }: Call, name: string, textName: string): number | undefined {
  const time = parameters.number(name, 0, Number.MAX_SAFE_INTEGER);
  if (time !== undefined) return time;
  const text = parameters.text(textName);
  if (text === undefined) return undefined;
  const read = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}+08:00`)
    : Number.NaN;
  if (Number.isNaN(read)) throw invalid(textName, 'has to have the form 2026-01-31 23:59:59');
  return read;
}
