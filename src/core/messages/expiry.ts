// Ends messages whose time is over before they could go: behind another to their recipient, or for a sender that has to wait.
import { ownFailureTable } from '../../domain/message.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { Time } from '../../runtime/clock.ts';
import { Worker } from '../../runtime/worker.ts';
import type { Duty } from '../../runtime/worker.ts';
import type { Directory } from '../../store/directory.ts';
import type { ExpiryPlace, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { toFailure, toFailureBody } from './failure.ts';
import type { RecordOf } from './failure.ts';

interface ExpiryDeps extends Time {
  readonly store: Pick<Store, 'findExpiredOutbound'>;
  readonly directory: Pick<Directory, 'channel' | 'sender'>;
  readonly emit: Emit;
  /** Records events of a sender. */
  readonly record: RecordOf;
  readonly duty?: Duty | undefined;
}

const lookMs = 1000;
/** Messages that one commit ends, at most. */
const stepMessages = 100;
/** A look goes on with the next one after this long. */
const boundMs = 30_000;
/**
 * So long after its end a message is ended here. A courier on any node that claimed it at its last moment has it by then, and
 * whoever claims it later fails it for the same reason.
 */
const graceMs = 1000;

/** Looks every second for what waits in vain. */
export function createExpiry(deps: ExpiryDeps): Worker {
  const { emit, now, monotonic, duty } = deps;
  return new Worker({
    name: 'expiry',
    emit,
    now,
    monotonic,
    everyMs: lookMs,
    boundMs,
    duty,
    run: ({ isOver, attempt }) => endExpired(deps, isOver, attempt),
  });
}

/**
 * One look at all messages that wait and whose time is over, the oldest end first. What cannot be ended holds back none of the others;
 * it is found again by the next look. Ended twice, a message has ended once.
 */
export async function endExpired(
  { store, directory, emit, now, monotonic, record }: ExpiryDeps,
  isOver: () => boolean = () => false,
  attempt: (work: () => Promise<unknown>) => Promise<void> = async (work) => void (await work()),
): Promise<void> {
  const startedAt = monotonic();
  const until = now() - graceMs;
  let ended = 0;
  let after: ExpiryPlace | undefined;
  while (!isOver()) {
    const found = await store.findExpiredOutbound(until, after, stepMessages);
    for (const messages of Map.groupBy(found, toSenderPath).values())
      await attempt(async () => {
        ended += await end({ directory, record, now }, messages);
      });
    after = found.at(-1);
    if (found.length < stepMessages) break;
  }
  if (ended > 0) emit('messages.expired', { messages: ended, durationMs: monotonic() - startedAt });
}

/** Fails messages of one sender in one commit; resolves to how many. Those of a sender that is gone end with it. */
async function end(
  { directory, record, now }: Pick<ExpiryDeps, 'directory' | 'record' | 'now'>,
  messages: readonly OutboundMessage[],
): Promise<number> {
  const [first] = messages;
  if (first === undefined) return 0;
  const channel = await directory.channel(first.channelId);
  const sender = await directory.sender(first.channelId, first.senderId);
  if (channel === undefined || sender === undefined) return 0;
  const reason = { code: 'expired', text: ownFailureTable.expired };
  const events = messages.map((message, index) =>
    toFailure(sender, message, message.envelope.refusal ?? reason, now(), index),
  );
  await record({ channel, sender }, toFailureBody(events), events);
  return events.length;
}

function toSenderPath({ accountId, channelId, senderId }: OutboundMessage): string {
  return `${accountId}/${channelId}/${senderId}`;
}
