// ListChatappMessage: messages of both directions with their status (docs/protocols/cams.md).
import type { AccountId } from '../../domain/account.ts';
import { isOfUser, toHappened } from '../../domain/alias.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { fillVariables } from '../../domain/template.ts';
import type { Page, PageRequest } from '../../store/store.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { findChannel, readPage } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What has become of a message; the vendor documents no list. */
const statuses = ['sending', 'success', 'fail'] as const;
/** Pages reach so many messages back; a narrower time reaches further. */
const maxReach = 10_000;
/** Rows that are read at once. */
const stepRows = 500;
/** Reads of one listing. */
const maxSteps = 100;

export async function listMessages(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters, accountId } = call;
  const channelType = parameters.required('ChannelType').toUpperCase();
  if (!['WHATSAPP', 'VIBER', 'MESSENGER', 'INSTAGRAM'].includes(channelType))
    throw CamsError.business(
      'InvalidParameter.ChannelTypeNotSupport',
      `ChannelType ${channelType} is not supported.`,
    );
  const senderId = parameters.required('BusinessNumber');
  // Without a channel the number alone says whose messages: those of all channels that have or had it.
  const channel = await findChannel(deps, call);
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
  const status = parameters.word('MessageStatus', statuses);
  const accepted = parameters.word('ClientAcceptStatus', statuses);
  const since = readTime(call, 'StartTime', 'StartTimeStr');
  const until = readTime(call, 'EndTime', 'EndTimeStr');
  const time = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  const isOfOutbound = groupId !== undefined || templateCode !== undefined;
  const sender = { ...(channel === undefined ? {} : { channelId: channel.id }), senderId, ...time };
  const outboundFilter = {
    ...sender,
    ...(to === undefined ? {} : { to }),
    ...(groupId === undefined ? {} : { groupId }),
    ...(templateCode === undefined ? {} : { templateCode }),
  };
  const outbound =
    direction === 'UP'
      ? []
      : await collect(
          reach,
          (page) => deps.store.listOutbound(accountId, outboundFilter, page),
          (message) =>
            (status === undefined || toStatus(message) === status) &&
            (accepted === undefined || toAcceptance(message).toLowerCase() === accepted),
        );
  // What a user sent has come, so it is a success in every respect.
  const isInboundWanted = (status ?? 'success') === 'success' && (accepted ?? 'success') === 'success';
  const isFromUser = await testSender(deps, accountId, to, channel?.id);
  const inbound =
    direction === 'DOWN' || isOfOutbound || !isInboundWanted
      ? []
      : await collect(
          reach,
          (page) => deps.store.listReceipts(accountId, { type: 'ChatAppInbound', ...sender }, page),
          isFromUser,
        );
  const page = [
    ...outbound.map((message) => ({ at: message.acceptedAt, message })),
    ...inbound.map((receipt) => ({ at: receipt.recordedAt, receipt })),
  ]
    .sort((a, b) => b.at - a.at)
    .slice((index - 1) * size, reach);
  const fired = await findFired(
    deps,
    accountId,
    page.flatMap((one) => ('message' in one ? [one.message] : [])),
  );
  const rows = page.map(async (one) =>
    'receipt' in one
      ? toInboundRow(one.receipt, channelType)
      : withReason(
          deps,
          accountId,
          await toOutboundRow(deps, one.message, channelType, fired.has(one.message.id)),
        ),
  );
  return { Success: true, Data: await Promise.all(rows) };
}

/** Tells the messages of a user, by whichever id each came, or of all users, from other receipts. */
async function testSender(
  { store }: OperationDeps,
  accountId: AccountId,
  userId: string | undefined,
  channelId: string | undefined,
): Promise<(receipt: Receipt) => boolean> {
  if (userId === undefined) return ({ facts }) => facts.type === 'ChatAppInbound';
  const channel = channelId === undefined ? {} : { channelId };
  const spellings = await store.findSpellings(accountId, { userId, ...channel });
  return ({ facts, occurredAt, recordedAt }) =>
    facts.type === 'ChatAppInbound' && isOfUser(spellings, facts.user, toHappened(occurredAt, recordedAt));
}

/** The first `wanted` items that `keep` takes, newest first, of the newest `maxReach`; a page may be short and still lead on. */
async function collect<T>(
  wanted: number,
  list: (page: PageRequest) => Promise<Page<T>>,
  keep: (item: T) => boolean,
): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: string | null | undefined;
  let seen = 0;
  for (
    let step = 0;
    step < maxSteps && seen < maxReach && found.length < wanted && cursor !== null;
    step += 1
  ) {
    const limit = Math.min(stepRows, Math.max(wanted, 50));
    const page: Page<T> = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    seen += page.items.length;
    found.push(...page.items.filter(keep));
    cursor = page.next;
  }
  return found.slice(0, wanted);
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
    ClientAcceptStatusName: toAcceptance(message),
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

function toAcceptance(message: OutboundMessage): 'Sending' | 'Success' | 'Fail' {
  if (message.status === 'delivered' || message.status === 'read') return 'Success';
  return toStatus(message) === 'fail' ? 'Fail' : 'Sending';
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
