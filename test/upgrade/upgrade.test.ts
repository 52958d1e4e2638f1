// What a released version wrote is told by this one as it was told then, from the embedded store.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readMigrations } from '../../src/store/migrations.ts';
import { openApiTest } from '../support/api.ts';
import { createClock } from '../support/store.ts';
import { ask, listDataSets, readTold, unpackFile } from './data-set.ts';

/** Rows that the API writes down nowhere: what is set aside of damage. */
const untold = ['unreadable'];

for (const version of listDataSets()) {
  test(`a file of ${version} is brought up to date, and every kind of row is told as before`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chasqui-upgrade-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'chasqui.sqlite');
    unpackFile(version, file);
    const { at, schema, answers } = readTold(version, 'sqlite');
    assert.equal(readSchema(file), schema);
    const api = await openApiTest({ opening: { file, clock: createClock(at) } });
    t.after(() => api.close());
    const told = await ask(api, Object.keys(answers));
    // What a later version tells besides is its own.
    assert.partialDeepStrictEqual(told, answers);
    assert.ok(Object.keys(answers).length > 30);
    await api.close();
    assert.equal(readSchema(file), readMigrations('sqlite').at(-1)?.version);
  });

  test(`the file of ${version} has rows in every table`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chasqui-upgrade-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'chasqui.sqlite');
    unpackFile(version, file);
    const db = new DatabaseSync(file, { readOnly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const empty = tables
      .map(({ name }) => String(name))
      .filter((name) => db.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() === undefined);
    db.close();
    assert.deepEqual(empty, untold);
  });
}

function readSchema(file: string): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('PRAGMA user_version').get();
  db.close();
  return row?.['user_version'];
}
