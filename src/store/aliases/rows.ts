// Rows of ids of one user as both stores select them.
import { forever, idRanks, spellingsAtMost } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';

export interface SpellingRow {
  readonly id: string;
  readonly own: number;
  readonly since: number;
  readonly until: number;
}

/**
 * Selects {@link SpellingRow}s of the user `id` of `account`, of one channel where `channel` is not null. Upwards it follows what an
 * id is told as by now: a more lasting id is the user's as a whole, another number as far as the spelling is. Downwards it follows
 * what was told as an id, for the time for which it was; and from a number on what a user left for it, for the time before that.
 */
export function spellingsQuery(names: {
  readonly account: string;
  readonly id: string;
  readonly channel: string;
  readonly least: string;
  readonly most: string;
}): string {
  const { account, id, channel, least, most } = names;
  const since = `${most}(f.since, a.since)`;
  const until = `${least}(f.until, coalesce(a.until, ${forever}))`;
  const isUp = 'a.spelling = f.id';
  const isMove = `(a.rank = ${idRanks.moved} AND a.until IS NOT NULL)`;
  return `WITH RECURSIVE found (id, own, since, until) AS (
      SELECT ${id}, 1, CAST(0 AS bigint), CAST(${forever} AS bigint)
      UNION
      SELECT CASE WHEN ${isUp} THEN a.told ELSE a.spelling END,
        CASE WHEN NOT ${isUp} THEN 0 WHEN a.rank > ${idRanks.number} THEN 1 ELSE f.own END,
        CASE WHEN ${isMove} THEN a.since WHEN NOT ${isUp} THEN ${since} WHEN a.rank > ${idRanks.number} THEN 0 ELSE f.since END,
        CASE WHEN ${isMove} THEN a.until WHEN ${isUp} THEN ${forever} ELSE ${until} END
      FROM found f JOIN alias a
        ON (a.account_id = ${account} AND a.spelling = f.id AND a.until IS NULL AND f.until = ${forever})
        OR (a.account_id = ${account} AND a.told = f.id AND NOT ${isMove} AND ${since} < ${until})
        OR (a.account_id = ${account} AND a.told = f.id AND ${isMove} AND f.since <= a.until AND a.until < f.until)
      WHERE ${channel} IS NULL OR a.channel_id = ${channel})
    SELECT id, own, since, until FROM found ORDER BY own DESC, since LIMIT ${spellingsAtMost}`;
}

/** The spellings of a user from their rows, no two of which are about the same time. */
export function toSpellings(rows: readonly SpellingRow[]): readonly Spelling[] {
  return [...Map.groupBy(rows, ({ id }) => id)].flatMap(([id, own]) => {
    if (own.some((row) => row.own === 1)) return [{ id, isOwn: true, since: 0, until: forever }];
    const merged: { id: string; isOwn: boolean; since: number; until: number }[] = [];
    for (const { since, until } of own.toSorted((a, b) => a.since - b.since)) {
      const last = merged.at(-1);
      if (last !== undefined && since <= last.until) last.until = Math.max(last.until, until);
      else merged.push({ id, isOwn: false, since, until });
    }
    return merged;
  });
}

/**
 * The ids that are the user's by now, those of others at other times among them: what is told as one of them, and what they are
 * told as, goes with the user.
 */
export function toPresent(spellings: readonly Spelling[]): readonly string[] {
  return [...new Set(spellings.filter(({ isOwn, until }) => isOwn || until === forever).map(({ id }) => id))];
}
