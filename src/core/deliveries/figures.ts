// How pushes to callback URLs went of late, out of what is counted by five minutes: how many were taken, how long they took, what came back.
import type { AttemptOutcome } from '../../domain/delivery.ts';
import { toQuantile } from '../../domain/duration-steps.ts';
import type { PushPoint, PushSum } from '../../store/store.ts';

/** POSTs, how many of them were taken, and how long the middle one and the twentieth slowest of a hundred took; null of none. */
interface PushFigures {
  readonly tries: number;
  readonly accepted: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** The figures of one channel's receipts; null for POSTs that held those of several. */
interface ChannelFigures extends PushFigures {
  readonly channelId: string | null;
}

type Counted = Pick<PushSum, 'outcome' | 'status' | 'took' | 'count'>;

/** Sums up what was counted. A duration is that of an answer, or of the wait for one that did not come in time. */
export function toFigures(sums: readonly Counted[]): PushFigures {
  const durations = new Map<number, number>();
  let tries = 0;
  let accepted = 0;
  for (const { outcome, status, took, count } of sums) {
    tries += count;
    if (outcome === 'accepted') accepted += count;
    if (status !== null || outcome === 'timeout') durations.set(took, (durations.get(took) ?? 0) + count);
  }
  return { tries, accepted, p50Ms: toQuantile(durations, 0.5), p95Ms: toQuantile(durations, 0.95) };
}

/** The same channel by channel, the busiest first. */
export function toChannelFigures(sums: readonly PushSum[]): readonly ChannelFigures[] {
  return [...Map.groupBy(sums, ({ channelId }) => channelId)]
    .map(([channelId, own]) => ({ channelId, ...toFigures(own) }))
    .sort((a, b) => b.tries - a.tries);
}

/** What came back, in one word: the status, or why that is not all there is to say. */
function toCode({ outcome, status }: { outcome: AttemptOutcome; status: number | null }): string {
  return status === null || outcome === 'not_acknowledged' ? outcome : String(status);
}

/** What came back, by code, in `count` steps of `size` minutes each, from a minute on; steps without any are empty. */
export function toCodePoints(
  points: readonly PushPoint[],
  { from, count, size }: { readonly from: number; readonly count: number; readonly size: number },
): readonly { readonly minute: number; readonly codes: Readonly<Record<string, number>> }[] {
  const steps = Array.from(
    { length: count },
    (_, index): { readonly minute: number; readonly codes: Record<string, number> } => ({
      minute: from + index * size,
      codes: {},
    }),
  );
  for (const point of points) {
    const codes = steps[Math.floor((point.minute - from) / size)]?.codes;
    const code = toCode(point);
    if (codes !== undefined) codes[code] = (codes[code] ?? 0) + point.count;
  }
  return steps;
}
