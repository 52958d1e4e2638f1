import type { AccountId } from '../../domain/account.ts';
import { earlierUsersAtMost, idRanks, retoldMs, spellingsAtMost } from '../../domain/alias.ts';
import type { Alias, Spelling } from '../../domain/alias.ts';
import { spellingsQuery, toPresent, toSpellings } from './rows.ts';
import type { SpellingRow } from './rows.ts';
import { overStates } from '../erasures/rows.ts';
import type { Aliases, UserKey } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import { MoveTables } from './sqlite-moves.ts';

/** Steps from a recipient to what it is sent as: a number, another spelling of it, an id of the user, and what links those. */
const waySteps = 4;

/** What a spelling is told as of one rank, by now. */
const isOpen = 'account_id = ? AND spelling = ? AND channel_id = ? AND rank = ? AND until IS NULL';
/** What a spelling was ever told as of one rank. */
const isOfRank = 'account_id = ?1 AND spelling = ?2 AND channel_id = ?3 AND rank = ?4';

/** When whoever had a spelling before had it last, and when it became somebody's who left another number for it. */
const limits = `SELECT (SELECT max(until) FROM alias WHERE account_id = ?1 AND spelling = ?2 AND channel_id = ?3
      AND (rank = ?4 OR (rank = ${idRanks.moved} AND ?4 > ${idRanks.number}))) AS ended,
    (SELECT max(until) FROM alias WHERE account_id = ?1 AND told = ?2 AND channel_id = ?3
      AND rank = ${idRanks.moved} AND ?4 > ${idRanks.number}) AS begun`;

/** Notes what a spelling is told as, from a time on. */
const insert = `INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, until, told_at)
  VALUES (?, ?, ?, ?, ?, ?, NULL, ?) ON CONFLICT DO NOTHING`;

/** Forgets the earliest of those who had a spelling, beyond so many. */
const prune = `DELETE FROM alias WHERE ${isOfRank} AND since <
  (SELECT since FROM alias WHERE ${isOfRank} ORDER BY since DESC LIMIT 1 OFFSET ${earlierUsersAtMost})`;

/** Whether a message to a recipient is still to be sent, on any channel or on one (?3). */
const isAwaited = `SELECT 1 FROM outbound WHERE account_id = ?1 AND recipient = ?2 AND (?3 IS NULL OR channel_id = ?3)
  AND state NOT IN ${overStates} LIMIT 1`;

/** What is run for aliases, prepared once. */
function aliasStatements(db: Connection) {
  return {
    open: db.prepare<{ told: string; since: number; told_at: number }>(
      `SELECT told, since, told_at FROM alias WHERE ${isOpen}`,
    ),
    limits: db.prepare<{ ended: number | null; begun: number | null }>(limits),
    insert: db.prepare(insert),
    retell: db.prepare(`UPDATE alias SET told_at = ? WHERE ${isOpen}`),
    end: db.prepare(`UPDATE alias SET until = ? WHERE ${isOpen}`),
    prune: db.prepare(prune),
    spellings: db.prepare<SpellingRow>(
      spellingsQuery({ account: '?1', id: '?2', channel: '?3', least: 'min', most: 'max' }),
    ),
    next: db.prepare<{ told: string }>(
      'SELECT told FROM alias WHERE account_id = ? AND spelling = ? AND channel_id = ? AND until IS NULL ORDER BY rank LIMIT 1',
    ),
    toldAs: db.prepare<{ spelling: string }>(
      `SELECT spelling FROM alias WHERE account_id = ? AND told = ? AND channel_id = ? AND until IS NULL LIMIT ${spellingsAtMost}`,
    ),
    isAwaited: db.prepare(isAwaited),
    removeTold: db.prepare(
      'DELETE FROM alias WHERE account_id = ?1 AND told = ?2 AND (?3 IS NULL OR channel_id = ?3)',
    ),
    removeSpelling: db.prepare(
      'DELETE FROM alias WHERE account_id = ?1 AND spelling = ?2 AND (?3 IS NULL OR channel_id = ?3) AND until IS NULL',
    ),
  };
}

/** What is done with the table of aliases, each inside a transaction that the caller has. */
export class AliasTables {
  readonly #db: Connection;
  readonly #moves: MoveTables;
  readonly #sql;

  constructor(db: Connection) {
    this.#db = db;
    this.#moves = new MoveTables(db);
    this.#sql = aliasStatements(db);
  }

  tell(accountId: AccountId, alias: Alias): void {
    const { channelId, spelling, told, rank, at } = alias;
    if (rank === idRanks.moved) return this.#move(accountId, alias);
    const key = [accountId, spelling, channelId, rank] as const;
    const toldAt = Math.min(at, this.#db.now());
    const known = this.#sql.open.get(...key);
    if (known === undefined) {
      const { ended, begun } = this.#sql.limits.get(...key) ?? { ended: null, begun: null };
      if ((ended !== null && toldAt <= ended) || (begun !== null && toldAt < begun)) return;
      this.#sql.insert.run(...key, Math.max(ended ?? 0, begun ?? 0), told, toldAt);
    } else if (known.told === told) {
      if (known.told_at < toldAt - retoldMs) this.#sql.retell.run(toldAt, ...key);
    } else if (toldAt > known.told_at) {
      this.#sql.end.run(toldAt, ...key);
      this.#sql.insert.run(...key, toldAt, told, toldAt);
      this.#sql.prune.run(...key);
    }
  }

  find(accountId: AccountId, { userId, channelId }: UserKey): readonly Spelling[] {
    return toSpellings(this.#sql.spellings.all(accountId, userId, channelId ?? null));
  }

  /** What a message to a recipient is sent as, from the recipient's own id on; hardly ever more than that one. */
  findWay(accountId: AccountId, channelId: string, to: string): readonly string[] {
    const way = [to];
    for (let step = 0; step < waySteps; step += 1) {
      const told = this.#sql.next.get(accountId, way.at(-1) ?? to, channelId)?.told;
      if (told === undefined || way.includes(told)) break;
      way.push(told);
    }
    return way;
  }

  /** The ids that are told as one by now, that one first. */
  findToldAs(accountId: AccountId, channelId: string, told: string): readonly string[] {
    const others = this.#sql.toldAs.all(accountId, told, channelId);
    return [told, ...others.map(({ spelling }) => spelling)];
  }

  /** Forgets the aliases of an erased user, unless a message to one of the ids is still to be sent. */
  forget(accountId: AccountId, user: UserKey, found: readonly Spelling[]): void {
    const channelId = user.channelId ?? null;
    const present = toPresent(found);
    if (present.some((id) => this.#sql.isAwaited.get(accountId, id, channelId) !== undefined)) return;
    for (const id of present) {
      this.#sql.removeTold.run(accountId, id, channelId);
      this.#sql.removeSpelling.run(accountId, id, channelId);
    }
  }

  /** What the user had under the number that is left ends then, and what others had under the new one; the user's id goes along. */
  #move(accountId: AccountId, { channelId, spelling, told, at }: Alias): void {
    const movedAt = Math.min(at, this.#db.now());
    const of = { accountId, channelId, at: movedAt };
    if (this.#moves.isKnown({ ...of, spelling }, told)) return;
    // The same number in the channel's own spelling goes with it.
    const other = this.#sql.open.get(accountId, spelling, channelId, idRanks.number)?.told;
    let user: { readonly told: string; readonly rank: number } | undefined;
    for (const left of other === undefined || other === told ? [spelling] : [spelling, other]) {
      const number = { ...of, spelling: left };
      const since = this.#moves.findStart(number);
      user ??= this.#moves.endOfUser(number);
      this.#moves.insert(number, told, since);
      this.#sql.prune.run(accountId, left, channelId, idRanks.moved);
    }
    this.#moves.endOfOthers({ ...of, spelling: told });
    this.#moves.begin({ ...of, spelling: told });
    if (user === undefined) return;
    if (this.#sql.open.get(accountId, told, channelId, user.rank) !== undefined) return;
    this.#sql.insert.run(accountId, told, channelId, user.rank, movedAt, user.told, movedAt);
  }
}

export function aliasVerbs(db: Connection, aliases: AliasTables): Aliases {
  return {
    tellAliases: (accountId, told) =>
      db.write(() => {
        for (const alias of told) aliases.tell(accountId, alias);
      }),
    findSpellings: (accountId, user) => db.read(() => aliases.find(accountId, user)),
  };
}
