// Ends the messages that wait for a sender that was deleted, so that the business hears of each.
import type { RemovedSender } from '../../domain/channel.ts';
import { ownFailureTable } from '../../domain/message.ts';
import type { OutboundNext } from '../../domain/message.ts';
import type { ChannelEvent } from '../../domain/receipt.ts';
import type { ClaimedOutbound, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { toFailure, toFailureBody } from './failure.ts';
import type { RecordOf } from './failure.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Time } from '../../runtime/clock.ts';

interface ClosingDeps extends Time {
  readonly store: Pick<
    Store,
    | 'claimRemovedSenders'
    | 'settleRemovedSender'
    | 'findSender'
    | 'claimOutbound'
    | 'settleOutbound'
    | 'findNextOutboundDue'
  >;
  readonly emit: Emit;
  /** Records events of a sender that is gone, under the settings that it had. */
  readonly record: RecordOf;
  /** How long a message whose send call was not answered waits for a status. */
  readonly unknownWaitMs: number;
}

const lookMs = 1000;
const stepSenders = 20;
/** Messages that one commit ends. */
const stepMessages = 100;
/** Steps for one sender before the next has its turn. */
const stepsAtOnce = 20;
/** Longer than the steps for all senders of a look may take, and than any send call. */
const leaseMs = 60_000;
/** A request that was let in before the deletion may add a message this much later. */
const restMs = 10 * 60_000;

/** Looks for deleted senders every second; its end waits for the step under way. */
export function createClosing(deps: ClosingDeps): Worker {
  return new Worker({
    name: 'closing',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    everyMs: lookMs,
    // What a look has claimed is over before its lease is.
    boundMs: leaseMs / 2,
    run: ({ isOver }) => closeRemoved(deps, isOver),
  });
}

/** One look at the deleted senders that are due. What was ended twice, by a repeat or by two nodes, has ended once. */
export async function closeRemoved(deps: ClosingDeps, isStopped: () => boolean = () => false): Promise<void> {
  for (const removed of await deps.store.claimRemovedSenders(stepSenders, deps.now(), leaseMs)) {
    if (isStopped()) return;
    await close(deps, removed, isStopped);
  }
}

async function close(deps: ClosingDeps, removed: RemovedSender, isStopped: () => boolean): Promise<void> {
  const { store, emit, now, monotonic } = deps;
  const { accountId, channelId, id: senderId } = removed.sender;
  const key = { accountId, channelId, senderId };
  const startedAt = monotonic();
  let failed = 0;
  let isMore = true;
  for (let step = 0; isMore && step < stepsAtOnce && !isStopped(); step += 1) {
    // Who is put back sends again what still waits, and all that is new.
    if ((await store.findSender(channelId, senderId)) !== undefined) return;
    const claimed = await store.claimOutbound({
      ...key,
      limit: stepMessages,
      now: now(),
      leaseMs,
      early: true,
    });
    failed += await end(deps, removed, claimed);
    isMore = claimed.length > 0;
  }
  if (failed > 0)
    emit('sender.closed', { accountId, channelId, messages: failed, durationMs: monotonic() - startedAt });
  const next = isMore ? now() : await store.findNextOutboundDue(key);
  const isOver = next === undefined && now() >= removed.removedAt + restMs;
  await store.settleRemovedSender(removed, isOver ? null : (next ?? removed.removedAt + restMs));
}

/** Fails in one commit those that were never sent, and settles the others; resolves to how many failed. */
async function end(
  { store, now, record, unknownWaitMs }: ClosingDeps,
  { channel, sender }: RemovedSender,
  claimed: readonly ClaimedOutbound[],
): Promise<number> {
  const events: ChannelEvent[] = [];
  const others: { readonly id: number; readonly next: OutboundNext }[] = [];
  for (const { message, lapsed } of claimed) {
    const { id, state } = message;
    // What is left is a simulated channel's next step.
    if (state === 'accepted') others.push({ id, next: { kind: 'step', dueAt: null } });
    // The channel may have it: a status that comes once the sender is back may still tell.
    else if (lapsed && state === 'queued')
      others.push({ id, next: { kind: 'unknown', until: now() + unknownWaitMs } });
    else events.push(toFailure(sender, message, toReason(message, now()), now(), events.length));
  }
  if (events.length > 0) await record({ channel, sender }, toFailureBody(events), events);
  if (others.length > 0)
    await store.settleOutbound(
      others.map(({ id, next }) => ({ accountId: sender.accountId, id, attempt: null, next })),
    );
  return events.length;
}

function toReason(
  { state, envelope, expiresAt }: ClaimedOutbound['message'],
  now: number,
): { readonly code: string; readonly text: string } {
  const code = state === 'unknown' ? 'unknown_outcome' : expiresAt <= now ? 'expired' : 'sender_deleted';
  if (state !== 'unknown' && envelope.refusal !== undefined) return envelope.refusal;
  return { code, text: ownFailureTable[code] };
}
