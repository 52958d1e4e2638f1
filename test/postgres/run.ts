// `npm run test:postgres [-- file ...]`: the tests that take any store, over PostgreSQL instead of the embedded store. One server
// for all of them; each test has a database of its own, copied from one that has the schema.
import { openPostgresStore } from '../../src/store/postgres.ts';
import { openPostgres } from '../support/postgres.ts';
import { runTests } from '../support/runner.ts';

/** The folders whose tests open their store by test/support/store.ts. */
const folders = ['cams', 'connecting', 'console', 'delivery', 'intake', 'media', 'sending', 'smq'];

const files = process.argv.slice(2);
const postgres = await openPostgres({ durable: false });
try {
  const template = await postgres.createDatabase();
  const opened = await openPostgresStore({
    url: template,
    masterKey: Buffer.alloc(32, 7),
    now: Date.now,
    emit: () => undefined,
  });
  await opened.store.close();
  const tests = files.length > 0 ? files : folders.map((folder) => `test/${folder}/*.test.ts`);
  process.exitCode = await runTests(tests, { CHASQUI_TEST_DATABASE: template });
} finally {
  await postgres.close();
}
