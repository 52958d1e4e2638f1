// What was dated by a clock that was wrong: ids and times that lie ahead, found and brought back.
import type { DatabaseSync } from 'node:sqlite';
import { toFirstId } from '../../../domain/ids.ts';
import {
  dayMs,
  doneLimitMs,
  hasColumn,
  idColumns,
  idReferences,
  isTime,
  minuteMs,
  toBound,
} from '../../rows/future.ts';
import type { Column } from '../../rows/future.ts';
import { change } from './changes.ts';
import { openAlone } from './rescue.ts';

/** How much lies ahead of a time; 0 of a store as it should be. */
export function countAhead(db: DatabaseSync, now: number): number {
  const columns = listColumns(db);
  // A clock that was set back by some hours leaves ids that run ahead of it until then, which do no harm.
  const first = toFirstId(now + dayMs);
  return idColumns
    .filter(([table, column]) => hasColumn(columns, table, column))
    .reduce(
      (sum, [table, column]) =>
        sum +
        Number(
          db.prepare(`SELECT count(*) AS n FROM "${table}" WHERE "${column}" >= ?`).get(first)?.['n'] ?? 0,
        ),
      0,
    );
}

/**
 * Brings what lies ahead of `now` back, in one transaction: ids follow on the newest that does not, in their order, and everything
 * that names them; what was done then was done now, and what is due then is due now. Returns how many ids were brought back. A
 * MessageId that was told meanwhile is another one afterwards. Nobody else may have the file open. Throws `store_in_use` and SQLite's errors.
 */
export function mendTimes(file: string, now: number): number {
  const db = openAlone(file);
  try {
    db.exec('PRAGMA foreign_keys = OFF');
    db.exec('BEGIN IMMEDIATE');
    const columns = listColumns(db);
    const count = mendIds(db, columns, now);
    for (const column of columns.filter(isTime)) mendColumn(db, column, now);
    for (const table of ['rate', 'queue_rate', 'push_rate'])
      if (hasColumn(columns, table, 'minute'))
        change(db, `DELETE FROM ${table} WHERE minute > ?`, Math.ceil(now / minuteMs));
    db.exec("DELETE FROM meta WHERE key = 'swept'");
    change(db, "UPDATE meta SET value = ? WHERE key = 'probed'", Buffer.from(String(now)));
    db.exec('COMMIT');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return count;
  } finally {
    db.close();
  }
}

function mendIds(db: DatabaseSync, columns: readonly Column[], now: number): number {
  const first = toFirstId(now + doneLimitMs);
  const made = idColumns.filter(([table, column]) => hasColumn(columns, table, column));
  const ahead = made.map(
    ([table, column]) => `SELECT "${column}" AS id FROM "${table}" WHERE "${column}" >= ${first}`,
  );
  const below = made.map(
    ([table, column]) => `SELECT max("${column}") AS id FROM "${table}" WHERE "${column}" < ${first}`,
  );
  db.exec('CREATE TEMP TABLE brought (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)');
  db.exec(
    `INSERT INTO brought SELECT id, (SELECT coalesce(max(id), 0) FROM (${below.join(' UNION ALL ')})) + row_number() OVER (ORDER BY id)
     FROM (${ahead.join(' UNION ')})`,
  );
  const count = Number(db.prepare('SELECT count(*) AS n FROM brought').get()?.['n'] ?? 0);
  if (count === 0) return 0;
  for (const [table, column] of [...made, ...idReferences])
    if (hasColumn(columns, table, column))
      db.exec(
        `UPDATE "${table}" SET "${column}" = (SELECT new FROM brought WHERE old = "${column}") WHERE "${column}" >= ${first}
           AND "${column}" IN (SELECT old FROM brought)`,
      );
  return count;
}

function mendColumn(db: DatabaseSync, { table, column }: Column, now: number): void {
  const { limit, to } = toBound(column, now);
  // Of rows that would become one, those that were there first stay as they are.
  change(db, `UPDATE OR IGNORE "${table}" SET "${column}" = ? WHERE "${column}" > ?`, to, limit);
}

function listColumns(db: DatabaseSync): Column[] {
  return db
    .prepare(
      `SELECT m.name AS "table", c.name AS "column" FROM sqlite_schema m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`,
    )
    .all()
    .map((row) => ({ table: String(row['table']), column: String(row['column']) }));
}
