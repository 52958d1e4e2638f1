// From what a connector read to what the store records: routing, identity, subscription, rendering.
import { readerVersion } from './reader-version.ts';
import type { Connector, ParsedWebhook } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel, ChannelType, Sender } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { toLane, toProgressKey, toRank, toReceiptId } from '../../domain/receipt.ts';
import type {
  AuditFacts,
  WaitingRoute,
  ChannelEvent,
  ChannelRemark,
  Receipt,
  ReceiptFacts,
  Route,
} from '../../domain/receipt.ts';
import { isAskedReview, toReviewIdentity } from '../../domain/identity.ts';
import type { AskedStatus, Template } from '../../domain/template.ts';
import { toAliases } from './aliases.ts';
import { toKeptEvent, withKeptIds } from './bounds.ts';
import { partContent } from './erasable-content.ts';
import { eraseTakenBack } from './erasure.ts';
import type { ErasingDeps } from './erasure.ts';
import { findMeant } from './marks.ts';
import {
  asSent,
  findSent,
  matchReferenced,
  matchSent,
  mayBeSent,
  namesSent,
  noneSent,
  toSenderPath,
  withSent,
} from './match.ts';
import type { OwnedEvent, SentMessages } from './match.ts';
import { withReferences } from './references.ts';
import { matchChannel, matchSender, toReceiptQueueName } from '../../domain/subscription.ts';
import type { Directory } from '../../store/directory.ts';
import type { Intake, NewReceipt, Recorded, Store, TemplateChange } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';

type Renderable = Pick<
  Receipt,
  'accountId' | 'receiptId' | 'channelId' | 'senderId' | 'senderType' | 'facts' | 'content' | 'occurredAt'
>;

export interface RecordingDeps extends ErasingDeps {
  readonly store: Pick<
    Store,
    | 'recordIntake'
    | 'findOutbound'
    | 'findOpenOutbound'
    | 'findUnrouted'
    | 'findRoutesToReread'
    | 'findRawEvent'
    | 'eraseMessages'
    | 'findTimeline'
  >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly renderReceipt: (receipt: Renderable, channel: Channel | undefined) => Record<string, unknown>;
  readonly emit: Emit;
  readonly now: () => number;
  readonly raiseNotice: RaiseNotice;
  /** Looks after statuses that wait for the answer to a send call of the sender. */
  readonly onHeld: (channelType: ChannelType, senderPath: string) => void;
}

/** What one recording came to. */
export interface Tally {
  readonly fresh: number;
  readonly repeats: number;
  readonly unrouted: number;
  readonly remarks: number;
  /** In the order of the events, those that became receipts. */
  readonly receipts: readonly {
    readonly receiptId: string;
    readonly outcome: Recorded['receipts'][number];
  }[];
}

/** Where one event belongs: its channel, and its sender if it has one. */
export interface Target {
  readonly channel: Channel;
  readonly sender: Sender | null;
}

/** Messages that one transaction takes from a mark; the holding goes on with the rest. */
export const marksPage = 200;
/** What is not held is taken at once: another account's, and what is read again. Later marks mean what lies beyond. */
export const marksAtMost = 5000;

/**
 * Records what a webhook of `channel` held, in one call of the store; with `again` what the bytes of an older raw event hold for
 * readers that know more. Rejects with `store_unavailable`.
 */
export async function record(
  deps: RecordingDeps,
  channel: Channel,
  body: Buffer,
  read: ParsedWebhook,
  again?: { readonly rawEventId: number; readonly receivedAt: number },
): Promise<Tally> {
  const parsed = withKeptIds(read);
  const { events, marks = [] } = parsed;
  const targets = await findTargets(deps, channel, [...events, ...marks]);
  const receivedAt = again?.receivedAt ?? deps.now();
  const own: NewReceipt[] = [];
  const others = new Map<AccountId, { channelId: string; events: ChannelEvent[]; receipts: NewReceipt[] }>();
  const unrouted: { route: WaitingRoute; index: number }[] = [];
  const held = new Set<string>();
  const remarks = [...parsed.remarks];
  const sent = await findSentByAccount(deps, events, targets);
  for (const event of events) {
    const found = targets.get(toKey(event.route)) ?? [];
    if (found.length === 0) unrouted.push({ route: event.route, index: event.index });
    for (const target of found) {
      const owner = toOwned(event, target);
      if (
        target.channel.accountId === channel.accountId &&
        mayBeSent(owner, sent.get(channel.accountId) ?? noneSent)
      ) {
        const senderPath = toSenderPath(owner.channelId, owner.senderId ?? '');
        unrouted.push({ route: { by: 'send', id: senderPath }, index: event.index });
        held.add(senderPath);
        continue;
      }
      const receipt = await toNewReceipt(
        deps,
        target,
        event,
        sent.get(target.channel.accountId),
        remarkUnrendered,
      );
      const { accountId, id: channelId } = target.channel;
      if (accountId === channel.accountId) {
        own.push(receipt);
        continue;
      }
      pushOther(accountId, channelId, event, receipt);
    }
  }
  const told = new Set(events.map(({ facts }) => toTold(facts)));
  for (const mark of marks) {
    const found = targets.get(toKey(mark.route)) ?? [];
    if (found.length === 0) unrouted.push({ route: mark.route, index: mark.index });
    for (const target of found) {
      const { accountId, id: channelId } = target.channel;
      const isOwn = accountId === channel.accountId;
      const senderId = target.sender?.id ?? '';
      const limit = isOwn ? marksPage : marksAtMost;
      const meant = await findMeant(deps.store, { accountId, channelId, senderId }, mark, limit);
      for (const event of meant.events.filter(({ facts }) => !told.has(toTold(facts)))) {
        const receipt = await toNewReceipt(deps, target, event, meant.sent, remarkUnrendered);
        if (isOwn) own.push(receipt);
        else pushOther(accountId, channelId, event, receipt);
      }
      // What the very same webhook tells of the sending is known after the commit.
      const isEarly = meant.isEarly || events.some((event) => isSendingTo(event, mark.userId));
      if (!isOwn || !(meant.hasMore || isEarly)) continue;
      const senderPath = toSenderPath(channelId, senderId);
      unrouted.push({ route: { by: 'send', id: senderPath }, index: mark.index });
      held.add(senderPath);
    }
  }
  const intakes: Intake[] = [
    {
      accountId: channel.accountId,
      channelId: channel.id,
      receivedAt,
      body,
      receipts: own,
      unrouted,
      remarks,
      reader: readerVersion,
      ...(again === undefined ? {} : { reread: { rawEventId: again.rawEventId } }),
    },
    // Another account sees its own events only, as they were read; the bytes hold those of all.
    ...[...others].map(([accountId, { channelId, events, receipts }]) => ({
      accountId,
      channelId,
      receivedAt,
      body: Buffer.from(JSON.stringify({ readFrom: 'a webhook shared with other accounts', events })),
      receipts,
      unrouted: [],
      remarks: [],
    })),
  ];
  const recorded = await deps.store.recordIntake(intakes);
  await eraseTakenBack(deps, events, ({ route }) => targets.get(toKey(route)) ?? []);
  if (again === undefined) tellRemarks(deps, channel, recorded[0]?.rawEventId ?? 0, remarks);
  for (const senderPath of held) deps.onHeld(channel.type, senderPath);
  const lost = unrouted.filter(({ route }) => route.by !== 'send').length;
  return tally(deps, intakes, recorded, lost, remarks.length);

  function remarkUnrendered(index: number): void {
    remarks.push({ index, reason: 'parse_failed', detail: 'queue message', mayBeMessage: false });
  }

  function pushOther(
    accountId: AccountId,
    channelId: string,
    event: ChannelEvent,
    receipt: NewReceipt,
  ): void {
    const other = others.get(accountId) ?? { channelId, events: [], receipts: [] };
    others.set(accountId, other);
    other.events.push(event);
    other.receipts.push(receipt);
  }
}

/** Tells of what gave no receipt in the log and the metrics, what is alike once, and by a notice what may be a user's message. */
function tellRemarks(
  { emit, raiseNotice }: RecordingDeps,
  { id: channelId, type: channelType, accountId }: Channel,
  rawEventId: number,
  remarks: readonly ChannelRemark[],
): void {
  // A webhook may hold a thousand events with the same new member, and every one of them is listed with it.
  const groups = Map.groupBy(remarks, ({ reason, detail, mayBeMessage }) =>
    JSON.stringify([reason, detail, mayBeMessage]),
  );
  for (const [first, ...more] of groups.values()) {
    if (first === undefined) continue;
    const { reason, detail } = first;
    emit('event.remarked', { channelType, channelId, rawEventId, ...first, count: 1 + more.length });
    if (!first.mayBeMessage) continue;
    raiseNotice({
      accountId,
      subject: `channel/${channelId}/${reason}`,
      ...noticed('event_not_understood', { channelId, reason, detail, rawEventId: String(rawEventId) }),
    });
  }
}

/** Records events whose owner is known, though no route leads to it any more. Rejects with `store_unavailable`. */
export async function recordOf(
  deps: RecordingDeps,
  owner: Target,
  body: Buffer,
  read: readonly ChannelEvent[],
): Promise<Tally> {
  const events = read.map(toKeptEvent);
  const { accountId, id: channelId } = owner.channel;
  const owned = events.map((event) => toOwned(event, owner));
  const sent = await findSent(deps.store, accountId, owned);
  const receipts = await Promise.all(events.map((event) => toNewReceipt(deps, owner, event, sent)));
  const intakes = [
    { accountId, channelId, receivedAt: deps.now(), body, receipts, unrouted: [], remarks: [] },
  ];
  return tally(deps, intakes, await deps.store.recordIntake(intakes), 0, 0);
}

function isSendingTo({ facts, sentAt }: ChannelEvent, userId: string): boolean {
  return sentAt !== undefined && facts.type === 'ChatAppStatus' && facts.user.id === userId;
}

/** Which status of which message facts tell, so that a mark need not tell it again. */
function toTold(facts: ReceiptFacts): string {
  return facts.type === 'ChatAppStatus' ? `${facts.status}/${facts.messageId}` : '';
}

/** Counts what a recording came to, and tells of what is new. */
export function tally(
  deps: RecordingDeps,
  intakes: readonly Intake[],
  recorded: readonly Recorded[],
  unrouted: number,
  remarks: number,
): Tally {
  const receipts = intakes.flatMap(({ accountId, receipts }, index) =>
    receipts.map((receipt, position) => ({
      accountId,
      receipt,
      outcome: recorded[index]?.receipts[position] ?? 'repeat',
    })),
  );
  for (const { accountId, receipt, outcome } of receipts) {
    if (outcome === 'repeat') continue;
    const { type } = receipt.facts;
    deps.emit('receipt.recorded', {
      accountId,
      channelType: receipt.channelType,
      type,
      unmatched: type === 'ChatAppStatus' && receipt.outboundId === null,
      queue: outcome === 'fresh' ? (receipt.queue?.name ?? null) : null,
    });
  }
  const repeats = receipts.filter(({ outcome }) => outcome === 'repeat').length;
  return {
    fresh: receipts.length - repeats,
    repeats,
    unrouted,
    remarks,
    receipts: receipts.map(({ receipt, outcome }) => ({ receiptId: receipt.receiptId, outcome })),
  };
}

/** The messages of each owner that the events are of, or name. */
async function findSentByAccount(
  { store }: RecordingDeps,
  events: readonly ChannelEvent[],
  targets: ReadonlyMap<string, readonly Target[]>,
): Promise<ReadonlyMap<AccountId, SentMessages>> {
  const byAccount = new Map<AccountId, OwnedEvent[]>();
  for (const event of events) {
    if (!namesSent(event)) continue;
    for (const target of targets.get(toKey(event.route)) ?? []) {
      const { accountId } = target.channel;
      const own = byAccount.get(accountId) ?? [];
      byAccount.set(accountId, own);
      own.push(toOwned(event, target));
    }
  }
  const found = new Map<AccountId, SentMessages>();
  for (const [accountId, own] of byAccount) found.set(accountId, await findSent(store, accountId, own));
  return found;
}

export function toOwned(event: OwnedEvent['event'], { channel, sender }: Target): OwnedEvent {
  return { event, channelId: channel.id, senderId: sender?.id ?? null };
}

/** Finds the owners of all routes that the events name, each looked up once. */
async function findTargets(
  deps: RecordingDeps,
  channel: Channel,
  events: readonly Pick<ChannelEvent, 'route'>[],
): Promise<Map<string, readonly Target[]>> {
  const targets = new Map<string, readonly Target[]>();
  for (const { route } of events) {
    const key = toKey(route);
    if (!targets.has(key)) targets.set(key, await findTarget(deps, channel, route));
  }
  return targets;
}

/**
 * An event belongs to the channel that received it if the sender or WABA is that channel's. Another channel gets it only if
 * it trusts the same app: whoever can sign for one could sign for the other.
 */
export async function findTarget(
  { directory }: Pick<RecordingDeps, 'directory'>,
  channel: Channel,
  route: Route,
): Promise<readonly Target[]> {
  if (route.by === 'waba') {
    if (toWabaRoute(channel).id === route.id) return [{ channel, sender: null }];
    const others = await directory.channelsByWaba(channel.type, route.id);
    return others
      .filter((other) => isSameApp(channel, other))
      .map((other) => ({ channel: other, sender: null }));
  }
  if (channel.type === 'sandbox') {
    const sender = await directory.sender(channel.id, route.id);
    return sender === undefined ? [] : [{ channel, sender }];
  }
  const sender = await directory.senderByRoute(channel.type, route.id);
  if (sender === undefined) return [];
  if (sender.channelId === channel.id) return [{ channel, sender }];
  const other = await directory.channel(sender.channelId);
  return other !== undefined && isSameApp(channel, other) ? [{ channel: other, sender }] : [];
}

/** How audits find a channel: by its WABA, or by its own id where it has none. */
function toWabaRoute(channel: Channel): Route {
  return { by: 'waba', id: channel.wabaId ?? channel.id };
}

function isSameApp(a: Channel, b: Channel): boolean {
  const secrets = (channel: Channel) =>
    [channel.credentials['appSecret'], channel.credentials['appSecretPrevious']].filter(
      (secret) => secret !== undefined && secret !== '',
    );
  const known = secrets(b);
  return secrets(a).some((secret) => known.includes(secret));
}

/**
 * The body of a receipt's queue message, or null when it cannot be rendered: a bug of ours, which may keep the receipt out of its
 * queue and nothing else. The receipt, its neighbours and the vendor's bytes are recorded all the same.
 */
function renderForQueue(deps: RecordingDeps, receipt: Renderable, channel: Channel): string | null {
  try {
    return Buffer.from(JSON.stringify(deps.renderReceipt(receipt, channel))).toString('base64');
  } catch (error) {
    deps.emit('unit.crashed', { unit: 'intake.render', error });
    return null;
  }
}

/** What the store records of one event for one owner: identity, lane, content, and where it goes. */
export async function toNewReceipt(
  deps: RecordingDeps,
  { channel, sender }: Target,
  read: ChannelEvent,
  sent: SentMessages = noneSent,
  onUnrendered: (index: number) => void = () => undefined,
): Promise<NewReceipt> {
  const { accountId } = channel;
  const owner = { channelId: channel.id, senderId: sender?.id ?? null };
  const event = asSent(read, owner, sent);
  const { route } = event;
  const message = matchSent(event.facts, owner, sent);
  const told = withOwnIds(event, message, matchReferenced(event, owner, sent));
  const {
    facts: matched,
    template,
    identity,
  } = await matchTemplate(deps, channel, { ...event, facts: told });
  const receiptId = toReceiptId(accountId, channel.type, route, identity, event.facts);
  const { facts, content, media } = partContent(event, matched, receiptId);
  const match =
    sender === null || facts.type === 'ChatAppAudit'
      ? matchChannel(channel.webhook, facts)
      : matchSender(sender.webhook, facts.type);
  const aliases = toAliases(channel.id, event, message);
  const common = {
    receiptId,
    channelId: channel.id,
    senderId: sender?.id ?? null,
    senderType: sender?.type ?? null,
    occurredAt: event.occurredAt,
    facts,
    content,
  };
  const body = match.queue ? renderForQueue(deps, { ...common, accountId }, channel) : null;
  if (match.queue && body === null) onUnrendered(event.index);
  return {
    ...common,
    index: event.index,
    channelType: channel.type,
    lane: toLane(receiptId, route, event.facts),
    media,
    progress:
      facts.type === 'ChatAppStatus'
        ? {
            key: toProgressKey(receiptId),
            rank: toRank(facts.status),
            dropLate: sender?.webhook.lateStatuses === 'drop',
          }
        : null,
    outboundId: message?.id ?? null,
    ...toNaming(event, message),
    ...(aliases.length === 0 ? {} : { aliases }),
    template,
    destinationId:
      match.callbackUrl === null ? null : await findDestinationId(deps, accountId, match.callbackUrl),
    queue: body === null ? null : { name: toReceiptQueueName(accountId, facts.type), body },
  };
}

/** The facts of an event under our own ids, as far as it is of messages that were sent through here or names some. */
function withOwnIds(
  { facts }: ChannelEvent,
  message: OutboundMessage | undefined,
  referenced: readonly OutboundMessage[],
): ReceiptFacts {
  if (facts.type === 'ChatAppInbound') return withReferences(facts, referenced);
  return facts.type !== 'ChatAppStatus' || message === undefined ? facts : withSent(facts, message);
}

/** What a status tells of its message's id at the channel, when that is not known yet or its time is told anew. */
function toNaming(
  { facts, sentAt }: ChannelEvent,
  message: OutboundMessage | undefined,
): Pick<NewReceipt, 'naming'> {
  if (message === undefined || facts.type !== 'ChatAppStatus' || facts.messageId === message.messageId)
    return {};
  if (message.channelMessageId !== null && sentAt === undefined) return {};
  return { naming: { channelMessageId: facts.messageId, sentAt: sentAt ?? null } };
}

/** An audit of a template that is known here is told under our own code, and changes the template. */
async function matchTemplate(
  { directory }: RecordingDeps,
  { accountId, id }: Channel,
  event: Pick<ChannelEvent, 'facts' | 'identity' | 'occurredAt'>,
): Promise<{
  readonly facts: ReceiptFacts;
  readonly template: TemplateChange | null;
  readonly identity: readonly string[];
}> {
  const { facts, identity } = event;
  const unmatched = { facts, template: null, identity };
  if (facts.type !== 'ChatAppAudit') return unmatched;
  const { event: what, templateName, templateCode, language, auditStatus, reason, status } = facts;
  const name = templateName ?? templateCode;
  if (name === undefined || language === undefined) return unmatched;
  // Told reviews are few, and which of them is news depends on the one before: nothing remembered will do.
  const template = await directory.templateNow(accountId, id, name, language);
  if (template === undefined || isOfAnother(event, facts, template)) return unmatched;
  const change: TemplateChange = {
    code: template.code,
    language,
    ...(auditStatus === undefined ? {} : { status: auditStatus, reason: reason ?? '' }),
    ...(what === 'templateQualityUpdate' && status !== undefined ? { quality: status } : {}),
    ...(what === 'templateCategoryUpdate' && status !== undefined ? { category: status } : {}),
  };
  const isOurs = templateCode === undefined || templateCode === template.code;
  return {
    facts: {
      ...facts,
      templateCode: template.code,
      ...(isOurs ? {} : { channelTemplateCode: templateCode }),
    },
    template: change,
    identity: isAsked(event, facts, template) ? toReviewIdentity(template, template.asked) : identity,
  };
}

/** How far a channel's clock may be behind what was asked of it. */
const askedSkewMs = 60_000;

/**
 * Whether the channel tells late what it was asked for before, and nothing else has been told of the template since: that is the
 * same receipt.
 */
function isAsked(
  { occurredAt }: Pick<ChannelEvent, 'occurredAt'>,
  { event, auditStatus }: AuditFacts,
  template: Template,
): template is Template & { readonly asked: AskedStatus } {
  const { asked, status, updatedAt } = template;
  return (
    event === 'template' &&
    asked !== null &&
    occurredAt <= asked.at + askedSkewMs &&
    auditStatus === asked.status &&
    (status === asked.status || updatedAt === asked.updatedAt)
  );
}

/**
 * Whether the channel speaks of a template of that name that was here before this one, and tells late that it is gone, or of
 * what this one said before it was changed: until it is handed in again, no verdict is on what it says now.
 */
function isOfAnother(
  { identity }: Pick<ChannelEvent, 'identity'>,
  { templateCode, auditStatus }: AuditFacts,
  template: Template,
): boolean {
  const { code, vendorId, createdAt, updatedAt, isEdited } = template;
  if (templateCode === undefined || templateCode === code) return false;
  if (vendorId !== null && templateCode !== vendorId) return true;
  // What was asked for here was asked of what the template says.
  if (isAskedReview(identity)) return false;
  if (vendorId !== null) return isEdited && auditStatus !== undefined;
  return auditStatus === 'disabled' || updatedAt > createdAt;
}

async function findDestinationId(
  { directory }: RecordingDeps,
  accountId: AccountId,
  url: string,
): Promise<number> {
  const destination = await directory.destinationByUrl(accountId, url);
  // Settings and destinations are written together, so this is a bug; refusing keeps the event with the channel.
  if (destination === undefined)
    throw new GatewayError('internal', 'A callback URL of the settings has no destination.');
  return destination.id;
}

export function toKey(route: WaitingRoute): string {
  return `${route.by}/${route.id}`;
}
