import { after } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import { storeContract } from '../contract.ts';
import { guardLanes } from './lane-guards.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

const postgres = await openPostgres({ durable: false });
after(() => postgres.close());

/** A database with its schema that watches how lanes are held, which every test gets a copy of. */
const template = await postgres.createDatabase();
await (await open(template)).close();
await guardLanes(postgres, template);

async function open(url: string, time: Time = machineTime, fill = 7): Promise<Store> {
  const opened = await openPostgresStore({
    url,
    masterKey: Buffer.alloc(32, fill),
    time,
    machine: machineTime,
    emit: () => undefined,
    maxConnections: 5,
  });
  return opened.store;
}

storeContract('PostgreSQL', async (time) => open(await postgres.copyDatabase(template), time));
