// Prepared statements, and how rows are added several at a time.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A prepared statement whose rows have the shape `Row`. */
export class Statement<Row> {
  readonly #sql: string;
  #statement: StatementSync;

  constructor(db: DatabaseSync, sql: string) {
    this.#sql = toSteady(sql);
    this.#statement = db.prepare(this.#sql);
  }

  /** Prepares it again, for a file that took the place of the one before. */
  renew(db: DatabaseSync): void {
    this.#statement = db.prepare(this.#sql);
  }

  // The one place where a row's shape is taken on trust: it is what the statement's own SQL selects.
  get(...values: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...values) as Row | undefined;
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values) as Row[];
  }

  /** Resolves to the number of rows changed. */
  run(...values: SQLInputValue[]): number {
    return Number(this.#statement.run(...values).changes);
  }
}

/**
 * Parameters as the planner does not look at them: SQLite (3.53 and later) plans a statement that joins, orders or limits anew whenever bare
 * ones are bound, which takes up to fifty times as long as to run it.
 */
function toSteady(sql: string): string {
  return sql.replaceAll(/'[^']*'|\?/g, (part) => (part === '?' ? '+?' : part));
}

/** Rows that one statement adds at most. */
const rowsAtOnce = 16;

/** The rows in parts that one statement each can add. */
export function* inParts<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += rowsAtOnce) yield rows.slice(start, start + rowsAtOnce);
}

/** The same placeholders so many times, for {@link Connection.prepareRows}. */
export function repeat(text: string, count: number): string {
  return Array<string>(count).fill(text).join(', ');
}

/** Takes rows away by their ids: `rows` is the table, WHERE and the column. For {@link Connection.prepareRows}. */
export function toRemoveById(rows: string): (count: number) => string {
  return (count) => `DELETE FROM ${rows} IN (${repeat('?', count)})`;
}

/** The same by keys of two columns. */
export function toRemoveByKey(rows: string): (count: number) => string {
  return (count) => `DELETE FROM ${rows} IN (VALUES ${repeat('(?, ?)', count)})`;
}

/** A statement that is prepared once for each number of rows or values that it is run with. */
export class RowsStatement<Row> {
  readonly #prepare: (count: number) => Statement<Row>;
  readonly #byCount: (Statement<Row> | undefined)[] = [];

  constructor(prepare: (count: number) => Statement<Row>) {
    this.#prepare = prepare;
  }

  of(count: number): Statement<Row> {
    return (this.#byCount[count] ??= this.#prepare(count));
  }
}
