// What the server gives a node: fewer connections than it wants, an encoding.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import pg from 'pg';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import type { EventName } from '../../../src/telemetry/events.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { waitUntil } from '../../support/service.ts';

let postgres: Postgres;

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

interface Told {
  readonly name: EventName;
  readonly fields: unknown;
}

async function open(url: string, machine: Time, told: Told[] = []): Promise<Store> {
  const { store } = await openPostgresStore({
    url,
    machine,
    masterKey: Buffer.alloc(32, 7),
    emit: (name, fields) => void told.push({ name, fields }),
  });
  return store;
}

/** A database whose schema belongs to a role that may do nothing else on the server. */
async function makePlain(name: string): Promise<string> {
  await postgres.query(`CREATE ROLE ${name} LOGIN`);
  await postgres.query(`CREATE DATABASE ${name}`);
  await postgres.query(
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${name} TO ${name};
     CREATE SCHEMA receipts AUTHORIZATION ${name};
     ALTER ROLE ${name} IN DATABASE ${name} SET search_path = receipts`,
    name,
  );
  const url = new URL(postgres.url(name));
  url.username = name;
  return url.href;
}

it('a role that has fewer connections than a node wants has those used, until there are more', async () => {
  const url = await makePlain('few');
  let aheadMs = 0;
  const monotonic = (): number => machineTime.monotonic() + aheadMs;
  const told: Told[] = [];
  const store = await open(url, { ...machineTime, monotonic }, told);
  const locker = new pg.Client(postgres.url('few'));
  await locker.connect();
  const count = async (): Promise<number> =>
    Number(
      (await postgres.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'few'"))[0]?.[
        'n'
      ],
    );
  // All of them wait for the lock at once, so each wants a connection of its own.
  const readAtOnce = async (connections: number): Promise<void> => {
    await locker.query('BEGIN; LOCK TABLE receipts.notice IN ACCESS EXCLUSIVE MODE');
    const reads = Promise.allSettled(Array.from({ length: 16 }, () => store.listNotices(1, { limit: 1 })));
    await waitUntil(`${connections} connections`, 60_000, async () => (await count()) === connections);
    await locker.query('ROLLBACK');
    const failed = (await reads).flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    assert.deepEqual(failed, []);
  };
  try {
    await postgres.query('ALTER ROLE few CONNECTION LIMIT 4');
    await readAtOnce(4);
    const failing = told.filter(({ name }) => name === 'store.failing');
    assert.match(
      JSON.stringify(failing.map(({ fields }) => String((fields as { error: unknown }).error))),
      /of 10/,
    );
    await postgres.query('ALTER ROLE few CONNECTION LIMIT -1');
    aheadMs += 11_000;
    await readAtOnce(11);
  } finally {
    await locker.end();
    await store.close();
  }
});

it('a database that cannot hold every text is refused before anything is made in it', async () => {
  for (const encoding of ['LATIN1', 'SQL_ASCII']) {
    const name = encoding.toLowerCase();
    await postgres.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
    // One that opens all the same is closed, so that the test fails and ends.
    const opened = open(postgres.url(name), machineTime).then((store) => store.close());
    await assert.rejects(opened, {
      code: 'store_unavailable',
      message: `The database cannot be used: its encoding is ${encoding}. Make one with ENCODING 'UTF8' (and TEMPLATE template0).`,
    });
    const tables = await postgres.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", name);
    assert.deepEqual(tables, []);
  }
});
