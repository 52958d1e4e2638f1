// What `chasqui check` tells of a schema that somebody has changed by hand.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { machineTime } from '../../../src/runtime/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { checkDatabase } from '../../../src/store/postgres/check.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';

let postgres: Postgres;
let made: string;

const toName = (url: string): string => new URL(url).pathname.slice(1);

async function makeSchema(url: string): Promise<void> {
  const options = { url, masterKey: Buffer.alloc(32, 7), machine: machineTime, emit: () => undefined };
  const { store } = await openPostgresStore(options);
  await store.probe().finally(() => store.close());
}

before(async () => {
  postgres = await openPostgres({ durable: false });
  made = await postgres.createDatabase();
  await makeSchema(made);
});
after(() => postgres.close());

const added = 'was added, and may change or refuse what is written';
const readJson =
  "CREATE OR REPLACE FUNCTION read_json(p_text text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT NULL::jsonb'";

/** Each a change by hand, and all that is told of it. */
const changes: readonly (readonly [string, readonly string[]])[] = [
  ['DROP TRIGGER fallback_armed ON outbound', ['trigger outbound.fallback_armed is missing']],
  [
    'ALTER TABLE outbound DISABLE TRIGGER fallback_armed',
    ['trigger outbound.fallback_armed is not as it was made'],
  ],
  [readJson, ['function read_json(p_text text) is not as it was made']],
  ['ALTER TABLE receipt ENABLE ROW LEVEL SECURITY', ['table receipt is not as it was made']],
  ['ALTER TABLE account ALTER COLUMN name TYPE varchar(20)', ['column account.name is not as it was made']],
  ['ALTER TABLE account ALTER COLUMN name DROP NOT NULL', ['column account.name is not as it was made']],
  ['ALTER TABLE delivery ADD CONSTRAINT odd CHECK (state < 100)', [`constraint delivery.odd ${added}`]],
  ['CREATE RULE odd AS ON INSERT TO notice DO INSTEAD NOTHING', [`rule notice.odd ${added}`]],
  ['CREATE POLICY odd ON receipt', [`policy receipt.odd ${added}`]],
  ['ALTER TABLE account ADD COLUMN extra text NOT NULL', [`column account.extra ${added}`]],
  [
    'DROP INDEX receipt_key; CREATE INDEX receipt_key ON receipt (account_id)',
    ['index receipt_key is not as it was made'],
  ],
  // What changes nothing of what is written is nobody's concern.
  [
    `ALTER TABLE account ADD COLUMN extra text; CREATE INDEX odd ON account (name); ANALYZE;
     CREATE TABLE foreign_table (id int NOT NULL CHECK (id > 0)); ALTER TABLE foreign_table ENABLE ROW LEVEL SECURITY`,
    [],
  ],
];

for (const [sql, told] of changes)
  it(`a database after ${sql.replace(/\s+/g, ' ').slice(0, 70)} is told as it is`, async () => {
    const url = await postgres.copyDatabase(made);
    await postgres.query(sql, toName(url));
    const { damage, isWhole } = await checkDatabase(url);
    assert.deepEqual(damage, told);
    assert.equal(isWhole, told.length === 0);
  });

it('a schema whose name has to be quoted is worked on and looked at like any other', async () => {
  const url = await postgres.createDatabase();
  await postgres.query('CREATE SCHEMA "Of Chasqui"', toName(url));
  await postgres.query(`ALTER DATABASE ${toName(url)} SET search_path = "Of Chasqui"`);
  await makeSchema(url);
  const { damage, version } = await checkDatabase(url);
  assert.deepEqual(damage, []);
  assert.ok(version > 1);
});
