import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { request } from 'undici';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const user = '4915112345678';
const values = {
  user,
  name: 'Zaphod Beeblebrox',
  text: 'the answer is forty-two',
  appSecret: '0123456789abcdef0123456789abcdef',
  verifyToken: 'verify-token-value',
  accessToken: 'access-token-value',
  wrongSecret: 'a-secret-that-is-wrong',
};

const webhook = JSON.stringify({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [
        {
          field: 'messages',
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550107777', phone_number_id: '106540352242922' },
            contacts: [{ profile: { name: values.name }, wa_id: user }],
            messages: [
              {
                from: user,
                id: 'wamid.1',
                timestamp: '1795470996',
                type: 'text',
                text: { body: values.text },
              },
              { from: user, id: 'wamid.2', timestamp: '1795470996', type: values.text },
            ],
          },
        },
      ],
    },
  ],
});

test('the log of a day with good and bad requests holds no phone number, no text and no secret', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-privacy-'));
  const service = await startService({ dataDir, env: { CHASQUI_LOG_LEVEL: 'debug' } });
  t.after(async () => {
    await service.kill();
    rmSync(dataDir, { recursive: true });
  });

  const basic = Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64');
  async function call(method: 'GET' | 'PUT' | 'POST', path: string, body?: string | object, headers = {}) {
    const answer = await request(service.url + path, {
      method,
      headers: {
        authorization: `Basic ${basic}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    await answer.body.dump();
    return answer.statusCode;
  }

  const { appSecret, verifyToken, accessToken } = values;
  const credentials = { appSecret, verifyToken, accessToken };
  const deadUrl = `http://127.0.0.1:${await findFreePort()}/${user}`;
  const sign = (key: string) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(webhook).digest('hex')}`,
  });
  const sender = '/api/v1/channels/shop/senders/15550107777';
  const settings = { http: true, queue: true, inboundUrl: deadUrl };
  const put = { type: 'whatsapp', wabaId: '102290129340398', credentials };
  assert.equal(await call('PUT', '/api/v1/channels/shop', put), 201);
  assert.equal(await call('PUT', sender, { phoneNumberId: '106540352242922' }), 201);
  assert.equal(await call('PUT', `${sender}/webhook`, settings), 200);
  assert.equal(await call('POST', '/hooks/whatsapp/shop', webhook, sign(appSecret)), 200);
  assert.equal(await call('POST', '/hooks/whatsapp/shop', webhook, sign(values.wrongSecret)), 401);
  assert.equal(
    await call('GET', `/hooks/whatsapp/shop?hub.mode=subscribe&hub.verify_token=${verifyToken}`),
    403,
  );
  assert.equal(await call('GET', `/api/v1/receipts?senderId=${user}`), 200);
  assert.equal(await call('GET', `/api/v1/channels/${user}`), 404);
  assert.equal(await call('PUT', `/api/v1/channels/x`, `{"type":"${values.text}"`), 400);
  assert.equal(await call('PUT', `/api/v1/channels/x`, { [values.text]: user }), 400);
  const wrong = Buffer.from(`${rootAccount.keyId}:${values.wrongSecret}`).toString('base64');
  assert.equal(await call('GET', '/api/v1/keys', undefined, { authorization: `Basic ${wrong}` }), 401);
  const mns = {
    authorization: `MNS ${rootAccount.keyId}:${values.wrongSecret}`,
    date: new Date().toUTCString(),
  };
  assert.equal(await call('GET', `/queues/${user}`, undefined, mns), 403);
  const link = await request(`${service.url}/api/v1/portal-links`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Shop', senders: [{ channelId: 'shop', senderId: '15550107777' }] }),
  });
  const { token } = (await link.body.json()) as { token: string };
  const bearer = { authorization: `Bearer ${token}` };
  assert.equal(await call('GET', '/api/v1/portal', undefined, bearer), 200);
  assert.equal(await call('GET', '/api/v1/keys', undefined, bearer), 403);
  const [, , signature = ''] = token.split('.');
  const inbound = { from: user, name: values.name, type: 'text', text: values.text };
  assert.equal(await call('POST', '/sandbox/15550100001/inbound', inbound), 201);
  // A line may come after the answer that it is about.
  for (const event of ['webhook.received', 'api.served', 'smq.served', 'delivery.attempted'])
    await waitUntil(`${event} is logged`, 60_000, () => service.output().includes(`"msg":"${event}"`));
  await service.stop();

  const log = service
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  for (const value of [...Object.values(values), rootAccount.keySecret, 'whsec_', signature])
    assert.ok(!log.some((line) => line.includes(value)), `${value} is in the log`);
});
