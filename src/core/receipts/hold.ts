// Statuses and echoes that were faster than the answer to the send call of their message: kept until the channel's id of it is known.
import { setSystemTimer } from '../../runtime/clock.ts';
import { Activity } from '../../runtime/worker.ts';
import type { Observable } from '../../runtime/worker.ts';
import type { ChannelType } from '../../domain/channel.ts';
import type { ChannelEvent, WaitingRoute } from '../../domain/receipt.ts';
import type { Intake, NewReceipt, Signal, Store, Unrouted } from '../../store/store.ts';
import { withKeptIds } from './bounds.ts';
import { findSent, mayBeSent, toSenderPath, toStatusFacts } from './match.ts';
import { findMeant } from './marks.ts';
import { findTarget, marksPage, tally, toNewReceipt, toOwned } from './record.ts';
import type { RecordingDeps, Target } from './record.ts';

interface ReleaseDeps extends RecordingDeps {
  /** Longest wait for the answer, in milliseconds; a status goes out unmatched at its end. */
  readonly holdMs: number;
}

export interface HoldingDeps extends ReleaseDeps {
  readonly store: RecordingDeps['store'] & Pick<Store, 'watch'>;
  /** Calls back after `ms`; returns what cancels it. */
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

export interface Holding extends Observable {
  /** Looks after the held statuses of a sender: at each sign of one of its messages, and at the end of the wait. */
  hold(channelType: ChannelType, senderPath: string): void;
  stop(): Promise<void>;
}

/** The held statuses of one sender that this process looks after. */
interface Held {
  readonly channelType: ChannelType;
  isLooking: boolean;
  /** Something happened during a look. */
  isStale: boolean;
  cancelTimer: (() => void) | undefined;
}

/** Raw events that one look takes. */
const pageRows = 200;
/** A store that failed is asked again after this. */
const againMs = 1000;

/**
 * Opens the holding of statuses. The first transaction of a held status has kept its raw event, the second makes its receipt
 * with all that follows. What a process leaves behind at its end is found by {@link startRereading} of any other.
 */
export function openHolding(deps: HoldingDeps): Holding {
  const { store, emit, now, holdMs, setTimer = setSystemTimer } = deps;
  const senders = new Map<string, Held>();
  const looks = new Set<Promise<void>>();
  let isStopped = false;
  const activity = new Activity({ name: 'intake.holding', now, waiting: () => senders.size });
  activity.start();

  const unwatch = store.watch((signal: Signal) => {
    if (signal.kind === 'outbound') look(toSenderPath(signal.channelId, signal.senderId));
    if (signal.kind === 'missed') for (const senderPath of senders.keys()) look(senderPath);
  });

  function look(senderPath: string): void {
    const held = senders.get(senderPath);
    if (held === undefined || isStopped) return;
    held.isStale = true;
    if (held.isLooking) return;
    held.isLooking = true;
    held.cancelTimer?.();
    const looking = lookAfter(senderPath, held).finally(() => {
      held.isLooking = false;
      looks.delete(looking);
    });
    looks.add(looking);
  }

  async function lookAfter(senderPath: string, held: Held): Promise<void> {
    try {
      let oldest: number | undefined;
      while (held.isStale) {
        held.isStale = false;
        oldest = await activity.note(() => release(deps, held.channelType, senderPath));
      }
      if (oldest === undefined) senders.delete(senderPath);
      else arm(senderPath, held, oldest + holdMs - now());
    } catch (error) {
      if (isStopped) return;
      emit('unit.crashed', { unit: 'intake.holding', error });
      arm(senderPath, held, againMs);
    }
  }

  function arm(senderPath: string, held: Held, ms: number): void {
    held.cancelTimer = setTimer(() => look(senderPath), Math.max(0, ms));
  }

  return {
    status: () => activity.status(),
    hold: (channelType, senderPath) => {
      if (!senders.has(senderPath))
        senders.set(senderPath, { channelType, isLooking: false, isStale: false, cancelTimer: undefined });
      // The answer may have come between the look for the message and the commit.
      look(senderPath);
    },
    stop: async () => {
      isStopped = true;
      activity.stop();
      unwatch();
      for (const held of senders.values()) held.cancelTimer?.();
      await Promise.all(looks);
    },
  };
}

/**
 * Records the held statuses of a sender whose message is known by now, or whose wait is over; resolves to when the oldest of
 * those that go on waiting came, undefined when none does.
 */
async function release(
  deps: ReleaseDeps,
  channelType: ChannelType,
  senderPath: string,
): Promise<number | undefined> {
  const route = { by: 'send', id: senderPath } as const;
  // A later status of a message does not pass an earlier one that is left, when the answer comes between the looks at the two.
  const leftMessages = new Set<string>();
  let oldest: number | undefined;
  let last = 0;
  for (;;) {
    const waiting = await deps.store.findUnrouted(channelType, route, last, pageRows);
    if (waiting.length === 0) return oldest;
    for (const [rawEventId, entries] of Map.groupBy(waiting, (entry) => entry.rawEventId)) {
      last = rawEventId;
      const [entry] = entries;
      if (entry === undefined) continue;
      const isLeft = await releaseOne(deps, channelType, route, entry, leftMessages);
      if (isLeft) oldest ??= entry.receivedAt;
    }
  }
}

/** Resolves to whether anything of the raw event goes on waiting; `leftMessages` are those, by the channel's id, of which something does. */
async function releaseOne(
  deps: ReleaseDeps,
  channelType: ChannelType,
  route: WaitingRoute,
  { accountId, channelId, rawEventId, receivedAt }: Unrouted,
  leftMessages: Set<string>,
): Promise<boolean> {
  const { store, directory, now, holdMs } = deps;
  const connector = deps.connectors[channelType];
  const channel = await directory.channel(channelId);
  const raw = await store.findRawEvent(accountId, rawEventId);
  if (connector === undefined || channel === undefined || raw === undefined) return false;
  const parsed = withKeptIds(connector.parse(Buffer.from(raw.body), channel));
  const marks = await findOwned(deps, parsed.marks ?? [], channel, route);
  const events = parsed.events.filter((event) => toStatusFacts(event) !== undefined);
  const owned = await findOwned(deps, events, channel, route);
  for (;;) {
    const isOver = isWaitOver(receivedAt, holdMs, now());
    const sent = await findSent(
      store,
      accountId,
      owned.map(({ event, target }) => toOwned(event, target)),
    );
    const isHeld = ({ event, target }: Owned<ChannelEvent>): boolean =>
      !isOver && (leftMessages.has(toMessageId(event)) || mayBeSent(toOwned(event, target), sent));
    const receipts: NewReceipt[] = [];
    for (const one of owned.filter((candidate) => !isHeld(candidate)))
      receipts.push(await toNewReceipt(deps, one.target, one.event, sent));
    const held = owned.filter(isHeld);
    for (const { event } of held) leftMessages.add(toMessageId(event));
    const left: Intake['unrouted'][number][] = held.map(({ event }) => ({ route, index: event.index }));
    let hasMore = false;
    for (const { event: mark, target } of marks) {
      const owner = { accountId, channelId: target.channel.id, senderId: target.sender?.id ?? '' };
      const meant = await findMeant(store, owner, mark, marksPage);
      for (const event of meant.events) receipts.push(await toNewReceipt(deps, target, event, meant.sent));
      hasMore ||= meant.hasMore;
      if (meant.hasMore || (meant.isEarly && !isOver)) left.push({ route, index: mark.index });
    }
    if (receipts.length === 0 && left.length > 0) return true;
    const intake = {
      accountId,
      channelId,
      receivedAt: raw.receivedAt,
      body: raw.body,
      reread: { rawEventId, route },
      receipts,
      unrouted: left,
      remarks: [],
    };
    const { fresh } = tally(deps, [intake], await store.recordIntake([intake]), 0, 0);
    // A page that brought nothing new would come again and again.
    if (!hasMore || fresh === 0) return left.length > 0;
  }
}

interface Owned<E> {
  readonly event: E;
  readonly target: Target;
}

function toMessageId(event: ChannelEvent): string {
  return toStatusFacts(event)?.messageId ?? '';
}

/** What of a raw event is of the sender that `route` names. What never waited is known, and a repeat. */
async function findOwned<E extends Pick<ChannelEvent, 'route'>>(
  deps: RecordingDeps,
  events: readonly E[],
  channel: Target['channel'],
  route: WaitingRoute,
): Promise<Owned<E>[]> {
  const owned: Owned<E>[] = [];
  for (const event of events) {
    for (const target of await findTarget(deps, channel, event.route)) {
      const senderId = target.sender?.id;
      if (senderId !== undefined && toSenderPath(target.channel.id, senderId) === route.id)
        owned.push({ event, target });
    }
  }
  return owned;
}

/** One that is dated further ahead than waits last was dated by a clock that was set back since. */
function isWaitOver(receivedAt: number, holdMs: number, now: number): boolean {
  return receivedAt + holdMs <= now || receivedAt > now + holdMs;
}
