// Transactions that want the same lanes take them in one order, so that none waits for one that waits for it: those of deliveries and those
// of messages, whoever wants them.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { pause } from '../../support/pace.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { waitUntil } from '../../support/service.ts';
import { intake, need, status, withStore } from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { claimOutbound, outbound, settleOutbound } from '../contract/outbound-fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let url: string;

before(async () => {
  // Long enough for none to be broken up before the test has looked.
  postgres = await openPostgres({ durable: false, settings: { deadlock_timeout: '10s' } });
  url = await postgres.createDatabase();
});
after(() => postgres.close());

async function open(time: Time): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 6 };
  return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
}

const database = (): string => new URL(url).pathname.slice(1);

/** Waits until so many sessions wait for a lock. */
async function waiting(count: number): Promise<void> {
  const sql = 'SELECT count(DISTINCT pid)::int AS count FROM pg_locks WHERE NOT granted';
  await waitUntil(
    `${count} wait`,
    10_000,
    async () => (await postgres.query(sql, database()))[0]?.['count'] === count,
  );
}

/** Begins calls one after the other while a message's lane is held, and lets it go when all of them wait; none may wait for another then. */
async function runBehind(
  { accountId }: Fixture,
  messageId: number,
  calls: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const over = new AbortController();
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(
      'SELECT hold_lanes($1, ARRAY(SELECT lane FROM outbound WHERE account_id = $1 AND id = $2))',
      [accountId, messageId],
    );
    const running: Promise<unknown>[] = [];
    for (const [index, call] of calls.entries()) {
      running.push(call());
      await waiting(index + 1);
    }
    await holder.query('ROLLBACK');
    const done = Promise.all(running).then(() => 'done');
    const stuck = pause(5000, 'calls that wait for each other never end', over.signal);
    assert.equal(await Promise.race([done, stuck.then(() => 'each waits for another')]), 'done');
  } finally {
    over.abort();
    await holder.end();
  }
}

async function sent(fixture: Fixture, ...names: string[]): Promise<number[]> {
  await fixture.store.addOutbound(
    fixture.accountId,
    names.map((name) => outbound(fixture, name)),
  );
  const claimed = await claimOutbound(fixture);
  return names.map((name) => need(claimed.find(({ message }) => message.to === name)).message.id);
}

it(
  'posts that tell of the same messages in another order wait for each other in turn',
  withStore(open, async (fixture) => {
    const other = await open(fixture.clock);
    try {
      const [first, second] = await sent(fixture, 'a', 'b');
      assert.ok(first !== undefined && second !== undefined);
      const tell = (store: Store, value: 'sent' | 'delivered', ids: readonly number[]) => {
        const receipts = ids.map((id) =>
          status(fixture, `m${id}`, value, value === 'sent' ? 1 : 3, { outboundId: id }),
        );
        return store.recordIntake([
          // Each under a lane of its own for its deliveries, so that nothing else has them wait.
          intake(
            fixture,
            receipts.map((receipt, n) => ({ ...receipt, lane: n + (value === 'sent' ? 1 : 11) })),
          ),
        ]);
      };
      for (const held of [first, second])
        await runBehind(fixture, held, [
          () => tell(fixture.store, 'sent', held === first ? [first, second] : [second, first]),
          () => tell(other, 'delivered', held === first ? [second, first] : [first, second]),
        ]);
      const found = await fixture.store.findOutbound(fixture.accountId, { ids: [first, second] });
      assert.deepEqual(
        found.map((message) => message.status),
        ['delivered', 'delivered'],
      );
    } finally {
      await other.close();
    }
  }),
);

it(
  'a post that names a message waits for the send that settles it, which does not wait for the post',
  withStore(open, async (fixture) => {
    const other = await open(fixture.clock);
    try {
      const [id] = await sent(fixture, 'c');
      assert.ok(id !== undefined);
      const naming = { channelMessageId: 'named', sentAt: 100 };
      await runBehind(fixture, id, [
        () => settleOutbound(fixture, id, { kind: 'accepted', channelMessageId: 'named', nextStepAt: null }),
        () =>
          other.recordIntake([
            intake(fixture, [status(fixture, 'named', 'sent', 1, { outboundId: id, naming })]),
          ]),
      ]);
      const [message] = await fixture.store.findOutbound(fixture.accountId, { ids: [id] });
      assert.deepEqual([message?.state, message?.channelMessageId], ['accepted', 'named']);
    } finally {
      await other.close();
    }
  }),
);

/** Runs `work` with sessions of the database, each in a transaction that ends with it. */
async function withSessions<T>(
  count: number,
  work: (...sessions: readonly pg.Client[]) => Promise<T>,
): Promise<T> {
  const sessions = Array.from({ length: count }, () => new pg.Client({ connectionString: url }));
  try {
    for (const session of sessions) {
      await session.connect();
      await session.query('BEGIN');
    }
    return await work(...sessions);
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
  }
}

/** Which of some lanes of account 1 nobody holds. */
async function freeOf(lanes: readonly number[]): Promise<number[]> {
  const sql =
    'SELECT lane::int, pg_try_advisory_xact_lock(hashint8extended(lane, 1)) AS free FROM unnest($1::bigint[]) lane';
  const { rows } = await withSessions(1, (session) =>
    need(session).query<{ lane: number; free: boolean }>(sql, [lanes]),
  );
  return rows.filter(({ free }) => free).map(({ lane }) => lane);
}

it('lanes are held from the lowest on, in whatever order they are named', () =>
  withSessions(2, async (first, second) => {
    await need(first).query('SELECT hold_lanes(1, ARRAY[5])');
    const held = need(second).query('SELECT hold_lanes(1, ARRAY[9, 5, 3, 9, 1, 7])');
    await waiting(1);
    const free = await freeOf([1, 3, 7, 9]);
    await need(first).query('ROLLBACK');
    await held;
    assert.deepEqual(free, [7, 9]);
    assert.deepEqual(await freeOf([1, 3, 5, 7, 9, 11]), [11]);
  }));

it('whoever wants very many lanes waits for all others of the account, and they for him', () =>
  withSessions(3, async (first, many, last) => {
    await need(first).query('SELECT hold_lanes(1, ARRAY[1])');
    const all = need(many).query('SELECT hold_lanes(1, ARRAY(SELECT generate_series(1000, 1600)))');
    await waiting(1);
    await need(first).query('ROLLBACK');
    await all;
    const one = need(last).query('SELECT hold_lanes(1, ARRAY[2])');
    await waiting(1);
    await need(many).query('ROLLBACK');
    await one;
  }));
