// Data of every kind that the API tells, written by the API and by what a service does on its own.
import assert from 'node:assert/strict';
import { toAlias } from '../../src/domain/alias.ts';
import { toUploadId } from '../../src/domain/upload.ts';
import { claim, dead, done, settle } from '../store/contract/delivery-fixture.ts';
import { minute, need } from '../store/contract/fixture.ts';
import type { Fixture } from '../store/contract/fixture.ts';
import {
  accepted,
  add,
  claimOutbound,
  outbound,
  settleOutbound,
} from '../store/contract/outbound-fixture.ts';
import type { ApiTest } from '../support/api.ts';

const sender = '15550100001';
const callback = 'https://callback.example/receipts';

interface Destinations {
  readonly items: readonly { readonly id: number; readonly url: string }[];
}

/** Writes them, and returns the paths of the API that tell them. */
export async function writeEveryKind(api: ApiTest): Promise<readonly string[]> {
  const write = async (method: 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
    api.clock.advance(1000);
    const answer = await api.call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.json;
  };
  const person = {
    keyId: api.key.id,
    keySecret: api.key.secret,
    name: 'ana',
    password: 'correct horse battery',
  };
  const setUp = await api.call('POST', '/session/setup', person, null, { 'x-chasqui-console': '1' });
  assert.equal(setUp.status, 201, setUp.body);
  await write('POST', '/keys', { name: 'Till', role: 'send', addresses: ['192.0.2.0/24'] });
  await write('POST', '/accounts', { name: 'Branch' });
  const channel = {
    type: 'whatsapp',
    name: 'Shop',
    wabaId: '100000000000001',
    credentials: { appSecret: 'a-secret', accessToken: 'a-token', verifyToken: 'a-word' },
  };
  await write('PUT', '/channels/wa', channel);
  for (const id of ['15550100002', '15550100003'])
    await write('PUT', `/channels/wa/senders/${id}`, { name: 'Shop', phoneNumberId: `70${id}` });
  await write('DELETE', '/channels/wa/senders/15550100003');
  const audits = { http: true, queue: false, auditUrl: 'https://former.example/audits' };
  await write('PUT', '/channels/wa/webhook', audits);
  await write('PUT', '/channels/wa/webhook', { http: false, queue: false });
  await write('PUT', '/channels/sandbox/webhook', { http: true, queue: true, auditUrl: callback });
  const components = [{ Type: 'BODY', Text: 'Hello $(name)' }];
  const template = {
    name: 'hello',
    language: 'en',
    category: 'UTILITY',
    components,
    example: { name: 'Ana' },
  };
  const { code } = await write('POST', '/channels/sandbox/templates', template);
  await write('POST', `/channels/sandbox/templates/${String(code)}/en/review`, { decision: 'pass' });
  const message = { channelId: 'sandbox', senderId: sender, to: '15550002220' };
  const { code: former } = await write('POST', '/channels/wa/templates', { ...template, name: 'former' });
  await write('DELETE', `/channels/wa/templates/${String(former)}/en`);
  const { messageId } = await write('POST', '/messages', {
    ...message,
    type: 'text',
    text: 'Your order is on its way.',
  });
  await write('POST', '/messages', {
    ...message,
    type: 'template',
    templateCode: code,
    language: 'en',
    params: { name: 'Ana' },
  });
  await write('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    http: true,
    queue: true,
    inboundUrl: callback,
    statusUrl: callback,
  });
  const play = (body: object) =>
    write('POST', `/sandbox/${sender}/inbound`, { from: '15550002222', name: 'Bo', ...body });
  const { receiptId } = await play({ type: 'text', text: 'Where is my order?' });
  await play({ type: 'image', caption: 'This one.' });
  await write('POST', `/sandbox/${sender}/status`, {
    to: '15550002220',
    messageId: 'sandbox.1',
    status: 'read',
  });
  await play({ type: 'text', text: 'Please forget me.', from: '15550002223' });
  await write('POST', '/erasures', { userId: '15550002223' });
  await write('PUT', '/queues/orders', { visibilitySeconds: 60 });
  await write('PUT', '/queues/former', {});
  for (const body of ['one', 'two', 'three', 'four'])
    await write('POST', '/queues/orders/messages', { body });
  await write('POST', '/queues/former/messages', { body: 'gone with its queue' });
  await write('DELETE', '/queues/former');
  await write('POST', '/queues/orders/tokens', { seconds: 3600 });
  const way = (await api.call('GET', `/receipts/${String(receiptId)}`)).json as unknown as {
    readonly rawEvent: { readonly id: string };
    readonly deliveries: readonly { readonly id: string; readonly destinationId: number }[];
  };
  const [delivery] = way.deliveries;
  assert.ok(delivery !== undefined);
  await write('PATCH', `/destinations/${delivery.destinationId}`, { name: 'Till', preset: 'standard' });
  const { items } = (await api.call('GET', '/destinations')).json as unknown as Destinations;
  const unused = items.find(({ url }) => url.startsWith('https://former'));
  await write('DELETE', `/destinations/${String(unused?.id)}`);
  await workOn(api, delivery.destinationId);
  return [
    ...[
      '/account',
      '/accounts',
      '/keys',
      `/keys/${api.key.id}`,
      '/users',
      '/changes',
      '/notices',
      '/overview',
    ],
    ...[
      '/channels',
      '/channels/wa',
      '/channels/wa/webhook',
      '/channels/wa/senders',
      '/channels/sandbox/webhook',
    ],
    ...[`/channels/sandbox/senders/${sender}`, `/channels/sandbox/senders/${sender}/webhook`],
    ...[
      '/templates',
      `/channels/sandbox/templates/${String(code)}/en`,
      `/channels/sandbox/templates/${String(code)}/en/history`,
    ],
    ...['/messages', `/messages/${String(messageId)}`],
    ...[
      '/receipts',
      `/receipts/${String(receiptId)}`,
      '/raw-events',
      `/raw-events/${way.rawEvent.id}`,
      '/unrouted',
    ],
    ...[
      '/deliveries',
      `/deliveries/${delivery.id}`,
      '/destinations',
      `/destinations/${delivery.destinationId}`,
    ],
    `/destinations/${delivery.destinationId}/secrets`,
    ...['/queues', '/queues/orders', '/queues/orders/rates', '/queues/orders/messages'],
  ];
}

/** What a service does on its own with what was written. */
async function workOn(api: ApiTest, destinationId: number): Promise<void> {
  const fixture = { ...api, otherId: 0, channelId: 'sandbox', senderId: sender };
  await push(fixture, destinationId);
  await send(fixture);
  await pushAgain(fixture, destinationId);
  await pull(fixture);
  await meet(fixture);
}

/** One push is done, one is dead, one is to be tried again. */
async function push(fixture: Fixture, destinationId: number): Promise<void> {
  const { store, accountId, clock } = fixture;
  const pause = { until: clock.now() + 60 * minute, status: 429, askedMs: 60 * minute };
  const [first, second, ...rest] = await claim(fixture, destinationId);
  assert.ok(first !== undefined && second !== undefined && rest.length > 0);
  await settle(fixture, [first], done);
  await settle(fixture, [second], dead);
  await settle(fixture, rest, { kind: 'retry', dueAt: fixture.clock.now() + minute, cause: 'retry' });
  await store.setDestinationPause(accountId, destinationId, pause);
}

/** What was refused is refused again, and then not wanted any more by the settings. */
async function pushAgain(fixture: Fixture, destinationId: number): Promise<void> {
  const { store, accountId, clock } = fixture;
  const again = await claim(fixture, destinationId);
  assert.ok(again.length > 0);
  await settle(fixture, again, { kind: 'retry', dueAt: clock.now() + minute, cause: 'retry' });
  const { items } = await store.listBacklog(accountId, { destinationId }, { limit: 10 });
  assert.ok((await store.setAside(accountId, items.slice(0, 1))) > 0);
}

/** One message is taken by its channel, one fails, in whose place a short message goes. */
async function send(fixture: Fixture): Promise<void> {
  const { store, clock } = fixture;
  const wish = {
    id: 'S_1',
    content: 'Your order is on its way.',
    afterMs: minute,
    rule: 'undelivered',
  } as const;
  const message = outbound(fixture, '15550002224', {
    channelType: 'sandbox',
    taskId: 'orders',
    groupId: '2'.repeat(20),
  });
  await add(fixture, { ...message, envelope: { ...message.envelope, fallBack: wish } });
  const [first, ...rest] = await claimOutbound(fixture);
  assert.ok(first !== undefined && rest.length > 0);
  await settleOutbound(fixture, first.message.id, accepted('sandbox.1'));
  for (const { message: other } of rest)
    await settleOutbound(fixture, other.id, { kind: 'retry', dueAt: clock.now() + minute }, 'transient');
  clock.advance(2 * minute);
  const [fallback] = await store.claimFallbacks(10, clock.now(), minute);
  assert.ok(fallback !== undefined);
  await store.settleFallback(
    fallback,
    { at: clock.now(), durationMs: 5, status: 200, text: '' },
    { kind: 'taken' },
  );
  assert.equal(await store.useNonce('testkey', 'once', clock.now()), true);
  await store.keepNonces();
}

/** Of four messages one is held, one is held for longer, one is gone. */
async function pull({ store, accountId, clock }: Fixture): Promise<void> {
  const queue = need(await store.findQueue(accountId, 'orders'));
  const [first, second, third] = await store.receiveMessages(queue, 3, clock.now());
  await store.deleteMessages(queue, [need(first).handle], clock.now());
  await store.changeVisibility(queue, need(second).handle, 300, clock.now());
  assert.ok(third !== undefined);
  const receipts = need((await store.listQueues(accountId, 'Alicom-', '', 10))[0]);
  const [receipt] = await store.receiveMessages(receipts, 1, clock.now());
  await store.deleteMessages(receipts, [need(receipt).handle], clock.now());
  const at = Math.floor(clock.now() / minute);
  await store.addQueueRates([{ accountId, queue: 'orders', minute: at, put: 4, deleted: 1 }]);
  await store.addRates([{ accountId, minute: at, kind: 'statuses', count: 3 }]);
}

/** What nobody asked for: an event that is not understood, one of an unknown number, another id of a user, a file, a notice. */
async function meet({ store, accountId, clock, channelId }: Fixture): Promise<void> {
  await store.recordIntake([
    {
      accountId,
      channelId: 'wa',
      receivedAt: clock.now(),
      body: Buffer.from('{"entry":[]}'),
      receipts: [],
      unrouted: [{ route: { by: 'sender', id: '799' }, index: 0 }],
      remarks: [{ index: 0, reason: 'unknown_event', detail: 'poke', mayBeMessage: true }],
      reader: '1.0.0-rc.1',
    },
  ]);
  await store.tellAliases(accountId, [
    need(toAlias(channelId, '15550002220', 'BR.1349000000000001', clock.now())),
  ]);
  const id = toUploadId(accountId, 'a/b.png');
  const upload = {
    accountId,
    id,
    channelId,
    key: 'a/b.png',
    mimeType: 'image/png',
    bytes: 10,
    sha256: id.repeat(2),
  };
  await store.putUpload({ ...upload, createdAt: clock.now() });
  await store.recordNotice({
    accountId,
    code: 'channel_unwell',
    subject: 'channel/wa',
    text: 'token: It is expired.',
    params: { channelId: 'wa', times: 2 },
    findings: [
      { name: 'token', code: 'token_expired', params: { said: 'It is over.' }, senderId: '15550100002' },
    ],
  });
}
