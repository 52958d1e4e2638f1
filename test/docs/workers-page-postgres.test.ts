import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listWorkers } from '../support/listed-workers.ts';
import { openPostgres } from '../support/postgres.ts';
import { readWorkersPage } from './workers-page.ts';

it('with PostgreSQL all runs that docs/workers.md names', async () => {
  const postgres = await openPostgres({ durable: false });
  try {
    const env = { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY: '5c'.repeat(32) };
    const workers = await listWorkers(env);
    const { all, embedded } = readWorkersPage();
    assert.deepEqual(
      workers.map(({ name }) => name),
      all.filter((name) => !embedded.includes(name)),
    );
  } finally {
    await postgres.close();
  }
});
