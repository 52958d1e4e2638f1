// A user who moves from one number to another: what was told of the old one ends then, and goes along to the new one.
import { idRanks } from '../../domain/alias.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Connection } from '../sqlite/connection.ts';

const isOf = 'account_id = ?1 AND spelling = ?2 AND channel_id = ?3';
/** What a number is told as that outlives it: an id of the user. */
const lasting = `rank > ${idRanks.number} AND until IS NULL`;

/** When whoever has a number by a time got it: after another had it last, or left another number for it. */
const start = `SELECT coalesce(max(until), 0) AS since FROM alias WHERE account_id = ?1 AND channel_id = ?3 AND until < ?4
  AND ((spelling = ?2 AND rank <> ${idRanks.number}) OR (told = ?2 AND rank = ${idRanks.moved}))`;

/** Notes that a number was left for another one, and since when it had been the user's. */
const insertMove = `INSERT INTO alias (account_id, spelling, channel_id, rank, since, told, until, told_at)
  VALUES (?1, ?2, ?3, ${idRanks.moved}, ?5, ?6, ?4, ?4) ON CONFLICT DO NOTHING`;

/** What a number is told as, and how lasting that is. */
interface ToldAs {
  readonly told: string;
  readonly rank: number;
}

/** What is run for moves, prepared once. */
function moveStatements(db: Connection) {
  return {
    known: db.prepare(
      `SELECT 1 FROM alias WHERE ${isOf} AND rank = ${idRanks.moved} AND until = ?4 AND told = ?5`,
    ),
    start: db.prepare<{ since: number }>(start),
    ending: db.prepare<ToldAs>(
      `SELECT told, rank FROM alias WHERE ${isOf} AND ${lasting} AND told_at < ?4 ORDER BY rank LIMIT 1`,
    ),
    end: db.prepare(`UPDATE alias SET until = ?4 WHERE ${isOf} AND ${lasting} AND told_at < ?5`),
    insert: db.prepare(insertMove),
    begin: db.prepare(`UPDATE alias SET since = ?4 WHERE ${isOf} AND ${lasting} AND since < ?4`),
  };
}

/** A number at a time. */
interface Numbered {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly spelling: string;
  readonly at: number;
}

/** The steps of a change of number, each inside a transaction that the caller has. */
export class MoveTables {
  readonly #sql;

  constructor(db: Connection) {
    this.#sql = moveStatements(db);
  }

  isKnown(number: Numbered, told: string): boolean {
    return this.#sql.known.get(...toKey(number), number.at, told) !== undefined;
  }

  /** Since when the number has been that of whoever has it then. */
  findStart(number: Numbered): number {
    return this.#sql.start.get(...toKey(number), number.at)?.since ?? 0;
  }

  insert(number: Numbered, told: string, since: number): void {
    this.#sql.insert.run(...toKey(number), number.at, since, told);
  }

  /** Ends what a number is told as up to then and at the very same time, for it is still its user's; resolves to what it was. */
  endOfUser(number: Numbered): ToldAs | undefined {
    return this.#end(number, number.at + 1);
  }

  /** Ends what a number was told as when others had it, before then. */
  endOfOthers(number: Numbered): void {
    this.#end(number, number.at);
  }

  /** What is told of the number later, by whoever has it from then on, is of no time before. */
  begin(number: Numbered): void {
    this.#sql.begin.run(...toKey(number), number.at);
  }

  #end(number: Numbered, before: number): ToldAs | undefined {
    const user = this.#sql.ending.get(...toKey(number), before);
    this.#sql.end.run(...toKey(number), number.at, before);
    return user;
  }
}

function toKey({ accountId, spelling, channelId }: Numbered) {
  return [accountId, spelling, channelId] as const;
}
