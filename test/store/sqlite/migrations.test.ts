// How a file gets its schema, and which files are refused for theirs.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { toFirstId } from '../../../src/domain/ids.ts';
import { readMigrations } from '../../../src/store/migrations.ts';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { checkFile } from '../../../src/store/sqlite/damage/check.ts';
import { rescue } from '../../../src/store/sqlite/damage/rescue.ts';
import { mendTimes } from '../../../src/store/sqlite/damage/times.ts';
import { bringUpToDate } from '../../../src/store/sqlite/schema.ts';
import { isGatewayError } from '../../support/errors.ts';
import { createClock } from '../../support/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-migrations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const steps = [
  'CREATE TABLE tree (id INTEGER PRIMARY KEY); INSERT INTO tree VALUES (7)',
  'ALTER TABLE tree ADD COLUMN height INTEGER NOT NULL DEFAULT 3',
  'UPDATE tree SET height = height + 1',
].map((sql, index) => ({ version: index + 1, name: `00${index + 1}_tree.sql`, sql }));

function stateOf(db: DatabaseSync): unknown {
  return { ...db.prepare('SELECT * FROM tree').get(), ...db.prepare('PRAGMA user_version').get() };
}

test('each migration is applied once and in order, up to the one that is asked for', () => {
  const db = new DatabaseSync(':memory:');
  bringUpToDate(db, { migrations: steps, to: 2 });
  assert.deepEqual(stateOf(db), { id: 7, height: 3, user_version: 2 });
  bringUpToDate(db, { migrations: steps });
  bringUpToDate(db, { migrations: steps });
  assert.deepEqual(stateOf(db), { id: 7, height: 4, user_version: 3 });
  assert.throws(() => bringUpToDate(db, { migrations: steps.slice(0, 2) }), isGatewayError('schema_too_new'));
});

test('a migration that fails leaves nothing behind, and is applied once it works', () => {
  const db = new DatabaseSync(':memory:');
  const [first, second] = steps;
  assert.ok(first !== undefined && second !== undefined);
  const failing = { ...second, sql: `${second.sql}; SELECT * FROM forest` };
  assert.throws(() => bringUpToDate(db, { migrations: [first, failing] }), /no such table: forest/);
  assert.deepEqual(stateOf(db), { id: 7, user_version: 1 });
  bringUpToDate(db, { migrations: [first, second] });
  assert.deepEqual(stateOf(db), { id: 7, height: 3, user_version: 2 });
});

/** A file as versions from before the first release made it. */
function makeFormer(isWhole: boolean): string {
  const file = newFile();
  const db = new DatabaseSync(file, { defensive: false });
  db.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL); PRAGMA user_version = 34');
  if (!isWhole)
    db.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'meta'");
  db.close();
  return file;
}

function newFile(): string {
  return join(mkdtempSync(join(folder, 'data-')), 'chasqui.sqlite');
}

const isFormer = (file: string) => (error: unknown) => {
  assert.ok(isGatewayError('schema_too_old')(error), String(error));
  assert.equal(
    error instanceof Error && error.message,
    `${file} was made before the first release of Chasqui, by a version whose data no release reads. ` +
      'Name an empty folder in DATA_DIR to begin anew; the folder that is there stays as it is.',
  );
  return true;
};

for (const state of ['whole', 'damaged'] as const)
  test(`a file from before the first release is refused with what to do, and left as it is, when it is ${state}`, async () => {
    const file = makeFormer(state === 'whole');
    const before = readdirSync(dirname(file));
    const clock = createClock();
    const { now } = clock;
    for (const check of ['quick', 'off'] as const)
      await assert.rejects(
        openSqliteStore({ file, masterKey: Buffer.alloc(32, 7), ...clock, emit: () => undefined, check }),
        isFormer(file),
      );
    assert.throws(() => checkFile(file, now()), isFormer(file));
    assert.throws(() => mendTimes(file, now()), isFormer(file));
    assert.throws(() => rescue({ file, now: now() }), isFormer(file));
    assert.deepEqual(readdirSync(dirname(file)), before);
    const after = new DatabaseSync(file);
    assert.deepEqual({ ...after.prepare('PRAGMA user_version').get() }, { user_version: 34 });
    after.close();
  });

test('a copy of a store opens as its own', async () => {
  const open = (file: string) =>
    openSqliteStore({ file, masterKey: Buffer.alloc(32, 7), ...createClock(), emit: () => undefined });
  const file = newFile();
  const store = await open(file);
  const copy = newFile();
  await store.copyTo(copy);
  await store.close();
  await (await open(copy)).close();
  await (await open(file)).close();
});

test('the SQL files leave to the program how ids are made', () => {
  // Both counts of ids in a millisecond, from the program itself.
  const counts = [Date.UTC(2020), Date.UTC(2050)].map((at) => toFirstId(at + 1) - toFirstId(at));
  for (const kind of ['sqlite', 'postgres'] as const)
    for (const { name, sql } of readMigrations(kind)) {
      assert.doesNotMatch(sql, new RegExp(`\\b(${counts.join('|')}|setval)\\b`), `${kind}/${name}`);
    }
});
