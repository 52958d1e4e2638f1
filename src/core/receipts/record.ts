// From what a connector read to what the store records: routing, identity, subscription, rendering.
import { readerVersion } from './reader-version.ts';
import type { Connector, ParsedWebhook } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import type { GivenUp, OutboundMessage } from '../../domain/message.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { toLane, toOwnSubject, toProgressKey, toRank, toReceiptId } from '../../domain/receipt.ts';
import type {
  ChannelEvent,
  ChannelMark,
  ChannelRemark,
  Receipt,
  ReceiptFacts,
  WaitingRoute,
} from '../../domain/receipt.ts';
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
import { tally } from './tally.ts';
import type { Tally } from './tally.ts';
import { findTargets, toOwned } from './targets.ts';
import type { Target, Targets } from './targets.ts';
import { matchTemplate } from './template-match.ts';
import { matchChannel, matchSender, toReceiptQueueName } from '../../domain/subscription.ts';
import type { Directory } from '../../store/directory.ts';
import type { Intake, NewReceipt, SenderKey, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { SpanOrigin, Tracing } from '../../telemetry/tracing.ts';
import type { Time } from '../../runtime/clock.ts';

type Renderable = Pick<
  Receipt,
  'accountId' | 'receiptId' | 'channelId' | 'senderId' | 'senderType' | 'facts' | 'content' | 'occurredAt'
>;

export interface RecordingDeps extends ErasingDeps, Time {
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
  readonly raiseNotice: RaiseNotice;
  /** Looks after statuses that wait for the answer to a send call of the sender. */
  readonly onHeld: (channelType: ChannelType, senderPath: string) => void;
  /** Told that a channel gave up a message of a sender that it had taken. */
  readonly onGivenUp?: (sender: SenderKey, channelType: ChannelType, failed: GivenUp) => void;
  readonly tracing?: Tracing | undefined;
  /** The request that brings what is recorded, where one does and traces are made. */
  readonly origin?: SpanOrigin;
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
  again?: Again,
): Promise<Tally> {
  const parsed = withKeptIds(read);
  const { events, marks = [] } = parsed;
  const targets = await findTargets(deps, channel, events, marks);
  const draft = new IntakeDraft(deps, channel, targets, parsed.remarks);
  await draft.takeEvents(events, await findSentByAccount(deps, events, targets));
  if (marks.length > 0) await draft.takeMarks(marks, events);
  const intakes = draft.toIntakes(body, again);
  const spans = beginSpans(deps);
  const recorded = await deps.store.recordIntake(intakes);
  await eraseTakenBack(deps, events, (event) => targets.of(event));
  const { lost, remarks } = draft;
  if (again === undefined && remarks.length > 0)
    tellRemarks(deps, channel, recorded[0]?.rawEventId ?? 0, remarks);
  draft.tellHeld();
  if (again === undefined) tellGivenUp(deps, events, targets);
  return tally(deps, intakes, recorded, { unrouted: lost, remarks: remarks.length, spans });
}

/** Follows a commit that is about to begin; undefined where nothing is traced. */
export function beginSpans({ origin, tracing }: Pick<RecordingDeps, 'origin' | 'tracing'>) {
  return (origin ?? tracing?.unasked)?.commit();
}

/** A raw event whose bytes are read again. */
interface Again {
  readonly rawEventId: number;
  readonly receivedAt: number;
}

/** What another account gets of a webhook: its own events only, as they were read; the bytes hold those of all. */
interface Shared {
  readonly channelId: string;
  readonly events: ChannelEvent[];
  readonly receipts: NewReceipt[];
}

/** What one webhook comes to, event by event, until it is put into the store. */
class IntakeDraft {
  /** What gave no receipt, those included of which a receipt could not be rendered. */
  readonly remarks: ChannelRemark[];
  readonly #deps: RecordingDeps;
  readonly #channel: Channel;
  readonly #targets: Targets;
  readonly #own: NewReceipt[] = [];
  readonly #others = new Map<AccountId, Shared>();
  readonly #unrouted: { readonly route: WaitingRoute; readonly index: number }[] = [];
  /** Senders for the answers to whose send calls something waits. */
  readonly #held = new Set<string>();

  constructor(deps: RecordingDeps, channel: Channel, targets: Targets, remarks: readonly ChannelRemark[]) {
    this.#deps = deps;
    this.#channel = channel;
    this.#targets = targets;
    this.remarks = [...remarks];
  }

  /** Makes a receipt of each event for each of its owners; one that nobody owns, or that may be of a message being sent, waits. */
  async takeEvents(
    events: readonly ChannelEvent[],
    sent: ReadonlyMap<AccountId, SentMessages>,
  ): Promise<void> {
    for (const event of events) {
      for (const target of this.#findOwners(event)) {
        const known = sent.get(target.channel.accountId) ?? noneSent;
        if (this.#isOwn(target) && mayBeSent(toOwned(event, target), known)) this.#hold(target, event.index);
        else this.#put(target, event, await this.#toReceipt(target, event, known));
      }
    }
  }

  /** Makes a status of each message that a mark means, but of what the same webhook tells as an event. */
  async takeMarks(marks: readonly ChannelMark[], events: readonly ChannelEvent[]): Promise<void> {
    const told = new Set(events.map(({ facts }) => toTold(facts)));
    for (const mark of marks) {
      for (const target of this.#findOwners(mark)) {
        const meant = await this.#findMeant(target, mark);
        for (const event of meant.events.filter(({ facts }) => !told.has(toTold(facts))))
          this.#put(target, event, await this.#toReceipt(target, event, meant.sent));
        // What the very same webhook tells of the sending is known after the commit.
        const isEarly = meant.isEarly || events.some((event) => isSendingTo(event, mark.userId));
        if (this.#isOwn(target) && (meant.hasMore || isEarly)) this.#hold(target, mark.index);
      }
    }
  }

  /** What is put into the store: the webhook's bytes with what is of its own account, and what others have of it. */
  toIntakes(body: Buffer, again: Again | undefined): readonly Intake[] {
    const { id: channelId, accountId } = this.#channel;
    const receivedAt = again?.receivedAt ?? this.#deps.now();
    const own: Intake = {
      accountId,
      channelId,
      receivedAt,
      body,
      receipts: this.#own,
      unrouted: this.#unrouted,
      remarks: this.remarks,
      reader: readerVersion,
      ...(again === undefined ? {} : { reread: { rawEventId: again.rawEventId } }),
    };
    if (this.#others.size === 0) return [own];
    const shared = [...this.#others].map(([accountId, { channelId, events, receipts }]) => ({
      accountId,
      channelId,
      receivedAt,
      body: Buffer.from(JSON.stringify({ readFrom: 'a webhook shared with other accounts', events })),
      receipts,
      unrouted: [],
      remarks: [],
    }));
    return [own, ...shared];
  }

  /** Events that nobody owns. */
  get lost(): number {
    return this.#unrouted.filter(({ route }) => route.by !== 'send').length;
  }

  /** Has what waits for answers to send calls looked after; to be called after the commit. */
  tellHeld(): void {
    for (const senderPath of this.#held) this.#deps.onHeld(this.#channel.type, senderPath);
  }

  #findOwners(read: ChannelEvent | ChannelMark): readonly Target[] {
    const owners = this.#targets.of(read);
    if (owners.length === 0) this.#unrouted.push({ route: read.route, index: read.index });
    return owners;
  }

  #isOwn({ channel }: Target): boolean {
    return channel.accountId === this.#channel.accountId;
  }

  #hold({ channel, sender }: Target, index: number): void {
    const senderPath = toSenderPath(channel.id, sender?.id ?? '');
    this.#unrouted.push({ route: { by: 'send', id: senderPath }, index });
    this.#held.add(senderPath);
  }

  #findMeant(target: Target, mark: ChannelMark): ReturnType<typeof findMeant> {
    const { accountId, id: channelId } = target.channel;
    const owner = { accountId, channelId, senderId: target.sender?.id ?? '' };
    return findMeant(this.#deps.store, owner, mark, this.#isOwn(target) ? marksPage : marksAtMost);
  }

  #toReceipt(target: Target, event: ChannelEvent, sent: SentMessages): Promise<NewReceipt> {
    return toNewReceipt(this.#deps, target, event, sent, this.#remarkUnrendered);
  }

  readonly #remarkUnrendered = (index: number): void => {
    this.remarks.push({ index, reason: 'parse_failed', detail: 'queue message', mayBeMessage: false });
  };

  #put(target: Target, event: ChannelEvent, receipt: NewReceipt): void {
    if (this.#isOwn(target)) {
      this.#own.push(receipt);
      return;
    }
    const { accountId, id: channelId } = target.channel;
    const other = this.#others.get(accountId) ?? { channelId, events: [], receipts: [] };
    this.#others.set(accountId, other);
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

/** Tells of messages that a channel has given up whose sending it speaks of perhaps. */
function tellGivenUp({ onGivenUp }: RecordingDeps, events: readonly ChannelEvent[], targets: Targets): void {
  if (onGivenUp === undefined) return;
  for (const event of events) {
    const { facts, occurredAt } = event;
    if (facts.type !== 'ChatAppStatus' || facts.status !== 'failed' || facts.errorCode === undefined)
      continue;
    const { errorCode: code, errorDescription = '' } = facts;
    // Which has the documented form `<code>:<title>`.
    const text = errorDescription.startsWith(`${code}:`)
      ? errorDescription.slice(code.length + 1)
      : errorDescription;
    for (const { channel, sender } of targets.of(event)) {
      if (sender === null) continue;
      const key = { accountId: channel.accountId, channelId: channel.id, senderId: sender.id };
      onGivenUp(key, channel.type, { code, text, occurredAt });
    }
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
  const spans = beginSpans(deps);
  return tally(deps, intakes, await deps.store.recordIntake(intakes), { spans });
}

function isSendingTo({ facts, sentAt }: ChannelEvent, userId: string): boolean {
  return sentAt !== undefined && facts.type === 'ChatAppStatus' && facts.user.id === userId;
}

/** Which status of which message facts tell, so that a mark need not tell it again. */
function toTold(facts: ReceiptFacts): string {
  return facts.type === 'ChatAppStatus' ? `${facts.status}/${facts.messageId}` : '';
}

/** The messages of each owner that the events are of, or name. */
async function findSentByAccount(
  { store }: RecordingDeps,
  events: readonly ChannelEvent[],
  targets: Targets,
): Promise<ReadonlyMap<AccountId, SentMessages>> {
  const byAccount = new Map<AccountId, OwnedEvent[]>();
  for (const event of events) {
    if (!namesSent(event)) continue;
    for (const target of targets.of(event)) {
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
  const { accountId, id: channelId, type: channelType } = channel;
  const owner = { channelId, senderId: sender?.id ?? null };
  const event = asSent(read, owner, sent);
  const { index, route, occurredAt } = event;
  const message = matchSent(event.facts, owner, sent);
  const told = withOwnIds(event, message, matchReferenced(event, owner, sent));
  const audited = told.type === 'ChatAppAudit' ? await matchTemplate(deps, channel, event, told) : null;
  const receiptId = toReceiptId(
    accountId,
    channelType,
    route,
    audited?.identity ?? event.identity,
    event.facts,
  );
  const { facts, content, media } = partContent(event, withTrace(deps, audited?.facts ?? told), receiptId);
  const { senderId } = owner;
  const senderType = sender?.type ?? null;
  const match =
    sender === null || facts.type === 'ChatAppAudit'
      ? matchChannel(channel.webhook, facts)
      : matchSender(sender.webhook, facts.type);
  const renderable = { accountId, receiptId, channelId, senderId, senderType, occurredAt, facts, content };
  const body = match.queue ? renderForQueue(deps, renderable, channel) : null;
  if (match.queue && body === null) onUnrendered(index);
  const aliases = toAliases(channelId, event, message);
  return {
    receiptId,
    channelId,
    senderId,
    senderType,
    occurredAt,
    facts,
    content,
    index,
    channelType,
    lane: toLane(receiptId, route, event.facts),
    ownSubject: toOwnSubject(receiptId, event.facts, facts),
    media,
    progress: toProgress(receiptId, facts, sender),
    outboundId: message?.id ?? null,
    ...(deps.tracing === undefined || message === undefined ? nothing : { statusOf: message }),
    ...toNaming(event, message),
    ...(aliases.length === 0 ? nothing : { aliases }),
    template: audited?.template ?? null,
    destinationId:
      match.callbackUrl === null ? null : await findDestinationId(deps, accountId, match.callbackUrl),
    queue: body === null ? null : { name: toReceiptQueueName(accountId, facts.type), body },
  };
}

/** No members; one object for all receipts. */
const nothing = Object.freeze({});

/** The facts with the trace that they came in, where they came in one. */
function withTrace({ origin }: RecordingDeps, facts: ReceiptFacts): ReceiptFacts {
  return origin?.traceparent === undefined ? facts : { ...facts, traceparent: origin.traceparent };
}

/** How far a status says that its message has come; null for what is no status. */
function toProgress(
  receiptId: string,
  facts: ReceiptFacts,
  sender: Target['sender'],
): NewReceipt['progress'] {
  if (facts.type !== 'ChatAppStatus') return null;
  const dropLate = sender?.webhook.lateStatuses === 'drop';
  return { key: toProgressKey(receiptId), rank: toRank(facts.status), dropLate };
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
    return nothing;
  if (message.channelMessageId !== null && sentAt === undefined) return nothing;
  return { naming: { channelMessageId: facts.messageId, sentAt: sentAt ?? null } };
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
