// What was dated by a clock that was wrong: ids and times that lie ahead, found and brought back.
import type { DatabaseSync } from 'node:sqlite';
import { maxId, toFirstId } from '../../../domain/ids.ts';
import { openAlone } from './rescue.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** What was done lies ahead by no more than clocks differ; what is due by no more than the longest delay; what ends by a year. */
const doneLimitMs = minuteMs;
const dueLimitMs = 7 * dayMs;
const endLimitMs = 366 * dayMs;
/** What ends later ends a day from now. */
const endMs = dayMs;

const dueColumns: ReadonlySet<string> = new Set(['due_at', 'visible_at', 'review_at']);
const endColumns: ReadonlySet<string> = new Set(['expires_at', 'ends_at']);

/** Columns that hold ids which grow with time; those of the first list are where such ids are made. */
const idColumns = [
  ['raw_event', 'id'],
  ['receipt', 'id'],
  ['delivery', 'id'],
  ['delivery', 'place'],
  ['message', 'id'],
  ['outbound', 'id'],
  ['notice', 'id'],
  ['change', 'id'],
] as const;
const references = [
  ['receipt', 'raw_event_id'],
  ['receipt', 'queue_message_id'],
  ['unrouted', 'raw_event_id'],
  ['seen', 'receipt_id'],
  ['content', 'receipt_id'],
  ['media', 'receipt_id'],
  ['delivery', 'batch'],
  ['attempt', 'delivery_id'],
  ['send_attempt', 'outbound_id'],
  ['fallback', 'outbound_id'],
  ['fallback_attempt', 'outbound_id'],
  ['message', 'receipt_id'],
  ['ready', 'id'],
  ['waiting', 'id'],
  ['moved', 'id'],
  ['queue_trace', 'receipt_id'],
  ['unwanted', 'delivery_id'],
] as const;

interface Column {
  readonly table: string;
  readonly column: string;
}

/** How much lies ahead of a time; 0 of a store as it should be. */
export function countAhead(db: DatabaseSync, now: number): number {
  const columns = listColumns(db);
  // A clock that was set back by some hours leaves ids that run ahead of it until then, which do no harm.
  const first = toFirstId(now + dayMs);
  return idColumns
    .filter(([table, column]) => has(columns, table, column))
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
    for (const column of columns.filter(({ column: name }) => /^(at|since|until)$|_at$/.test(name)))
      mendColumn(db, column, now);
    if (has(columns, 'rate', 'minute'))
      db.prepare('DELETE FROM rate WHERE minute > ?').run(Math.ceil(now / minuteMs));
    if (has(columns, 'queue_rate', 'minute'))
      db.prepare('DELETE FROM queue_rate WHERE minute > ?').run(Math.ceil(now / minuteMs));
    db.exec("DELETE FROM meta WHERE key = 'swept'");
    db.prepare("UPDATE meta SET value = ? WHERE key = 'probed'").run(Buffer.from(String(now)));
    db.exec('COMMIT');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return count;
  } finally {
    db.close();
  }
}

function mendIds(db: DatabaseSync, columns: readonly Column[], now: number): number {
  const first = toFirstId(now + doneLimitMs);
  const made = idColumns.filter(([table, column]) => has(columns, table, column));
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
  for (const [table, column] of [...made, ...references])
    if (has(columns, table, column))
      db.exec(
        `UPDATE "${table}" SET "${column}" = (SELECT new FROM brought WHERE old = "${column}") WHERE "${column}" >= ${first}
           AND "${column}" IN (SELECT old FROM brought)`,
      );
  return count;
}

function mendColumn(db: DatabaseSync, { table, column }: Column, now: number): void {
  const [limitMs, to] = dueColumns.has(column)
    ? [dueLimitMs, now]
    : endColumns.has(column)
      ? [endLimitMs, now + endMs]
      : [doneLimitMs, now];
  // Of rows that would become one, those that were there first stay as they are.
  db.prepare(`UPDATE OR IGNORE "${table}" SET "${column}" = ? WHERE "${column}" > ?`).run(
    to,
    Math.min(now + limitMs, maxId),
  );
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

function has(columns: readonly Column[], table: string, column: string): boolean {
  return columns.some((one) => one.table === table && one.column === column);
}
