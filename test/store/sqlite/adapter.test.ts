import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { isGatewayError } from '../../support/errors.ts';
import { createClock, testEpoch } from '../../support/store.ts';
import { asStranger } from '../../support/stranger.ts';
import { storeContract } from '../contract.ts';
import type { Time } from '../../../src/runtime/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const newFile = (): string => join(folder, String((files += 1)), 'chasqui.sqlite');

function open(file: string, time: Time = createClock(), fill = 7): Promise<Store> {
  return openSqliteStore({ file, masterKey: Buffer.alloc(32, fill), ...time, emit: () => undefined });
}

storeContract('SQLite in memory', (time) => open(':memory:', time));
storeContract('SQLite on a file', (time) => open(newFile(), time));

/** Opens a store on a new file, writes an account and a message to it, and closes it. */
async function makeFile(): Promise<string> {
  const file = newFile();
  const store = await open(file);
  const account = { id: 5, name: 'A' };
  await store.createFirstAccount({ account, key: { id: 'k', secret: 'very secret words' } });
  await store.createQueue(5, 'orders', defaultQueueAttributes);
  const queue = await store.findQueue(5, 'orders');
  assert.ok(queue);
  await store.sendMessages(queue, [{ body: 'kept', priority: 8 }], testEpoch);
  await store.receiveMessages(queue, 1, testEpoch);
  await store.close();
  return file;
}

test('what was committed is there after the file is opened again', async () => {
  const store = await open(await makeFile());
  const queue = await store.findQueue(5, 'orders');
  assert.ok(queue);
  assert.equal((await store.findKey('k'))?.secret, 'very secret words');
  assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 1, delayed: 0 });
  const [message] = await store.receiveMessages(queue, 1, testEpoch + 30_000);
  assert.equal(message?.dequeueCount, 2);
  await store.close();
});

test('a second process on one file is told to stop in plain words', async () => {
  const file = newFile();
  const store = await open(file);
  await assert.rejects(open(file), (error: unknown) => {
    assert.ok(isGatewayError('store_in_use')(error));
    assert.match(String(error), /Another process is using/);
    return true;
  });
  await store.close();
  await (await open(file)).close();
});

test('secrets are sealed in the file', async () => {
  const file = await makeFile();
  assert.ok(!readFileSync(file).includes('very secret words'));
});

test('a store opens with its own master key only', async () => {
  const file = await makeFile();
  await assert.rejects(open(file, undefined, 8), isGatewayError('wrong_master_key'));
  await (await open(file)).close();
});

test('a file that is no store is refused; one without its schema gives what is left', async () => {
  const foreign = join(folder, 'foreign.sqlite');
  writeFileSync(foreign, 'this is a text file, and long enough to be looked at'.repeat(100));
  await assert.rejects(open(foreign), isGatewayError('store_corrupt'));
  const cut = await makeFile();
  writeFileSync(cut, readFileSync(cut).fill(0xaa, 100, 8192));
  const store = await open(cut);
  const queue = await store.findQueue(5, 'orders');
  assert.ok(queue);
  const [message] = await store.receiveMessages(queue, 1, testEpoch + 30_000);
  assert.equal(message?.body, 'kept');
  assert.equal((await store.findKey('k'))?.secret, 'very secret words');
  await store.close();
});

test('a file of a newer version is left alone', async () => {
  const file = await makeFile();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 9999');
  db.close();
  await assert.rejects(open(file), isGatewayError('schema_too_new'));
});

test('a store, or its log, that may only be read is named, and called no fault of the disk', async () => {
  const file = await makeFile();
  const both = [file, `${file}-wal`];
  writeFileSync(`${file}-wal`, '');
  for (const path of [folder, dirname(file)]) chmodSync(path, 0o777);
  for (const path of both) {
    for (const one of both) chmodSync(one, one === path ? 0o444 : 0o666);
    await asStranger(() =>
      assert.rejects(open(file), {
        code: 'store_unavailable',
        message: `The store file ${path} cannot be used: this process may not write to it.`,
      }),
    );
  }
});

test('a data folder that cannot be made is named', async () => {
  const blocked = join(folder, 'blocked');
  writeFileSync(blocked, '');
  await assert.rejects(open(join(blocked, 'chasqui.sqlite')), (error: unknown) => {
    assert.ok(isGatewayError('store_unavailable')(error));
    assert.match(String(error), /blocked/);
    return true;
  });
});

test('a delivery that was due when the process was killed may have been pushed, and is marked so', async () => {
  const file = newFile();
  const clock = createClock();
  const killed = await open(file, clock);
  await killed.createFirstAccount({ account: { id: 5, name: 'A' }, key: { id: 'k', secret: 's' } });
  const webhook = { ...noSenderWebhook, http: true, inboundUrl: 'https://shop.example/' };
  await killed.setSenderWebhook(5, 'sandbox', '10001', webhook, 'standard', system);
  const destination = await killed.findDestinationByUrl(5, 'https://shop.example/');
  assert.ok(destination);
  const receipt = {
    receiptId: '0'.repeat(32),
    index: 0,
    channelId: 'sandbox',
    channelType: 'sandbox',
    senderId: '10001',
    senderType: 'viber',
    occurredAt: 0,
    lane: 1,
    facts: { type: 'ChatAppInbound', messageId: 'm', kind: 'text', user: { id: 'u' } },
    ownSubject: null,
    content: null,
    media: null,
    progress: null,
    destinationId: destination.id,
    outboundId: null,
    template: null,
    queue: null,
  } as const;
  const intake = { accountId: 5, channelId: 'sandbox', receivedAt: 0, body: Buffer.from('x') };
  await killed.recordIntake([{ ...intake, receipts: [receipt], unrouted: [], remarks: [] }]);
  // A copy of the files as they are is what a process that ends at once leaves behind.
  const copy = newFile();
  cpSync(dirname(file), dirname(copy), { recursive: true });
  await killed.close();
  const store = await open(copy, clock);
  const request = { limit: 1, batchSize: 1, now: clock.now(), leaseMs: 1000 };
  const [batch] = await store.claimDeliveries({ accountId: 5, destinationId: destination.id, ...request });
  assert.equal(batch?.cause, 'recovery');
  await store.close();
});
