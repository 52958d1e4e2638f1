// Rows that are there and yet cannot be read: they are kept apart, so that one of them holds nothing up.
import { inflateRawSync } from 'node:zlib';
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

/** Columns that hold JSON, by table. */
const jsonColumns: Readonly<Record<string, readonly string[]>> = {
  access_key: ['addresses'],
  channel: ['webhook', 'options'],
  sender: ['webhook'],
  removed_sender: ['webhook'],
  raw_event: ['remarks'],
  receipt: ['facts'],
  content: ['body'],
  destination: ['settings'],
  outbound: ['envelope'],
  template: ['components', 'example'],
  queue: ['attributes'],
  message: ['extras'],
  notice: ['params', 'findings'],
  change: ['detail'],
};

/** Columns that hold what was sealed, by table. */
const sealedColumns: Readonly<Record<string, readonly string[]>> = {
  access_key: ['secret'],
  temporary_key: ['secret', 'security_token'],
  channel: ['credentials'],
  destination: ['secrets'],
  console_user: ['totp_secret'],
};

/** Rows of one table that are kept apart, with the reason. */
export interface Apart {
  readonly table: string;
  readonly rows: number;
  readonly reason: string;
}

/**
 * Moves every row whose JSON, seal or packed bytes cannot be read into the table `unreadable`, in the transaction that is open.
 * `opens` says whether sealed bytes can be opened; without it, seals are not looked at. Reads all of those tables.
 */
export function setApart(
  db: DatabaseSync,
  now: number,
  opens: ((sealed: Uint8Array) => boolean) | undefined,
): readonly Apart[] {
  const found: Apart[] = [];
  for (const [table, columns] of Object.entries(jsonColumns)) {
    const bad = columns.map((column) => `(${column} IS NOT NULL AND NOT json_valid(${column}))`).join(' OR ');
    const rows: Row[] = db.prepare(`SELECT * FROM ${table} WHERE ${bad}`).all();
    note(db, found, now, table, rows, 'its JSON cannot be read');
  }
  const packed = db.prepare('SELECT id, body FROM raw_event WHERE packed = 1');
  const torn = packed.all().filter(({ body }) => body instanceof Uint8Array && !isPacked(body));
  const whole = db.prepare('SELECT * FROM raw_event WHERE id = ?');
  const events: Row[] = torn.map(({ id }) => whole.get(id ?? null)).filter((row) => row !== undefined);
  note(db, found, now, 'raw_event', events, 'its packed bytes cannot be read');
  if (opens === undefined || !isOwnKey(db, opens)) return found;
  for (const [table, columns] of Object.entries(sealedColumns)) {
    const rows = db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .filter((row) =>
        columns.some((column) => {
          const sealed = row[column];
          return sealed instanceof Uint8Array && !opens(sealed);
        }),
      );
    note(db, found, now, table, rows, 'its sealed secret does not open');
  }
  return found;
}

/** Whether the key is the store's own: with another one nothing opens, and nothing is the matter with the rows. */
function isOwnKey(db: DatabaseSync, opens: (sealed: Uint8Array) => boolean): boolean {
  const known = db.prepare("SELECT value FROM meta WHERE key = 'seal'").get()?.['value'];
  if (known instanceof Uint8Array) return opens(known);
  const secrets = db.prepare('SELECT secret FROM access_key').all();
  return secrets.some(({ secret }) => secret instanceof Uint8Array && opens(secret));
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

function note(
  db: DatabaseSync,
  found: Apart[],
  now: number,
  table: string,
  rows: readonly Row[],
  reason: string,
): void {
  if (rows.length === 0) return;
  for (const row of rows) keepApart(db, now, table, row, reason);
  found.push({ table, rows: rows.length, reason });
}

/** Moves one row into the table `unreadable`. */
export function keepApart(db: DatabaseSync, now: number, table: string, row: Row, reason: string): void {
  db.prepare('INSERT INTO unreadable (at, source, reason, account_id, row) VALUES (?, ?, ?, ?, ?)').run(
    now,
    table,
    reason,
    row['account_id'] ?? null,
    JSON.stringify(row, (_name, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  );
  const keys = db
    .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0')
    .all(table)
    .map(({ name }) => String(name));
  const values: SQLInputValue[] = keys.map((key) => row[key] ?? null);
  db.prepare(`DELETE FROM ${table} WHERE ${keys.map((key) => `${key} IS ?`).join(' AND ')}`).run(...values);
}
