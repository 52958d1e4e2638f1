// What nodes tell each other reaches all that listen, also when it was told while a node's own connection was away.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { TestContext } from 'node:test';
import { machineTime } from '../../../src/runtime/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openClient, prepareSession } from '../../../src/store/postgres/session.ts';
import { Signals } from '../../../src/store/postgres/signals.ts';
import type { Signal } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { findFreePort, waitUntil } from '../../support/service.ts';
import { queueOf, withStore } from '../contract/fixture.ts';

const limitMs = 60_000;

let postgres: Postgres;
let url: string;
let database: string;

before(async () => {
  postgres = await openPostgres({ durable: false });
  url = await postgres.createDatabase();
  database = new URL(url).pathname.slice(1);
});
after(() => postgres.close());

/** What one node hears, and whether its connection is away; one that is not to come back finds no server. */
async function listen(t: TestContext, holder: string) {
  const nowhere = `postgres://127.0.0.1:${await findFreePort()}/`;
  const node = { heard: [] as Signal[], losses: 0, mayConnect: true };
  const signals = await Signals.open({
    connect: () => openClient(node.mayConnect ? url : nowhere),
    prepare: (client) => prepareSession(client, 'public'),
    holder,
    onClock: () => undefined,
    monotonic: machineTime.monotonic,
  });
  t.after(() => signals.close());
  signals.watch((signal) => void node.heard.push(signal));
  signals.watchLoss(() => (node.losses += 1));
  return { node, signals };
}

const ownSessions =
  "SELECT pid FROM pg_stat_activity WHERE application_name = 'chasqui' AND datname = current_database()";

/** Two nodes, of which the second has lost its connection and does not find the server. */
async function openDeafPair(t: TestContext) {
  const hearing = await listen(t, 'hearing');
  const others = (await postgres.query(ownSessions, database)).map(({ pid }) => Number(pid));
  const deaf = await listen(t, 'deaf');
  deaf.node.mayConnect = false;
  await postgres.query(
    `SELECT pg_terminate_backend(pid) FROM (${ownSessions}) s WHERE pid <> ALL ('{${others.join(',')}}')`,
    database,
  );
  await waitUntil('its loss is noticed', limitMs, () => deaf.node.losses === 1);
  return { hearing, deaf };
}

it('what a node tells while its connection is away is heard by the others once it is back', async (t) => {
  const { hearing, deaf } = await openDeafPair(t);
  const queue: Signal = { kind: 'queue', accountId: 1, queueId: 7 };
  const directory: Signal = { kind: 'directory', accountId: 1 };
  deaf.signals.tell([queue]);
  deaf.signals.tell([directory, queue]);
  assert.deepEqual(deaf.node.heard, [queue, directory, queue], 'its own parts hear at once');
  deaf.node.mayConnect = true;
  await waitUntil('the other hears', limitMs, () =>
    hearing.node.heard.some(({ kind }) => kind === 'directory'),
  );
  assert.deepEqual(
    hearing.node.heard.filter(({ kind }) => kind !== 'missed'),
    [queue, directory],
  );
});

it('a node that had more to tell than it keeps tells the others to look', async (t) => {
  const { hearing, deaf } = await openDeafPair(t);
  for (let queueId = 1; queueId <= 10_001; queueId += 1)
    deaf.signals.tell([{ kind: 'queue', accountId: 1, queueId }]);
  const last: Signal = { kind: 'directory', accountId: 1 };
  deaf.signals.tell([last]);
  deaf.node.mayConnect = true;
  await waitUntil('the other hears', limitMs, () =>
    hearing.node.heard.some(({ kind }) => kind === 'directory'),
  );
  const at = hearing.node.heard.findIndex(({ kind }) => kind === 'directory');
  assert.deepEqual(hearing.node.heard.slice(at - 1), [{ kind: 'missed' }, last]);
});

it(
  'a change whose outcome is not known is told as one, for it may have been made',
  withStore(
    async (time) => {
      const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 3 };
      return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
    },
    async (fixture) => {
      const { store, accountId } = fixture;
      const heard: Signal[] = [];
      const unwatch = store.watch((signal) => void heard.push(signal));
      await postgres.query(
        `CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER ended AFTER INSERT ON queue DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION end_session()`,
        database,
      );
      try {
        await assert.rejects(queueOf(fixture), { code: 'store_unavailable' });
      } finally {
        await postgres.query('DROP TRIGGER ended ON queue', database);
        unwatch();
      }
      assert.deepEqual(
        heard.filter(({ kind }) => kind === 'directory'),
        [{ kind: 'directory', accountId }],
      );
    },
  ),
);
