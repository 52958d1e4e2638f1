// A sender whose fault WhatsApp tells by a status alone, in the service as it is started.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { request } from 'undici';
import { rootAccount, startService, waitUntil } from '../support/service.ts';

const { keyId, keySecret } = rootAccount;
const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
const appSecret = '0123456789abcdef';

/** The webhook by which WhatsApp gives up a message that it had taken. */
function toWebhook(messageId: string, code: number): string {
  const status = {
    id: messageId,
    status: 'failed',
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: '15550003333',
    errors: [{ code, title: 'Said by the channel' }],
  };
  const metadata = { display_phone_number: '15550001111', phone_number_id: '7001' };
  const value = { messaging_product: 'whatsapp', metadata, statuses: [status] };
  const entry = [{ id: '501', changes: [{ field: 'messages', value }] }];
  return JSON.stringify({ object: 'whatsapp_business_account', entry });
}

it('stops, with a notice to the operator, for a code that speaks of it and for no other', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-given-up-'));
  const service = await startService({ dataDir });
  t.after(async () => {
    await service.stop();
    rmSync(dataDir, { recursive: true });
  });
  const put = async (path: string, body: object): Promise<void> => {
    const headers = { authorization, 'content-type': 'application/json' };
    const url = `${service.url}/api/v1${path}`;
    const answer = await request(url, { method: 'PUT', headers, body: JSON.stringify(body) });
    assert.equal(answer.statusCode, 201, await answer.body.text());
  };
  const post = async (body: string): Promise<void> => {
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    const answer = await request(`${service.url}/hooks/whatsapp/wa`, { method: 'POST', headers, body });
    assert.equal(answer.statusCode, 200, await answer.body.text());
  };
  const notices = async (): Promise<readonly string[]> => {
    const answer = await request(`${service.url}/api/v1/notices`, { headers: { authorization } });
    const { items } = (await answer.body.json()) as { items: { code: string; text: string }[] };
    return items.filter(({ code }) => code === 'sender_stopped').map(({ text }) => text);
  };
  const credentials = { appSecret, verifyToken: 'v', accessToken: 'token' };
  await put('/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  await put('/channels/wa/senders/15550001111', { phoneNumberId: '7001' });
  await post(toWebhook('wamid.user', 131026));
  await post(toWebhook('wamid.account', 131042));
  await waitUntil('the operator is told', 20_000, async () => (await notices()).length > 0);
  const told = await notices();
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /\(131042: Said by the channel\)/);
});
