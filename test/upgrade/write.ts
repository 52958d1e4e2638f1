// `npm run test:upgrade:write` writes the data set of the version that this checkout is, for later ones to read: once, when it is
// released.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { version } from '../../src/runtime/release.ts';
import { readMigrations } from '../../src/store/migrations.ts';
import { openApiTest } from '../support/api.ts';
import { openPostgres } from '../support/postgres.ts';
import type { TestStoreOptions } from '../support/store.ts';
import { ask, dataSets, dumpDatabase } from './data-set.ts';
import { writeEveryKind } from './every-kind.ts';

const folder = join(dataSets, version);
if (existsSync(folder)) throw new Error(`${folder} is there: what a released version wrote does not change.`);
mkdirSync(folder, { recursive: true });
await writeSqlite();
await writePostgres();

async function writeSqlite(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'chasqui-data-set-'));
  const [file, whole] = [join(work, 'chasqui.sqlite'), join(work, 'whole.sqlite')];
  await writeInto('sqlite', { file });
  const db = new DatabaseSync(file);
  db.prepare('VACUUM INTO ?').run(whole);
  db.close();
  writeFileSync(join(folder, 'chasqui.sqlite.gz'), gzipSync(readFileSync(whole), { level: 9 }));
  rmSync(work, { recursive: true });
}

async function writePostgres(): Promise<void> {
  const server = await openPostgres({ durable: false });
  const database = await server.createDatabase();
  await writeInto('postgres', { database });
  writeFileSync(join(folder, 'postgres.sql'), await dumpDatabase(database));
  await server.close();
}

/** Writes data of every kind into a store, and what the API tells of them beside it. */
async function writeInto(store: 'sqlite' | 'postgres', opening: TestStoreOptions): Promise<void> {
  const api = await openApiTest({ opening });
  const paths = await writeEveryKind(api);
  const schema = readMigrations(store).at(-1)?.version;
  const told = { at: api.clock.now(), schema, answers: await ask(api, paths) };
  writeFileSync(join(folder, `${store}.json`), `${JSON.stringify(told, null, 1)}\n`);
  await api.close();
}
