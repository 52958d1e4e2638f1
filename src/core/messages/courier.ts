// Sends the messages of one sender: looks what is due, claims, calls the channel, and settles, at the rate that both allow.
import type { Connector, ParsedWebhook, SendOutcome } from '../../channels/channel.ts';
import type { Alias } from '../../domain/alias.ts';
import type { Channel, ChannelType, Sender } from '../../domain/channel.ts';
import { noticed } from '../../domain/findings.ts';
import { toKeptId } from '../../domain/foreign-text.ts';
import type { OutboundMessage, OutboundNext, OutboundSettlement, SendAttempt } from '../../domain/message.ts';
import type { EndNotice, RaiseNotice } from '../../domain/notice.ts';
import type { GroupWriter } from '../../runtime/group-writer.ts';
import { writeAgain } from '../../runtime/outage.ts';
import type { Pool, Runner } from '../../runtime/pool.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Directory } from '../../store/directory.ts';
import type { ClaimedOutbound, SenderKey, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { Consequence } from './consequence.ts';
import { callChannel, toAliasesOf, toAttempt } from './call.ts';
import type { CallDeps, Way } from './call.ts';
import { Doubts } from './doubts.ts';
import type { Refused } from './doubts.ts';
import { toFailure, toFailureBody } from './failure.ts';
import { Pairs, Rate } from './rate.ts';
import { toStep } from './step.ts';

interface SendingSettings {
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

/** What sending needs, for any sender. */
export interface SendingDeps extends Omit<CallDeps, 'crash'>, Time {
  readonly store: CallDeps['store'] & Pick<Store, 'claimOutbound' | 'settleOutbound' | 'findNextOutboundDue'>;
  readonly directory: Pick<Directory, 'channel' | 'sender'>;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
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
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly settings: SendingSettings;
  readonly tracing?: Tracing | undefined;
}

/** What the couriers of a process share. */
export interface Shared extends SendingDeps, CallDeps {
  readonly store: SendingDeps['store'];
  readonly pool: Pool;
  readonly settling: GroupWriter<OutboundSettlement>;
  /** Called when a sender has had nothing to do for so long that what is known of it is old. */
  readonly forget: (courier: Courier) => void;
}

/** Longer than a send call takes, but for one that has to look long for what it is made with: its lease is renewed here when it ends. */
const leaseMs = 60_000;
/** A channel that gives up a message for its sender's fault tells it within this time after it took it. */
const statusMs = 30_000;
/** From this share of the channel's limits on, a sender goes slower. */
const nearLimitPercent = 90;
/** What is known of a sender (its rate, the pace of its recipients) is forgotten when it had nothing to do for so long. */
const forgetMs = 10 * 60 * 1000;

export class Courier {
  readonly key: SenderKey;
  readonly #shared: Shared;
  readonly #runner: Runner;
  readonly #pairs: Pairs;
  readonly #doubts = new Doubts();
  readonly #rate: Rate;
  /** Of its notices. */
  readonly #subject: string;
  /** Messages that something is being done for here. */
  readonly #underWay = new Set<number>();
  /** By the monotonic clock. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isAlarmed = false;
  /** Whether it is stopped for what a status told: that a call is answered well says nothing then. */
  #isToldLater = false;
  /** Whether its channel or sender was not there when it last looked. */
  #isGone = false;
  /** When it last had something to do, by the monotonic clock. */
  #usedAt: number;

  constructor(shared: Shared, { accountId, channelId, senderId }: SenderKey) {
    this.key = { accountId, channelId, senderId };
    this.#shared = shared;
    this.#runner = shared.pool.open(() => this.#look());
    this.#pairs = new Pairs(shared.settings.pairMs);
    this.#usedAt = shared.monotonic();
    this.#rate = new Rate(shared.settings.perSecond, this.#usedAt);
    this.#subject = `sender/${channelId}/${senderId}`;
  }

  wake(): void {
    this.#runner.wake();
  }

  /** After a change of the channels: somebody may have mended what it was stopped for, or put back what was gone. */
  resume(): void {
    const at = this.#shared.monotonic();
    const isPaused = this.#isAlarmed && this.#pausedUntil > at;
    if (isPaused) this.#pausedUntil = at;
    if (isPaused || this.#isGone) this.wake();
  }

  /** The channel gave up a message that it had taken, for what speaks of the sender. */
  heedGivenUp(
    { waitMs, alarm }: Extract<Consequence, { readonly kind: 'pause' }>,
    said: Pick<Refused, 'code' | 'text'>,
  ): void {
    this.#isToldLater ||= alarm;
    this.#pause(waitMs, alarm ? said : undefined);
    this.wake();
  }

  /** Claims as much as may be sent now and begins to; sets the timer for what is due later. */
  async #look(): Promise<void> {
    const { store, monotonic, settings } = this.#shared;
    const way = await this.#findWay();
    if (way === undefined) {
      if ((await store.findNextOutboundDue(this.key)) === undefined) this.#rest(0);
      return;
    }
    if (this.#pausedUntil > monotonic()) {
      await this.#endUnanswered(way);
      this.#runner.sleep(this.#pausedUntil - monotonic());
      return;
    }
    // Whether the channel takes messages again is tried with one of them.
    const free = (this.#isAlarmed ? 1 : settings.concurrency) - this.#runner.underWay;
    if (free <= 0) return;
    const limit = this.#rate.take(free, monotonic());
    const claimed = limit > 0 ? await this.#claimAndBegin(way, limit) : 0;
    // The end of each looks again.
    if (claimed < free) await this.#sleepUntilDue(limit === 0);
  }

  /** Undefined while its channel or its sender is not there, or nothing sends for it. */
  async #findWay(): Promise<Way | undefined> {
    const { directory, connectors } = this.#shared;
    const channel = await directory.channel(this.key.channelId);
    const sender = await directory.sender(this.key.channelId, this.key.senderId);
    this.#isGone = channel === undefined || sender === undefined;
    if (channel === undefined || sender === undefined) return undefined;
    const connector = connectors[channel.type];
    return connector && { channel, sender, connector };
  }

  /** Claims up to `limit` messages that are due and begins with each; resolves to how many. */
  async #claimAndBegin(way: Way, limit: number): Promise<number> {
    const { store, now, monotonic, pool } = this.#shared;
    const claimed = await store.claimOutbound({ ...this.key, limit, now: now(), leaseMs });
    this.#rate.giveBack(limit - claimed.length);
    if (claimed.length > 0) this.#usedAt = monotonic();
    // Stopped while the store looked: none was tried, so another process may at once.
    if (pool.isStopped) await Promise.all(claimed.map(({ message }) => this.#release(message, now())));
    else for (const one of claimed) this.#begin(way, one);
    return claimed.length;
  }

  /**
   * What may have reached the channel waits for a status and no longer, also while its sender may not send. A pause is slept through in
   * parts, after each of which this looks again.
   */
  async #endUnanswered(way: Way): Promise<void> {
    const { store, now, pool, settings } = this.#shared;
    const limit = settings.concurrency - this.#runner.underWay;
    if (limit <= 0) return;
    const claimed = await store.claimOutbound({ ...this.key, limit, now: now(), leaseMs, unanswered: true });
    // Stopped meanwhile, its lease lapses, and another takes it up.
    if (!pool.isStopped) for (const one of claimed) this.#begin(way, one);
  }

  /** Begins with a message, unless it is under way here longer than its lease: the claim has renewed that. */
  #begin(way: Way, claimed: ClaimedOutbound): void {
    const { id } = claimed.message;
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    this.#runner.begin(this.#advance(way, claimed).finally(() => this.#underWay.delete(id)));
  }

  async #sleepUntilDue(isRateUsedUp: boolean): Promise<void> {
    const { store, now } = this.#shared;
    const due = await store.findNextOutboundDue(this.key);
    if (due === undefined) this.#rest(forgetMs);
    else this.#runner.sleep(Math.max(due - now(), isRateUsedUp ? this.#rate.waitMs : 0));
  }

  /** Forgets a sender with nothing to do, now or once `forgetAfterMs` are over since it had. */
  #rest(forgetAfterMs: number): void {
    // The end of what is under way, or whoever asked meanwhile, looks again.
    if (this.#runner.underWay > 0 || this.#runner.isWoken || this.#isAlarmed) return;
    const leftMs = this.#usedAt + forgetAfterMs - this.#shared.monotonic();
    if (leftMs > 0) {
      this.#runner.sleep(leftMs);
      return;
    }
    this.#runner.close();
    this.#shared.forget(this);
  }

  /** Does the next thing that a message needs. */
  async #advance(way: Way, claimed: ClaimedOutbound): Promise<void> {
    const { now, record, settings } = this.#shared;
    const { message } = claimed;
    const step = toStep(claimed, way, { unknownThen: settings.unknownThen, now: now() });
    switch (step.kind) {
      case 'play': {
        const { body, nextInMs } = step.played;
        await record(way.channel, body, way.connector.parse(body, way.channel));
        const dueAt = nextInMs === null ? null : now() + nextInMs;
        return this.#settle(message, null, { kind: 'step', dueAt });
      }
      case 'end':
        return this.#settle(message, null, { kind: 'step', dueAt: null });
      case 'fail':
        return this.#fail(way, message, step.code, step.text);
      case 'doubt':
        return this.#settle(message, null, { kind: 'unknown', until: now() + settings.unknownWaitMs });
      case 'send':
        return this.#sendUnlessPaused(way, message);
    }
  }

  /** Sends a message, unless its sender may not: one that would be sent again waits with it, and no longer than it lives. */
  async #sendUnlessPaused(way: Way, message: OutboundMessage): Promise<void> {
    const { now, monotonic } = this.#shared;
    const pausedMs = Math.ceil(this.#pausedUntil - monotonic());
    await (pausedMs > 0
      ? this.#release(message, Math.min(now() + pausedMs, message.expiresAt))
      : this.#sendInPace(way, message));
  }

  /** Sends a message, unless its recipient has had so many that it has to wait. */
  async #sendInPace(way: Way, message: OutboundMessage): Promise<void> {
    const { now, monotonic } = this.#shared;
    // Only WhatsApp counts messages of a pair.
    const waitMs = way.channel.type === 'whatsapp' ? this.#pairs.take(message.lane, monotonic()) : 0;
    await (waitMs > 0 ? this.#release(message, now() + waitMs) : this.#send(way, message));
  }

  async #send(way: Way, message: OutboundMessage): Promise<void> {
    const { now, monotonic, emit } = this.#shared;
    const at = now();
    const startedAt = monotonic();
    const outcome = await callChannel(this.#shared, way, message);
    const attempt = toAttempt(outcome, at, monotonic() - startedAt);
    emit('message.sent', {
      accountId: message.accountId,
      channelId: message.channelId,
      attempt: message.attempts + 1,
      outcome: attempt.outcome,
      code: attempt.code,
      durationMs: attempt.durationMs,
    });
    this.#trace(message, attempt);
    if (outcome.kind === 'accepted') await this.#accept(way, message, attempt, outcome, startedAt);
    else if (outcome.kind === 'unknown') await this.#doubt(way, message, attempt, outcome);
    else await this.#refuse(way, message, attempt, outcome);
  }

  #trace(message: OutboundMessage, { outcome, code, durationMs }: SendAttempt): void {
    const attributes = { 'chasqui.outcome': outcome, ...(code === '' ? {} : { 'chasqui.code': code }) };
    const { tracing } = this.#shared;
    tracing?.sent(message, message.attempts + 1, durationMs, attributes, outcome !== 'accepted');
  }

  /** The channel took it. */
  async #accept(
    way: Way,
    message: OutboundMessage,
    attempt: SendAttempt,
    outcome: Extract<SendOutcome, { readonly kind: 'accepted' }>,
    startedAt: number,
  ): Promise<void> {
    const { now, monotonic, recordSent, pool } = this.#shared;
    this.#endAlarm(startedAt);
    this.#doubts.clear();
    this.#doubts.forget(message);
    if ((outcome.usedPercent ?? 0) >= nearLimitPercent) this.#rate.slowDown(monotonic());
    const { sentAt } = outcome;
    const channelMessageId = toKeptId(outcome.channelMessageId);
    const aliases = toAliasesOf(message, outcome.recipientIds ?? [], attempt.at);
    if (sentAt !== undefined) {
      const answer = { channelMessageId, sentAt, attempt, aliases };
      await writeAgain(() => recordSent(way, message, answer), { isStopped: () => pool.isStopped });
      return;
    }
    const firstInMs = way.connector.firstStepInMs?.(message) ?? null;
    const nextStepAt = firstInMs === null ? null : now() + firstInMs;
    await this.#settle(message, attempt, { kind: 'accepted', channelMessageId, nextStepAt }, aliases);
  }

  /** A message was taken whose call began then: what the sender was stopped for is mended, unless only a status will tell. */
  #endAlarm(startedAt: number): void {
    if (!this.#isToldLater) {
      this.#isAlarmed = false;
      // Also of what another process told.
      this.#shared.endNotice(this.key.accountId, 'sender_stopped', this.#subject);
      return;
    }
    if (startedAt < this.#pausedUntil) return;
    this.#isToldLater = false;
    this.#pause(statusMs, undefined);
  }

  /** The channel may have taken it. */
  async #doubt(
    way: Way,
    message: OutboundMessage,
    attempt: SendAttempt,
    { code }: Extract<SendOutcome, { readonly kind: 'unknown' }>,
  ): Promise<void> {
    const { now, settings } = this.#shared;
    if (code !== undefined) this.#tellUnrecognized(way, code);
    const firstInMs = way.connector.firstStepInMs?.(message) ?? settings.unknownWaitMs;
    await this.#settle(message, attempt, { kind: 'unknown', until: now() + firstInMs });
  }

  /** Does what a refusal asks for: the message fails, waits, or its whole sender waits. */
  async #refuse(way: Way, message: OutboundMessage, attempt: SendAttempt, refused: Refused): Promise<void> {
    const { now, monotonic, random } = this.#shared;
    const { failure, code, text, scope } = refused;
    if (failure === 'unrecognized') this.#tellUnrecognized(way, code);
    const consequence = this.#doubts.weigh(message, refused, random());
    if (failure === 'throttle' && scope === undefined) this.#rate.slowDown(monotonic());
    if (consequence.kind === 'fail') {
      this.#doubts.forget(message);
      // The try is on record before the failure, which ends the message.
      await this.#settle(message, attempt, { kind: 'released', dueAt: now() + leaseMs });
      await this.#fail(way, message, code, text);
      return;
    }
    const isStopped = consequence.kind === 'pause' && consequence.alarm;
    // A stopped sender waits, and not the message: it goes as soon as somebody has mended what it was stopped for.
    const dueAt = isStopped ? now() : Math.min(now() + consequence.waitMs, message.expiresAt);
    if (consequence.kind === 'pause') this.#pause(consequence.waitMs, isStopped ? refused : undefined);
    await this.#settle(message, attempt, { kind: 'retry', dueAt });
  }

  /** The whole sender waits; `alarm` is why a person has to mend it, and is told once. */
  #pause(waitMs: number, alarm: Pick<Refused, 'code' | 'text'> | undefined): void {
    const { monotonic, raiseNotice } = this.#shared;
    this.#pausedUntil = Math.max(this.#pausedUntil, monotonic() + waitMs);
    if (alarm === undefined || this.#isAlarmed) return;
    this.#isAlarmed = true;
    const { accountId, channelId } = this.key;
    const said = `${alarm.code}: ${alarm.text}`;
    const notice = noticed('sender_stopped', { channelId, said });
    raiseNotice({ accountId, subject: this.#subject, ...notice });
  }

  #tellUnrecognized({ channel }: Way, code: string): void {
    const { accountId, id, type } = channel;
    this.#shared.emit('channel.unrecognized', {
      accountId,
      channelId: id,
      channelType: type,
      call: 'send',
      code,
    });
  }

  /** Records a Failed receipt in the channel's place; that ends the message. */
  async #fail({ channel, sender }: Way, message: OutboundMessage, code: string, text: string): Promise<void> {
    const { now, record } = this.#shared;
    const event = toFailure(sender, message, { code, text }, now());
    await record(channel, toFailureBody([event]), { events: [event], remarks: [] });
  }

  /** It was not tried after all, and is due again at `dueAt`. */
  #release(message: OutboundMessage, dueAt: number): Promise<void> {
    return this.#settle(message, null, { kind: 'released', dueAt });
  }

  #settle(
    { accountId, id }: OutboundMessage,
    attempt: SendAttempt | null,
    next: OutboundNext,
    aliases: readonly Alias[] = [],
  ): Promise<void> {
    return this.#shared.settling.write({ accountId, id, attempt, next, aliases });
  }
}
