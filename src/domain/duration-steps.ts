// Durations by steps that grow by half a power of two: few enough to be kept for every five minutes, and fine enough to tell a median by.

/** The first step ends at 1 ms, the last at some 65 s; what is longer counts to it. */
const lastStep = 32;

/** The step that a duration falls into. */
export function toDurationStep(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(lastStep, Math.ceil(2 * Math.log2(ms)));
}

const toEnd = (step: number): number => 2 ** (step / 2);

/**
 * The duration below which a share of them lies, in whole milliseconds; null of none. Within a step they are taken to lie evenly, so it
 * is never further off than the step is wide.
 */
export function toQuantile(counts: ReadonlyMap<number, number>, share: number): number | null {
  const steps = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = steps.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [step, count] of steps) {
    if (below + count >= share * total) {
      const start = step === 0 ? 0 : toEnd(step - 1);
      return Math.max(1, Math.round(start + ((share * total - below) / count) * (toEnd(step) - start)));
    }
    below += count;
  }
  return null;
}
