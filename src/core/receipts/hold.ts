// Statuses and echoes that were faster than the answer to the send call of their message: kept until the channel's id of it is known.
import type { Startable, WorkerStatus } from '../../runtime/activity.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { Pool } from '../../runtime/pool.ts';
import type { Runner } from '../../runtime/pool.ts';
import type { ChannelType } from '../../domain/channel.ts';
import type { ChannelEvent, WaitingRoute } from '../../domain/receipt.ts';
import type { Intake, NewReceipt, Store, Unrouted } from '../../store/store.ts';
import { withKeptIds } from './bounds.ts';
import { findSent, mayBeSent, toSenderPath, toStatusFacts } from './match.ts';
import { findMeant } from './marks.ts';
import { beginSpans, marksPage, toNewReceipt } from './record.ts';
import type { RecordingDeps } from './record.ts';
import { tally } from './tally.ts';
import { findTarget, toOwned } from './targets.ts';
import type { Target } from './targets.ts';

interface ReleaseDeps extends RecordingDeps {
  /** Longest wait for the answer, in milliseconds; a status goes out unmatched at its end. */
  readonly holdMs: number;
}

interface HoldingDeps extends ReleaseDeps {
  readonly store: RecordingDeps['store'] & Pick<Store, 'watch'>;
  readonly setTimer?: SetTimer;
}

/** Raw events that one look takes. */
const pageRows = 200;

/**
 * Looks after the held statuses of senders: at each sign of one of a sender's messages, and at the end of the wait. The first
 * transaction of a held status has kept its raw event, the second makes its receipt with all that follows. What a process leaves
 * behind at its end is found by {@link createRereading} of any other.
 */
export class Holding implements Startable {
  readonly #deps: HoldingDeps;
  readonly #pool: Pool;
  readonly #senders = new Map<string, Runner>();

  constructor(deps: HoldingDeps) {
    this.#deps = deps;
    this.#pool = new Pool({
      ...deps,
      name: 'intake.holding',
      search: async () => this.#wakeAll(),
      connect: () =>
        deps.store.watch((signal) => {
          if (signal.kind === 'outbound')
            this.#senders.get(toSenderPath(signal.channelId, signal.senderId))?.wake();
          if (signal.kind === 'missed') this.#pool.search();
        }),
      waiting: () => this.#senders.size,
    });
  }

  start(): void {
    this.#pool.start();
  }

  stop(): Promise<void> {
    return this.#pool.stop();
  }

  status(): WorkerStatus {
    return this.#pool.status();
  }

  /** From now on the held statuses of this sender are looked after; before `start` they wait for it. */
  hold(channelType: ChannelType, senderPath: string): void {
    const known = this.#senders.get(senderPath);
    const runner = known ?? this.#pool.open(() => this.#look(channelType, senderPath));
    if (known === undefined) this.#senders.set(senderPath, runner);
    // The answer may have come between the look for the message and the commit.
    runner.wake();
  }

  #wakeAll(): void {
    for (const runner of this.#senders.values()) runner.wake();
  }

  /** Tells what may be told by now; a sender of whom nothing is held any more is forgotten. */
  async #look(channelType: ChannelType, senderPath: string): Promise<void> {
    const oldest = await release(this.#deps, channelType, senderPath);
    const runner = this.#senders.get(senderPath);
    if (runner === undefined || runner.isWoken) return;
    if (oldest !== undefined) {
      runner.sleep(oldest + this.#deps.holdMs - this.#deps.now());
      return;
    }
    this.#senders.delete(senderPath);
    runner.close();
  }
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
    const spans = beginSpans(deps);
    const { fresh } = tally(deps, [intake], await store.recordIntake([intake]), { spans });
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
