// What a released version wrote is told by this one as it was told then, from PostgreSQL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readMigrations } from '../../src/store/migrations.ts';
import { openApiTest } from '../support/api.ts';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { createClock } from '../support/store.ts';
import { ask, fillDatabase, listDataSets, readTold } from './data-set.ts';

let server: Postgres;
before(async () => {
  server = await openPostgres({ durable: false });
});
after(() => server.close());

for (const version of listDataSets())
  test(`a database of ${version} is brought up to date, and every kind of row is told as before`, async (t) => {
    const database = await server.createDatabase();
    await fillDatabase(version, database);
    const { at, answers } = readTold(version, 'postgres');
    const api = await openApiTest({ opening: { database, clock: createClock(at) } });
    t.after(() => api.close());
    const told = await ask(api, Object.keys(answers));
    // What a later version tells besides is its own.
    assert.partialDeepStrictEqual(told, answers);
    assert.ok(Object.keys(answers).length > 30);
    await api.close();
    const name = new URL(database).pathname.slice(1);
    const [row] = await server.query('SELECT max(version) AS version FROM schema_version', name);
    assert.equal(row?.['version'], readMigrations('postgres').at(-1)?.version);
  });
