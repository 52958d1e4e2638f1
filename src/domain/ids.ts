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
interface IdShare {
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

/** The id after one, which nobody need have given: what is below it goes up to that one, and what is from it on does not hold it. */
export function toFollowing(id: number): number {
  return Math.min(id + 1, maxId);
}

/** The id before one: what is above it begins with that one. */
export function toPreceding(id: number): number {
  return id - 1;
}

/** An id that somebody gives back to us, in a cursor or an address; undefined for what is none. */
export function parseId(text: string): number | undefined {
  const id = text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** A time from `since` on and before `until`, in epoch ms; without an end where one is left out. */
export interface Period {
  readonly since?: number;
  readonly until?: number;
}

/** Ids from one on and below another. */
export interface IdRange {
  readonly from: number;
  readonly before: number;
}

/** The lowest id that what is known by its id alone has in a period: ids grow with time, so a range of time is a range of ids. */
export function toSinceId({ since }: Pick<Period, 'since'>): number {
  return since === undefined ? 0 : toFirstId(since);
}

/** The id that all of a period are below; null without an end. */
export function toUntilId({ until }: Pick<Period, 'until'>): number | null {
  return until === undefined ? null : toFirstId(until);
}

/**
 * By how much the ids of a period reach beyond it: an id is given a moment before its row's time is, and ids run ahead of a clock
 * that was set back. A wider reach would make a listing that ends at some time walk over all that came after it.
 */
const slackMs = 10_000;

/** The range of ids in which the rows of a period are that have a time of their own, so that a listing walks over no others. */
export function toIdRange({ since, until }: Period, before: number = maxId): IdRange {
  return {
    from: since === undefined ? 0 : toFirstId(since - slackMs),
    before: until === undefined ? before : Math.min(before, toFirstId(Math.ceil(until + slackMs))),
  };
}

/** The `MessageId` of an outbound message: `yyyyMMddHHmmssSSS` in UTC and four digits. */
export function formatOutboundId(id: number): string {
  const time = new Date(toIdTime(id)).toISOString().replace(/\D/g, '');
  return `${time}${String(toIdNumber(id)).padStart(4, '0')}`;
}

/** The id behind a `MessageId`; undefined when it is none of ours. */
export function parseOutboundId(messageId: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})(\d{4})$/.exec(messageId)?.slice(1);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second, ms, number] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : toId(time, Number(number));
}

function toYear(time: number): string {
  const year = new Date(time).getUTCFullYear();
  return Number.isNaN(year) ? 'no time' : `the year ${year}`;
}
