// What a recording came to, counted and told.
import type { AccountId } from '../../domain/account.ts';
import type { Intake, NewReceipt, Recorded } from '../../store/store.ts';
import type { Emit, Events } from '../../telemetry/events.ts';
import type { CommitSpans, TracedRecording } from '../../telemetry/tracing.ts';

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

/** What else is known of a recording. */
interface Circumstances {
  readonly unrouted?: number;
  readonly remarks?: number;
  /** What follows it, where it is traced. */
  readonly spans: CommitSpans | undefined;
}

/** Counts what a recording came to, and tells of what is new. */
export function tally(
  { emit }: { readonly emit: Emit },
  intakes: readonly Intake[],
  recorded: readonly Recorded[],
  { unrouted = 0, remarks = 0, spans }: Circumstances,
): Tally {
  const receipts: Tally['receipts'][number][] = [];
  let repeats = 0;
  for (const [index, intake] of intakes.entries()) {
    for (const [position, receipt] of intake.receipts.entries()) {
      const outcome = recorded[index]?.receipts[position] ?? 'repeat';
      receipts.push({ receiptId: receipt.receiptId, outcome });
      spans?.recorded(toTraced(intake.accountId, receipt, outcome));
      if (outcome === 'repeat') repeats += 1;
      else emit('receipt.recorded', toEvent(intake.accountId, receipt, outcome));
    }
  }
  return { fresh: receipts.length - repeats, repeats, unrouted, remarks, receipts };
}

/** A receipt as it is traced. A status that the answer to a send call told is of the try that is being settled with it. */
function toTraced(
  accountId: AccountId,
  { receiptId, channelId, channelType, facts, statusOf, naming }: NewReceipt,
  outcome: Recorded['receipts'][number],
): TracedRecording {
  const attempts = (statusOf?.attempts ?? 0) + (naming?.attempt === undefined ? 0 : 1);
  return {
    accountId,
    receiptId,
    channelId,
    channelType,
    facts,
    type: facts.type,
    outcome,
    sent: statusOf && { message: statusOf, attempt: Math.max(1, attempts) },
  };
}

function toEvent(
  accountId: AccountId,
  { channelType, facts: { type }, outboundId, queue }: NewReceipt,
  outcome: 'fresh' | 'dropped',
): Events['receipt.recorded'] {
  return {
    accountId,
    channelType,
    type,
    unmatched: type === 'ChatAppStatus' && outboundId === null,
    queue: outcome === 'fresh' ? (queue?.name ?? null) : null,
  };
}
