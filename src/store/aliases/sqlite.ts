import type { AccountId } from '../../domain/account.ts';
import { earlierUsersAtMost, idRanks, retoldMs, spellingsAtMost } from '../../domain/alias.ts';
import type { Alias, Spelling } from '../../domain/alias.ts';
import { spellingsQuery, toPresent, toSpellings } from './rows.ts';
import type { SpellingRow } from './rows.ts';
import { overStates } from '../erasures/rows.ts';
import type { Aliases, UserKey } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

/** What other verbs do with aliases inside their own transaction. */
export interface AliasWrites {
  tell(accountId: AccountId, alias: Alias): void;
  find(accountId: AccountId, user: UserKey): readonly Spelling[];
  /** What a message to a recipient is sent as, from the recipient's own id on; hardly ever more than that one. */
  findWay(accountId: AccountId, channelId: string, to: string): readonly string[];
  /** The ids that are told as one by now, that one first. */
  findToldAs(accountId: AccountId, channelId: string, told: string): readonly string[];
  /** Forgets the aliases of an erased user, unless a message to one of the ids is still to be sent. */
  forget(accountId: AccountId, user: UserKey, spellings: readonly Spelling[]): void;
}

/** Steps from a recipient to what it is sent as: a number, another spelling of it, an id of the user, and what links those. */
const waySteps = 4;

export function aliasWrites(db: Connection): AliasWrites {
  const open = db.prepare<{ told: string; since: number; told_at: number }>(
    'SELECT told, since, told_at FROM alias WHERE account_id = ? AND spelling = ? AND channel_id = ? AND rank = ? AND until IS NULL',
  );
  // When whoever had a spelling before had it last, and when it became somebody's who left another number for it.
  const limits = db.prepare<{ ended: number | null; begun: number | null }>(
    `SELECT (SELECT max(until) FROM alias WHERE account_id = ?1 AND spelling = ?2 AND channel_id = ?3
         AND (rank = ?4 OR (rank = ${idRanks.moved} AND ?4 > ${idRanks.number}))) AS ended,
       (SELECT max(until) FROM alias WHERE account_id = ?1 AND told = ?2 AND channel_id = ?3
         AND rank = ${idRanks.moved} AND ?4 > ${idRanks.number}) AS begun`,
  );
  const insert = db.prepare(
    'INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, until, told_at) VALUES (?, ?, ?, ?, ?, ?, NULL, ?) ON CONFLICT DO NOTHING',
  );
  const retell = db.prepare(
    'UPDATE alias SET told_at = ? WHERE account_id = ? AND spelling = ? AND channel_id = ? AND rank = ? AND until IS NULL',
  );
  const end = db.prepare(
    'UPDATE alias SET until = ? WHERE account_id = ? AND spelling = ? AND channel_id = ? AND rank = ? AND until IS NULL',
  );
  const prune = db.prepare(
    `DELETE FROM alias WHERE account_id = ?1 AND spelling = ?2 AND channel_id = ?3 AND rank = ?4 AND since <
       (SELECT since FROM alias WHERE account_id = ?1 AND spelling = ?2 AND channel_id = ?3 AND rank = ?4
        ORDER BY since DESC LIMIT 1 OFFSET ${earlierUsersAtMost})`,
  );
  const spellings = db.prepare<SpellingRow>(
    spellingsQuery({ account: '?1', id: '?2', channel: '?3', least: 'min', most: 'max' }),
  );
  const next = db.prepare<{ told: string }>(
    'SELECT told FROM alias WHERE account_id = ? AND spelling = ? AND channel_id = ? AND until IS NULL ORDER BY rank LIMIT 1',
  );
  const toldAs = db.prepare<{ spelling: string }>(
    `SELECT spelling FROM alias WHERE account_id = ? AND told = ? AND channel_id = ? AND until IS NULL LIMIT ${spellingsAtMost}`,
  );
  const isWaiting = db.prepare(
    `SELECT 1 FROM outbound WHERE account_id = ?1 AND recipient = ?2 AND (?3 IS NULL OR channel_id = ?3)
       AND state NOT IN ${overStates} LIMIT 1`,
  );
  const removeTold = db.prepare(
    'DELETE FROM alias WHERE account_id = ?1 AND told = ?2 AND (?3 IS NULL OR channel_id = ?3)',
  );
  const removeSpelling = db.prepare(
    'DELETE FROM alias WHERE account_id = ?1 AND spelling = ?2 AND (?3 IS NULL OR channel_id = ?3) AND until IS NULL',
  );

  const moves = moveWrites(db);

  /** What the user had under the number that is left ends then, and what others had under the new one; the user's id goes along. */
  function move(accountId: AccountId, { channelId, spelling, told, at }: Alias): void {
    const movedAt = Math.min(at, db.now());
    const of = { accountId, channelId, at: movedAt };
    if (moves.isKnown({ ...of, spelling, told })) return;
    // The same number in the channel's own spelling goes with it.
    const other = open.get(accountId, spelling, channelId, idRanks.number)?.told;
    let user: { readonly told: string; readonly rank: number } | undefined;
    for (const left of other === undefined || other === told ? [spelling] : [spelling, other]) {
      const since = moves.startOf({ ...of, spelling: left });
      user ??= moves.end({ ...of, spelling: left, isSameTime: true });
      moves.insert({ ...of, spelling: left, told, since });
      prune.run(accountId, left, channelId, idRanks.moved);
    }
    moves.end({ ...of, spelling: told, isSameTime: false });
    moves.begin({ ...of, spelling: told });
    if (user !== undefined && open.get(accountId, told, channelId, user.rank) === undefined)
      insert.run(accountId, told, channelId, user.rank, movedAt, user.told, movedAt);
  }

  return {
    tell: (accountId, alias) => {
      const { channelId, spelling, told, rank, at } = alias;
      if (rank === idRanks.moved) return move(accountId, alias);
      const key = [accountId, spelling, channelId, rank] as const;
      const toldAt = Math.min(at, db.now());
      const known = open.get(...key);
      if (known === undefined) {
        const { ended, begun } = limits.get(...key) ?? { ended: null, begun: null };
        if ((ended !== null && toldAt <= ended) || (begun !== null && toldAt < begun)) return;
        insert.run(...key, Math.max(ended ?? 0, begun ?? 0), told, toldAt);
      } else if (known.told === told) {
        if (known.told_at < toldAt - retoldMs) retell.run(toldAt, ...key);
      } else if (toldAt > known.told_at) {
        end.run(toldAt, ...key);
        insert.run(...key, toldAt, told, toldAt);
        prune.run(...key);
      }
    },
    find: (accountId, { userId, channelId = null }) =>
      toSpellings(spellings.all(accountId, userId, channelId)),
    findWay: (accountId, channelId, to) => {
      const way = [to];
      for (let step = 0; step < waySteps; step += 1) {
        const told = next.get(accountId, way.at(-1) ?? to, channelId)?.told;
        if (told === undefined || way.includes(told)) break;
        way.push(told);
      }
      return way;
    },
    findToldAs: (accountId, channelId, told) => [
      told,
      ...toldAs.all(accountId, told, channelId).map(({ spelling }) => spelling),
    ],
    forget: (accountId, { channelId = null }, found) => {
      const present = toPresent(found);
      if (present.some((id) => isWaiting.get(accountId, id, channelId) !== undefined)) return;
      for (const id of present) {
        removeTold.run(accountId, id, channelId);
        removeSpelling.run(accountId, id, channelId);
      }
    },
  };
}

interface Moved {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly spelling: string;
  readonly at: number;
}

/** The parts of a change of number. */
function moveWrites(db: Connection) {
  const isOf = 'account_id = ?1 AND spelling = ?2 AND channel_id = ?3';
  const lasting = `rank > ${idRanks.number} AND until IS NULL`;
  const known = db.prepare(
    `SELECT 1 FROM alias WHERE ${isOf} AND rank = ${idRanks.moved} AND until = ?4 AND told = ?5`,
  );
  const start = db.prepare<{ since: number }>(
    `SELECT coalesce(max(until), 0) AS since FROM alias WHERE account_id = ?1 AND channel_id = ?3 AND until < ?4
       AND ((spelling = ?2 AND rank <> ${idRanks.number}) OR (told = ?2 AND rank = ${idRanks.moved}))`,
  );
  const ending = db.prepare<{ told: string; rank: number }>(
    `SELECT told, rank FROM alias WHERE ${isOf} AND ${lasting} AND told_at < ?4 ORDER BY rank LIMIT 1`,
  );
  const end = db.prepare(`UPDATE alias SET until = ?4 WHERE ${isOf} AND ${lasting} AND told_at < ?5`);
  const insert = db.prepare(
    `INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, until, told_at)
       VALUES (?1, ?2, ?3, ${idRanks.moved}, ?5, ?6, ?4, ?4) ON CONFLICT DO NOTHING`,
  );
  const begin = db.prepare(`UPDATE alias SET since = ?4 WHERE ${isOf} AND ${lasting} AND since < ?4`);
  const toKey = ({ accountId, spelling, channelId }: Moved) => [accountId, spelling, channelId] as const;

  return {
    isKnown: (of: Moved & { told: string }) => known.get(...toKey(of), of.at, of.told) !== undefined,
    startOf: (of: Moved) => start.get(...toKey(of), of.at)?.since ?? 0,
    /** Ends what the number is told as, up to then, and the very same time where that is still its user's; resolves to what it was. */
    end: (of: Moved & { isSameTime: boolean }) => {
      const before = of.isSameTime ? of.at + 1 : of.at;
      const user = ending.get(...toKey(of), before);
      end.run(...toKey(of), of.at, before);
      return user;
    },
    insert: (of: Moved & { told: string; since: number }) =>
      insert.run(...toKey(of), of.at, of.since, of.told),
    /** What is told of the number later, by whoever has it from then on, is of no time before. */
    begin: (of: Moved) => begin.run(...toKey(of), of.at),
  };
}

export function aliasVerbs(db: Connection, writes: AliasWrites): Aliases {
  return {
    tellAliases: (accountId, aliases) =>
      db.write(() => {
        for (const alias of aliases) writes.tell(accountId, alias);
      }),
    findSpellings: (accountId, user) => db.read(() => writes.find(accountId, user)),
  };
}
