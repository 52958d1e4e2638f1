// A new file from what a damaged one still holds. The damaged file is only read, and kept.
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { GatewayError } from '../../../domain/errors.ts';
import { syncPathNow } from '../../sync.ts';
import { bringUpToDate, markVersion, refuseFormer } from '../schema.ts';
import { prepareChange } from './changes.ts';
import { addUp, setApart } from './quarantine.ts';
import type { Apart, Opens } from './quarantine.ts';
import { interiorTable, leafTable, PageFile, walk } from './pages.ts';
import type { Cell } from './pages.ts';
import { parseRecord } from './records.ts';
import type { Value } from './records.ts';
import { mendRelations } from './relations.ts';
import type { Losses, NamedQueue } from './relations.ts';
import { readSchema } from './scan.ts';
import type { SchemaObject } from './scan.ts';

/** What became of one table. */
interface RescuedTable {
  readonly table: string;
  readonly rows: number;
  /** Pages that could not be read; what stood in them is lost unless it was found elsewhere. */
  readonly lostPages: number;
  /** Rows of pages that could be read, which cannot be right. */
  readonly lostRows: number;
}

export interface Rescue {
  /** The damaged file, beside the new one. */
  readonly kept: string;
  readonly tables: readonly RescuedTable[];
  readonly losses: Losses;
  readonly apart: readonly Apart[];
}

interface RescueOptions {
  readonly file: string;
  readonly now: number;
  /** Whether sealed bytes can be opened. */
  readonly opens?: Opens;
}

/**
 * Reads what `file` still holds into a new file, makes again what can be made from the rest, and puts it in the place of the
 * damaged one, which is kept beside it under a name of its own. Nobody else may have the file open. Throws `store_corrupt` when
 * not even the schema can be read, and `store_unavailable` when there is no room; then nothing has changed.
 */
export function rescue({ file, now, opens }: RescueOptions): Rescue {
  const fresh = `${file}.rescued`;
  // What a rescue that was killed left, which takes room.
  rmSync(fresh, { force: true });
  needRoom(file);
  const lock = openAlone(file);
  const source = new PageFile(file);
  try {
    const schema = completeSchema(source);
    const report = fill(source, schema, { file, fresh, now, opens });
    const kept = keep(file, now);
    renameSync(fresh, file);
    syncPathNow(dirname(file));
    return { kept, ...report };
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    // In this order: a system's locks on a file end when the process closes any handle of it.
    source.close();
    lock.close();
  }
}

/**
 * Opens the file for this process alone, with all that was committed moved from the log into its pages, for whoever reads those
 * himself. Nothing of it is understood, so damage does not matter. Throws `store_in_use`, `schema_too_old`.
 */
export function openAlone(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0, defensive: false });
  try {
    // A schema that is damaged keeps nobody from the pages.
    db.exec('PRAGMA writable_schema = ON');
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('PRAGMA journal_mode = WAL');
    const moved = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    if (moved?.['busy'] !== 0) throw new GatewayError('store_in_use', `Another process is using ${file}.`);
    refuseFormer(file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * The schema of the file; what cannot be read of it is what the SQL files make, with its roots where they stand in a file that was
 * made in one go. A root that is another's by now is nobody's: its rows are found by their shape.
 */
function completeSchema(source: PageFile): readonly SchemaObject[] {
  const { objects, isWhole } = readSchema(source);
  if (isWhole) return objects;
  const db = new DatabaseSync(':memory:');
  try {
    db.exec(`PRAGMA page_size = ${source.pageBytes}`);
    bringUpToDate(db, { to: toVersion(source) });
    const known = new Set(objects.map(({ name }) => name));
    const taken = new Set(objects.map(({ root }) => root));
    const rows = db.prepare('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema').all();
    const others = rows.map((row): SchemaObject => {
      const { type } = row;
      const kind = type === 'table' || type === 'index' ? type : 'trigger';
      const sql = typeof row['sql'] === 'string' ? row['sql'] : null;
      const root = Number(row['rootpage']);
      return {
        kind,
        name: String(row['name']),
        table: String(row['tbl_name']),
        sql,
        root: taken.has(root) ? 0 : root,
      };
    });
    return [...objects, ...others.filter(({ name }) => !known.has(name))];
  } finally {
    db.close();
  }
}

/** The version of the schema that the file says it has; the newest when it says none. */
function toVersion(source: PageFile): number | undefined {
  return source.read(1)?.readUInt32BE(60) || undefined;
}

function needRoom(file: string): void {
  const { bavail, bsize } = statfsSync(dirname(file));
  const needed = statSync(file).size;
  if (bavail * bsize < needed * 1.1)
    throw new GatewayError(
      'store_unavailable',
      `There is no room beside ${file} for what can be read of it: ${Math.ceil(needed / 1e6)} MB are needed.`,
    );
}

function fill(
  source: PageFile,
  schema: readonly SchemaObject[],
  { fresh, now, opens, file }: { fresh: string; file: string; now: number; opens: RescueOptions['opens'] },
): Omit<Rescue, 'kept'> {
  const db = new DatabaseSync(fresh);
  try {
    chmodSync(fresh, 0o600);
    db.exec(`PRAGMA page_size = ${source.pageBytes}; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF`);
    db.exec('PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384');
    const make = (wanted: (object: SchemaObject) => boolean): void => {
      for (const { sql, name } of schema.filter(wanted))
        if (sql !== null && !name.startsWith('sqlite_')) db.exec(sql);
    };
    const isUnique = ({ sql }: SchemaObject): boolean => /^CREATE\s+UNIQUE/i.test(sql ?? '');
    db.exec('BEGIN');
    make(({ kind }) => kind === 'table');
    // What two rows may not share is refused while they come in.
    make((object) => object.kind === 'index' && isUnique(object));
    const tables = copyTables(source, schema, db);
    make((object) => object.kind === 'index' && !isUnique(object));
    make(({ kind }) => kind === 'trigger');
    db.exec('COMMIT');
    const version = toVersion(source);
    if (version !== undefined) markVersion(db, version);
    // What follows knows the newest schema.
    bringUpToDate(db);
    db.exec('BEGIN');
    const losses = mendRelations(db, now, readQueueNames(source, schema));
    const apart = addUp(setApart(db, now, opens));
    db.exec('COMMIT');
    return { tables, losses, apart };
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('store_corrupt', `What is left of ${file} does not fit together.`, { cause });
  } finally {
    db.close();
    const made = openSync(fresh, 'r+');
    fsyncSync(made);
    closeSync(made);
  }
}

interface Target {
  readonly table: string;
  readonly hasRowids: boolean;
  readonly put: (values: readonly Value[], rowid: number | bigint) => boolean;
  rows: number;
  lostRows: number;
  lostPages: number;
  /** Whether leaves of it may be whole which nothing leads to any more. */
  isCut: boolean;
}

function copyTables(source: PageFile, schema: readonly SchemaObject[], db: DatabaseSync): RescuedTable[] {
  // A byte for each page, of gigabytes too.
  const reached = new Uint8Array(source.pageCount + 1);
  const targets: Target[] = [];
  for (const { kind, name, root } of schema) {
    if (kind !== 'table' || (name.startsWith('sqlite_') && name !== 'sqlite_sequence')) continue;
    const target = openTarget(db, name);
    targets.push(target);
    for (const leaf of walk(source, root)) {
      reached[leaf.number] = 1;
      if (leaf.kind === 'page') copyPage(source, leaf.bytes, leaf.page, target);
      else {
        target.lostPages += 1;
        target.isCut = true;
      }
    }
  }
  copyLoose(source, targets, reached);
  return targets.map(({ table, rows, lostPages, lostRows }) => ({ table, rows, lostPages, lostRows }));
}

function copyPage(
  source: PageFile,
  bytes: Buffer,
  page: { readonly cells: readonly Cell[]; readonly badCells: number },
  target: Target,
): void {
  target.lostRows += page.badCells;
  for (const cell of page.cells) {
    const payload = source.payload(bytes, cell);
    const values = payload && parseRecord(payload);
    if (values !== undefined && target.put(values, cell.rowid)) target.rows += 1;
    else target.lostRows += 1;
  }
}

/**
 * Leaves that no tree leads to, because a page above them is damaged: each belongs to the one cut table that takes all its rows.
 * Free pages may hold what was deleted, so none is taken unless all of those are known.
 */
function copyLoose(source: PageFile, targets: readonly Target[], reached: Uint8Array): void {
  const cut = targets.filter(({ isCut, hasRowids }) => isCut && hasRowids);
  const free = cut.length === 0 ? undefined : readFree(source);
  if (free === undefined) return;
  for (const { number, bytes } of source.sequence()) {
    if (bytes?.readUInt8(0) !== leafTable || reached[number] === 1 || free[number] === 1) continue;
    const page = source.parse(number, bytes);
    if (page === undefined || page.badCells > 0 || page.cells.length === 0) continue;
    // The chunk that it lies in is read over while its rows are followed.
    const own = Buffer.from(bytes);
    const rows = page.cells.map((cell) => {
      const payload = source.payload(own, cell);
      return { rowid: cell.rowid, values: payload && parseRecord(payload) };
    });
    for (const target of cut) {
      const put = rows.filter(
        ({ values, rowid }) => values !== undefined && target.put(values, rowid),
      ).length;
      target.rows += put;
      if (put > 0) break;
    }
  }
}

/** 1 for each page that is free, by number; undefined when their list is damaged. */
function readFree(source: PageFile): Uint8Array | undefined {
  const free = new Uint8Array(source.pageCount + 1);
  let found = 0;
  const add = (number: number): boolean => {
    const isNew = free[number] === 0;
    free[number] = 1;
    found += 1;
    return isNew;
  };
  for (let trunk = source.firstFree; trunk !== 0;) {
    const bytes = add(trunk) ? source.read(trunk) : undefined;
    const count = bytes?.readUInt32BE(4) ?? Infinity;
    if (bytes === undefined || count > source.usableBytes / 4 - 2) return undefined;
    for (let index = 0; index < count; index += 1) add(bytes.readUInt32BE(8 + 4 * index));
    trunk = bytes.readUInt32BE(0);
  }
  return found === source.freeCount ? free : undefined;
}

/** Makes what puts rows of a table into the new file; `put` says whether the row could be taken. */
function openTarget(db: DatabaseSync, table: string): Target {
  const columns = db.prepare('SELECT name, pk, type, "notnull" FROM pragma_table_info(?)').all(table);
  const shape = db.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').get(table);
  const hasRowids = shape?.['wr'] !== 1;
  // Without rowids, the columns of the key stand first.
  const ordered = hasRowids
    ? columns
    : [
        ...columns.filter(({ pk }) => Number(pk) > 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk'])),
        ...columns.filter(({ pk }) => Number(pk) === 0),
      ];
  const names = ordered.map(({ name }) => String(name));
  const keys = columns.filter(({ pk }) => Number(pk) > 0);
  const ownKey = keys.length === 1 && keys[0]?.['type'] === 'INTEGER' ? String(keys[0]['name']) : undefined;
  const keyAt = hasRowids && ownKey !== undefined ? names.indexOf(ownKey) : -1;
  const statements = new Map<number, StatementSync>();
  const toStatement = (count: number): StatementSync => {
    const own = names.slice(0, count);
    const sql = `INSERT OR IGNORE INTO ${table} (${own.join(', ')}) VALUES (${own.map(() => '?').join(', ')})`;
    return prepareChange(db, sql);
  };
  const put = (values: readonly Value[], rowid: number | bigint): boolean => {
    if (values.length > names.length) return false;
    const row: SQLInputValue[] = [...values];
    if (keyAt >= 0) row[keyAt] = rowid;
    let statement = statements.get(values.length);
    if (statement === undefined) statements.set(values.length, (statement = toStatement(values.length)));
    try {
      return Number(statement.run(...row).changes) > 0;
    } catch {
      // Its values are not of the table's types or break its rules: not the bytes that were written.
      return false;
    }
  };
  return { table, hasRowids, put, rows: 0, lostRows: 0, lostPages: 0, isCut: false };
}

/** The queues that the index of their names knows. */
function readQueueNames(source: PageFile, schema: readonly SchemaObject[]): NamedQueue[] {
  const index = schema.find(({ name }) => name === 'queue_name');
  const queues: NamedQueue[] = [];
  if (index === undefined) return queues;
  for (const leaf of walk(source, index.root)) {
    if (leaf.kind === 'hole' || leaf.page.type === leafTable || leaf.page.type === interiorTable) continue;
    for (const cell of leaf.page.cells) {
      const payload = source.payload(leaf.bytes, cell);
      const [accountId, name, id] = (payload && parseRecord(payload)) ?? [];
      if (typeof accountId === 'number' && typeof name === 'string' && typeof id === 'number')
        queues.push({ accountId, name, id });
    }
  }
  return queues;
}

/**
 * Gives the file a second name, so that at no moment there is none of its first. One that was killed between that and the new file
 * has given it already. Returns the name.
 */
function keep(file: string, now: number): string {
  const folder = dirname(file);
  const { ino } = statSync(file);
  const names = readdirSync(folder).filter((name) => name.startsWith(keptPrefix(basename(file))));
  const known = names.find((name) => statSync(join(folder, name)).ino === ino);
  if (known !== undefined) return join(folder, known);
  const kept = toKeptName(file, now);
  try {
    linkSync(file, kept);
  } catch {
    // A file system without links, or that name is taken since this second.
    copyFileSync(file, kept);
  }
  chmodSync(kept, 0o600);
  return kept;
}

/** The name under which a damaged file is kept beside it, with the second in which that was found. */
export function toKeptName(file: string, now: number): string {
  return `${keptPrefix(file)}${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

function keptPrefix(file: string): string {
  return `${file}.damaged-`;
}
