// When something that failed is tried again: every schedule of the service, in one form and in one place.

/** Tries and the waits before them. */
export interface Schedule {
  /** Milliseconds before each try, the first one included: the wait after `n` tries stands at the place `n`. */
  readonly waitsMs: readonly number[];
  /** Whether the last wait holds for all tries that follow; else there are no more of them. */
  readonly isEndless?: boolean;
  /** At most this part of a wait is added or taken away at random, so that tries do not come in step; 0 when left out. */
  readonly jitter?: number;
  /** The longest wait that is granted to whoever asks for one; none when left out. */
  readonly askedAtMostMs?: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How much of a wait is left to chance where that is wanted. */
const jitter = 0.2;

/** A wait with its part of chance; `random` is in [0, 1). */
export function spread(ms: number, random: number, part = jitter): number {
  return ms * (1 + part * (2 * random - 1));
}

/**
 * Whole milliseconds until the next try, after `tries` have ended; undefined when the schedule has no more. What the other side asked
 * for lengthens the wait and never shortens it.
 */
export function toWait(
  { waitsMs, isEndless = false, jitter: part = 0, askedAtMostMs = Number.POSITIVE_INFINITY }: Schedule,
  tries: number,
  { random = 0.5, askedMs = 0 }: { readonly random?: number; readonly askedMs?: number } = {},
): number | undefined {
  const waitMs = waitsMs[isEndless ? Math.min(tries, waitsMs.length - 1) : tries];
  if (waitMs === undefined) return undefined;
  return Math.round(Math.max(spread(waitMs, random, part), Math.min(askedMs, askedAtMostMs)));
}

const toSeconds = (...seconds: readonly number[]): readonly number[] => seconds.map((one) => one * second);

/** A push by the preset `standard`: made for keeping everything. Operators may set others. */
const pushWaitsMs = [
  0,
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
  12 * hour,
];

/** All that the service tries again. What is pushed is tried by the destination's own settings, which begin with the first two. */
export const schedules = {
  standardPush: { waitsMs: pushWaitsMs, jitter, askedAtMostMs: 24 * hour },
  /** As Alibaba's service does. */
  camsPush: { waitsMs: [0, minute, 5 * minute], jitter, askedAtMostMs: 24 * hour },
  /** A send that failed for a moment. */
  transientSend: { waitsMs: toSeconds(0, 1, 2, 5, 15, 30, 60, 120, 300), isEndless: true, jitter },
  /** A channel that asks to go slower gets at least this much. */
  throttledSend: { waitsMs: toSeconds(0, 1, 4, 16, 64, 256), isEndless: true, jitter },
  /** A refusal that may be one user's fault: long enough for others to say the same, if it is the sender's. */
  ambiguousSend: { waitsMs: toSeconds(0, 1, 4), jitter },
  /** A refusal that nothing explains is final only after these. */
  unrecognizedSend: { waitsMs: toSeconds(0, 5, 30, 120, 600, 1800), jitter },
  /** A file that the channel could not fetch is tried once more. */
  mediaSend: { waitsMs: toSeconds(0, 1), jitter },
  /** A short message in the place of one that did not arrive; after the last it is given up. */
  fallback: {
    waitsMs: [0, 5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour, 2 * hour, 4 * hour],
  },
  /** A message of notices to a target, for sixteen hours; after the last it is given up, and what came meanwhile is told. */
  notice: {
    waitsMs: [
      0,
      5 * second,
      30 * second,
      2 * minute,
      10 * minute,
      30 * minute,
      hour,
      2 * hour,
      4 * hour,
      8 * hour,
    ],
    jitter,
    askedAtMostMs: hour,
  },
  /** Asking a channel for the word of a review that it never told, for as long as the review is open. */
  review: { waitsMs: [0, 5 * minute], isEndless: true },
  /** A word of a review is asked for again when what it says was not recorded. */
  verdict: { waitsMs: [0, minute], isEndless: true },
  /** The deleting of a template at its channel; after the last it stays there. */
  removal: { waitsMs: pushWaitsMs },
  /** The fetching of a file that a user sent, for as long as the channel keeps it. */
  mediaFetch: {
    waitsMs: [0, 2 * second, 10 * second, minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 12 * hour],
    isEndless: true,
    askedAtMostMs: 6 * hour,
  },
  /** Writing down how work ended: all are over before a lease that was taken for the work ends. */
  outage: { waitsMs: [0, 100, 250, 500, 1000, 2000, 4000] },
  /** Saving what is left of a damaged file: a disk that damages all that is written to it gets more and more rest. */
  rescue: {
    waitsMs: [0, minute, minute, minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour],
    isEndless: true,
  },
  /** A request to an OTLP endpoint, within the time that there is for it; what it asks for holds for all that follow. */
  telemetry: { waitsMs: toSeconds(0, 1, 1.5, 2.3, 3.4, 5), jitter, askedAtMostMs: hour },
  /** Writing a backup again that failed; never later than the next one is due. */
  backup: { waitsMs: [0, minute, 5 * minute, 15 * minute, hour], isEndless: true },
} as const satisfies Readonly<Record<string, Schedule>>;
