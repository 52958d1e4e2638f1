import type { Readable } from 'node:stream';
import type { Stopwatch } from '../runtime/clock.ts';
import { GatewayError } from '../domain/errors.ts';

/** The least that has to come in a time, for a transfer to go on. */
export interface Pace {
  readonly bytesPerSecond: number;
  readonly overMs: number;
}

/** Below this a file is left and asked for again later; it would hold its place for hours. */
export const filePace: Pace = { bytesPerSecond: 16 * 1024, overMs: 10_000 };

export function toTooSlow({ bytesPerSecond, overMs }: Pace): GatewayError {
  return new GatewayError(
    'channel_unavailable',
    `The file came at less than ${bytesPerSecond / 1024} KB a second for ${overMs / 1000} s.`,
  );
}

/**
 * Passes the chunks of an answer on for as long as they come at the pace; then `end` has to break the answer off with the error
 * that it is given, which the iteration throws. Only time spent waiting for chunks counts, so a slow disk of ours ends nothing.
 */
export async function* keepPace(
  body: Readable,
  pace: Pace,
  end: (error: Error) => void,
  { monotonic }: Stopwatch,
): AsyncGenerator<Uint8Array> {
  const leastBytes = (pace.bytesPerSecond * pace.overMs) / 1000;
  let bytes = 0;
  let waitedMs = 0;
  let waitsSince: number;
  let timer: NodeJS.Timeout | undefined;
  const judge = (): void => {
    if (bytes < leastBytes) {
      end(toTooSlow(pace));
      return;
    }
    bytes = 0;
    waitedMs = 0;
    waitsSince = monotonic();
    timer = setTimeout(judge, pace.overMs);
  };
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      waitsSince = monotonic();
      timer = setTimeout(judge, Math.max(0, pace.overMs - waitedMs));
      const next = await iterator.next();
      clearTimeout(timer);
      if (next.done === true) return;
      waitedMs += monotonic() - waitsSince;
      bytes += next.value.byteLength;
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}
