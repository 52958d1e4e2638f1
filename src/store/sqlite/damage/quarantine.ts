// Rows that are there and yet cannot be read: they are kept apart, so that one of them holds nothing up.
import { crc32, inflateRawSync } from 'node:zlib';
import { toDestinationSettings } from '../../../domain/delivery.ts';
import { jsonColumns } from '../../rows/columns.ts';
import { toReasonColumns } from '../../destinations/rows.ts';
import { reasoned } from '../../../domain/findings.ts';
import { initialAttributes } from '../../queues/rows.ts';
import { createSeal } from '../../seal.ts';
import { change } from './changes.ts';
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Stopwatch } from '../../../runtime/clock.ts';

/** Columns that hold what was sealed, by table. */
const sealedColumns: Readonly<Record<string, readonly string[]>> = {
  access_key: ['secret'],
  temporary_key: ['secret', 'security_token'],
  channel: ['credentials'],
  destination: ['secrets'],
  console_user: ['totp_secret'],
  notice_target: ['address'],
};

/** Rows of one table that are kept apart, with the reason. */
export interface Apart {
  readonly table: string;
  readonly rows: number;
  readonly reason: string;
}

/** What one table is searched for. */
interface Look {
  readonly table: string;
  readonly reason: string;
  /** What is selected beside the key, and of which rows. */
  readonly columns: string;
  readonly where: string;
  readonly isBad: (row: Row) => boolean;
}

const message: Look = {
  table: 'message',
  reason: 'its body is not what was sent',
  columns: 'body, checksum',
  where: 'true',
  isBad: ({ body, checksum }) => typeof body !== 'string' || crc32(body) !== checksum,
};

const packed: Look = {
  table: 'raw_event',
  reason: 'its packed bytes cannot be read',
  columns: 'body',
  where: 'packed = 1',
  isBad: ({ body }) => body instanceof Uint8Array && !isPacked(body),
};

const unreadableJson = 'its JSON cannot be read';

/** Whether a text is there that `read` refuses. */
function isRefused(text: SQLOutputValue, read: (text: string) => unknown): boolean {
  if (text === null) return false;
  try {
    read(String(text));
    return false;
  } catch {
    // It throws for nothing else.
    return true;
  }
}

/** Whether sealed bytes can be opened. */
export type Opens = (sealed: Uint8Array) => boolean;

/** Whether bytes can be opened with a master key, for {@link setApart}. */
export function toOpens(masterKey: Buffer): Opens {
  const seal = createSeal(masterKey);
  return (sealed) => {
    try {
      seal.open(sealed);
      return true;
    } catch {
      // It throws for nothing else.
      return false;
    }
  };
}

/** Everything that rows can be unreadable by; without `opens`, or with that of another key, seals are not looked at. */
function* listLooks(db: DatabaseSync, opens: Opens | undefined): Generator<Look> {
  for (const [table, columns] of Object.entries(jsonColumns)) {
    // SQLite's own look at what is only to be of a kind spares most of the copying.
    const toLook = ([column, kind]: [string, unknown]): string =>
      typeof kind === 'function'
        ? column
        : `(${column} IS NOT NULL AND iif(json_valid(${column}), json_type(${column}) <> '${String(kind)}', 1)) AS ${column}`;
    const kinds = Object.entries(columns);
    yield {
      ...{ table, reason: unreadableJson, columns: kinds.map(toLook).join(', '), where: 'true' },
      isBad: (row) =>
        kinds.some(([column, kind]) =>
          typeof kind === 'function' ? isRefused(row[column] ?? null, kind) : row[column] === 1,
        ),
    };
  }
  yield packed;
  if (opens === undefined || !isOwnKey(db, opens)) return;
  for (const [table, columns] of Object.entries(sealedColumns))
    yield {
      ...{ table, reason: 'its sealed secret does not open', columns: columns.join(', '), where: 'true' },
      isBad: (row) =>
        columns.some((column) => {
          const sealed = row[column];
          return sealed instanceof Uint8Array && sealed.length > 0 && !opens(sealed);
        }),
    };
}

/** A step takes no longer, so that those who wait between steps wait for some milliseconds. */
const stepMs = 10;
/** By which no step takes too long: for those whom nobody waits for. */
const unhurried: Stopwatch = { monotonic: () => 0 };
/** Keys that one step holds at most. */
const stepKeys = 200;

/**
 * Moves every row whose JSON, seal or packed bytes are not right into the table `unreadable`. Works in steps of some
 * milliseconds, each of which has to be run in a transaction, and holds one row at a time. Each step gives what it moved; null for nothing.
 */
export function* setApart(
  db: DatabaseSync,
  now: number,
  opens: Opens | undefined,
  stopwatch: Stopwatch = unhurried,
): Generator<Apart | null> {
  let messages = 0;
  for (const look of listLooks(db, opens))
    for (const step of lookThrough(db, now, look, stopwatch)) {
      if (step?.table === 'message') messages += step.rows;
      yield step;
    }
  if (messages === 0) return;
  unlist(db);
  yield null;
}

/** Takes what is not there out of the lists of queues; returns how much it was. */
export function unlist(db: DatabaseSync): number {
  const gone = ['ready', 'waiting'].map((list) =>
    change(db, `DELETE FROM ${list} WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = ${list}.id)`),
  );
  return gone.reduce((sum, count) => sum + count, 0);
}

/** What steps moved, by table and reason. */
export function addUp(steps: Iterable<Apart | null>): readonly Apart[] {
  const found = new Map<string, Apart>();
  for (const step of steps) {
    if (step === null) continue;
    const key = `${step.table} ${step.reason}`;
    found.set(key, { ...step, rows: step.rows + (found.get(key)?.rows ?? 0) });
  }
  return [...found.values()];
}

/** The messages whose body is not what was sent, in steps like {@link setApart}; their places in the lists stay. */
export function setMessagesApart(db: DatabaseSync, now: number): Generator<Apart | null> {
  return lookThrough(db, now, message, unhurried);
}

/** How many messages have a body that is not what was sent. Changes nothing. */
export function countBadMessages(db: DatabaseSync): number {
  let bad = 0;
  for (const row of db.prepare(`SELECT ${message.columns} FROM message WHERE ${message.where}`).iterate())
    if (message.isBad(row)) bad += 1;
  return bad;
}

function* lookThrough(
  db: DatabaseSync,
  now: number,
  look: Look,
  { monotonic }: Stopwatch,
): Generator<Apart | null> {
  const { table, reason } = look;
  const keys = readKeys(db, table);
  const names = keys.join(', ');
  const own = keys.map((key, index) => `${key} AS key${index}`).join(', ');
  const from = `SELECT ${own}, ${look.columns} FROM ${table} WHERE ${look.where}`;
  const first = db.prepare(`${from} ORDER BY ${names}`);
  const next = db.prepare(`${from} AND (${names}) > (${keys.map(() => '?').join(', ')}) ORDER BY ${names}`);
  const whole = db.prepare(`SELECT * FROM ${table} WHERE (${names}) = (${keys.map(() => '?').join(', ')})`);
  let last: SQLInputValue[] | undefined;
  for (let isOver = false; !isOver;) {
    const bad: SQLInputValue[][] = [];
    const until = monotonic() + stepMs;
    isOver = true;
    // What is changed is changed after the statement that walks over it has ended.
    for (const row of last === undefined ? first.iterate() : next.iterate(...last)) {
      last = keys.map((_key, index) => row[`key${index}`] ?? null);
      if (look.isBad(row)) bad.push(last);
      isOver = bad.length < stepKeys && monotonic() < until;
      if (!isOver) break;
    }
    for (const key of bad) {
      const row = whole.get(...key);
      if (row !== undefined) keepApart(db, now, table, row, reason);
    }
    yield bad.length === 0 ? null : { table, rows: bad.length, reason };
  }
}

/** The columns that rows of a table are found by, in the order in which they are kept. */
function readKeys(db: DatabaseSync, table: string): string[] {
  const shape = db.prepare('SELECT wr FROM pragma_table_list WHERE name = ?').get(table);
  if (shape?.['wr'] !== 1) return ['rowid'];
  const columns = db.prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk').all(table);
  return columns.map(({ name }) => String(name));
}

/** Whether the key is the store's own: with another one nothing opens, and nothing is the matter with the rows. */
function isOwnKey(db: DatabaseSync, opens: Opens): boolean {
  const known = db.prepare("SELECT value FROM meta WHERE key = 'seal'").get()?.['value'];
  if (known instanceof Uint8Array) return opens(known);
  for (const { secret } of db.prepare('SELECT secret FROM access_key').iterate())
    if (secret instanceof Uint8Array && opens(secret)) return true;
  return false;
}

function isPacked(body: Uint8Array): boolean {
  try {
    inflateRawSync(body);
    return true;
  } catch {
    // What it is broken by does not matter: nothing can be made of it.
    return false;
  }
}

type Row = Readonly<Record<string, SQLOutputValue>>;

/** Moves one row into the table `unreadable`; of what others hang on, what can be read stays in its place. */
export function keepApart(db: DatabaseSync, now: number, table: string, row: Row, reason: string): void {
  if (table === 'channel')
    // They would go with it.
    for (const sender of db.prepare('SELECT * FROM sender WHERE channel_id = ?').all(row['id'] ?? null))
      keepApart(db, now, 'sender', sender, 'its channel cannot be read');
  if (table === 'receipt')
    // Nothing else leads to what was written in it.
    for (const content of db.prepare('SELECT * FROM content WHERE receipt_id = ?').all(row['id'] ?? null))
      keepApart(db, now, 'content', content, 'its receipt cannot be read');
  if (table === 'receipt') endDelivery(db, now, row['id'] ?? null);
  copyApart(db, now, table, row, reason);
  if (table === 'queue') restoreQueue(db, row);
  else if (table === 'destination') stopDestination(db, row, reason);
  else remove(db, table, row);
}

/** The first of a lane, unless settings do not want it: the one that it waited for is gone. */
const freeFirst = `UPDATE delivery SET state = 0, due_at = max(due_at, ?1) WHERE state = 1
  AND id = (SELECT id FROM delivery WHERE account_id = ?2 AND destination_id = ?3 AND lane = ?4 AND state <= 1 AND laned = 1
    ORDER BY place LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = delivery.account_id AND u.delivery_id = delivery.id)`;

/** What is left of a receipt cannot be pushed; those behind it in its lane go on. */
function endDelivery(db: DatabaseSync, now: number, id: SQLInputValue): void {
  const open = db
    .prepare('SELECT account_id, destination_id, lane FROM delivery WHERE id = ? AND state <= 1')
    .get(id);
  if (open === undefined) return;
  const { account_id: accountId = null, destination_id: destinationId = null, lane = null } = open;
  change(db, 'DELETE FROM unwanted WHERE account_id = ? AND delivery_id = ?', accountId, id);
  change(db, 'DELETE FROM delivery WHERE id = ?', id);
  change(db, freeFirst, now, accountId, destinationId, lane);
}

/** A queue has its messages; it goes on with what queues begin with. */
function restoreQueue(db: DatabaseSync, { id = null, name }: Row): void {
  const attributes = JSON.stringify(initialAttributes(String(name)));
  change(db, 'UPDATE queue SET attributes = ? WHERE id = ?', attributes, id);
}

/** What comes and what waits for a destination has to have one; nothing is pushed to it until it is set anew. */
function stopDestination(db: DatabaseSync, { id = null }: Row, reason: string): void {
  const [text, code, params] = toReasonColumns(reasoned('unreadable', {}));
  change(db, "UPDATE destination SET state = 'off', state_reason = ? WHERE id = ?", text, id);
  // A file of an earlier schema has no room for the code.
  const hasCode = db.prepare(
    "SELECT 1 FROM pragma_table_info('destination') WHERE name = 'state_reason_code'",
  );
  if (hasCode.get() !== undefined)
    change(
      db,
      'UPDATE destination SET state_reason_code = ?, state_reason_params = ? WHERE id = ?',
      code,
      params,
      id,
    );
  if (reason === unreadableJson)
    change(
      db,
      'UPDATE destination SET settings = ? WHERE id = ?',
      JSON.stringify(toDestinationSettings('standard')),
      id,
    );
  else change(db, "UPDATE destination SET secrets = x'' WHERE id = ?", id);
}

function copyApart(db: DatabaseSync, now: number, table: string, row: Row, reason: string): void {
  change(
    db,
    'INSERT INTO unreadable (at, source, reason, account_id, row) VALUES (?, ?, ?, ?, ?)',
    now,
    table,
    reason,
    row['account_id'] ?? null,
    JSON.stringify(row, (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  );
}

function remove(db: DatabaseSync, table: string, row: Row): void {
  const keys = db
    .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0')
    .all(table)
    .map(({ name }) => String(name));
  const values: SQLInputValue[] = keys.map((key) => row[key] ?? null);
  change(db, `DELETE FROM ${table} WHERE ${keys.map((key) => `${key} IS ?`).join(' AND ')}`, ...values);
}
