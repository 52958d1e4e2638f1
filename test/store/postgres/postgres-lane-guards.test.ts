// What changes lanes, over a database that watches them: a lane is changed by nobody who does not hold it, a transaction holds all of its
// lanes at once, and no row before them. Whoever wants several takes them in their order then, so that no two wait for each other.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import { aliasContract } from '../contract/aliases.ts';
import { backlogContract } from '../contract/backlog.ts';
import { deliveryContract } from '../contract/deliveries.ts';
import { fallbackContract } from '../contract/fallbacks.ts';
import { outboundContract } from '../contract/outbound.ts';
import { receiptContract } from '../contract/receipts.ts';
import { removedSenderContract } from '../contract/removed-senders.ts';
import { replayContract } from '../contract/replays.ts';

/** Whether this session holds a lane, by itself or with its whole account. */
const laneHeld = `
  CREATE FUNCTION has_lock(p_key bigint, p_mode text) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 1
      AND classid::bigint = (p_key >> 32) & 4294967295 AND objid::bigint = p_key & 4294967295 AND mode LIKE p_mode)
  $$;
  CREATE FUNCTION has_lane(p_account bigint, p_lane bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT has_lock(hashint8extended(p_account, 0), 'ExclusiveLock') OR has_lock(hashint8extended(p_lane, p_account), 'ExclusiveLock')
  $$`;

/** Refuses to take lanes twice, and after rows: whoever locked or wrote one has a transaction id. */
const guardedHold = `
  ALTER FUNCTION hold_lanes(bigint, bigint[]) RENAME TO take_lanes;
  CREATE FUNCTION hold_lanes(p_account bigint, p_lanes bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT has_lock(hashint8extended(p_account, 0), '%') THEN
      IF pg_current_xact_id_if_assigned() IS NOT NULL THEN RAISE EXCEPTION 'Rows were taken before lanes.'; END IF;
    ELSIF EXISTS (SELECT 1 FROM unnest(p_lanes) lane WHERE NOT has_lane(p_account, lane)) THEN
      RAISE EXCEPTION 'More lanes were wanted than were held at once.';
    END IF;
    PERFORM take_lanes(p_account, p_lanes);
  END $$`;

/** Refuses to change who stands where in a lane that is not held. */
const guardedRows = `
  CREATE FUNCTION guard_lane() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT has_lane(NEW.account_id, NEW.lane) THEN RAISE EXCEPTION 'A lane of % is not held.', TG_TABLE_NAME; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER lane_guarded BEFORE INSERT OR UPDATE OF state, lane, place, laned, destination_id ON delivery
    FOR EACH ROW EXECUTE FUNCTION guard_lane();
  CREATE TRIGGER lane_guarded BEFORE INSERT OR UPDATE OF state, lane, place ON outbound
    FOR EACH ROW EXECUTE FUNCTION guard_lane()`;

const postgres = await openPostgres({ durable: false });
after(() => postgres.close());

const template = await postgres.createDatabase();
await (await open(template)).close();
for (const sql of [laneHeld, guardedHold, guardedRows]) await postgres.query(sql, toName(template));

async function open(url: string, now: () => number = Date.now): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 5 };
  return (await openPostgresStore({ url, now, ...options })).store;
}

function toName(url: string): string {
  return new URL(url).pathname.slice(1);
}

describe('whoever changes lanes holds them, all at once and first', () => {
  const openGuarded = async ({ now }: { readonly now: () => number }): Promise<Store> =>
    open(await postgres.copyDatabase(template), now);
  receiptContract(openGuarded);
  deliveryContract(openGuarded);
  replayContract(openGuarded);
  backlogContract(openGuarded);
  outboundContract(openGuarded);
  removedSenderContract(openGuarded);
  fallbackContract(openGuarded);
  aliasContract(openGuarded);
});

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
      const client = new pg.Client({ connectionString: template });
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
