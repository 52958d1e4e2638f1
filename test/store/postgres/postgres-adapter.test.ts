import { after } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import { storeContract } from '../contract.ts';

const postgres = await openPostgres({ durable: false });
after(() => postgres.close());

/** A database with its schema, which every test gets a copy of. */
const template = await postgres.createDatabase();
await (await open(template)).close();

async function open(url: string, now: () => number = Date.now, fill = 7): Promise<Store> {
  const opened = await openPostgresStore({
    url,
    masterKey: Buffer.alloc(32, fill),
    now,
    emit: () => undefined,
    maxConnections: 5,
  });
  return opened.store;
}

storeContract('PostgreSQL', async ({ now }) => open(await postgres.copyDatabase(template), now));
