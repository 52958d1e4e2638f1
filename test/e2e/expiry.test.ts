// Messages whose time is over while their sender may not send, in the service as it is started, with a clock that goes a hundred times as fast
// once all of them are on record.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';

const { keyId, keySecret } = rootAccount;
const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
const fastClock = fileURLToPath(new URL('../support/fast-clock.ts', import.meta.url));

it('a message ends as expired in its time while its channel wants to hear nothing for a day', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-expiry-'));
  const fastFrom = join(dataDir, 'fast-from');
  const vendor = await openReceiver((_, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '86400' });
    response.end('{"error":{"message":"Too much","code":130429}}');
  });
  const service = await startService({
    dataDir,
    nodeArgs: ['--import', fastClock],
    env: {
      CHASQUI_GRAPH_URL: vendor.url,
      CLOCK_SPEED: '100',
      CLOCK_START: String(Date.now()),
      CLOCK_FILE: fastFrom,
    },
  });
  t.after(async () => {
    await service.stop();
    await vendor.close();
    rmSync(dataDir, { recursive: true });
  });
  const call = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: object) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const url = `${service.url}/api/v1${path}`;
    const answer = await request(url, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode}`);
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const credentials = { appSecret: '0123456789abcdef', verifyToken: 'v', accessToken: 'token' };
  await call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  await call('PUT', '/channels/wa/senders/15550001111', { phoneNumberId: '7001' });
  const send = (to: string) =>
    call('POST', '/messages', {
      ...{ channelId: 'wa', senderId: '15550001111', to, ttlSeconds: 300 },
      ...{ type: 'text', text: 'Your code is 1234' },
    });
  const { messageId } = await send('15550002222');
  const sends = () => vendor.calls.filter(({ path }) => path.includes('/messages'));
  // The channel has refused it a little earlier than the service knows it.
  await waitUntil('a refusal is on record', 60_000, async () => {
    const { events } = await call('GET', `/messages/${String(messageId)}`);
    return (events as { kind: string }[]).some(({ kind }) => kind === 'send_tried');
  });
  // Behind the one that was refused, and to somebody else.
  await send('15550002222');
  await send('15550003333');
  writeFileSync(fastFrom, String(Date.now()));
  const states = async () => {
    const { items } = await call('GET', '/messages?direction=mt');
    return (items as { state: string }[]).map(({ state }) => state);
  };
  await waitUntil('all three have failed', 60_000, async () => {
    const found = await states();
    return found.length === 3 && found.every((state) => state === 'failed');
  });
  assert.equal(sends().length, 1);
  assert.ok(!service.output().includes('unit.crashed'), service.output());
});
