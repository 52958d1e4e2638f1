// One user under several ids: what a channel calls whom we wrote to, and what it tells of a user beside the id that we know.
import type { EndUser } from './receipt.ts';
import { isBusinessScopedUserId } from './user-id.ts';

/**
 * What an id is, each more lasting than the one before: a phone number, an id of a user, one that links ids of a user. `moved` is
 * the number that a user has left the spelling for.
 */
export const idRanks = { moved: 0, number: 1, user: 2, parent: 3 } as const;
type IdRank = (typeof idRanks)[keyof typeof idRanks];

/**
 * That a channel told of one of its users under another id: `told` is at least as lasting as `spelling`. With the rank `moved`, that
 * the user's number was `spelling` until then and is `told` from then on: the one may be a stranger's later, the other was before.
 */
export interface Alias {
  readonly channelId: string;
  readonly spelling: string;
  readonly told: string;
  /** What `told` is. */
  readonly rank: IdRank;
  /** When it was told; epoch milliseconds. */
  readonly at: number;
}

/**
 * An id under which a user is found. `isOwn`: all of it is the user's; else what happened from `since` on and before `until`,
 * because the id was or is another user's at other times.
 */
export interface Spelling {
  readonly id: string;
  readonly isOwn: boolean;
  readonly since: number;
  readonly until: number;
}

/** An end that no time reaches for which there are ids. */
export const forever = 2 ** 43;
/** Ids that one user is looked for under at most. */
export const spellingsAtMost = 64;
/** Ends of a spelling's earlier users that are remembered at most; older ones are forgotten. */
export const earlierUsersAtMost = 8;
/** That an alias was told again is noted once in this time. */
export const retoldMs = 24 * 60 * 60 * 1000;
/** An alias that is not told any more is kept for so long beyond the receipts. */
export const aliasKeptMs = 400 * 24 * 60 * 60 * 1000;

/** An alias of two ids of one user, whichever comes first; undefined where they are the same, or one is empty. */
export function toAlias(channelId: string, a: string, b: string, at: number): Alias | undefined {
  if (a === b || a === '' || b === '') return undefined;
  const [spelling, told] = rankOf(a) > rankOf(b) ? [b, a] : [a, b];
  return { channelId, spelling, told, rank: rankOf(told), at };
}

/** That a user has another number from a time on; undefined where one of both is no number. */
export function toMove(channelId: string, from: string, to: string, at: number): Alias | undefined {
  if (from === to || rankOf(from) !== idRanks.number || rankOf(to) !== idRanks.number) return undefined;
  return { channelId, spelling: from, told: to, rank: idRanks.moved, at };
}

/** That ids are of one user, each after one that is less lasting or as lasting. */
export function toAliases(channelId: string, ids: readonly string[], at: number): readonly Alias[] {
  return ids.flatMap((id, n) => toAlias(channelId, ids[n - 1] ?? '', id, at) ?? []);
}

/** What a channel told of a user's ids in one breath. */
export function toAliasesOf(
  channelId: string,
  { id, phone, otherId, userId, parentUserId }: EndUser,
  at: number,
): readonly Alias[] {
  if (otherId === undefined && userId === undefined && parentUserId === undefined) return [];
  const ids = [phone ?? id, otherId, userId, parentUserId].filter((one) => one !== undefined);
  return toAliases(channelId, ids, at);
}

function rankOf(id: string): Exclude<IdRank, typeof idRanks.moved> {
  if (/^\d{5,15}$/.test(id)) return idRanks.number;
  return isBusinessScopedUserId(id) && id.includes('.ENT.') ? idRanks.parent : idRanks.user;
}

/** When something was under an id, as times of ids are told: by the channel's clock, and never after it was recorded. */
export function toHappened(occurredAt: number, recordedAt: number): number {
  return Math.min(occurredAt, recordedAt);
}

/**
 * Whether what happened at a time under a user's ids is of the user who is found under `spellings`. An id that is the user's
 * for a while only does not count where a more lasting one beside it says otherwise: a number may have been given to another.
 */
export function isOfUser(
  spellings: readonly Spelling[],
  { id, phone, otherId, userId, parentUserId }: EndUser,
  at: number,
): boolean {
  const given = [id, phone, otherId, userId, parentUserId].filter((one) => one !== undefined);
  if (spellings.some((one) => one.isOwn && given.includes(one.id))) return true;
  const lasting = given.filter((one) => one !== phone && one !== otherId);
  return isIn(spellings, lasting.length > 0 ? lasting : given, at);
}

/** Whether a message to a recipient, accepted at a time, was to the user who is found under `spellings`. */
export function isToUser(spellings: readonly Spelling[], to: string, at: number): boolean {
  return isIn(spellings, [to], at);
}

function isIn(spellings: readonly Spelling[], ids: readonly string[], at: number): boolean {
  return spellings.some(
    ({ id, isOwn, since, until }) => ids.includes(id) && (isOwn || (at >= since && at < until)),
  );
}
