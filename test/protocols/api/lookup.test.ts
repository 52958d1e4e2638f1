import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';

async function open(t: TestContext): Promise<ApiTest> {
  const api = await openApiTest();
  t.after(() => api.close());
  return api;
}

const sender = '15550100001';

type Found = Readonly<Record<string, readonly Record<string, unknown>[]>>;

async function find(api: ApiTest, text: string, key = api.key): Promise<Found> {
  const { status, json, body } = await api.call(
    'GET',
    `/search?q=${encodeURIComponent(text)}`,
    undefined,
    key,
  );
  assert.equal(status, 200, body);
  return json as unknown as Found;
}

/** What was found, kind by kind, by what names each; kinds of which nothing was found are left out. */
const namesOf = (found: Found): Record<string, unknown[]> =>
  Object.fromEntries(
    Object.entries(found)
      .filter(([, items]) => items.length > 0)
      .map(([kind, items]) => [
        kind,
        items.map(
          (one) =>
            one['receiptId'] ?? one['messageId'] ?? one['code'] ?? one['url'] ?? one['id'] ?? one['name'],
        ),
      ]),
  );

test('everything is found by what somebody has in hand of it', async (t) => {
  const api = await open(t);
  const sent = await api.call('POST', '/messages', {
    ...{
      channelId: 'sandbox',
      senderId: sender,
      to: '5511987650001',
      type: 'text',
      text: 'On its way',
      taskId: 'spring-sale',
    },
  });
  const messageId = String(sent.json['messageId']);
  api.clock.advance(1000);
  const event = { from: '551187650001', type: 'text', text: 'Where is it?' };
  const played = await api.call('POST', `/sandbox/${sender}/inbound`, event);
  const receiptId = String(played.json['receiptId']);
  await api.call('PUT', '/queues/orders-eu', {});
  await api.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    ...{ http: true, queue: false, inboundUrl: 'https://shop.example/inbound' },
  });
  const template = await api.call('POST', '/channels/sandbox/templates', {
    ...{ name: 'order_ready', language: 'en', type: 'WHATSAPP', category: 'UTILITY' },
    components: [{ Type: 'BODY', Text: 'Ready' }],
    example: {},
  });
  const code = String(template.json['code']);
  const both = { messages: [receiptId, messageId] };
  for (const number of ['+55 (11) 98765-0001', '551187650001'])
    assert.deepEqual(namesOf(await find(api, number)), both, number);
  assert.deepEqual(namesOf(await find(api, messageId)), { messages: [messageId] });
  assert.deepEqual(namesOf(await find(api, 'spring-sale')), { messages: [messageId] });
  assert.deepEqual(namesOf(await find(api, receiptId)), { receipts: [receiptId] });
  assert.deepEqual(namesOf(await find(api, ` ${receiptId.toUpperCase()} `)), { receipts: [receiptId] });
  const queues = (await find(api, 'orders-'))['queues'];
  assert.deepEqual(queues, [{ name: 'orders-eu' }]);
  assert.deepEqual(namesOf(await find(api, 'order_')), { templates: [code] });
  assert.deepEqual(namesOf(await find(api, code)), { templates: [code] });
  for (const url of ['https://shop.example/in', 'shop.example', 'SHOP.example/inbound'])
    assert.deepEqual(namesOf(await find(api, url)), { destinations: ['https://shop.example/inbound'] }, url);
  assert.deepEqual((await find(api, '+1 555 010 0001'))['senders'], [
    { channelId: 'sandbox', id: sender, name: 'Sandbox WhatsApp number' },
  ]);
  const channels = (await find(api, 'sandb'))['channels'];
  assert.deepEqual(
    channels?.map(({ id }) => id),
    ['sandbox'],
  );
  assert.deepEqual(namesOf(await find(api, 'nothing like it')), {});
  assert.equal((await api.call('GET', '/search?q=x')).status, 400);
});

test('nothing of another account is found', async (t) => {
  const api = await open(t);
  const event = { from: '4915112345678', type: 'text', text: 'hello' };
  const { json } = await api.call('POST', `/sandbox/${sender}/inbound`, event);
  await api.call('PUT', '/queues/orders-eu', {});
  const other = await api.addAccount(6);
  for (const text of ['4915112345678', String(json['receiptId']), 'orders'])
    assert.deepEqual(namesOf(await find(api, text, other)), {}, text);
  // It has a sandbox of its own, with senders of the same numbers.
  const { senders = [] } = await find(api, sender, other);
  assert.deepEqual(
    senders.map(({ channelId }) => channelId),
    ['sandbox-6'],
  );
});
