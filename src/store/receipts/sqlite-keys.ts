// The unique keys of receipts, which refuse repeats. A key is made of a hash, so each falls onto a page of its own: the newest are
// appended (seen_lately) and known in memory (lately), and moved into their order (seen) by and by, many to a page.
import type { AccountId } from '../../domain/account.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { repeat, toRemoveById, toRemoveByKey } from '../sqlite/statement.ts';
import { toHex } from './rows.ts';

/** What is known of a receipt of a subject, whether it is kept still or not. */
export interface SeenRow {
  readonly key: Uint8Array;
  readonly receipt_id: number;
  readonly rank: number;
}

/** A key as it is added. */
interface AddedKey {
  readonly accountId: AccountId;
  readonly id: number;
  readonly key: Uint8Array;
  readonly rank: number;
}

/** What is taken away of a receipt. */
interface OldKey {
  readonly id: number;
  readonly account_id: number;
  readonly key: Uint8Array;
}

/** Receipts of one subject that are looked at one by one; a message hardly has more. */
const relatedLimit = 8;
/** Keys that gather in memory before they are moved. */
const gatheredKeys = 200_000;
/** Keys that are moved for each that is added, so that a move ends before as many have gathered again. */
const movedForEach = 2;
/** Keys that are no longer needed where they were appended and are taken from there, for each that is added. */
const trimmedForEach = 4;
/** Keys that are moved at once, at least: fewer would write the same page again and again. */
const movedAtOnce = 128;

/** First and last of the keys that begin with these hex digits. */
export function toKeyRange(digits: string): [Buffer, Buffer] {
  return [Buffer.from(digits.padEnd(32, '0'), 'hex'), Buffer.from(digits.padEnd(32, 'f'), 'hex')];
}

/** A key of the index. */
interface Place {
  readonly account_id: number;
  readonly key: Uint8Array;
}

/** Keys on their way into their order: those after a place, of receipts up to one. */
interface Move {
  readonly after: Place;
  readonly upTo: number;
}

/** What this process knows of its keys, besides the keys; as the last commit left it. */
interface State {
  /** Keys that are owed to the move under way. */
  readonly owed: number;
  readonly move: Move | null;
  /** Receipts up to this one have their keys in order, and none of them needs to be appended any more; 0 where none is. */
  readonly moved: number;
}

const first: Place = { account_id: -1, key: new Uint8Array() };
const last: Place = { account_id: Number.MAX_SAFE_INTEGER, key: new Uint8Array() };

/** What is run for keys, prepared once. */
function keyStatements(db: Connection) {
  const after = 'FROM lately WHERE (account_id, key) > (?1, ?2)';
  const part = `${after} AND (account_id, key) <= (?3, ?4)`;
  return {
    relatedOf: db.prepare<SeenRow>(
      `SELECT key, receipt_id, rank FROM known WHERE account_id = ? AND key >= ? AND key <= ? LIMIT ${relatedLimit}`,
    ),
    rankOf: db.prepare<{ rank: number | null }>(
      'SELECT max(rank) AS rank FROM known WHERE account_id = ? AND key >= ? AND key <= ?',
    ),
    isKnown: db.prepare('SELECT 1 FROM known WHERE account_id = ? AND key = ?'),
    learn: db.prepare('INSERT INTO lately (account_id, key, receipt_id, rank) VALUES (?, ?, ?, ?)'),
    append: db.prepareRows(
      (count) =>
        `INSERT INTO seen_lately (receipt_id, account_id, key, rank) VALUES ${repeat('(?, ?, ?, ?)', count)}`,
    ),
    countLately: db.prepare<{ count: number }>('SELECT count(*) AS count FROM lately'),
    endOfPart: db.prepare<Place>(
      `SELECT account_id, key ${after} ORDER BY account_id, key LIMIT 1 OFFSET ?3`,
    ),
    move: db.prepare(
      `INSERT OR IGNORE INTO seen SELECT account_id, key, receipt_id, rank ${part} ORDER BY account_id, key`,
    ),
    forget: db.prepare(`DELETE ${part}`),
    trim: db.prepare(
      'DELETE FROM seen_lately WHERE receipt_id IN (SELECT receipt_id FROM seen_lately WHERE receipt_id <= ? ORDER BY receipt_id LIMIT ?)',
    ),
    remove: ['seen', 'lately'].map((table) =>
      db.prepareRows(toRemoveByKey(`${table} WHERE (account_id, key)`)),
    ),
    removeAppended: db.prepareRows(toRemoveById('seen_lately WHERE receipt_id')),
  };
}

/** The keys of all receipts, inside a transaction that the caller has. */
export class ReceiptKeys {
  readonly #db: Connection;
  readonly #sql;
  readonly #gathered: number;
  /** Undefined until it is needed, and after the file has changed. */
  #state: State | undefined;
  /** How many are in memory, with those that were taken away since that was counted; while there is a state. */
  #lately = 0;

  constructor(db: Connection, gathered = gatheredKeys) {
    this.#db = db;
    this.#sql = keyStatements(db);
    this.#gathered = gathered;
    db.onRescue(() => {
      this.#state = undefined;
    });
  }

  /** What of a subject (the hex digits that keys begin with) is known, each receipt once; of very many, some. */
  findRelated(accountId: AccountId, digits: string): SeenRow[] {
    return this.#sql.relatedOf.all(accountId, ...toKeyRange(digits));
  }

  /** The highest rank of what is known under the hex digits that keys begin with, of which `related` is what {@link findRelated} found. */
  findRank(accountId: AccountId, digits: string, related: readonly SeenRow[]): number {
    if (related.length === relatedLimit)
      return this.#sql.rankOf.get(accountId, ...toKeyRange(digits))?.rank ?? 0;
    return related
      .filter(({ key }) => toHex(key).startsWith(digits))
      .reduce((highest, { rank }) => Math.max(highest, rank), 0);
  }

  /** Whether a key is known, of whose subject `related` was found. */
  isKnown(accountId: AccountId, key: Buffer, related: readonly SeenRow[]): boolean {
    if (related.length === relatedLimit) return this.#sql.isKnown.get(accountId, key) !== undefined;
    return related.some((one) => key.equals(one.key));
  }

  /** Knows a key that was not known; {@link append} keeps it in the same transaction. */
  learn({ accountId, id, key, rank }: AddedKey): void {
    this.#sql.learn.run(accountId, key, id, rank);
  }

  /** Keeps as many keys as one statement adds. */
  append(keys: readonly AddedKey[]): void {
    const values = keys.flatMap(({ accountId, id, key, rank }) => [id, accountId, key, rank]);
    this.#sql.append.of(keys.length).run(...values);
  }

  /** Moves some keys into their order when enough have gathered, after so many were added. */
  settle(tx: Transaction, added: number): void {
    if (added === 0) return;
    if (this.#state === undefined) this.#lately = this.#countLately();
    const state = this.#state ?? { owed: 0, move: null, moved: 0 };
    const next = this.#settle(state, added);
    tx.afterCommit(() => {
      const isOver = next.moved > 0 && state.moved === 0;
      this.#lately = isOver ? this.#countLately() : this.#lately + added;
      this.#state = next;
    });
  }

  /** Takes away as many keys as one statement does. */
  remove(keys: readonly OldKey[]): void {
    const places = keys.flatMap(({ account_id: accountId, key }) => [accountId, key]);
    for (const statement of this.#sql.remove) statement.of(keys.length).run(...places);
    this.#sql.removeAppended.of(keys.length).run(...keys.map(({ id }) => id));
  }

  #settle(state: State, added: number): State {
    const { move, moved, owed } = state;
    if (moved > 0) {
      const limit = added * trimmedForEach;
      return this.#sql.trim.run(moved, limit) < limit ? { ...state, moved: 0 } : state;
    }
    if (move !== null) return this.#move(move, owed + added * movedForEach);
    if (this.#lately + added < this.#gathered) return state;
    return { ...state, move: { after: first, upTo: this.#db.lastId } };
  }

  /** Moves as many as are owed once that is worth the while. */
  #move({ after, upTo }: Move, owed: number): State {
    if (owed < movedAtOnce) return { owed, move: { after, upTo }, moved: 0 };
    const end = this.#sql.endOfPart.get(after.account_id, after.key, owed - 1);
    const { account_id: accountId, key } = end ?? last;
    const part = [after.account_id, after.key, accountId, key] as const;
    this.#sql.move.run(...part);
    this.#sql.forget.run(...part);
    return end === undefined
      ? { owed: 0, move: null, moved: upTo }
      : { owed: 0, move: { after: end, upTo }, moved: 0 };
  }

  #countLately(): number {
    return this.#sql.countLately.get()?.count ?? 0;
  }
}
