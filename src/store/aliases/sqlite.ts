import type { AccountId } from '../../domain/account.ts';
import { earlierUsersAtMost, retoldMs, spellingsAtMost } from '../../domain/alias.ts';
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
  const lastEnd = db.prepare<{ until: number | null }>(
    'SELECT max(until) AS until FROM alias WHERE account_id = ? AND spelling = ? AND channel_id = ? AND rank = ?',
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

  return {
    tell: (accountId, { channelId, spelling, told, rank, at }) => {
      const key = [accountId, spelling, channelId, rank] as const;
      const toldAt = Math.min(at, db.now());
      const known = open.get(...key);
      if (known === undefined) {
        const since = lastEnd.get(...key)?.until ?? 0;
        insert.run(...key, since, told, toldAt);
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

export function aliasVerbs(db: Connection, writes: AliasWrites): Aliases {
  return {
    tellAliases: (accountId, aliases) =>
      db.write(() => {
        for (const alias of aliases) writes.tell(accountId, alias);
      }),
    findSpellings: (accountId, user) => db.read(() => writes.find(accountId, user)),
  };
}
