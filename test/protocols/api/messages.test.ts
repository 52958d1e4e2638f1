import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { formatOutboundId, parseOutboundId } from '../../../src/domain/ids.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { inWords } from '../../../src/domain/delivery.ts';

async function open(t: TestContext): Promise<ApiTest> {
  const api = await openApiTest();
  t.after(() => api.close());
  return api;
}

const sender = '15550100001';
const to = '15550002220';

async function send(api: ApiTest, members: object = {}): Promise<string> {
  const body = { channelId: 'sandbox', senderId: sender, to, type: 'text', text: 'Hello there', ...members };
  const { status, json, body: text } = await api.call('POST', '/messages', body);
  assert.equal(status, 201, text);
  return String(json['messageId']);
}

async function why(api: ApiTest, messageId: string): Promise<Record<string, unknown>> {
  const { status, json } = await api.call('GET', `/messages/${messageId}`);
  assert.equal(status, 200);
  return json['why'] as Record<string, unknown>;
}

/** The channel takes the message that is due. */
async function accept(api: ApiTest, messageId: string): Promise<void> {
  const { accountId, store, clock } = api;
  await store.claimOutbound({
    accountId,
    channelId: 'sandbox',
    senderId: sender,
    limit: 10,
    now: clock.now(),
    leaseMs: 1000,
  });
  await store.settleOutbound([
    {
      accountId,
      id: parseOutboundId(messageId) ?? 0,
      attempt: { at: clock.now(), durationMs: 5, outcome: 'accepted', code: '', text: '' },
      next: { kind: 'accepted', channelMessageId: `wamid.${messageId}`, nextStepAt: null },
    },
  ]);
}

async function playStatus(api: ApiTest, messageId: string, members: object): Promise<void> {
  const body = { messageId: `wamid.${messageId}`, to, ...members };
  const { status, body: text } = await api.call('POST', `/sandbox/${sender}/status`, body);
  assert.equal(status, 201, text);
}

test('a message is sent and found by everything that is known of it', async (t) => {
  const api = await open(t);
  const messageId = await send(api, { taskId: 'task-1' });
  await send(api, { to: '15550002221', text: 'Another' });
  for (const query of [
    `messageId=${messageId}`,
    `number=%2B${to}`,
    'taskId=task-1',
    `number=${to}&status=queued&channelId=sandbox&senderId=${sender}`,
  ]) {
    const { json } = await api.call('GET', `/messages?${query}`);
    const items = json['items'] as Record<string, unknown>[];
    assert.deepEqual(
      items.map((item) => [item['messageId'], item['text'], item['state']]),
      [[messageId, 'Hello there', 'queued']],
      query,
    );
  }
  for (const query of ['number=1', 'status=read', 'templateCode=x', 'channelId=other', 'messageId=nope'])
    assert.deepEqual((await api.call('GET', `/messages?${query}`)).json, { items: [], next: null }, query);
});

test('a user is found, and erased, by each id that the channel told', async (t) => {
  const api = await open(t);
  const { store, accountId, clock } = api;
  const told = '551187650001';
  const written = '5511987650001';
  await store.tellAliases(accountId, [
    { channelId: 'sandbox', spelling: written, told, rank: 1, at: clock.now() },
  ]);
  const messageId = await send(api, { to: written });
  await accept(api, messageId);
  await send(api, { to: '15550002221' });
  const inbound = { from: told, type: 'text', text: 'Where is it?' };
  assert.equal((await api.call('POST', `/sandbox/${sender}/inbound`, inbound)).status, 201);
  const find = async (query: string) => {
    const { json } = await api.call('GET', `/messages?${query}`);
    return (json['items'] as Record<string, unknown>[]).map((item) => [item['direction'], item['number']]);
  };
  for (const number of [written, told, `%2B${told}`])
    for (const more of ['', '&channelId=sandbox', `&channelId=sandbox&senderId=${sender}`]) {
      assert.deepEqual(await find(`number=${number}${more}`), [['mt', written]], number + more);
      assert.deepEqual(await find(`direction=mo&number=${number}${more}`), [['mo', told]], number + more);
    }
  assert.deepEqual(await find(`messageId=${messageId}&number=${told}`), [['mt', written]]);
  assert.deepEqual(await find(`messageId=${messageId}&number=15550002221`), []);
  const dryRun = await api.call('POST', '/erasures', { userId: written, dryRun: true });
  assert.partialDeepStrictEqual(dryRun.json, { receipts: 1, messages: 1, media: 0 });
  const erased = await api.call('POST', '/erasures', { userId: told });
  assert.partialDeepStrictEqual(erased.json, { receipts: 1, messages: 1, media: 0 });
  assert.equal((await api.call('GET', `/messages/${messageId}`)).json['content'], null);
});

test('a user is found however the number is written, by either of its spellings, before any channel told the other', async (t) => {
  const api = await open(t);
  const [brazil, mexico, viber] = ['551187650001', '5215550000001', '01234567890A+/bc=='];
  for (const from of [brazil, mexico, viber, '4915112345678']) {
    const { status, body } = await api.call('POST', `/sandbox/${sender}/inbound`, {
      from,
      type: 'text',
      text: `of ${from}`,
    });
    assert.equal(status, 201, body);
  }
  await send(api, { to: '5511987650001' });
  const find = async (number: string, direction = 'mo') => {
    const { json } = await api.call(
      'GET',
      `/messages?direction=${direction}&number=${encodeURIComponent(number)}`,
    );
    assert.equal(json['next'], null);
    return (json['items'] as Record<string, unknown>[]).map((item) => item['number']);
  };
  for (const number of ['+55 (11) 98765-0001', '5511987650001', '55 11 8765 0001', '0055 11 98765.0001']) {
    assert.deepEqual(await find(number), [brazil], number);
    assert.deepEqual(await find(number, 'mt'), ['5511987650001'], number);
  }
  for (const number of ['525550000001', '+52 1 555 000 0001'])
    assert.deepEqual(await find(number), [mexico], number);
  for (const number of ['+49 (0)151 123 45 678', ' 4915112345678'])
    assert.deepEqual(await find(number), ['4915112345678'], number);
  assert.deepEqual(await find(viber), [viber]);
  assert.deepEqual(await find('4915112345679'), []);
});

test('what an index does not find is looked for a bounded number of rows at a time', async (t) => {
  const api = await open(t);
  const envelope = { frame: 'message', messageType: 'text', content: { text: 'x' } } as const;
  const message = {
    channelId: 'sandbox',
    channelType: 'sandbox',
    senderId: sender,
    groupId: null,
    taskId: null,
    envelope,
    expiresAt: api.clock.now() + 60_000,
    oncePerTask: false,
  } as const;
  const needle = await send(api, { to: '15559990000' });
  for (let group = 0; group < 3; group += 1)
    await api.store.addOutbound(
      api.accountId,
      Array.from({ length: 1000 }, (_, at) => ({ ...message, to: String(15_550_000_000 + at) })),
    );
  await accept(api, needle);
  const first = await api.call('GET', '/messages?status=accepted&limit=10');
  assert.deepEqual(first.json['items'], []);
  const next = String(first.json['next']);
  const second = await api.call('GET', `/messages?status=accepted&limit=10&cursor=${next}`);
  assert.deepEqual(
    (second.json['items'] as { messageId: string }[]).map(({ messageId }) => messageId),
    [needle],
  );
  assert.equal(second.json['next'], null);
});

test('the way of a message is told in order, from its acceptance to each status', async (t) => {
  const api = await open(t);
  const messageId = await send(api);
  api.clock.advance(100);
  await accept(api, messageId);
  api.clock.advance(100);
  await playStatus(api, messageId, { status: 'sent' });
  api.clock.advance(100);
  await playStatus(api, messageId, { status: 'delivered' });
  const read = await api.call('GET', `/messages/${messageId}`);
  const events = read.json['events'] as { kind: string; ref: Record<string, unknown> }[];
  assert.deepEqual(
    events.map(({ kind, ref }) => [kind, ref['status'] ?? null]),
    [
      ['accepted', null],
      ['send_tried', null],
      ['channel_accepted', null],
      ['status', 'sent'],
      ['status', 'delivered'],
    ],
  );
  assert.deepEqual(
    (await api.call('GET', `/messages/wamid.${messageId}`)).json,
    read.json,
    'by the id of the channel too',
  );
  assert.equal((read.json['message'] as Record<string, unknown>)['status'], 'delivered');
});

test('a message tells why it is not delivered, from its sending to its receipts', async (t) => {
  const api = await open(t);
  const first = await send(api);
  assert.equal((await why(api, first))['code'], 'not_sent_yet');
  const second = await send(api, { text: 'After it' });
  assert.equal((await why(api, second))['code'], 'waiting_turn');
  await accept(api, first);
  assert.equal((await why(api, first))['code'], 'no_status_yet');
  await playStatus(api, first, { status: 'sent' });
  assert.equal((await why(api, first))['code'], 'no_subscription');
  await accept(api, second);
  await playStatus(api, second, { status: 'failed', errorCode: '131026', errorDescription: 'Undeliverable' });
  const refused = await why(api, second);
  assert.equal(refused['code'], 'refused_by_channel');
  assert.match(String(refused['text']), /131026/);
});

test('a message tells what becomes of its SMS fallback, try by try', async (t) => {
  const api = await open(t);
  const { accountId, store, clock } = api;
  const envelope = {
    frame: 'message',
    messageType: 'text',
    content: { text: 'x' },
    fallBack: { content: 'Your code is 1.', afterMs: 30_000, rule: 'undelivered' },
  } as const;
  const [added] = await store.addOutbound(accountId, [
    {
      channelId: 'sandbox',
      channelType: 'sandbox',
      senderId: sender,
      to,
      groupId: null,
      taskId: null,
      envelope,
      expiresAt: clock.now() + 86_400_000,
      oncePerTask: false,
    },
  ]);
  const messageId = formatOutboundId(added?.id ?? 0);
  const codes = async (): Promise<string[]> => {
    const { json } = await api.call('GET', `/messages/${messageId}`);
    return (json['reasons'] as { code: string }[]).map(({ code }) => code);
  };
  assert.deepEqual(await codes(), ['not_sent_yet', 'fallback_armed']);
  await accept(api, messageId);
  clock.advance(60_000);
  const [fallback] = await store.claimFallbacks(10, clock.now(), 1000);
  assert.ok(fallback !== undefined);
  const dueAt = clock.now() + 5000;
  const refusal = { at: clock.now(), durationMs: 10, status: 503, text: 'The gateway answered 503.' };
  await store.settleFallback(fallback, refusal, { kind: 'retry', dueAt });
  assert.deepEqual(await codes(), ['fallback_retrying', 'no_status_yet']);
  const retrying = (
    (await api.call('GET', `/messages/${messageId}`)).json['reasons'] as { text: string }[]
  )[0];
  assert.match(String(retrying?.text), /try 1: The gateway answered 503\. The next try is at 20/);
  clock.advance(6000);
  const [again] = await store.claimFallbacks(10, clock.now(), 1000);
  assert.ok(again !== undefined);
  await store.settleFallback(
    again,
    { ...refusal, at: clock.now(), status: 202, text: '' },
    { kind: 'taken' },
  );
  assert.deepEqual(await codes(), ['no_status_yet', 'fallback_taken']);
  const { json } = await api.call('GET', `/messages/${messageId}`);
  const events = json['events'] as { kind: string; ref: Record<string, unknown> }[];
  assert.deepEqual(
    events
      .filter(({ kind }) => kind.startsWith('fallback'))
      .map(({ kind, ref }) => [kind, ref['number'], ref['outcome'], ref['httpStatus'], ref['reason']]),
    [
      ['fallback_tried', 1, 'rejected', 503, 'undelivered'],
      ['fallback_tried', 2, 'accepted', 202, 'undelivered'],
      ['fallback_taken', undefined, undefined, undefined, 'undelivered'],
    ],
  );
});

test('a receipt tells where it is stuck: at the breaker, switched off, dead, in a queue, in a receiver’s hands', async (t) => {
  const api = await open(t);
  const { accountId, store, clock } = api;
  const webhook = { http: true, queue: true, statusUrl: 'https://callback.example/status' };
  const path = `/channels/sandbox/senders/${sender}/webhook`;
  const set = await api.call('PUT', path, webhook);
  const destinationId = Object.values(set.json['destinations'] as Record<string, number>)[0] ?? 0;
  const messageId = await send(api);
  await accept(api, messageId);
  await playStatus(api, messageId, { status: 'sent' });
  const codes = async (): Promise<string[]> => {
    const { json } = await api.call('GET', `/messages/${messageId}`);
    return (json['reasons'] as { code: string }[]).map(({ code }) => code);
  };
  assert.deepEqual(await codes(), ['waiting', 'in_queue']);
  const actor = { kind: 'system', id: 'test' } as const;
  await store.setDestinationState(accountId, destinationId, 'opened', inWords('It failed.'), actor);
  assert.deepEqual(await codes(), ['breaker_open', 'in_queue']);
  await store.setDestinationState(accountId, destinationId, 'off', inWords('By hand.'), actor);
  assert.deepEqual(await codes(), ['destination_off', 'in_queue']);
  await store.setDestinationState(accountId, destinationId, 'active', inWords(''), actor);
  const claim = async (): Promise<number> => {
    const request = { accountId, destinationId, limit: 1, batchSize: 1, now: clock.now(), leaseMs: 1000 };
    const [batch] = await store.claimDeliveries(request);
    return batch?.members[0]?.deliveryId ?? 0;
  };
  const fail = { at: clock.now(), durationMs: 10, status: 500, outcome: 'rejected', answer: 'no' } as const;
  const base = { accountId, destinationId, deliveryId: await claim() };
  await store.settleDeliveries([
    { ...base, attempt: fail, next: { kind: 'retry', dueAt: clock.now() + 5000, cause: 'retry' } },
  ]);
  assert.deepEqual(await codes(), ['retrying', 'in_queue']);
  await playStatus(api, messageId, { status: 'delivered' });
  assert.deepEqual((await codes()).includes('waiting_behind'), true);
  const queue = await store.findQueue(accountId, `Alicom-Queue-${accountId}-ChatAppStatus`);
  assert.ok(queue !== undefined);
  await store.receiveMessages(queue, 16, clock.now());
  assert.equal((await codes()).includes('held'), true);
});

test('what a user sent is found as a message, with its way', async (t) => {
  const api = await open(t);
  const played = await api.call('POST', `/sandbox/${sender}/inbound`, {
    from: to,
    type: 'text',
    text: 'Where is it?',
  });
  const { json } = await api.call('GET', `/messages?direction=mo&number=${to}`);
  const [message] = json['items'] as Record<string, unknown>[];
  assert.deepEqual(
    [message?.['text'], message?.['state'], message?.['receiptId']],
    ['Where is it?', 'received', played.json['receiptId']],
  );
  for (const id of [message?.['messageId'], message?.['receiptId']]) {
    const way = await api.call('GET', `/messages/${String(id)}`);
    assert.equal(way.status, 200);
    assert.deepEqual(
      (way.json['events'] as { kind: string }[]).map(({ kind }) => kind),
      ['inbound'],
    );
  }
});

test('what cannot be sent is refused with the reason of the operation', async (t) => {
  const api = await open(t);
  const body = { channelId: 'sandbox', senderId: sender, to, type: 'text', text: 'x' };
  const bad = await api.call('POST', '/messages', {
    ...body,
    type: 'template',
    templateCode: 'none',
    language: 'en',
  });
  assert.equal(bad.status, 400);
  assert.match(String(bad.json['detail']), /^[A-Za-z.]+: /);
  assert.equal((await api.call('POST', '/messages', { ...body, channelId: 'other' })).status, 404);
  assert.equal((await api.call('POST', '/messages', { ...body, senderId: '1' })).status, 404);
});

test('a template is made, changed, reviewed by a person and taken away, and its history tells it', async (t) => {
  const api = await open(t);
  const template = {
    name: 'order_shipped',
    language: 'en',
    category: 'UTILITY',
    components: [{ Type: 'BODY', Text: 'Order $(order) is on its way.' }],
    example: { order: '4711' },
  };
  const made = await api.call('POST', '/channels/sandbox/templates', template);
  assert.equal(made.status, 201, made.body);
  assert.equal(made.json['status'], 'auditing');
  const path = `/channels/sandbox/templates/${String(made.json['code'])}/en`;
  const components = [{ Type: 'BODY', Text: 'Your order $(order) has left.' }];
  const changed = await api.call('PUT', path, { components, example: { order: '1' } });
  assert.equal(changed.status, 200, changed.body);
  const failed = await api.call('POST', `${path}/review`, { decision: 'fail', reason: 'Too short.' });
  assert.deepEqual(
    [failed.status, failed.json['status'], failed.json['reason']],
    [200, 'fail', 'Too short.'],
  );
  assert.equal((await api.call('POST', `${path}/review`, { decision: 'pass' })).status, 409);
  api.clock.advance(1000);
  await api.call('PUT', path, { components, example: { order: '1' } });
  assert.equal((await api.call('POST', `${path}/review`, { decision: 'pass' })).json['status'], 'pass');
  const history = (await api.call('GET', `${path}/history`)).json['items'] as {
    status: string;
    reason: string;
  }[];
  assert.deepEqual(
    history.map(({ status, reason }) => [status, reason]),
    [
      ['pass', ''],
      ['fail', 'Too short.'],
    ],
  );
  const listed = await api.call('GET', '/templates?status=pass&name=shipped');
  assert.equal((listed.json['items'] as unknown[]).length, 1);
  assert.equal((await api.call('DELETE', path)).status, 204);
  assert.equal((await api.call('GET', path)).status, 404);
});

test('a message carries every member that the document of the API names', async (t) => {
  const api = await open(t);
  const document = (await api.app.inject({ url: '/api/v1/openapi.json' })).json<{
    paths: Record<
      string,
      Record<string, { requestBody: { content: Record<string, { schema: { properties: object } }> } }>
    >;
  }>();
  const schema =
    document.paths['/api/v1/messages']?.['post']?.requestBody.content['application/json']?.schema;
  const base = { channelId: 'sandbox', type: 'text', text: 'Hello' };
  const whatsapp = { ...base, senderId: sender, to };
  const viber = { ...base, senderId: '10001', to, label: 'session' };
  const { senders } = { senders: await api.store.listSenders(api.accountId, 'sandbox') };
  const idOf = (type: string) => senders.find((found) => found.type === type)?.id ?? '';
  const messenger = { ...base, senderId: idOf('messenger'), to: '24000000000000001' };
  /** A message with the member, and what is kept of it. */
  const cases: Readonly<Record<string, readonly [object, object]>> = {
    channelId: [whatsapp, { channelId: 'sandbox' }],
    senderId: [whatsapp, { senderId: sender }],
    to: [whatsapp, { to }],
    type: [whatsapp, { envelope: { messageType: 'text' } }],
    text: [whatsapp, { envelope: { content: { text: 'Hello' } } }],
    content: [
      { ...whatsapp, text: undefined, content: { text: 'x', previewUrl: false } },
      { envelope: { content: { text: 'x', previewUrl: false } } },
    ],
    taskId: [{ ...whatsapp, taskId: 't-1' }, { taskId: 't-1' }],
    label: [viber, { envelope: { label: 'session' } }],
    trackingData: [{ ...viber, trackingData: 'd' }, { envelope: { trackingData: 'd' } }],
    tag: [{ ...messenger, tag: 'HUMAN_AGENT' }, { envelope: { tag: 'HUMAN_AGENT' } }],
    recipientType: [
      { ...whatsapp, to: 'group-1', recipientType: 'group' },
      { to: 'group-1', envelope: { toGroup: true } },
    ],
    'recipientType of a token': [
      { ...messenger, to: 'tok-1', recipientType: 'notification_messages_token' },
      { to: 'tok-1', envelope: { toToken: 'notification_messages_token' } },
    ],
    contextMessageId: [
      { ...whatsapp, contextMessageId: 'wamid.Q' },
      { envelope: { contextMessageId: 'wamid.Q' } },
    ],
    ttlSeconds: [{ ...whatsapp, ttlSeconds: 60 }, { expiresAt: api.clock.now() + 60_000 }],
  };
  const ofTemplates = ['templateCode', 'language', 'params', 'payload', 'flowAction', 'productAction'];
  assert.deepEqual(
    Object.keys(schema?.properties ?? {}).sort(),
    [...Object.keys(cases).filter((name) => !name.includes(' ')), ...ofTemplates].sort(),
  );
  for (const [name, [body, kept]] of Object.entries(cases)) {
    const { status, json, body: text } = await api.call('POST', '/messages', body);
    assert.equal(status, 201, `${name}: ${text}`);
    const id = parseOutboundId(String(json['messageId'])) ?? 0;
    const [message] = await api.store.findOutbound(api.accountId, { ids: [id] });
    assert.partialDeepStrictEqual(message, kept, name);
  }
});

test('a member that the channel has no place for is refused by its name', async (t) => {
  const api = await open(t);
  const body = { channelId: 'sandbox', senderId: sender, to, type: 'text', text: 'x' };
  const viber = { ...body, senderId: '10001', label: 'session' };
  for (const [name, wrong] of [
    ['label', { ...body, label: 'session' }],
    ['trackingData', { ...body, trackingData: 'x' }],
    ['tag', { ...body, tag: 'HUMAN_AGENT' }],
    ['contextMessageId', { ...viber, contextMessageId: '1' }],
    ['recipientType', { ...viber, recipientType: 'group' }],
  ] as const) {
    const { status, json } = await api.call('POST', '/messages', wrong);
    assert.equal(status, 400, name);
    assert.ok(String(json['detail']).includes(name), JSON.stringify(json));
  }
  const { status, json } = await api.call('POST', '/messages', { ...body, text: 'x'.repeat(4097) });
  assert.equal(status, 400);
  assert.match(String(json['detail']), /4097 characters; at most 4096/);
});

test('the preview of a text ends where a character ends', async (t) => {
  const api = await open(t);
  const family = '👨‍👩‍👧‍👦';
  await send(api, { text: `a${family.repeat(40)}` });
  const { items } = (await api.call('GET', '/messages')).json as { items: { text: string }[] };
  assert.equal(items[0]?.text, `a${family.repeat(18)}`);
});

test('a rule that refuses a message says so under its code', async (t) => {
  const api = await open(t);
  const base = { channelId: 'sandbox', senderId: sender, to, type: 'text', text: 'Hello' };
  const cases: [change: object, detail: string][] = [
    [
      { to: '1' },
      'InvalidParameter.ToOnlyNumeric: To has to be 5 to 15 digits with the country code, without a plus.',
    ],
    [{ to: 'a\0' }, 'InvalidParameter: To holds a NUL or half a character, which cannot be sent.'],
    [{ taskId: 'a\0' }, 'InvalidParameter: TaskId holds a NUL or half a character, which cannot be sent.'],
    [
      { text: 'a\0' },
      'InvalidParameter.ContentError: Content holds a NUL or half a character, which cannot be sent.',
    ],
    [{ text: ' ' }, 'InvalidParameter.TextNotEmpty: Content needs a text that is not blank.'],
    [{ type: 'image', content: { link: '' } }, 'InvalidParameter.LinkNotEmpty: Content needs a link.'],
    [
      { type: 'template' },
      'InvalidParameter.TemplateCodeNotEmpty: TemplateCode or TemplateName is required.',
    ],
  ];
  for (const [change, detail] of cases) {
    const { status, json } = await api.call('POST', '/messages', { ...base, ...change });
    assert.deepEqual([status, json['code'], json['detail']], [400, 'operation_refused', detail]);
  }
});

test('what a rule refuses is told by its code as well, with the parameter that it is about', async (t) => {
  const api = await open(t);
  const refusalOf = async (members: object): Promise<unknown> => {
    const body = { channelId: 'sandbox', senderId: sender, to, type: 'text', text: 'Hello', ...members };
    const { status, json } = await api.call('POST', '/messages', body);
    assert.deepEqual([status, json['code']], [400, 'operation_refused']);
    return json['refusal'];
  };
  const numbers = 'To has to be 5 to 15 digits with the country code, without a plus.';
  assert.deepEqual(await refusalOf({ to: 'Ana' }), {
    code: 'recipient_not_numeric',
    params: { text: numbers },
  });
  assert.partialDeepStrictEqual(await refusalOf({ senderId: '10001' }), {
    ...{ code: 'parameter_missing', params: { parameter: 'Label' } },
  });
});
