// A store that holds years of receipts: filled in bulk past the service, then asked through it as people ask.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { toStatusIdentity } from '../src/domain/identity.ts';
import { toFirstId } from '../src/domain/ids.ts';
import { toLane, toRank, toReceiptId } from '../src/domain/receipt.ts';
import type { MessageStatus, StatusFacts } from '../src/domain/receipt.ts';
import { rootAccount } from '../test/support/service.ts';
import type { Bed, Place } from './bed.ts';
import { percentile } from './measure.ts';
import { connect, setDestinations, statusUrlOf, withBed } from './scenario.ts';
import type { Row, Scenario } from './scenario.ts';

const accountId = Number(rootAccount.accountId);
const steps: readonly MessageStatus[] = ['sent', 'delivered', 'read'];
const sender = { id: '15550000000', phoneNumberId: '200000000' };
const statusBytes = 250;
const rowsPerBatch = 5000;

/** Receipts to put in: how many, and the time of the first and the last. */
interface Span {
  readonly count: number;
  readonly from: number;
  readonly until: number;
  /** Size of each one's raw event; a webhook of one status is stored packed, in some 250 bytes. */
  readonly rawBytes?: number;
}

interface Archived {
  readonly id: number;
  readonly key: Buffer;
  readonly rank: number;
  readonly lane: number;
  readonly at: number;
  readonly facts: string;
}

const toMessageId = (message: number): string => `wamid.archive.${message}`;

/** The receipt at a place of a span: each message has three statuses, one after the other. */
function toArchived(place: number, { count, from, until }: Span): Archived {
  const status = steps[place % steps.length] ?? 'sent';
  const messageId = toMessageId(Math.floor(place / steps.length));
  const at = Math.floor(from + ((until - from) * place) / count);
  const route = { by: 'sender', id: sender.phoneNumberId } as const;
  const facts: StatusFacts = { type: 'ChatAppStatus', messageId, status, user: { id: '15550002222' } };
  const receiptId = toReceiptId(accountId, 'whatsapp', route, toStatusIdentity(messageId, status), facts);
  return {
    // Those of one millisecond follow each other.
    id: toFirstId(at) + (place % 512),
    key: Buffer.from(receiptId, 'hex'),
    rank: toRank(status),
    lane: toLane(receiptId, route, facts),
    at,
    facts: JSON.stringify(facts),
  };
}

/** Puts a span of receipts of channel `bench` into a store that no process has open, each with its raw event and a delivery that is done. */
export async function fill(place: Place, destinationId: number, span: Span): Promise<void> {
  if (place.databaseUrl === undefined) fillSqlite(join(place.dataDir, 'chasqui.sqlite'), destinationId, span);
  else await fillPostgres(place.databaseUrl, destinationId, span);
}

/** Adds a receipt of a raw event of the same id. */
const addReceipt = `INSERT INTO receipt (id, account_id, key, type, channel_id, channel_type, sender_id, sender_type, occurred_at, recorded_at,
    raw_event_id, raw_index, superseded, unmatched, facts)
  VALUES (?1, ?2, ?3, 'ChatAppStatus', 'bench', 'whatsapp', ?4, 'phone', ?5, ?5, ?1, 0, 0, 1, ?6)`;

/** Adds raw events with a receipt each, which has been delivered. */
const addArchived = `WITH given AS MATERIALIZED (
    SELECT * FROM unnest($2::bigint[], $3::bytea[], $4::int[], $5::bigint[], $6::bigint[], $7::text[]) g(id, key, rank, lane, at, facts)),
  raw AS (INSERT INTO raw_event (account_id, id, channel_id, received_at, packed, body)
    SELECT $1::bigint, id, 'bench', at, 1, $8::bytea FROM given),
  receipts AS (INSERT INTO receipt (account_id, id, key, type, channel_id, channel_type, sender_id, sender_type, occurred_at,
      recorded_at, raw_event_id, raw_index, superseded, unmatched, rank, facts)
    SELECT $1, id, key, 'ChatAppStatus', 'bench', 'whatsapp', $9::text, 'phone', at, at, id, 0, 0, 1, rank, facts FROM given)
  INSERT INTO delivery (account_id, id, destination_id, lane, laned, place, state, due_at, attempts, round_start, at, duration_ms,
      status, outcome, answer)
    SELECT $1, id, $10::bigint, lane, 0, id, 2, at, 1, 0, at, 3, 200, 'accepted', '' FROM given`;

function fillSqlite(file: string, destinationId: number, span: Span): void {
  const db = new DatabaseSync(file);
  // The file is filled or thrown away; nothing of this is a promise.
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = FILE');
  const raw = db.prepare(
    'INSERT INTO raw_event (id, account_id, channel_id, received_at, packed, body) VALUES (?, ?, ?, ?, 1, ?)',
  );
  const receipt = db.prepare(addReceipt);
  const delivery = db.prepare(
    `INSERT INTO delivery (id, account_id, destination_id, lane, laned, place, state, due_at, attempts, round_start)
     VALUES (?1, ?2, ?3, ?4, 0, ?1, 2, ?5, 1, 0)`,
  );
  const attempt = db.prepare(
    "INSERT INTO attempt (delivery_id, number, account_id, at, duration_ms, status, outcome, answer) VALUES (?, 1, ?, ?, 3, 200, 'accepted', '')",
  );
  db.exec('CREATE TEMP TABLE filled (key BLOB, id INTEGER, rank INTEGER)');
  const filled = db.prepare('INSERT INTO filled VALUES (?, ?, ?)');
  const body = randomBytes(span.rawBytes ?? statusBytes);
  for (let first = 0; first < span.count; first += rowsPerBatch) {
    db.exec('BEGIN');
    for (let n = first; n < Math.min(span.count, first + rowsPerBatch); n += 1) {
      const { id, key, rank, lane, at, facts } = toArchived(n, span);
      raw.run(id, accountId, 'bench', at, body);
      receipt.run(id, accountId, key, sender.id, at, facts);
      delivery.run(id, accountId, destinationId, lane, at);
      attempt.run(id, accountId, at);
      filled.run(key, id, rank);
    }
    db.exec('COMMIT');
  }
  // Keys are at random places, so they go in by their order.
  db.exec(
    `INSERT INTO seen (account_id, key, receipt_id, rank) SELECT ${accountId}, key, id, rank FROM filled ORDER BY key`,
  );
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

async function fillPostgres(url: string, destinationId: number, span: Span): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SET synchronous_commit = off');
  const body = randomBytes(span.rawBytes ?? statusBytes);
  for (let first = 0; first < span.count; first += rowsPerBatch) {
    const length = Math.min(rowsPerBatch, span.count - first);
    const rows = Array.from({ length }, (_, n) => toArchived(first + n, span));
    const values = [
      accountId,
      rows.map(({ id }) => id),
      rows.map(({ key }) => key),
      rows.map(({ rank }) => rank),
      rows.map(({ lane }) => lane),
      rows.map(({ at }) => at),
      rows.map(({ facts }) => facts),
      body,
      sender.id,
      destinationId,
    ];
    await client.query(addArchived, values);
  }
  await client.query('VACUUM ANALYZE');
  await client.end();
}

/** Connects the channel of the receipts, with their callback. Resolves to its id. */
export async function connectArchive(bed: Bed): Promise<number> {
  await connect(bed, 1, true, () => statusUrlOf(bed));
  await setDestinations(bed, { state: 'off' });
  const { items } = await bed.api<{ items: { id: number }[] }>('GET', '/api/v1/destinations');
  return items[0]?.id ?? 0;
}

const day = 24 * 60 * 60 * 1000;
/** Questions of each kind; every hundredth is slower than the figure told. */
const questions = 500;

export const archive: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const destinationId = await connectArchive(bed);
    const until = Date.now() - 60_000;
    const span = { count: size.archive, from: until - 20 * day, until };
    await bed.whileStopped((place) => fill(place, destinationId, span));
    const pick = (n: number): number =>
      (Math.floor((n * 7919 * span.count) / questions) % (span.count - questions)) + questions;
    const receipts = '/api/v1/receipts?limit=50';
    const cursorOf = (n: number): string => String(toArchived(pick(n), span).id);
    const at = (n: number): string => new Date(toArchived(pick(n), span).at).toISOString();
    return [
      await ask(bed, size.archive, 'receipts: newest', () => receipts),
      await ask(
        bed,
        size.archive,
        'receipts: a page further back',
        (n) => `${receipts}&cursor=${cursorOf(n)}`,
      ),
      await ask(bed, size.archive, 'receipts: up to a day', (n) => `${receipts}&until=${at(n)}`),
      await ask(
        bed,
        size.archive,
        'receipts: of a number without any',
        () => `${receipts}&senderId=15559999999`,
        0,
      ),
      await ask(bed, size.archive, 'receipts: of a message', (n) => {
        const message = toMessageId(Math.floor(pick(n) / steps.length));
        return `${receipts}&messageId=${message}`;
      }),
      await ask(bed, size.archive, 'receipt: its timeline', (n) => {
        const { key } = toArchived(pick(n), span);
        return `/api/v1/receipts/${key.toString('hex')}`;
      }),
      await ask(bed, size.archive, 'deliveries: newest', () => '/api/v1/deliveries?limit=50'),
    ];
  });

/** Asks the API the same kind of question many times, one after the other. An answer without anything in it is a fault. */
async function ask(
  bed: Bed,
  held: number,
  what: string,
  toPath: (n: number) => string,
  least = 1,
): Promise<Row> {
  const times: number[] = [];
  let faults = 0;
  for (let n = 0; n < questions; n += 1) {
    const startedAt = performance.now();
    const answer = await bed.api<{ items?: unknown[]; receipt?: unknown }>('GET', toPath(n));
    times.push(performance.now() - startedAt);
    const found = answer.items === undefined ? 1 : answer.items.length;
    if (found < least) faults += 1;
  }
  times.sort((a, b) => a - b);
  const p99 = percentile(times, 0.99);
  return {
    name: what,
    figure: 'p99 ms',
    value: p99,
    spread: [p99, p99],
    detail: `${held} receipts held, p50 ${percentile(times, 0.5).toFixed(1)} ms`,
    limit: '≤ 50',
    faults,
  };
}
