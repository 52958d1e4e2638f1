// What a commit has to have reached before it is answered.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { machineTime } from '../../../src/runtime/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openClient, prepareSession } from '../../../src/store/postgres/session.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { waitUntil } from '../../support/service.ts';

let postgres: Postgres;

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

/** What a session has once it is prepared. */
async function commitOf(url: string): Promise<unknown> {
  const { client } = openClient(url);
  await client.connect();
  try {
    await prepareSession(client, undefined);
    return (await client.query<{ synchronous_commit: string }>('SHOW synchronous_commit')).rows[0]
      ?.synchronous_commit;
  } finally {
    await client.end();
  }
}

it('an operator says for how much of its standbys a commit waits, and cannot say that it waits for no disk', async () => {
  const url = await postgres.createDatabase();
  const name = new URL(url).pathname.slice(1);
  const cases = {
    off: 'on',
    local: 'on',
    remote_write: 'remote_write',
    on: 'on',
    remote_apply: 'remote_apply',
  };
  for (const [said, had] of Object.entries(cases)) {
    await postgres.query(`ALTER DATABASE ${name} SET synchronous_commit = ${said}`);
    assert.equal(await commitOf(url), had, `by the database: ${said}`);
  }
  await postgres.query(`ALTER DATABASE ${name} RESET synchronous_commit`);
  for (const [said, had] of Object.entries(cases)) {
    const asked = new URL(url);
    asked.searchParams.set('options', `-c synchronous_commit=${said}`);
    assert.equal(await commitOf(asked.href), had, `by the address: ${said}`);
  }
});

it('a commit whose wait for a standby is cancelled is not answered as kept', async () => {
  const url = await postgres.createDatabase();
  const { store } = await openPostgresStore({
    url,
    machine: machineTime,
    masterKey: Buffer.alloc(32, 7),
    emit: () => undefined,
  });
  const waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query NOT LIKE '%UPDATE node%'";
  try {
    await postgres.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await postgres.query('SELECT pg_reload_conf()');
    const created = store
      .createFirstAccount({
        account: { id: 1_000_000_000_000_001, name: 'Test' },
        key: { id: 'key', secret: 'secret' },
      })
      .then(
        () => 'kept',
        (error: unknown) => (error as Error).message,
      );
    await waitUntil('it waits', 5000, async () => (await postgres.query(`SELECT 1 ${waiting}`)).length > 0);
    await postgres.query(`SELECT pg_cancel_backend(pid) ${waiting}`);
    assert.equal(await created, 'The database cannot be used: somebody cancelled the wait for a standby.');
  } finally {
    await postgres.query('ALTER SYSTEM RESET synchronous_standby_names');
    await postgres.query('SELECT pg_reload_conf()');
    await store.close();
  }
});
