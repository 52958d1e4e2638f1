// Ids of what is kept: numbers that grow with time, so that a range of time is a range of ids. Made, read and bounded here alone.
import { GatewayError } from './errors.ts';

/** From 2030 on a millisecond has fewer ids, or those of 2039 would pass what a double holds exactly. */
const narrowSince = Date.UTC(2030);
const wideIdsPerMs = 4096;
const narrowIdsPerMs = 512;
/** The first id of 2030: ids below it are read in the wide form, the others in the narrow one, so that all of them stay in order. */
const narrowFirstId = narrowSince * wideIdsPerMs;

/** No id is above it: doubles, JSON and Node's SQLite hold whole numbers up to here. */
export const maxId = Number.MAX_SAFE_INTEGER;
/** The first ms that has no ids of its own: in 2107. */
const endOfTime = narrowSince + Math.floor((maxId - narrowFirstId) / narrowIdsPerMs);

/** How the time of the id in a column is computed in SQL, as `toIdTime` does; whole-number division in both stores. */
export function toIdTimeSql(column: string): string {
  return `(CASE WHEN ${column} < ${narrowFirstId} THEN ${column} / ${wideIdsPerMs} ELSE ${narrowSince} + (${column} - ${narrowFirstId}) / ${narrowIdsPerMs} END)`;
}

/** The lowest id of a time (epoch ms): ids of that time and later are not below it. 0 and `maxId` for times that have no ids. */
export function toFirstId(time: number): number {
  const ms = Math.floor(time);
  if (ms >= endOfTime) return maxId;
  if (ms < narrowSince) return Math.max(0, ms * wideIdsPerMs);
  return narrowFirstId + (ms - narrowSince) * narrowIdsPerMs;
}

/** When an id was given, in epoch ms. */
export function toIdTime(id: number): number {
  if (id < narrowFirstId) return Math.floor(id / wideIdsPerMs);
  return narrowSince + Math.floor((id - narrowFirstId) / narrowIdsPerMs);
}

/** Which of a millisecond's ids one is: 0 for the first. */
export function toIdNumber(id: number): number {
  return id - toFirstId(toIdTime(id));
}

/** The id behind its time and number; undefined when that millisecond has not so many. */
export function toId(time: number, number: number): number | undefined {
  const id = toFirstId(time) + number;
  return time >= 0 && id < maxId && number >= 0 && toIdTime(id) === time ? id : undefined;
}

/** Which ids somebody gives who is not alone: each `of`-th, from the `number`-th on. */
export interface IdShare {
  readonly of: number;
  readonly number: number;
}

/**
 * An id of a time, or of the moment after `last` when that one is not over: above all that were given before, even when the clock
 * went back. Throws `store_unavailable` when the clock says a time that has no ids.
 */
export function toNextId(last: number, time: number, { of, number }: IdShare = { of: 1, number: 0 }): number {
  const turn = Math.max(Math.floor(last / of) + 1, Math.ceil(toFirstId(time) / of));
  const id = turn * of + number;
  // Also a time that is no number.
  if (!(id < maxId) || time < 0)
    throw new GatewayError(
      'store_unavailable',
      `The clock says ${toYear(time)}, for which there are no ids. Set it right.`,
    );
  return id;
}

function toYear(time: number): string {
  const year = new Date(time).getUTCFullYear();
  return Number.isNaN(year) ? 'no time' : `the year ${year}`;
}
