// Sends what is due: one runner for each sender that has work, woken by the store and by time, never by polling.
import type { Startable } from '../../runtime/activity.ts';
import { Pool } from '../../runtime/pool.ts';
import type { Runner as Lookout } from '../../runtime/pool.ts';
import { writeAgain } from '../../runtime/outage.ts';
import type { Connector, Outgoing, ParsedWebhook, SendOutcome } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import { toAliases } from '../../domain/alias.ts';
import type { Alias } from '../../domain/alias.ts';
import type { Channel, ChannelType, Sender } from '../../domain/channel.ts';
import { GatewayError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import { isGroupMessageId, ownFailureTable } from '../../domain/message.ts';
import type {
  Envelope,
  OutboundMessage,
  OutboundNext,
  OutboundSettlement,
  SendAttempt,
} from '../../domain/message.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { Template } from '../../domain/template.ts';
import { toKeptId } from '../../domain/foreign-text.ts';
import type { Directory } from '../../store/directory.ts';
import type { ClaimedOutbound, SenderKey, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { Doubts } from './doubts.ts';
import { toFailure, toFailureBody } from './failure.ts';
import { Pairs, Rate } from './rate.ts';
import { stopped, toConsequence } from './consequence.ts';
import type { Consequence } from './consequence.ts';

export interface SendingDeps {
  readonly store: Pick<
    Store,
    | 'claimOutbound'
    | 'settleOutbound'
    | 'findNextOutboundDue'
    | 'findBusySenders'
    | 'findOutbound'
    | 'listOutbound'
    | 'watch'
  >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves, for what never leaves this process; `now` when left out. */
  readonly monotonic?: () => number;
  readonly random: () => number;
  /** Records what a channel said, or what is said in its place, as its webhook would be. */
  readonly record: (channel: Channel, body: Buffer, parsed: ParsedWebhook) => Promise<unknown>;
  /** Records that a message was sent and settles it, in one transaction. */
  readonly recordSent: (
    target: { readonly channel: Channel; readonly sender: Sender },
    message: OutboundMessage,
    answer: {
      readonly channelMessageId: string;
      readonly sentAt: number;
      readonly attempt: SendAttempt;
      readonly aliases: readonly Alias[];
    },
  ) => Promise<void>;
  readonly findTemplate: (message: OutboundMessage) => Promise<Template | null>;
  /** A value with the addresses of uploaded files in it replaced by links that the channel can read. */
  readonly signLinks: <T>(accountId: AccountId, value: T) => T;
  readonly raiseNotice: RaiseNotice;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  readonly settings: SendingSettings;
}

export interface SendingSettings {
  /** Messages a second of one sender on this node. */
  readonly perSecond: number;
  /** Time between two messages to one recipient once a burst of them has gone; 0 for none. */
  readonly pairMs: number;
  /** Send calls under way at once for one sender. */
  readonly concurrency: number;
  /** How long a message whose send call was not answered waits for a status. */
  readonly unknownWaitMs: number;
  /** What follows that wait: the message is given up, or sent again at the risk of a second one. */
  readonly unknownThen: 'fail' | 'resend';
}

export interface Sending extends Startable {
  /** Senders that it has in memory: those with something to do, or that had some minutes ago. */
  countSenders(): number;
}

/** Longer than any send call may take. */
const leaseMs = 60_000;
/** From this share of the channel's limits on, a sender goes slower. */
const nearLimitPercent = 90;
/** What is known of a sender (its rate, the pace of its recipients) is forgotten when it had nothing to do for so long. */
const forgetMs = 10 * 60 * 1000;

interface Runner extends SenderKey {
  rate: Rate | undefined;
  readonly pairs: Pairs;
  readonly doubts: Doubts;
  /** By the monotonic clock. */
  pausedUntil: number;
  isAlarmed: boolean;
  /** Whether its channel or sender was not there when it last looked. */
  isGone: boolean;
  /** When it last had something to do, by the monotonic clock. */
  usedAt: number;
  readonly lookout: Lookout;
}

export function openSending(deps: SendingDeps): Sending {
  const { store, directory, emit, now, settings } = deps;
  const monotonic = deps.monotonic ?? now;
  const runners = new Map<string, Runner>();
  const settling: { settlement: OutboundSettlement; done: () => void; failed: (error: unknown) => void }[] =
    [];
  let isSettling = false;
  const pool = new Pool({
    name: 'messages.send',
    emit,
    search: wakeBusy,
    connect: () =>
      store.watch((signal) => {
        if (signal.kind === 'outbound') wake(runnerOf(signal));
        if (signal.kind === 'directory') for (const runner of runners.values()) resume(runner);
        if (signal.kind === 'missed') pool.search();
      }),
    now,
    monotonic,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });

  function runnerOf({ accountId, channelId, senderId }: SenderKey): Runner {
    const key = toKey({ channelId, senderId });
    const known = runners.get(key);
    if (known !== undefined) return known;
    const runner: Runner = {
      accountId,
      channelId,
      senderId,
      rate: undefined,
      pairs: new Pairs(settings.pairMs),
      doubts: new Doubts(),
      pausedUntil: Number.NEGATIVE_INFINITY,
      isAlarmed: false,
      isGone: false,
      usedAt: monotonic(),
      lookout: pool.open(() => look(runner)),
    };
    runners.set(key, runner);
    return runner;
  }

  async function wakeBusy(): Promise<void> {
    for (const sender of await store.findBusySenders()) wake(runnerOf(sender));
  }

  function wake(runner: Runner): void {
    runner.lookout.wake();
  }

  /** Claims as much as may be sent now and begins to; sets the timer for what is due later. */
  async function look(runner: Runner): Promise<void> {
    const { accountId, channelId, senderId } = runner;
    const channel = await directory.channel(channelId);
    const sender = await directory.sender(channelId, senderId);
    const connector = channel === undefined ? undefined : deps.connectors[channel.type];
    runner.isGone = channel === undefined || sender === undefined;
    if (channel === undefined || sender === undefined || connector === undefined) {
      if ((await store.findNextOutboundDue(runner)) === undefined) rest(runner, 0);
      return;
    }
    const pausedMs = runner.pausedUntil - monotonic();
    if (pausedMs > 0) {
      sleepFor(runner, pausedMs);
      return;
    }
    const rate = (runner.rate ??= new Rate(settings.perSecond, monotonic()));
    // Whether the channel takes messages again is tried with one of them.
    const free = (runner.isAlarmed ? 1 : settings.concurrency) - runner.lookout.underWay;
    if (free <= 0) return;
    const limit = rate.take(free, monotonic());
    if (limit > 0) {
      const claimed = await store.claimOutbound({
        accountId,
        channelId,
        senderId,
        limit,
        now: now(),
        leaseMs,
      });
      rate.giveBack(limit - claimed.length);
      if (claimed.length > 0) runner.usedAt = monotonic();
      // It was not tried, so another may at once.
      if (pool.isStopped) {
        for (const { message } of claimed) await settle(message, null, { kind: 'released', dueAt: now() });
        return;
      }
      for (const one of claimed) begin(runner, { channel, sender, connector }, one);
      if (claimed.length === free) return;
    }
    const due = await store.findNextOutboundDue(runner);
    if (due === undefined) rest(runner, forgetMs);
    else sleepFor(runner, Math.max(due - now(), limit === 0 ? rate.waitMs : 0));
  }

  /** Forgets a sender with nothing to do, now or once `forgetAfterMs` are over since it had. */
  function rest(runner: Runner, forgetAfterMs: number): void {
    // The end of what is under way, or whoever asked meanwhile, looks again.
    if (runner.lookout.underWay > 0 || runner.lookout.isWoken || runner.isAlarmed) return;
    const leftMs = runner.usedAt + forgetAfterMs - monotonic();
    if (leftMs > 0) sleepFor(runner, leftMs);
    else {
      runners.delete(toKey(runner));
      runner.lookout.close();
    }
  }

  /** After a change of the channels: somebody may have mended what it was stopped for, or put back what was gone. */
  function resume(runner: Runner): void {
    if (runner.isGone) wake(runner);
    if (!runner.isAlarmed || runner.pausedUntil <= monotonic()) return;
    runner.pausedUntil = monotonic();
    wake(runner);
  }

  function sleepFor(runner: Runner, ms: number): void {
    runner.lookout.sleep(ms);
  }

  function begin(runner: Runner, way: Way, claimed: ClaimedOutbound): void {
    runner.lookout.begin(advance(runner, way, claimed));
  }

  /** Does the next thing that a message needs. */
  async function advance(runner: Runner, way: Way, { message, lapsed }: ClaimedOutbound): Promise<void> {
    const { sender, connector } = way;
    const played =
      message.state === 'accepted' || message.state === 'unknown'
        ? connector.play?.(sender, message, message.step)
        : undefined;
    if (played !== undefined) {
      await deps.record(way.channel, played.body, connector.parse(played.body, way.channel));
      await settle(message, null, {
        kind: 'step',
        dueAt: played.nextInMs === null ? null : now() + played.nextInMs,
      });
      return;
    }
    if (message.state === 'accepted') return settle(message, null, { kind: 'step', dueAt: null });
    if (message.state === 'unknown' && settings.unknownThen === 'fail')
      return fail(way, message, 'unknown_outcome', ownFailureTable.unknown_outcome);
    const { refusal } = message.envelope;
    if (refusal !== undefined) return fail(way, message, refusal.code, refusal.text);
    if (message.expiresAt <= now()) return fail(way, message, 'expired', ownFailureTable.expired);
    // A process died between claiming the message and writing what came of it: the channel may have it.
    if (lapsed && message.state === 'queued')
      return settle(message, null, { kind: 'unknown', until: now() + settings.unknownWaitMs });
    // Only WhatsApp counts messages of a pair.
    const waitMs = way.channel.type === 'whatsapp' ? runner.pairs.take(message.lane, monotonic()) : 0;
    if (waitMs > 0) return settle(message, null, { kind: 'released', dueAt: now() + waitMs });
    await send(runner, way, message);
  }

  async function send(runner: Runner, way: Way, message: OutboundMessage): Promise<void> {
    const at = now();
    const startedAt = monotonic();
    const outcome = await call(way, message);
    const attempt: SendAttempt = {
      at,
      durationMs: Math.round(monotonic() - startedAt),
      outcome: outcome.kind === 'refused' ? outcome.failure : outcome.kind,
      code: outcome.kind === 'accepted' ? '' : (outcome.code ?? ''),
      text: outcome.kind === 'accepted' ? '' : outcome.text,
    };
    emit('message.sent', {
      accountId: message.accountId,
      channelId: message.channelId,
      attempt: message.attempts + 1,
      outcome: attempt.outcome,
      code: attempt.code,
      durationMs: attempt.durationMs,
    });
    if (outcome.kind === 'accepted') {
      runner.isAlarmed = false;
      runner.doubts.clear();
      runner.doubts.forget(message);
      if ((outcome.usedPercent ?? 0) >= nearLimitPercent) runner.rate?.slowDown(monotonic());
      const { sentAt } = outcome;
      const channelMessageId = toKeptId(outcome.channelMessageId);
      const aliases = toAliasesOf(message, outcome.recipientIds ?? [], startedAt);
      if (sentAt !== undefined)
        return writeAgain(
          () => deps.recordSent(way, message, { channelMessageId, sentAt, attempt, aliases }),
          { isStopped: () => pool.isStopped },
        );
      const firstInMs = way.connector.firstStepInMs?.(message) ?? null;
      const nextStepAt = firstInMs === null ? null : now() + firstInMs;
      return settle(message, attempt, { kind: 'accepted', channelMessageId, nextStepAt }, aliases);
    }
    if (outcome.kind === 'unknown') {
      if (outcome.code !== undefined) tellUnrecognized(way, outcome.code);
      const firstInMs = way.connector.firstStepInMs?.(message) ?? settings.unknownWaitMs;
      return settle(message, attempt, { kind: 'unknown', until: now() + firstInMs });
    }
    await refuse(runner, way, message, attempt, outcome);
  }

  /** Does what a refusal asks for: the message fails, waits, or its whole sender waits. */
  async function refuse(
    runner: Runner,
    way: Way,
    message: OutboundMessage,
    attempt: SendAttempt,
    outcome: Refused,
  ): Promise<void> {
    const { failure, code, text, scope } = outcome;
    if (failure === 'unrecognized') tellUnrecognized(way, code);
    const consequence = decide(runner, message, outcome);
    if (failure === 'throttle' && scope === undefined) runner.rate?.slowDown(monotonic());
    if (consequence.kind === 'fail') {
      runner.doubts.forget(message);
      // The try is on record before the failure, which ends the message.
      await settle(message, attempt, { kind: 'released', dueAt: now() + leaseMs });
      return fail(way, message, code, text);
    }
    const dueAt = Math.min(now() + consequence.waitMs, message.expiresAt);
    if (consequence.kind === 'pause') {
      runner.pausedUntil = Math.max(runner.pausedUntil, monotonic() + consequence.waitMs);
      if (consequence.alarm && !runner.isAlarmed) {
        runner.isAlarmed = true;
        deps.raiseNotice({
          accountId: message.accountId,
          subject: `sender/${message.channelId}/${message.senderId}`,
          ...noticed('sender_stopped', { channelId: message.channelId, said: `${code}: ${text}` }),
        });
      }
    }
    await settle(message, attempt, { kind: 'retry', dueAt });
  }

  /** A class that is not certain is judged by how often and by how many recipients in a row it was heard. */
  function decide(runner: Runner, message: OutboundMessage, outcome: Refused): Consequence {
    const { failure, code, retryAfterMs, scope } = outcome;
    const isUncertain = failure === 'ambiguous' || failure === 'unrecognized';
    const isCounted = isUncertain || failure === 'media';
    const tries = isCounted ? runner.doubts.countTry(message) : message.attempts + 1;
    const own = toConsequence(failure, tries, retryAfterMs, deps.random(), scope);
    if (!isUncertain || !runner.doubts.note(message, code)) return own;
    // What nothing explains has its end even so: it may be what the messages hold.
    return failure === 'unrecognized' && own.kind === 'fail' ? own : stopped;
  }

  function tellUnrecognized({ channel }: Way, code: string): void {
    const { accountId, id, type } = channel;
    emit('channel.unrecognized', { accountId, channelId: id, channelType: type, call: 'send', code });
  }

  async function call({ channel, sender, connector }: Way, message: OutboundMessage): Promise<SendOutcome> {
    if (connector.send === undefined)
      return {
        kind: 'refused',
        failure: 'permanent',
        code: 'unsupported',
        text: 'This channel cannot send.',
      };
    let outgoing: Outgoing;
    try {
      outgoing = await prepare(deps, message);
    } catch (error) {
      // Nothing went out, so this is no unknown outcome: it is tried again until the message's time is over.
      pool.crash(error, 'messages.send.prepare');
      const name = error instanceof Error ? error.name : typeof error;
      const text = `The message could not be prepared inside this service (${name}).`;
      return { kind: 'refused', failure: 'transient', code: 'unprepared', text };
    }
    try {
      return await connector.send(channel, sender, outgoing);
    } catch (error) {
      pool.crash(error, 'messages.send.call');
      return { kind: 'unknown', text: 'The send call failed inside this service.' };
    }
  }

  /** Records a Failed receipt in the channel's place; that ends the message. */
  async function fail(way: Way, message: OutboundMessage, code: string, text: string): Promise<void> {
    const { channel, sender } = way;
    const event = toFailure(sender, message, { code, text }, now());
    const body = toFailureBody([event]);
    await deps.record(channel, body, { events: [event], remarks: [] });
  }

  async function settle(
    { accountId, id }: OutboundMessage,
    attempt: SendAttempt | null,
    next: OutboundNext,
    aliases: readonly Alias[] = [],
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    settling.push({ settlement: { accountId, id, attempt, next, aliases }, done: resolve, failed: reject });
    if (!isSettling) {
      isSettling = true;
      setImmediate(writeSettlements);
    }
    return promise;
  }

  /**
   * Writes what ended in this turn of the event loop in one call, again while the store is away; what cannot be written leaves
   * its lease to lapse. A step of a simulated channel is counted, so it is not written twice.
   */
  function writeSettlements(): void {
    isSettling = false;
    const ended = settling.splice(0);
    const settlements = ended.map(({ settlement }) => settlement);
    const isCounted = settlements.some(({ next }) => next.kind === 'step');
    writeAgain(() => store.settleOutbound(settlements), {
      isStopped: () => pool.isStopped || isCounted,
    }).then(
      () => ended.forEach(({ done }) => done()),
      (error: unknown) => {
        const isStoreFault = error instanceof GatewayError && error.code === 'store_unavailable';
        for (const { settlement, done, failed } of ended) {
          // What cannot be written with the others holds none of them back.
          if (isStoreFault || ended.length === 1) failed(error);
          else store.settleOutbound([settlement]).then(done, failed);
        }
      },
    );
  }

  return {
    start: () => pool.start(),
    stop: () => pool.stop(),
    status: () => pool.status(),
    countSenders: () => runners.size,
  };
}

/** What a connector needs to send a message. */
async function prepare(
  deps: Pick<SendingDeps, 'findTemplate' | 'signLinks' | 'store'>,
  message: OutboundMessage,
): Promise<Outgoing> {
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
  store: Pick<SendingDeps['store'], 'listOutbound' | 'findOutbound'>,
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

function toKey({ channelId, senderId }: Pick<SenderKey, 'channelId' | 'senderId'>): string {
  return `${channelId}/${senderId}`;
}

/** What the answer to a send call says of the recipient; a group has no other ids. */
function toAliasesOf(
  { channelId, to, envelope }: OutboundMessage,
  told: readonly string[],
  at: number,
): readonly Alias[] {
  if (envelope.toGroup === true) return [];
  return toAliases(channelId, [to, ...told.map(toKeptId)], at);
}

/** The message that a reaction, a pin or a sign is about. */
function toMentioned({ messageType, content }: Envelope): string | undefined {
  if (!['reaction', 'pin', 'typing_indicator'].includes(messageType)) return undefined;
  if (typeof content !== 'object' || content === null || !('messageId' in content)) return undefined;
  return typeof content.messageId === 'string' ? content.messageId : undefined;
}

type Refused = Extract<SendOutcome, { readonly kind: 'refused' }>;

interface Way {
  readonly channel: Channel;
  readonly sender: Sender;
  readonly connector: Connector;
}
