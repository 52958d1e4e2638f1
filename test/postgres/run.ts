// `npm run test:postgres [-- file ...]`: the tests that take any store, over PostgreSQL instead of the embedded store, with one server
// for all of them and a database for each, copied from one that has the schema; and those of PostgreSQL alone, with servers of their own.
import { openPostgresStore } from '../../src/store/postgres/adapter.ts';
import { openPostgres } from '../support/postgres.ts';
import { runTests } from '../support/runner.ts';
import { machineTime } from '../../src/runtime/clock.ts';

/** The folders whose tests open their store by test/support/store.ts. */
const folders = ['core', 'operations', 'protocols'];

const own = ['test/**/{postgres*,*-postgres}.test.ts'];

const files = process.argv.slice(2);
const postgres = await openPostgres({ durable: false });
try {
  const template = await postgres.createDatabase();
  const opened = await openPostgresStore({
    url: template,
    masterKey: Buffer.alloc(32, 7),
    machine: machineTime,
    emit: () => undefined,
  });
  await opened.store.close();
  const tests =
    files.length > 0 ? files : [...folders.map((folder) => `test/${folder}/**/*.test.ts`), ...own];
  process.exitCode = await runTests(tests, { CHASQUI_TEST_DATABASE: template });
} finally {
  await postgres.close();
}
