// The least that a Node server must do for the promise that a webhook's receipts are on the disk once it is answered: HTTP, the
// signature, JSON, six rows for each event in SQLite, an answer after the flush. Told its form by a JSON argument; prints its port;
// answers GET with the size of its groups.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fdatasync, openSync, writevSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

export interface FloorTask {
  /**
   * `commit`: what gathered while the last transaction was under way is one transaction with `synchronous=FULL`, and is answered after it.
   * `journal`: bytes are appended to a file, one fdatasync off the event loop for what gathered, answered after it, and applied to
   * SQLite a few milliseconds later, in transactions that flush nothing by themselves; the file keeps the raw events.
   */
  readonly form: 'commit' | 'journal';
  readonly folder: string;
  readonly appSecret: string;
}

interface Call {
  readonly body: Buffer;
  readonly events: readonly Event[];
  readonly response: ServerResponse;
}

interface Event {
  readonly id: string;
  readonly user: string;
  readonly text: string;
}

const { form, folder, appSecret } = JSON.parse(process.argv[2] ?? '{}') as FloorTask;
const db = openStore();
const insert = prepare();
const groups = { count: 0, calls: 0 };
let waiting: Call[] = [];

const take = form === 'commit' ? takeByCommit() : takeByJournal();
const server = createServer((request, response) => {
  if (request.method === 'GET') return response.end(JSON.stringify(groups));
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  return request.on('end', () => {
    const body = Buffer.concat(parts);
    if (!isSigned(body, request.headers['x-hub-signature-256'])) return response.writeHead(401).end();
    waiting.push({ body, events: read(body), response });
    return take();
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

function isSigned(body: Buffer, signature: unknown): boolean {
  const given = Buffer.from(String(signature).slice('sha256='.length), 'hex');
  const right = createHmac('sha256', appSecret).update(body).digest();
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Messages and statuses of a webhook of WhatsApp. */
function read(body: Buffer): Event[] {
  // The driver's own shape.
  const { entry } = JSON.parse(body.toString()) as {
    entry: { changes: { value: Record<string, Record<string, unknown>[] | undefined> }[] }[];
  };
  return entry.flatMap(({ changes }) =>
    changes.flatMap(({ value }) =>
      [...(value['messages'] ?? []), ...(value['statuses'] ?? [])].map((event) => ({
        id: String(event['id']),
        user: String(event['from'] ?? event['recipient_id']),
        text: JSON.stringify(event),
      })),
    ),
  );
}

/** Takes what has gathered, for one group. */
function gather(): Call[] {
  const calls = waiting;
  waiting = [];
  groups.count += 1;
  groups.calls += calls.length;
  return calls;
}

function answer(calls: readonly Call[]): void {
  for (const { response } of calls) response.end('{"code":0}');
}

function takeByCommit(): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      const calls = gather();
      record(calls);
      answer(calls);
    });
  };
}

const applyAfterMs = 5;

function takeByJournal(): () => void {
  const file = openSync(join(folder, 'journal'), 'a');
  let isFlushing = false;
  let unapplied: Call[] = [];
  const apply = (): void => {
    const calls = unapplied;
    unapplied = [];
    record(calls);
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    isFlushing = true;
    const calls = gather();
    writevSync(
      file,
      calls.flatMap(({ body }) => [toHead(body), body]),
    );
    fdatasync(file, (error) => {
      if (error) throw error;
      isFlushing = false;
      answer(calls);
      if (unapplied.length === 0) setTimeout(apply, applyAfterMs);
      unapplied.push(...calls);
      flush();
    });
  };
  return () => {
    if (!isFlushing) setImmediate(() => (isFlushing ? undefined : flush()));
  };
}

/** Length, checksum and 24 bytes of what a record tells of itself. */
function toHead(body: Buffer): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  return head;
}

function openStore(): DatabaseSync {
  const opened = new DatabaseSync(join(folder, 'floor.db'));
  opened.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${form === 'commit' ? 'FULL' : 'NORMAL'};
    CREATE TABLE raw (id INTEGER PRIMARY KEY, body BLOB);
    CREATE TABLE receipts (id INTEGER PRIMARY KEY, raw INTEGER, text TEXT);
    CREATE TABLE seen (id TEXT PRIMARY KEY, receipt INTEGER) WITHOUT ROWID;
    CREATE TABLE users (id INTEGER PRIMARY KEY, user TEXT, receipt INTEGER);
    CREATE TABLE queued (id INTEGER PRIMARY KEY, handle BLOB, text TEXT);
    CREATE TABLE deliveries (id INTEGER PRIMARY KEY, receipt INTEGER, state INTEGER)`);
  return opened;
}

function prepare() {
  return {
    raw: db.prepare('INSERT INTO raw (body) VALUES (?)'),
    receipt: db.prepare('INSERT INTO receipts (raw, text) VALUES (?, ?)'),
    seen: db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?)'),
    user: db.prepare('INSERT INTO users (user, receipt) VALUES (?, ?)'),
    queued: db.prepare('INSERT INTO queued (handle, text) VALUES (?, ?)'),
    delivery: db.prepare('INSERT INTO deliveries (receipt, state) VALUES (?, 0)'),
  };
}

/** Six rows for each event, of which the raw one is shared by those of one webhook and left out beside a journal. */
function record(calls: readonly Call[]): void {
  db.exec('BEGIN');
  for (const { body, events } of calls) {
    const raw = form === 'journal' ? 0 : insert.raw.run(body).lastInsertRowid;
    for (const { id, user, text } of events) {
      const receipt = insert.receipt.run(raw, text).lastInsertRowid;
      insert.seen.run(id, receipt);
      insert.user.run(user, receipt);
      insert.queued.run(randomBytes(8), text);
      insert.delivery.run(receipt);
    }
  }
  db.exec('COMMIT');
}
