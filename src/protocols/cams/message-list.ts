// ListChatappMessage: messages of both directions with their status (docs/protocols/cams.md).
import type { AccountId } from '../../domain/account.ts';
import { toBareDigits } from '../../core/channels/ownership.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { fillVariables } from '../../domain/template.ts';
import type { Page, PageRequest, ReceiptFilter } from '../../store/store.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { fromCloudTime } from './cloud-time.ts';
import { CamsError } from './errors.ts';
import { findChannel, readPage } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type ListDeps = OperationDeps<'findFallbacks' | 'findSpellings' | 'listOutbound' | 'listReceipts'>;

/** What has become of a message; the vendor documents no list. */
const statuses = ['sending', 'success', 'fail'] as const;
type Status = (typeof statuses)[number];
/** Pages reach so many messages back; a narrower time reaches further. */
const maxReach = 10_000;
/** Rows that are read at once. */
const stepRows = 500;
/** Reads of one listing. */
const maxSteps = 100;

/** What a listing is to hold. */
interface Wanted {
  readonly channelType: string;
  readonly senderId: string;
  readonly channelId: string | undefined;
  /** How many messages back the page ends, the newest being the first. */
  readonly reach: number;
  readonly size: number;
  readonly direction: 'DOWN' | 'UP' | undefined;
  readonly userId: string | undefined;
  readonly groupId: string | undefined;
  readonly templateCode: string | undefined;
  readonly status: Status | undefined;
  readonly accepted: Status | undefined;
  readonly time: { readonly since?: number; readonly until?: number };
}

type Entry = { readonly at: number } & (
  { readonly message: OutboundMessage } | { readonly receipt: Receipt }
);

export async function listMessages(deps: ListDeps, call: Call): Promise<Answer> {
  const wanted = await readWanted(deps, call);
  const { accountId } = call;
  const outbound = await findOutbound(deps, accountId, wanted);
  const inbound = await findInbound(deps, accountId, wanted);
  const page = [...outbound, ...inbound]
    .sort((a, b) => b.at - a.at)
    .slice(wanted.reach - wanted.size, wanted.reach);
  const fired = await findFired(
    deps,
    accountId,
    page.flatMap((entry) => ('message' in entry ? [entry.message] : [])),
  );
  const rows = page.map(async (entry) =>
    'receipt' in entry
      ? toInboundRow(entry.receipt, wanted.channelType)
      : toOutboundRow(deps, entry.message, wanted.channelType, fired.has(entry.message.id)),
  );
  return { Success: true, Data: await Promise.all(rows) };
}

async function readWanted(deps: ListDeps, call: Call): Promise<Wanted> {
  const { parameters } = call;
  const channelType = parameters.required('ChannelType').toUpperCase();
  if (!['WHATSAPP', 'VIBER', 'MESSENGER', 'INSTAGRAM'].includes(channelType))
    throw CamsError.business(
      'InvalidParameter.ChannelTypeNotSupport',
      `ChannelType ${channelType} is not supported.`,
    );
  const senderId = parameters.required('BusinessNumber');
  // Without a channel the number alone says whose messages: those of all channels that have or had it.
  const channel = await findChannel(deps, call);
  const userNumber = parameters.text('UserNumber');
  return {
    channelType,
    senderId,
    channelId: channel?.id,
    ...readReach(call),
    direction: parameters.word('EventAction', ['DOWN', 'UP']),
    userId: userNumber === undefined ? undefined : toBareDigits(userNumber),
    groupId: parameters.text('GroupMessageId'),
    templateCode: parameters.text('TemplateCode'),
    status: parameters.word('MessageStatus', statuses),
    accepted: parameters.word('ClientAcceptStatus', statuses),
    time: readPeriod(call),
  };
}

function readReach(call: Call): Pick<Wanted, 'reach' | 'size'> {
  const { parameters } = call;
  if (parameters.document('Page') === undefined && parameters.text('PageIndex') === undefined)
    throw missing('Page');
  const { index, size } = readPage(call, 10, 100);
  const reach = index * size;
  if (reach > maxReach)
    throw CamsError.business(
      'InvalidParameter.PageInvalid',
      `Pages reach ${maxReach} messages back; narrow the time.`,
    );
  return { reach, size };
}

function readPeriod(call: Call): Wanted['time'] {
  const since = readTime(call, 'StartTime', 'StartTimeStr');
  const until = readTime(call, 'EndTime', 'EndTimeStr');
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

/** The newest messages to users that are wanted, as many as the page may need. */
async function findOutbound(
  { store }: ListDeps,
  accountId: AccountId,
  wanted: Wanted,
): Promise<readonly Entry[]> {
  const { userId, groupId, templateCode, status, accepted } = wanted;
  if (wanted.direction === 'UP') return [];
  const filter = {
    ...toSenderFilter(wanted),
    ...(userId === undefined ? {} : { to: userId }),
    ...(groupId === undefined ? {} : { groupId }),
    ...(templateCode === undefined ? {} : { templateCode }),
  };
  const messages = await collect(
    wanted.reach,
    (page) => store.listOutbound(accountId, filter, page),
    (message) =>
      (status === undefined || toStatus(message) === status) &&
      (accepted === undefined || toAcceptance(message).toLowerCase() === accepted),
  );
  return messages.map((message) => ({ at: message.acceptedAt, message }));
}

/** The newest messages of users that are wanted. What a user sent has come, so it is a success in every respect. */
async function findInbound(deps: ListDeps, accountId: AccountId, wanted: Wanted): Promise<readonly Entry[]> {
  const { direction, groupId, templateCode, status, accepted } = wanted;
  const isOfOutbound = direction === 'DOWN' || groupId !== undefined || templateCode !== undefined;
  if (isOfOutbound || (status ?? 'success') !== 'success' || (accepted ?? 'success') !== 'success') return [];
  const filter = {
    type: 'ChatAppInbound',
    ...toSenderFilter(wanted),
    ...(await toUserFilter(deps, accountId, wanted)),
  } as const;
  const receipts = await collect(
    wanted.reach,
    (page) => deps.store.listReceipts(accountId, filter, page),
    () => true,
  );
  return receipts.map((receipt) => ({ at: receipt.recordedAt, receipt }));
}

function toSenderFilter({ channelId, senderId, time }: Wanted) {
  return { ...(channelId === undefined ? {} : { channelId }), senderId, ...time };
}

/** Narrows to the messages of a user, by whichever id each came; to nobody's where none is asked for. */
async function toUserFilter(
  { store }: ListDeps,
  accountId: AccountId,
  { userId, channelId }: Pick<Wanted, 'userId' | 'channelId'>,
): Promise<Pick<ReceiptFilter, 'user'>> {
  if (userId === undefined) return {};
  const channel = channelId === undefined ? {} : { channelId };
  return { user: await store.findSpellings(accountId, { userId, ...channel }) };
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
  { store }: ListDeps,
  accountId: AccountId,
  messages: readonly OutboundMessage[],
): Promise<ReadonlySet<number>> {
  const ids = messages.filter(({ envelope }) => envelope.fallBack !== undefined).map(({ id }) => id);
  const found = ids.length === 0 ? [] : await store.findFallbacks(accountId, ids);
  return new Set(found.filter(({ reason }) => reason !== null).map(({ outboundId }) => outboundId));
}

/** Why a message failed, as its receipt tells it; empty where none does. */
async function findReason({ store }: ListDeps, { accountId, messageId }: OutboundMessage): Promise<string> {
  const { items } = await store.listReceipts(accountId, { type: 'ChatAppStatus', messageId }, { limit: 10 });
  const failed = items
    .map(({ facts }) => facts)
    .find((facts) => 'status' in facts && facts.status === 'failed');
  return failed !== undefined && 'errorDescription' in failed ? (failed.errorDescription ?? '') : '';
}

async function toOutboundRow(
  deps: ListDeps,
  message: OutboundMessage,
  channelType: string,
  hasFallenBack: boolean,
): Promise<Answer> {
  const { envelope, messageId, groupId, acceptedAt, status } = message;
  const state = toStatus(message);
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
    Message: await toText(deps, message),
    MessageSource: 'api',
    FailBackFlag: hasFallenBack ? 'Y' : 'N',
    FailBackContent: hasFallenBack ? (envelope.fallBack?.content ?? '') : '',
    FailReason: state === 'fail' ? await findReason(deps, message) : '',
    Month: toMonth(acceptedAt),
    SendTime: toTime(acceptedAt),
  };
}

/** What a message says: its template's text with its values, or else its content as it was given. */
async function toText({ directory }: ListDeps, message: OutboundMessage): Promise<string> {
  const { templateCode, language, templateParams = {}, content } = message.envelope;
  const template =
    templateCode === undefined || language === undefined
      ? undefined
      : await directory.template(message.accountId, message.channelId, templateCode, language);
  const body = template?.components.find(({ Type }) => Type === 'BODY')?.['Text'];
  if (typeof body === 'string') return fillVariables(body, templateParams);
  return content === undefined ? '' : JSON.stringify(content);
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

function toStatus({ state, status }: OutboundMessage): Status {
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
  const read = fromCloudTime(text);
  if (read === undefined) throw invalid(textName, 'has to have the form 2026-01-31 23:59:59');
  return read;
}
