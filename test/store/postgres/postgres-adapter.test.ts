import { after } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import { storeContract } from '../contract.ts';

const postgres = await openPostgres({ durable: false });
after(() => postgres.close());

/** A database with its schema, which every test gets a copy of. */
const template = await postgres.createDatabase();
await (await open(template)).close();

let copies = 0;

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

async function copyTemplate(): Promise<string> {
  copies += 1;
  const name = `copy_${copies}`;
  await postgres.query(
    `CREATE DATABASE ${name} TEMPLATE ${new pg.Client(template).database ?? ''} STRATEGY FILE_COPY`,
  );
  return postgres.url(name);
}

storeContract('PostgreSQL', async ({ now }) => open(await copyTemplate(), now));
