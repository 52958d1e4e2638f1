// That the database which watches lanes while the contract runs refuses what it should.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openPostgres } from '../../support/postgres.ts';
import { guardLanes } from './lane-guards.ts';
import { machineTime } from '../../../src/runtime/clock.ts';

const postgres = await openPostgres({ durable: false });
after(() => postgres.close());

const url = await postgres.createDatabase();
const { store } = await openPostgresStore({
  url,
  masterKey: Buffer.alloc(32, 7),
  machine: machineTime,
  emit: () => undefined,
});
await store.close();
await guardLanes(postgres, url);

describe('the database that watches lanes', () => {
  const insert = `INSERT INTO delivery (account_id, id, destination_id, lane, laned, place, state, due_at, attempts, round_start)
    VALUES (1, 10, 1, 7, 1, 1, 0, 0, 0, 0)`;
  const cases = [
    {
      of: 'a change of a lane that nobody holds',
      steps: [insert],
      refused: /A lane of delivery is not held/,
    },
    {
      of: 'a change of a lane other than the one that is held',
      steps: ['SELECT hold_lanes(1, ARRAY[8])', insert],
      refused: /A lane of delivery is not held/,
    },
    {
      of: 'lanes that are taken one after the other',
      steps: ['SELECT hold_lanes(1, ARRAY[7])', 'SELECT hold_lanes(1, ARRAY[8])'],
      refused: /More lanes were wanted/,
    },
    {
      of: 'lanes that are taken after a row',
      steps: ["SELECT 1 FROM meta WHERE key = 'seal' FOR SHARE", 'SELECT hold_lanes(1, ARRAY[7])'],
      refused: /Rows were taken before lanes/,
    },
    {
      of: 'nothing of lanes that are held, one by one or with their account',
      steps: ['SELECT hold_lanes(1, ARRAY[7, 8])', insert, 'SELECT hold_lanes(1, ARRAY[8])'],
    },
    {
      of: 'nothing of so many lanes that the account is held',
      steps: ['SELECT hold_lanes(1, ARRAY(SELECT generate_series(1, 601)))', insert],
    },
  ];
  for (const { of, steps, refused } of cases)
    it(`refuses ${of}`, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        const run = async (): Promise<void> => {
          for (const step of ['BEGIN', ...steps, 'ROLLBACK']) await client.query(step);
        };
        if (refused === undefined) await run();
        else await assert.rejects(run, refused);
      } finally {
        await client.end();
      }
    });
});
