// Everything that can be said of a file: what is damaged in it and what is whole.
import type { DatabaseSync } from 'node:sqlite';
import { countBadMessages } from './quarantine.ts';
import { checkRows, describePages } from './inspection.ts';
import { PageFile, walk } from './pages.ts';
import { parseRecord } from './records.ts';
import { openAlone } from './rescue.ts';
import { countAhead } from './times.ts';
import { readSchema, scan } from './scan.ts';

/** What can be read of one table. */
interface TableState {
  readonly table: string;
  readonly rows: number;
  readonly lostPages: number;
  readonly lostRows: number;
}

export interface FileState {
  readonly isWhole: boolean;
  /** What is wrong, in words. */
  readonly damage: readonly string[];
  readonly tables: readonly TableState[];
  /** Rows that were kept apart before because they cannot be read, by table. */
  readonly apart: Readonly<Record<string, number>>;
}

/** Reads every page and row of a file that no service has open. `now` tells what was dated by a clock that was wrong. Changes nothing. Throws `store_in_use`, `store_corrupt`. */
export function checkFile(file: string, now: number): FileState {
  const lock = openAlone(file);
  let pages: PageFile | undefined;
  try {
    pages = new PageFile(file);
    const { objects, isWhole } = readSchema(pages);
    const found = scan(pages, objects).damage.map(describePages);
    if (!isWhole) found.unshift('a part of the schema is damaged');
    const source = pages;
    const tables = objects
      .filter(({ kind, name }) => kind === 'table' && !name.startsWith('sqlite_'))
      .map(({ name, root }) => countRows(source, name, root));
    const lost = tables.filter(({ lostRows }) => lostRows > 0);
    const rows = lost.map(({ table, lostRows }) => `table ${table}: ${lostRows} rows cannot be read`);
    const damage = [...found, ...rows];
    // SQLite's own check stops at what is known by now.
    if (damage.length === 0) damage.push(...checkRows(lock), ...checkReferences(lock));
    if (isWhole && found.length === 0) damage.push(...checkBodies(lock));
    if (damage.length === 0) damage.push(...checkTimes(lock, now));
    const apart = isWhole && found.length === 0 ? countApart(lock) : {};
    return { isWhole: damage.length === 0, damage, tables, apart };
  } finally {
    pages?.close();
    lock.close();
  }
}

function countRows(source: PageFile, table: string, root: number): TableState {
  const state = { table, rows: 0, lostPages: 0, lostRows: 0 };
  for (const leaf of walk(source, root)) {
    if (leaf.kind === 'hole') {
      state.lostPages += 1;
      continue;
    }
    state.lostRows += leaf.page.badCells;
    for (const cell of leaf.page.cells) {
      const payload = source.payload(leaf.bytes, cell);
      if (payload === undefined || parseRecord(payload) === undefined) state.lostRows += 1;
      else state.rows += 1;
    }
  }
  return state;
}

/** What a single flipped bit in a body leaves: pages that are right and a message that is not. */
function checkBodies(db: DatabaseSync): string[] {
  const bad = countBadMessages(db);
  return bad === 0 ? [] : [`table message: ${bad} bodies are not what was sent`];
}

function checkTimes(db: DatabaseSync, now: number): string[] {
  const count = countAhead(db, now);
  return count === 0
    ? []
    : [
        `${count} ids lie ahead of ${new Date(now).toISOString()}: they were given by a clock that was wrong, unless this one is`,
      ];
}

function checkReferences(db: DatabaseSync): string[] {
  const rows = db.prepare('PRAGMA foreign_key_check').all();
  const byTable = Map.groupBy(
    rows,
    (row) => `table ${String(row['table'])}: rows that name a missing ${String(row['parent'])}`,
  );
  return [...byTable].map(([what, own]) => `${what}: ${own.length}`);
}

function countApart(db: DatabaseSync): Record<string, number> {
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'unreadable'").get();
  if (known === undefined) return {};
  const rows = db.prepare('SELECT source, count(*) AS n FROM unreadable GROUP BY source').all();
  return Object.fromEntries(rows.map(({ source, n }) => [String(source), Number(n)]));
}
