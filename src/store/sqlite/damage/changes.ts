// Statements of a file that may hold any id.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** Runs a statement; returns the number of rows changed. */
export function change(db: DatabaseSync, sql: string, ...values: SQLInputValue[]): number {
  return Number(prepareChange(db, sql).run(...values).changes);
}

/**
 * Prepares a statement to be run. Node tells with each run which rowid its connection gave last, and throws after the work is done where
 * that is beyond 2^53 and no big integer is asked for (seen with Node 26.12, not with 24.21).
 */
export function prepareChange(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}
