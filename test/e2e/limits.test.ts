// An account beyond all of its limits, in the service as it is started: what channels bring is taken in, what it sends itself is not.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import MnsClient from '@alicloud/mns';
import { request } from 'undici';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const { accountId, keyId, keySecret } = rootAccount;
const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
const appSecret = '0123456789abcdef';
const inbound = `Alicom-Queue-${accountId}-ChatAppInbound`;

/** The webhook by which WhatsApp hands on what a user wrote. */
function toWebhook(messageId: string): string {
  const message = {
    id: messageId,
    from: '15550003333',
    timestamp: String(Math.floor(Date.now() / 1000)),
    type: 'text',
    text: { body: 'Hello' },
  };
  const metadata = { display_phone_number: '15550001111', phone_number_id: '7001' };
  const value = { messaging_product: 'whatsapp', metadata, messages: [message] };
  const entry = [{ id: '501', changes: [{ field: 'messages', value }] }];
  return JSON.stringify({ object: 'whatsapp_business_account', entry });
}

it('goes on receiving, is told so by a notice, and sends again once there is room', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-limits-'));
  const service = await startService({
    dataDir,
    env: { CHASQUI_ACCOUNT_QUEUED_MESSAGES: '2', CHASQUI_ACCOUNT_REQUESTS_PER_SECOND: '1000' },
  });
  const pulling = new SmqClient(service.url, { id: keyId, secret: keySecret });
  t.after(async () => {
    await pulling.close();
    await service.stop();
    rmSync(dataDir, { recursive: true });
  });
  const call = async (
    method: 'GET' | 'PUT',
    path: string,
    body?: object,
  ): Promise<Record<string, unknown>> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const url = `${service.url}/api/v1${path}`;
    const answer = await request(url, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    assert.ok(answer.statusCode < 300, String(answer.statusCode));
    assert.equal(answer.headers['ratelimit-policy'], '"account";q=1000;w=1');
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const credentials = { appSecret, verifyToken: 'v', accessToken: 'token' };
  await call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  await call('PUT', '/channels/wa/senders/15550001111', { phoneNumberId: '7001' });
  await call('PUT', '/channels/wa/senders/15550001111/webhook', { http: false, queue: true });
  const own = new MnsClient(accountId, {
    accessKeyId: keyId,
    accessKeySecret: keySecret,
    endpoint: service.url,
  });
  await own.createQueue('own', {});
  await own.sendMessage('own', { MessageBody: 'there is room' });

  for (const id of ['wamid.1', 'wamid.2', 'wamid.3', 'wamid.4']) {
    const body = toWebhook(id);
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    const answer = await request(`${service.url}/hooks/whatsapp/wa`, { method: 'POST', headers, body });
    assert.equal(answer.statusCode, 200);
    await answer.body.dump();
  }
  // What channels bring is heard of within a second.
  await waitUntil('what it sends itself is refused', 20_000, async () => {
    const error: unknown = await own
      .sendMessage('own', { MessageBody: 'too many' })
      .catch((reason: unknown) => reason);
    return error instanceof Error && error.name === 'MNSQuotaExceededError';
  });
  const notices = async () =>
    (await call('GET', '/notices'))['items'] as { code: string; params: { limit: number } }[];
  await waitUntil('the operator is told', 20_000, async () => (await notices()).length > 0);
  const [notice] = await notices();
  assert.deepEqual([notice?.code, notice?.params.limit], ['queue_limit_reached', 2]);

  const received = await pulling.receive(inbound, 0);
  assert.equal(received.length, 4, 'every receipt is there');
  for (const { handle } of received) await pulling.delete(inbound, handle);
  await own.deleteQueue('own');
  await own.createQueue('own', {});
  await own.sendMessage('own', { MessageBody: 'there is room again' });
});
