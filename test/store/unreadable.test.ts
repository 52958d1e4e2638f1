// Whatever row of whatever table cannot be read, calls that are about its neighbours go on as if nothing were the matter.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { system } from '../../src/domain/account.ts';
import { noSenderWebhook } from '../../src/domain/channel.ts';
import type { NewReceipt } from '../../src/store/store.ts';
import { openPostgresStore } from '../../src/store/postgres/adapter.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import type { Store } from '../../src/store/store.ts';
import type { Emit, Events } from '../../src/telemetry/events.ts';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { claim } from './contract/delivery-fixture.ts';
import { day, inbound, intake, need, queueOf, receive, send, toId, withStore } from './contract/fixture.ts';
import type { Fixture } from './contract/fixture.ts';
import { outbound, settleOutbound } from './contract/outbound-fixture.ts';
import { machineTime } from '../../src/runtime/clock.ts';
import type { Time } from '../../src/runtime/clock.ts';

let postgres: Postgres;
const folder = mkdtempSync(join(tmpdir(), 'chasqui-unreadable-'));
before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(async () => {
  await postgres.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A store whose rows can be changed behind its back, and what it told of damage. */
interface Hurt {
  readonly open: (time: Time) => Promise<Store>;
  readonly spoil: (store: Store, sql: string) => Promise<unknown>;
  readonly count: (store: Store, from: string) => Promise<number>;
  readonly told: () => readonly string[];
}

function onPostgres(): Hurt {
  let database = '';
  const told: string[] = [];
  return {
    open: async (time) => {
      const url = await postgres.createDatabase();
      database = new URL(url).pathname.slice(1);
      const options = { masterKey: Buffer.alloc(32, 7), emit: toTold(told), maxConnections: 3 };
      return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
    },
    spoil: (_store, sql) => postgres.query(sql, database),
    count: async (_store, from) =>
      Number((await postgres.query(`SELECT count(*)::int AS n FROM ${from}`, database))[0]?.['n']),
    told: () => told,
  };
}

function onSqlite(): Hurt {
  const file = join(mkdtempSync(join(folder, 'store-')), 'chasqui.sqlite');
  const told: string[] = [];
  let time: Time = { now: () => 0, monotonic: () => 0 };
  const inner = { current: undefined as Store | undefined };
  const reopen = async (): Promise<void> => {
    inner.current = await openSqliteStore({
      file,
      masterKey: Buffer.alloc(32, 7),
      ...time,
      emit: toTold(told),
    });
  };
  /** Nobody else may have the file open. */
  const alone = async <T>(store: Store, work: (db: DatabaseSync) => T): Promise<T> => {
    await store.close();
    const db = new DatabaseSync(file);
    const result = work(db);
    db.close();
    await reopen();
    return result;
  };
  return {
    open: async (given) => {
      time = given;
      await reopen();
      // Calls go to the store as it is open now.
      return new Proxy({} as Store, {
        get: (_target, name) => {
          const store = need(inner.current);
          const verb: unknown = Reflect.get(store, name);
          return typeof verb === 'function' ? (verb.bind(store) as unknown) : verb;
        },
      });
    },
    spoil: (store, sql) => alone(store, (db) => db.exec(sql)),
    count: (store, from) =>
      alone(store, (db) => Number(db.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.['n'])),
    told: () => told,
  };
}

function toTold(told: string[]): Emit {
  return (name, fields) => {
    // The name says whose fields they are.
    if (name === 'store.damaged') told.push((fields as Events['store.damaged']).what);
  };
}

const channelId = 'wa-hurt';
const urls = { hurt: 'https://hurt.example/receipts', whole: 'https://whole.example/receipts' } as const;
type Which = keyof typeof urls;
const senderIds = { hurt: '15550001111', whole: '15550002222' } as const;
const twins = ['hurt', 'whole'] as const;
const templateOf = (which: Which) =>
  ({
    frame: 'template',
    messageType: 'template',
    templateCode: which,
    language: 'en',
    templateParams: { a: which },
  }) as const;

/** Two of everything that has columns of JSON, one of which is spoilt later: `hurt`, which comes first, and `whole`. */
async function fill(fixture: Fixture): Promise<void> {
  const { store, accountId } = fixture;
  for (const which of twins) {
    const id = which === 'hurt' ? channelId : 'wa-whole';
    const made = { id, type: 'whatsapp', name: which, wabaId: '777', credentials: {} } as const;
    await store.putChannel(accountId, made, system);
    const sender = {
      id: senderIds[which],
      type: 'whatsapp',
      name: which,
      routeId: `route-${which}`,
    } as const;
    await store.putSender(accountId, 'wa-main', sender, system);
    const webhook = { ...noSenderWebhook, http: true, statusUrl: urls[which], inboundUrl: urls[which] };
    await store.setSenderWebhook(accountId, 'wa-main', senderIds[which], webhook, 'standard', system);
    const queue = await queueOf(fixture, {}, which);
    await send(fixture, queue, `${which} 1`);
    await store.sendMessages(
      await queueOf(fixture, {}, 'shared'),
      [{ body: which, priority: 8, groupId: which }],
      fixture.clock.now(),
    );
    const [added] = await store.addOutbound(accountId, [
      outbound(fixture, '15550003333', { envelope: templateOf(which), taskId: which }),
    ]);
    await settleOutbound(fixture, need(added).id, {
      kind: 'accepted',
      channelMessageId: `wamid.${which}`,
      nextStepAt: null,
    });
    await record(fixture, which, `first ${which}`);
  }
}

/** A receipt of a sender, to its callback URL and to a queue of its name, in one batch with those of the other. */
async function record(fixture: Fixture, which: Which, name: string): Promise<void> {
  await fixture.store.recordIntake([intake(fixture, [await toReceipt(fixture, which, name)])]);
}

async function toReceipt(fixture: Fixture, which: Which, name: string): Promise<NewReceipt> {
  const destination = need(await fixture.store.findDestinationByUrl(fixture.accountId, urls[which]));
  return inbound(fixture, name, {
    destinationId: destination.id,
    queue: { name: which, body: name },
  });
}

/** What has to hold of what is whole, whatever is spoilt beside it. */
async function assertWhole(fixture: Fixture): Promise<void> {
  const { store, accountId, clock } = fixture;
  const now = clock.now();
  // Looked up, and taken in with what the spoilt one is about.
  await store.recordIntake([
    intake(fixture, [await toReceipt(fixture, 'hurt', 'next hurt')]),
    intake(fixture, [await toReceipt(fixture, 'whole', 'next whole')]),
  ]);
  const queues = await Promise.all(twins.map((name) => store.findQueue(accountId, name)));
  const [hurt, whole] = queues.map((queue) => need(queue, 'a queue is gone'));
  await Promise.all([send(fixture, need(hurt), 'hurt 2'), send(fixture, need(whole), 'whole 2')]);
  for (const [queue, which] of [
    [need(hurt), 'hurt'],
    [need(whole), 'whole'],
  ] as const) {
    const peeked = await store.peekMessages(queue, 16, now);
    const bodies = (await receive(fixture, queue)).map(({ body }) => body);
    assert.deepEqual(
      bodies.toSorted(),
      [`first ${which}`, `${which} 1`, `${which} 2`, `next ${which}`].toSorted(),
    );
    assert.equal(peeked.length, 4);
  }
  const shared = (await receive(fixture, need(await store.findQueue(accountId, 'shared')))).map(
    ({ body }) => body,
  );
  assert.ok(shared.includes('whole'), shared.join());
  assert.equal((await store.listQueues(accountId, '', '', 10)).length, 3);

  const destination = need(await store.findDestinationByUrl(accountId, urls.whole));
  assert.equal(destination.state, 'active');
  const claimed = (await claim(fixture, destination.id)).flatMap(({ members }) => members);
  assert.ok(claimed.some(({ receipt }) => receipt.facts.type === 'ChatAppInbound'));
  assert.ok((await store.listDestinations(accountId)).some(({ url }) => url === urls.whole));
  assert.ok((await store.listReceipts(accountId, {}, { limit: 100 })).items.length >= 3);

  assert.ok((await store.listChannels(accountId)).some(({ id }) => id === 'wa-whole'));
  assert.ok(await store.findSenderByRoute('whatsapp', 'route-whole'));
  await store.findSenderByRoute('whatsapp', 'route-hurt');
  assert.ok((await store.listSenders(accountId, 'wa-main')).some(({ name }) => name === 'whole'));

  const of = { channelId: 'wa-main', senderId: fixture.senderId };
  const listed = await store.listOutbound(accountId, { templateCode: 'whole' }, { limit: 10 });
  assert.deepEqual(
    listed.items.map(({ taskId }) => taskId),
    ['whole'],
  );
  const span = { ...of, since: now - 60_000, until: now + 60_000, spanMs: 120_000 };
  const counted = await store.countOutbound(accountId, { ...span, templateCode: 'whole' }, 100, 0);
  assert.deepEqual(
    counted.counts.map(({ sent }) => sent),
    [1],
  );
  await store.listOutbound(accountId, {}, { limit: 10 });
  await store.listChanges(accountId, { limit: 100 });
  await store.listKeys(accountId);
  const retention = { rawEventMs: 1e12, receiptMs: 1e12, attemptMs: 1e12, unreadableMs: 1e12 };
  while ((await store.sweep(retention, now)).rows > 0);
  await store.probe();
}

/** Every column of JSON, with a way to find the row that is spoilt. */
const columns = [
  ['queue', 'attributes', "name = 'hurt'"],
  ['destination', 'settings', `url = '${urls.hurt}'`],
  ['sender', 'webhook', `id = '${senderIds.hurt}'`],
  ['channel', 'webhook', `id = '${channelId}'`],
  ['channel', 'options', `id = '${channelId}'`],
  ['outbound', 'envelope', "task_id = 'hurt'"],
  ['message', 'extras', "body = 'hurt'"],
  ['receipt', 'facts', 'id = (SELECT min(id) FROM receipt)'],
  ['content', 'body', 'receipt_id = (SELECT min(receipt_id) FROM content)'],
  ['access_key', 'addresses', 'true'],
  ['access_key', 'limits', 'true'],
  ['change', 'detail', 'id = (SELECT min(id) FROM change)'],
] as const;
/** Cut off; of another kind; nothing; what one reader takes for JSON and another does not. */
const spoilt = ['{"a":', '5', 'null', '', '{"a":"\\u0000","delaySeconds":1e999,"fallBack":'] as const;

const stores = [
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
] as const;

for (const [name, toHurt] of stores)
  test(`${name}: a row that was set apart goes once its own time is over`, async () => {
    const hurt = toHurt();
    await withStore(hurt.open, async (fixture) => {
      const { store, clock } = fixture;
      await fill(fixture);
      await hurt.spoil(store, "UPDATE message SET extras = '{' WHERE body = 'hurt'");
      const shared = need(await store.findQueue(fixture.accountId, 'shared'));
      await receive(fixture, shared);
      const retention = { rawEventMs: 90 * day, receiptMs: 90 * day, attemptMs: 90 * day, unreadableMs: day };
      const sweep = async (): Promise<number> => (await store.sweep(retention, clock.now())).rows;
      assert.equal(await sweep(), 0);
      clock.advance(day + 1);
      assert.equal(await sweep(), 1);
      assert.equal(await sweep(), 0);
    })();
  });

for (const [name, toHurt] of stores)
  test(`${name}: an account whose limits cannot be read goes on without them, and can be given others`, async () => {
    const hurt = toHurt();
    await withStore(hurt.open, async (fixture) => {
      const { store, accountId } = fixture;
      await store.setAccountLimits(accountId, { storedBytes: 5 }, somebody);
      await hurt.spoil(store, `UPDATE account SET limits = '{"a":' WHERE id = ${accountId}`);
      assert.deepEqual((await store.findAccount(accountId))?.limits, {});
      assert.deepEqual((await store.findKey('first-key'))?.accountLimits, {});
      await store.setAccountLimits(accountId, { queuedMessages: 7 }, somebody);
      assert.deepEqual((await store.findKey('first-key'))?.accountLimits, { queuedMessages: 7 });
    })();
  });

const userId = '4915112345678';
const somebody = { kind: 'system', id: 'test' } as const;
/** JSON that was cut off: it names whom it named, and cannot be read. */
const cut = (column: string): string => `substr(${column}, 1, length(${column}) - 1)`;

for (const [name, toHurt] of stores)
  test(`${name}: an erasure takes what cannot be read as far as it is the user's, and tells of the rest`, async () => {
    const hurt = toHurt();
    await withStore(hurt.open, async (fixture) => {
      const { store, accountId, channelId: own } = fixture;
      const media = { id: toId('picture'), channelMediaId: 'graph-1', mimeType: 'image/jpeg' };
      const other = {
        type: 'ChatAppInbound',
        messageId: 'r4',
        kind: 'text',
        user: { id: '15550004444' },
      } as const;
      const receipts = [
        inbound(fixture, 'r1', { media, content: { media } }),
        inbound(fixture, 'r2'),
        inbound(fixture, 'r3'),
        inbound(fixture, 'r4', { facts: other }),
      ];
      for (const receipt of receipts) await store.recordIntake([intake(fixture, [receipt])]);
      const [added] = await store.addOutbound(accountId, [outbound(fixture, userId)]);
      const next = { kind: 'accepted', channelMessageId: 'wamid.1', nextStepAt: null } as const;
      await settleOutbound(fixture, need(added).id, next);
      const queue = await queueOf(fixture);
      const groupId = 'g';
      for (const body of [`{"From":"${userId}"}`, 'of nobody'])
        await store.sendMessages(queue, [{ body, priority: 8, groupId }], fixture.clock.now());
      const nth = (n: number): string => `(SELECT id FROM receipt ORDER BY id LIMIT 1 OFFSET ${n})`;
      await hurt.spoil(store, `UPDATE content SET body = ${cut('body')} WHERE receipt_id = ${nth(0)}`);
      await hurt.spoil(store, `UPDATE receipt SET facts = ${cut('facts')} WHERE id = ${nth(1)}`);
      await hurt.spoil(store, `UPDATE receipt SET facts = '{"a":' WHERE id = ${nth(2)}`);
      await hurt.spoil(store, `UPDATE outbound SET envelope = ${cut('envelope')}`);
      await hurt.spoil(store, "UPDATE message SET extras = '{'");
      assert.deepEqual(await receive(fixture, queue), []);
      assert.equal(await hurt.count(store, 'unreadable'), 2);

      const whole = { receipts: 2, messages: 1, apart: 1, unreadable: 2, next: null };
      const request = { userId, channelId: own };
      const page = { limit: 100 };
      assert.deepEqual(await store.countErasable(accountId, { userId }, page), { ...whole, media: 1 });
      const ofChannel = await store.countErasable(accountId, request, page);
      assert.equal(ofChannel.apart, 0, 'a queue is of no channel');
      const erased = await store.eraseContent(accountId, { userId }, page, somebody);
      assert.deepEqual(erased, { ...whole, media: [{ accountId, id: media.id }] });
      assert.equal(await hurt.count(store, 'content'), 2);
      assert.equal(await hurt.count(store, 'raw_event WHERE length(body) > 0'), 2);
      assert.equal(await hurt.count(store, `unreadable WHERE row LIKE '%${userId}%'`), 0);
      assert.equal(await hurt.count(store, "outbound WHERE envelope LIKE '%text\":%'"), 0);
      const [sent] = await store.findOutbound(accountId, { ids: [need(added).id] });
      assert.equal(sent?.envelope.messageType, 'unreadable');
      const again = await store.eraseContent(accountId, { userId }, page, somebody);
      assert.deepEqual([again.receipts, again.messages, again.apart, again.unreadable], [0, 0, 0, 2]);
      // What the user took back is known by the message, whatever else can be read.
      assert.equal(await hurt.count(store, `content WHERE receipt_id = ${nth(2)}`), 1);
      await store.eraseMessages(accountId, request, ['r3']);
      assert.equal(await hurt.count(store, `content WHERE receipt_id = ${nth(2)}`), 0);
    })();
  });

test('SQLite: what a user wrote goes with the receipt that cannot be read, so that an erasure reaches it', async () => {
  const hurt = onSqlite();
  await withStore(hurt.open, async (fixture) => {
    const { store, accountId } = fixture;
    for (const name of ['r1', 'r2']) await store.recordIntake([intake(fixture, [inbound(fixture, name)])]);
    await hurt.spoil(
      store,
      `UPDATE receipt SET facts = ${cut('facts')} WHERE id = (SELECT min(id) FROM receipt)`,
    );
    assert.equal((await store.listReceipts(accountId, {}, { limit: 10 })).items.length, 1);
    assert.equal(await hurt.count(store, 'content'), 1);
    assert.equal(await hurt.count(store, 'unreadable'), 2);
    const erased = await store.eraseContent(accountId, { userId }, { limit: 10 }, somebody);
    // The receipt names its user, and leads to the text.
    assert.deepEqual([erased.receipts, erased.apart, erased.unreadable], [1, 2, 0]);
  })();
});

for (const [name, toHurt] of stores)
  for (const [n, [table, column, where]] of columns.entries())
    test(`${name}: a row of ${table} whose ${column} cannot be read fails none of its neighbours`, async () => {
      // Two of them for each, so that every one is tried with some.
      for (const text of [spoilt[n % spoilt.length], spoilt[(2 * n + 1) % spoilt.length]]) {
        const hurt = toHurt();
        await withStore(hurt.open, async (fixture) => {
          await fill(fixture);
          await hurt.spoil(fixture.store, `UPDATE ${table} SET ${column} = '${text}' WHERE ${where}`);
          await assertWhole(fixture);
          const told = hurt.told().join('\n');
          assert.match(
            told,
            new RegExp(`rows? of (${table}|${table === 'content' ? 'receipt' : table})\\b`),
            `${table} is not told: ${told}`,
          );
          assert.doesNotMatch(told, /15550003333|hurt 1/);
        })();
      }
    });
