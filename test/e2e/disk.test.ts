// A disk that fills up, and one that becomes read-only, under the service as an operator starts it. The disk is a small
// file system in memory, which only root may mount; where that is not possible the tests say so and are skipped.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { SmqClient } from '../support/smq-client.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

interface Disk {
  readonly folder: string;
  readonly remount: (mode: 'ro' | 'rw') => void;
}

/** Mounts a disk of `megabytes`; undefined, and the test skipped, where that is not possible. */
function mountDisk(t: TestContext, megabytes: number): Disk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    t.skip('a file system cannot be mounted here');
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    remount: (mode) => void execFileSync('mount', ['-o', `remount,${mode}`, folder]),
  };
}

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
const receiptQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;

async function call(service: Service, method: 'PUT' | 'POST' | 'GET', path: string, body?: unknown) {
  const answer = await request(`${service.url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

async function openQueue(service: Service): Promise<void> {
  const settings = { http: false, queue: true };
  const { status } = await call(
    service,
    'PUT',
    '/api/v1/channels/sandbox/senders/15550100001/webhook',
    settings,
  );
  assert.equal(status, 200);
}

function post(service: Service, id: string, text: string) {
  const message = { id, from: '15550002222', type: 'text', text };
  return call(service, 'POST', '/sandbox/15550100001/inbound', message);
}

/** Pulls the receipt queue until it is empty; resolves to the MessageIds in order. */
async function drain(service: Service): Promise<string[]> {
  const client = new SmqClient(service.url, key);
  const ids: string[] = [];
  for (;;) {
    const messages = await client.receive(receiptQueue, 0);
    if (messages.length === 0) break;
    for (const { body, handle } of messages) {
      const receipt = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as { MessageId: string };
      ids.push(receipt.MessageId);
      assert.equal((await client.delete(receiptQueue, handle)).status, 204);
    }
  }
  await client.close();
  return ids;
}

test('a disk that is full is told in every protocol, loses nothing, and is over when there is room', async (t) => {
  const disk = mountDisk(t, 64);
  if (disk === undefined) return;
  const service = await startService({ dataDir: disk.folder });
  t.after(() => service.kill());
  await openQueue(service);
  const smq = new SmqClient(service.url, key);
  t.after(() => smq.close());
  assert.equal((await smq.createQueue('orders')).status, 201);
  const filler = join(disk.folder, 'filler');
  // More than the log of the store may hold: all of that moves into the store's file once there is room.
  writeFileSync(filler, Buffer.alloc(32 * 1024 * 1024));

  const acknowledged: string[] = [];
  let refused: { status: number; text: string } | undefined;
  // Random bytes, so that the compression of raw events saves nothing.
  const noise = (): string => randomBytes(15_000).toString('base64');
  for (let n = 0; n < 1000 && refused === undefined; n += 1) {
    const answer = await post(service, `m${n}`, noise());
    if (answer.status === 201) acknowledged.push(`m${n}`);
    else refused = answer;
  }
  assert.equal(refused?.status, 503);
  assert.match(refused.text, /store_unavailable.*disk is full/);
  assert.ok(acknowledged.length > 10);

  // What is small may still find a place; keep writing until nothing does.
  await waitUntil('nothing at all can be committed', 60_000, async () => {
    const id = `small${acknowledged.length}`;
    const { status } = await post(service, id, 'x');
    if (status === 201) acknowledged.push(id);
    return (await call(service, 'GET', '/health/ready')).status === 503;
  });
  const sent = await smq.send('orders', noise());
  assert.equal(sent.status, 503);
  assert.match(sent.text, /<Code>ServiceUnavailable<\/Code>/);
  assert.equal((await call(service, 'GET', '/health/live')).status, 200);
  // Whoever has to make room can sign in, look, and sign out.
  const signIn = await request(`${service.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: service.url, 'x-chasqui-console': '1' },
    body: JSON.stringify({ keyId: key.id, keySecret: key.secret }),
  });
  assert.equal(signIn.statusCode, 200, await signIn.body.text());
  const cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? '';
  const inside = { cookie, origin: service.url, 'x-chasqui-console': '1' };
  for (const path of ['overview', 'queues', 'notices', 'receipts']) {
    const page = await request(`${service.url}/api/v1/${path}`, { headers: inside });
    assert.equal(page.statusCode, 200, `${path}: ${await page.body.text()}`);
  }
  const out = await request(`${service.url}/api/v1/session`, { method: 'DELETE', headers: inside });
  assert.equal(out.statusCode, 204);
  const after = await request(`${service.url}/api/v1/queues`, { headers: inside });
  assert.equal(after.statusCode, 401);

  rmSync(filler);
  await waitUntil(
    'the service is ready again',
    60_000,
    async () => (await call(service, 'GET', '/health/ready')).status === 200,
  );
  assert.equal((await post(service, 'after', noise())).status, 201);
  assert.deepEqual((await drain(service)).toSorted(), [...acknowledged, 'after'].toSorted());
  assert.equal(await service.stop(), 0);
  assert.match(service.output(), /"level":50.*disk is full.*store\.failing/);
});

test('a data folder that is read-only stops the start in a sentence, and harms nothing', async (t) => {
  const disk = mountDisk(t, 24);
  if (disk === undefined) return;
  const first = await startService({ dataDir: disk.folder });
  t.after(() => first.kill());
  await openQueue(first);
  assert.equal((await post(first, 'before', 'hello')).status, 201);
  assert.equal(await first.stop(), 0);

  disk.remount('ro');
  await assert.rejects(startService({ dataDir: disk.folder }), (error: unknown) => {
    assert.match(String(error), /cannot be used: it is read-only/);
    assert.ok(String(error).includes(disk.folder));
    return true;
  });

  disk.remount('rw');
  const second = await startService({ dataDir: disk.folder });
  t.after(() => second.kill());
  assert.deepEqual(await drain(second), ['before']);
  assert.equal(await second.stop(), 0);
});
