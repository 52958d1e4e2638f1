// The keys of receipts on their way from memory into their order, held against a map of them, through repeats, failed transactions, sweeps
// and ends at any moment.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { Connection } from '../../../src/store/sqlite/connection.ts';
import { ReceiptKeys } from '../../../src/store/receipts/sqlite-keys.ts';
import { inParts } from '../../../src/store/sqlite/statement.ts';
import { createClock } from '../../support/store.ts';

type AddedKey = Parameters<ReceiptKeys['learn']>[0];

const accountId = 1;
const gathered = 200;

interface Opened {
  readonly db: Connection;
  readonly keys: ReceiptKeys;
}

async function open(file: string): Promise<Opened> {
  const db = await Connection.open({ file, ...createClock(), emit: () => undefined });
  return { db, keys: new ReceiptKeys(db, gathered) };
}

/** A key of the `part`-th receipt of a subject, and what subject's digits it begins with. */
function toKey(subject: number, part: number): { readonly key: Buffer; readonly digits: string } {
  const digits = createHash('sha256').update(`s${subject}`).digest('hex').slice(0, 12);
  const rest = createHash('sha256').update(`${subject}/${part}`).digest('hex').slice(0, 20);
  return { key: Buffer.from(digits + rest, 'hex'), digits };
}

/** Adds those that are not known, as one group of receipts is recorded; resolves to the keys that were new. */
function add({ db, keys }: Opened, parts: readonly Part[], fails = false): Promise<AddedKey[]> {
  return db.write((tx) => {
    const fresh: AddedKey[] = [];
    for (const { subject, part } of parts) {
      const { key, digits } = toKey(subject, part);
      const related = keys.findRelated(accountId, digits);
      if (keys.isKnown(accountId, key, related)) continue;
      const one = { accountId, id: db.nextId(), key, rank: part % 4 };
      keys.learn(one);
      fresh.push(one);
    }
    for (const part of inParts(fresh)) keys.append(part);
    keys.settle(tx, fresh.length);
    if (fails) throw new Error('It fails.');
    return fresh;
  });
}

interface Part {
  readonly subject: number;
  readonly part: number;
}

const parts: fc.Arbitrary<Part[]> = fc.array(fc.record({ subject: fc.nat(150), part: fc.nat(11) }), {
  minLength: 1,
  maxLength: 60,
  size: 'max',
});
const steps = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ do: fc.constant('add' as const), parts }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('fail' as const), parts }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('sweep' as const), count: fc.integer({ min: 1, max: 16 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reopen' as const, 'crash' as const) }) },
  ),
  { minLength: 30, maxLength: 120, size: 'max' },
);

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function toText({ key }: Pick<AddedKey, 'key'>): string {
  return Buffer.from(key).toString('hex');
}

function countIn({ db }: Opened, table: 'known' | 'lately' | 'seen' | 'seen_lately'): number {
  return db.prepare<{ count: number }>(`SELECT count(*) AS count FROM ${table}`).get()?.count ?? 0;
}

/** Adds so many of new subjects, from one on. */
function addNew(opened: Opened, from: number, count: number): Promise<AddedKey[]> {
  return add(
    opened,
    Array.from({ length: count }, (_, n) => ({ subject: from + n, part: 0 })),
  );
}

/** The file as a process leaves it that is killed. */
function copyAsKilled(from: string, to: string): void {
  for (const end of ['', '-wal']) if (existsSync(from + end)) copyFileSync(from + end, to + end);
}

function holds({ db, keys }: Opened, model: ReadonlyMap<string, AddedKey>): void {
  const known = db
    .prepare<{ key: Uint8Array; receipt_id: number; rank: number }>('SELECT key, receipt_id, rank FROM known')
    .all();
  const wanted = [...model].map(([text, { id, rank }]) => `${text} ${id} ${rank}`);
  const found = known.map(({ receipt_id: id, rank, ...one }) => `${toText(one)} ${id} ${rank}`);
  assert.deepEqual(found.toSorted(), wanted.toSorted(), 'each key is known, once');
  for (const { key } of [...model.values()].slice(-20).map((one) => ({ key: Buffer.from(one.key) }))) {
    const digits = key.toString('hex').slice(0, 12);
    const own = [...model].flatMap(([text, one]) => (text.startsWith(digits) ? [one] : []));
    const related = keys.findRelated(accountId, digits);
    assert.equal(related.length, Math.min(own.length, 8));
    assert.ok(keys.isKnown(accountId, key, related));
    assert.equal(keys.findRank(accountId, digits, related), Math.max(...own.map(({ rank }) => rank)));
  }
}

test('each key is known once, whatever becomes of transactions and processes', async (t) => {
  const folder = makeFolder(t);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      runs += 1;
      let file = join(folder, `${runs}.sqlite`);
      const model = new Map<string, AddedKey>();
      let opened = await open(file);
      for (const [at, step] of run.entries()) {
        if (step.do === 'add') for (const one of await add(opened, step.parts)) model.set(toText(one), one);
        if (step.do === 'fail') await assert.rejects(add(opened, step.parts, true), /It fails/);
        if (step.do === 'sweep') {
          const { db, keys } = opened;
          const old = [...model.values()].slice(0, step.count);
          if (old.length > 0)
            await db.write(() => keys.remove(old.map(({ id, key }) => ({ id, account_id: accountId, key }))));
          for (const { key } of old) model.delete(toText({ key }));
        }
        if (step.do === 'crash') copyAsKilled(file, (file = join(folder, `${runs}-${at}.sqlite`)));
        if (step.do === 'crash' || step.do === 'reopen') {
          await opened.db.close();
          opened = await open(file);
        }
        holds(opened, model);
      }
      await opened.db.close();
    }),
    { numRuns: 15 },
  );
});

test('what gathers is bounded, and all but the newest comes into its order', async (t) => {
  const opened = await open(join(makeFolder(t), 'chasqui.sqlite'));
  const total = 40 * gathered;
  let lately = 0;
  let appended = 0;
  for (let subject = 0; subject < total; subject += 25) {
    await addNew(opened, subject, 25);
    lately = Math.max(lately, countIn(opened, 'lately'));
    appended = Math.max(appended, countIn(opened, 'seen_lately'));
  }
  assert.equal(countIn(opened, 'known'), total);
  assert.ok(countIn(opened, 'seen') > total - 3 * gathered);
  assert.ok(lately < 2 * gathered, `${lately} keys in memory`);
  assert.ok(appended < 4 * gathered, `${appended} keys appended`);
  await opened.db.close();
});

test('processes that are killed in the middle of a move leave nothing twice', async (t) => {
  const folder = makeFolder(t);
  let file = join(folder, 'chasqui.sqlite');
  let subject = 0;
  for (let kill = 0; kill < 12; kill += 1) {
    const opened = await open(file);
    assert.equal(countIn(opened, 'known'), subject);
    assert.equal(
      countIn(opened, 'seen_lately'),
      countIn(opened, 'lately'),
      'what was moved is appended no more',
    );
    const moved = countIn(opened, 'seen');
    const limit = subject + 4 * gathered;
    for (; countIn(opened, 'seen') === moved && subject < limit; subject += 50)
      await addNew(opened, subject, 50);
    assert.ok(countIn(opened, 'seen') > moved, 'some are moved');
    assert.ok(
      countIn(opened, 'seen_lately') < 4 * gathered,
      `${countIn(opened, 'seen_lately')} keys appended`,
    );
    copyAsKilled(file, (file = join(folder, `${kill}.sqlite`)));
    await opened.db.close();
  }
});
