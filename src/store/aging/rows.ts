import type { SweepMark } from '../store.ts';

/** Old rows are counted up to this many, and those that stay up to ten times as many as are old. */
export const maxOld = 20_000;

/** Nothing is planned further ahead: a step of a schedule, a delay of a queue and a wait that a receiver asks for are a week at most. */
export const maxAheadMs = 8 * 24 * 60 * 60 * 1000;
/** What is brought forward at once, of each kind. */
export const broughtRows = 500;

/** Where the files are counted of which a sweep takes those that were made before a time. */
export const fileTables = { media: "media WHERE state = 'stored' AND", uploads: 'upload WHERE' } as const;

/** A time as a probe writes it; undefined without one. */
export function toTime(value: Uint8Array | undefined): number | undefined {
  const time = value === undefined ? Number.NaN : Number(Buffer.from(value).toString('utf8'));
  return Number.isSafeInteger(time) && time > 0 ? time : undefined;
}

/** What the last sweep went by; undefined when there was none, or what is there is none. */
export function readMark(value: Uint8Array | undefined): SweepMark | undefined {
  if (value === undefined) return undefined;
  try {
    const mark = JSON.parse(Buffer.from(value).toString('utf8')) as Partial<Record<string, unknown>>;
    const { at, rawEvents, receipts, attempts, media, uploads } = mark;
    if (![at, rawEvents, receipts, attempts].every((time) => Number.isSafeInteger(time))) return undefined;
    const files = [media, uploads].every((time) => Number.isSafeInteger(time)) ? { media, uploads } : {};
    return { at, rawEvents, receipts, attempts, ...files } as SweepMark;
  } catch {
    // What cannot be read says nothing of the time; the next sweep writes it anew.
    return undefined;
  }
}
