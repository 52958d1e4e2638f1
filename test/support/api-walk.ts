// A walk through every operation of the admin API, on a service of its own: what it answers stands in the API's document as examples.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Connector } from '../../src/channels/channel.ts';
import { readListed } from '../../src/channels/kit/listed-templates.ts';
import { checked, noticed } from '../../src/domain/findings.ts';
import type { OperationExample } from '../../src/protocols/api/openapi.ts';
import { openApiTest } from './api.ts';
import type { ApiTest } from './api.ts';
import { openBrowser, password } from './browser.ts';
import { killDeliveries, toIntake } from './connected.ts';

/** `PUT /channels/{channelId}` and the like. */
type Operation = `${'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'} /${string}`;
type Parameters = NonNullable<OperationExample['parameters']>;
type Json = Record<string, unknown>;

const number = '15550107777';
const sandboxSender = '15550100001';
const user = '15550002220';
const callback = 'https://crm.example.com/receipts';

/** Calls operations one after the other, and remembers of each the last call and its answer. */
class Walk {
  readonly api: ApiTest;
  readonly examples: Record<string, OperationExample> = {};
  readonly browser: ReturnType<typeof openBrowser>;

  constructor(api: ApiTest) {
    this.api = api;
    this.browser = openBrowser(api);
  }

  /** With the access key. */
  call(operation: Operation, parameters: Parameters = {}, body?: unknown): Promise<Json> {
    return this.#note(operation, parameters, body, (method, path) => this.api.call(method, path, body));
  }

  /** In a browser, which keeps its session. */
  browse(operation: Operation, body?: unknown): Promise<Json> {
    return this.#note(operation, {}, body, (method, path) => this.browser.call(method, path, body));
  }

  /** With the token of a portal link. */
  hold(token: string, operation: Operation, parameters: Parameters = {}, body?: unknown): Promise<Json> {
    const headers = { authorization: `Bearer ${token}` };
    return this.#note(operation, parameters, body, (method, path) =>
      this.api.call(method, path, body, null, headers),
    );
  }

  async #note(
    operation: Operation,
    parameters: Parameters,
    body: unknown,
    call: (method: 'GET', path: string) => ReturnType<ApiTest['call']>,
  ): Promise<Json> {
    const [method = '', template = ''] = operation.split(' ');
    const path = template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(parameters[name]));
    const query = Object.entries(parameters)
      .filter(([name]) => !template.includes(`{${name}}`))
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
    const {
      status,
      json,
      headers,
      body: text,
    } = await call(method as 'GET', query.length === 0 ? path : `${path}?${query.join('&')}`);
    assert.ok(status < 400, `${operation} ${status} ${text}`);
    const answer = Object.keys(json).length > 0 ? json : text;
    this.examples[operation] = {
      ...(Object.keys(parameters).length > 0 && { parameters }),
      ...(body !== undefined && { body }),
      status,
      ...(typeof answer === 'string' &&
        answer !== '' && { type: String(headers['content-type']).split(';')[0] ?? '' }),
      ...(answer !== '' && answer !== 'null' && { answer }),
    };
    return json;
  }
}

/** A vendor that does what it is asked. */
const vendor: Connector = {
  verify: () => true,
  parse: () => ({ events: [], remarks: [] }),
  check: async () => [{ name: 'accessToken', ok: true, ...checked('token_accepted', {}) }],
  findSenders: async () => [
    { id: number, type: 'whatsapp', name: 'Shop', routeId: '106540352242922', verification: 'verified' },
  ],
  subscribe: async () => null,
  show: async () => null,
  submitTemplate: async () => ({ kind: 'later' }),
  listTemplates: async () => {
    const found = readListed(
      {
        ...{ id: '901', name: 'order_ready', language: 'en', category: 'UTILITY', status: 'APPROVED' },
        components: [{ type: 'BODY', text: 'Your order {{1}} is ready.' }],
      },
      { by: 'waba', id: '102290129340398' },
    );
    return { templates: found === undefined ? [] : [found], isWhole: true, unread: [] };
  },
};

/** The operator's own target, and sign-in by a company from which `ana@example.com` comes back. */
const toStubs = (find: () => ApiTest) => ({
  notices: {
    hasMail: true,
    sendTest: async () => ({ kind: 'told' }) as const,
    operatorTargets: [
      {
        ...{ id: 'operator-mail', accountId: null, name: 'CHASQUI_OPERATOR_MAIL', kind: 'email', url: null },
        ...{ mail: ['ops@example.com'], secret: null, language: 'en', severity: 'info', codes: [] },
        ...{ state: 'active', createdAt: null, updatedAt: null },
      } as never,
    ],
  },
  company: {
    signIn: {
      begin: async () => ({
        url: 'https://login.example.com/authorize?client_id=chasqui&state=nVx7',
        kept: 'sealed',
      }),
      finish: async () => {
        const user = await find().store.findUser(find().accountId, 'ana@example.com');
        assert.ok(user);
        return { user, keeps: false };
      },
    },
    label: null,
    isOnly: false,
    consoleUrl: () => 'https://chasqui.example',
  },
});

/** Calls every operation once, and gives what each was asked and answered. */
export async function walkApi(): Promise<{
  readonly examples: Readonly<Record<string, OperationExample>>;
  readonly document: Json;
}> {
  const api: ApiTest = await openApiTest({ connectors: { whatsapp: vendor }, ...toStubs(() => api) });
  try {
    const walk = new Walk(api);
    await walkSessions(walk);
    await walkPeople(walk);
    await walkChannels(walk);
    await walkTemplates(walk);
    await walkMessages(walk);
    await walkDeliveries(walk);
    await walkPortal(walk);
    await walkQueues(walk);
    await walkNotices(walk);
    await walkService(walk);
    const { json } = await api.call('GET', '/openapi.json', undefined, null);
    return { examples: withoutChance(walk.examples), document: json };
  } finally {
    await api.close();
  }
}

async function walkSessions(walk: Walk): Promise<void> {
  const { id: keyId, secret: keySecret } = walk.api.key;
  await walk.browse('POST /session/setup', { keyId, keySecret, name: 'ana@example.com', password });
  await walk.browse('GET /session');
  await walk.browse('POST /session/password', { password, newPassword: 'correct horse battery staple' });
  const newPassword = 'correct horse battery staple';
  const { secret } = await walk.browse('POST /session/totp', { password: newPassword });
  const app = new TOTP({ secret: Secret.fromBase32(String(secret)) });
  const code = app.generate({ timestamp: walk.api.clock.now() });
  await walk.browse('POST /session/totp/confirm', { code });
  await walk.browse('POST /session/totp/recovery-codes', { password: newPassword });
  await walk.browse('POST /session/totp/remove', { password: newPassword });
  await walk.browse('DELETE /session/all');
  await walk.browse('POST /session', { name: 'ana@example.com', password: newPassword });
  await switchAccount(walk);
  await walk.browse('DELETE /session');
  await walk.browse('POST /session/company');
  await walk.browse('GET /session/company/return');
  await walk.browse('POST /session/company/finish');
  await walk.browser.call('DELETE', '/session');
}

/** Signs in to a second account beside the first, and goes back. */
async function switchAccount(walk: Walk): Promise<void> {
  const { json: own } = await walk.api.call('GET', '/account');
  const { json } = await walk.api.call('POST', '/accounts', { name: 'Second', id: '77' });
  const { id: keyId, secret: keySecret } = json['key'] as { id: string; secret: string };
  await walk.browser.call('POST', '/session', { keyId, keySecret, keep: true });
  await walk.browse('POST /session/switch', { account: own['id'] });
}

async function walkPeople(walk: Walk): Promise<void> {
  const { id: userId } = await walk.call(
    'POST /users',
    {},
    { name: 'bo@example.com', role: 'operator', password },
  );
  const ofUser = { userId: String(userId) };
  await walk.call('GET /users');
  await walk.call('GET /users/{userId}', ofUser);
  await walk.call('PATCH /users/{userId}', ofUser, { role: 'viewer' });
  await walk.call('DELETE /users/{userId}', ofUser);
  const { id } = await walk.call(
    'POST /keys',
    {},
    { name: 'puller', role: 'receive', addresses: ['192.0.2.0/24'] },
  );
  const ofKey = { keyId: String(id) };
  await walk.call('GET /keys');
  await walk.call('GET /keys/{keyId}', ofKey);
  await walk.call('PATCH /keys/{keyId}', ofKey, { limits: { requestsPerSecond: 10 } });
  await walk.call('POST /keys/{keyId}/rotate', ofKey, { keepOld: true });
  await walk.call('POST /keys/{keyId}/disable', ofKey);
  await walk.call('POST /keys/{keyId}/enable', ofKey);
  await walk.call('GET /account');
  await walk.call('POST /accounts', {}, { name: 'Second shop', id: '1000000000000002' });
  await walk.call('GET /accounts');
  const ofAccount = { accountId: '1000000000000002' };
  await walk.call('PATCH /accounts/{accountId}/limits', ofAccount, { requestsPerSecond: 100 });
  await walk.call('GET /accounts/{accountId}/limits', ofAccount);
  await walk.call('GET /limits');
}

async function walkChannels(walk: Walk): Promise<void> {
  const ofChannel = { channelId: 'shop' };
  const ofSender = { channelId: 'shop', senderId: number };
  const credentials = {
    appSecret: 'd7f2a1c04be95d1b83c6a8f0e2741b59',
    verifyToken: 'a-word-of-your-own',
    accessToken: 'EAAexample',
  };
  const { api } = walk;
  await api.store.recordIntake([
    {
      ...toIntake(api, 0),
      channelId: 'sandbox',
      receipts: [],
      unrouted: [{ route: { by: 'sender', id: '15550100009' }, index: 0 }],
    },
  ]);
  await walk.call('GET /unrouted');
  await walk.call('PUT /channels/{channelId}', ofChannel, {
    ...{ type: 'whatsapp', name: 'Shop', wabaId: '102290129340398' },
    credentials,
  });
  await walk.call('GET /channels');
  await walk.call('GET /channels/{channelId}', ofChannel);
  await walk.call('GET /channels/{channelId}/available-senders', ofChannel);
  await walk.call('PUT /channels/{channelId}/senders/{senderId}', ofSender, {
    ...{ name: 'Orders', phoneNumberId: '106540352242922' },
  });
  await walk.call('GET /channels/{channelId}/senders', ofChannel);
  await walk.call('GET /channels/{channelId}/senders/{senderId}', ofSender);
  await walk.call('POST /channels/{channelId}/subscribe', ofChannel);
  await walk.call('POST /channels/{channelId}/check', ofChannel);
  await walk.call('GET /channels/{channelId}/dependents', ofChannel);
  await walk.call('POST /channels/{channelId}/credentials/rotate', ofChannel, {
    ...{ credentials: { appSecret: '0b5e9d3f7a1c4e62908d7f3b6a5c1e24' }, overlapSeconds: 86_400 },
  });
  await walk.call('POST /channels/{channelId}/senders/{senderId}/signs', ofSender, {
    ...{ kind: 'read', to: user, messageId: 'wamid.HBgLMTU1NTAwMDIyMjA' },
  });
  const urls = { statusUrl: callback, inboundUrl: callback };
  await walk.call('PUT /channels/{channelId}/senders/{senderId}/webhook', ofSender, {
    ...{ http: true, queue: true, ...urls },
  });
  await walk.call('GET /channels/{channelId}/senders/{senderId}/webhook', ofSender);
  await walk.call('PUT /channels/{channelId}/webhook', ofChannel, {
    ...{ http: true, auditUrl: 'https://crm.example.com/audits' },
  });
  await walk.call('GET /channels/{channelId}/webhook', ofChannel);
}

async function walkTemplates(walk: Walk): Promise<void> {
  const ofSandbox = { channelId: 'sandbox' };
  const components = [{ Type: 'BODY', Text: 'Your order $(order) is on its way.' }];
  const given = { language: 'en', category: 'UTILITY', components, example: { order: '4711' } };
  const { code } = await walk.call('POST /channels/{channelId}/templates', ofSandbox, {
    ...{ name: 'order_shipped', ...given },
  });
  const ofTemplate = { ...ofSandbox, code: String(code), language: 'en' };
  const path = '/channels/{channelId}/templates/{code}/{language}';
  await walk.call('GET /templates', ofSandbox);
  await walk.call(`GET ${path}`, ofTemplate);
  await walk.call(`PUT ${path}`, ofTemplate, { components, example: { order: '4712' } });
  await walk.call(`POST ${path}/review`, ofTemplate, { decision: 'pass' });
  await walk.call(`GET ${path}/history`, ofTemplate);
  await walk.call(`DELETE ${path}`, ofTemplate);
  await walk.call('POST /channels/{channelId}/templates/import/plan', { channelId: 'shop' }, {});
  await walk.call('POST /channels/{channelId}/templates/import', { channelId: 'shop' }, {});
}

async function walkMessages(walk: Walk): Promise<void> {
  const { api } = walk;
  const ofSender = { senderId: sandboxSender };
  await api.call('PUT', `/channels/sandbox/senders/${sandboxSender}/webhook`, {
    ...{ http: true, queue: true, statusUrl: callback, inboundUrl: callback },
  });
  const { messageId } = await walk.call(
    'POST /messages',
    {},
    {
      ...{ channelId: 'sandbox', senderId: sandboxSender, to: user },
      ...{ type: 'text', text: 'Your order is on its way.' },
    },
  );
  const { receiptId } = await walk.call('POST /sandbox/{senderId}/inbound', ofSender, {
    ...{ from: user, type: 'text', text: 'Where is my order?', id: 'sandbox.5d0c2f7e9ab1' },
  });
  await walk.call('POST /sandbox/{senderId}/status', ofSender, {
    ...{ to: user, messageId: 'sandbox.41f09b6c', status: 'delivered' },
  });
  await walk.call('GET /messages', { number: user });
  await walk.call('GET /search', { q: user });
  await walk.call('GET /counts/messages', { number: user });
  await walk.call('GET /counts/receipts', { type: 'ChatAppInbound' });
  await walk.call('GET /counts/deliveries', { state: 'waiting' });
  await walk.call('GET /exports/messages', { format: 'csv', number: user });
  await walk.call('GET /exports/receipts', { format: 'ndjson', type: 'ChatAppInbound' });
  await walk.call('GET /exports/deliveries', { format: 'csv', state: 'waiting' });
  await walk.call('GET /messages/{messageId}', { messageId: String(messageId) });
  const { items } = await walk.call('GET /receipts', { type: 'ChatAppInbound' });
  await walk.call('GET /receipts/{receiptId}/payload', { receiptId: String(receiptId) });
  const { rawEvent } = await walk.call('GET /receipts/{receiptId}', { receiptId: String(receiptId) });
  const [receipt] = items as Json[];
  walk.examples['GET /tail'] = {
    parameters: { type: 'ChatAppInbound' },
    status: 200,
    answer: `event: receipt\ndata: ${JSON.stringify(receipt)}\n\n`,
  };
  const ofEvent = { rawEventId: String((rawEvent as Json)['id']) };
  await walk.call('GET /raw-events', { channelId: 'sandbox' });
  await walk.call('GET /raw-events/{rawEventId}', ofEvent);
  await walk.call('GET /raw-events/{rawEventId}/remarks', ofEvent);
  await walk.call('POST /raw-events/{rawEventId}/reread', ofEvent);
  await walk.call('POST /raw-events/reread', {}, { channelId: 'sandbox', dryRun: true });
}

async function walkDeliveries(walk: Walk): Promise<void> {
  const { api } = walk;
  const { items } = await walk.call('GET /destinations');
  const toId = (wanted: string) => Number((items as Json[]).find(({ url }) => url === wanted)?.['id']);
  const id = toId(callback);
  await killDeliveries(api, id);
  const ofDestination = { destinationId: String(id) };
  const deliveries = await walk.call('GET /deliveries', { state: 'dead' });
  const ofDelivery = { deliveryId: String((deliveries['items'] as Json[])[0]?.['id']) };
  await walk.call('GET /deliveries/{deliveryId}', ofDelivery);
  await walk.call('POST /deliveries/{deliveryId}/replay', ofDelivery);
  await walk.call('POST /deliveries/{deliveryId}/try-now', ofDelivery);
  await walk.call('POST /deliveries/try-now', {}, { deliveryIds: [ofDelivery.deliveryId] });
  await walk.call('POST /destinations/{destinationId}/try-now', ofDestination);
  await walk.call('GET /destinations/{destinationId}/rates', { ...ofDestination, span: 'hour' });
  await walk.call('POST /deliveries/replay', {}, { destinationId: id, since: '2026-11-01T00:00:00Z' });
  await walk.call('POST /deliveries/give-up', {}, { destinationId: id, state: 'open', dryRun: true });
  await walk.call('GET /destinations/{destinationId}', ofDestination);
  await walk.call('PATCH /destinations/{destinationId}', ofDestination, { name: 'CRM', batchSize: 100 });
  await walk.call('GET /destinations/{destinationId}/secrets', ofDestination);
  await walk.call('POST /destinations/{destinationId}/secrets/rotate', ofDestination, {
    overlapSeconds: 86_400,
  });
  await walk.call('POST /destinations/{destinationId}/test', ofDestination);
  await walk.call('POST /destinations/{destinationId}/preflight', ofDestination);
  await walk.call('POST /destinations/{destinationId}/hand-over', ofDestination, {
    ...{ to: toId('https://crm.example.com/audits'), dryRun: true },
  });
  await api.call('PUT', '/channels/shop/webhook', {});
  const ofOld = { destinationId: String(toId('https://crm.example.com/audits')), dryRun: true };
  await walk.call('DELETE /destinations/{destinationId}', ofOld);
  await walk.call('POST /erasures', {}, { userId: user, dryRun: true });
}

async function walkPortal(walk: Walk): Promise<void> {
  const { api } = walk;
  const ofSender = { channelId: 'shop', senderId: number };
  const own = 'https://shop.example.com/receipts';
  const made = await walk.call(
    'POST /portal-links',
    {},
    { name: 'Shop', colour: '#0b5cd6', access: 'manage', hours: 24, senders: [ofSender] },
  );
  const token = String(made['token']);
  await walk.call('GET /portal-links');
  await walk.hold(token, 'GET /portal');
  const path = '/portal/channels/{channelId}/senders/{senderId}';
  const { destinations } = await walk.hold(token, `POST ${path}/webhook`, ofSender, {
    ...{ http: true, statusUrl: own },
  });
  await walk.hold(token, `GET ${path}/webhook`, ofSender);
  const id = (destinations as Record<string, number>)[own] ?? 0;
  const ofDestination = { ...ofSender, destinationId: String(id) };
  await walk.hold(token, `POST ${path}/destinations/{destinationId}/test`, ofDestination);
  await walk.hold(token, `GET ${path}/destinations/{destinationId}/secrets`, ofDestination);
  await walk.hold(token, `POST ${path}/destinations/{destinationId}/secrets/rotate`, ofDestination, {
    overlapSeconds: 86_400,
  });
  const intake = toIntake(api, id);
  await api.store.recordIntake([
    { ...intake, channelId: 'shop', receipts: intake.receipts.map((one) => ({ ...one, channelId: 'shop' })) },
  ]);
  await killDeliveries(api, id);
  const { items } = await walk.hold(token, `GET ${path}/deliveries`, ofSender);
  const [delivery] = ((items as Json[])[0]?.['deliveries'] ?? []) as Json[];
  const ofDelivery = { ...ofSender, deliveryId: String(delivery?.['id']) };
  await walk.hold(token, `POST ${path}/deliveries/{deliveryId}/replay`, ofDelivery);
  await walk.call('POST /portal-links/{linkId}/revoke', { linkId: String(made['id']) });
}

async function walkQueues(walk: Walk): Promise<void> {
  const ofQueue = { name: 'orders' };
  await walk.call('PUT /queues/{name}', ofQueue, { visibilitySeconds: 60, pollingWaitSeconds: 20 });
  await walk.call('POST /queues/{name}/messages', ofQueue, { body: 'aGVsbG8=' });
  await walk.call('GET /queues', { prefix: 'orders' });
  await walk.call('GET /queues/{name}', ofQueue);
  await walk.call('GET /queues/{name}/messages', ofQueue);
  await walk.call('GET /queues/{name}/rates', ofQueue);
  await walk.call('POST /queues/{name}/tokens', ofQueue, { seconds: 3600 });
  await walk.call('DELETE /queues/{name}', ofQueue);
}

async function walkNotices(walk: Walk): Promise<void> {
  const { store, accountId } = walk.api;
  await store.recordNotice({
    ...{ accountId, subject: 'key/puller' },
    ...noticed('key_rate_reached', { perSecond: 10 }),
  });
  await walk.call('GET /notices');
  const { id } = await walk.call(
    'POST /notice-targets',
    {},
    {
      ...{ name: 'On call', kind: 'webhook', url: 'https://ops.example.com/notices' },
      ...{ severity: 'error', language: 'en' },
    },
  );
  const ofTarget = { targetId: String(id) };
  await walk.call('GET /notice-targets');
  await walk.call('GET /notice-targets/{targetId}', ofTarget);
  await walk.call('PATCH /notice-targets/{targetId}', ofTarget, { severity: 'warning' });
  await walk.call('POST /notice-targets/{targetId}/test', ofTarget);
  await walk.call('DELETE /notice-targets/{targetId}', ofTarget);
  await walk.call('GET /notice-targets/operator');
  await walk.call('POST /notice-targets/operator/{targetId}/test', { targetId: 'operator-mail' });
}

async function walkService(walk: Walk): Promise<void> {
  await walk.call('GET /changes', { subject: 'channel/shop', limit: 3 });
  await walk.call('GET /overview');
  const dismissed = { items: [{ cause: 'destination_off', subject: 'destination/1' }], seconds: 3600 };
  await walk.call('POST /overview/dismissals', {}, dismissed);
  await walk.call('GET /first-steps');
  const ofSetting = { key: 'receiptRetentionDays' };
  await walk.call('POST /settings/{key}', ofSetting, { value: 180 });
  const { items } = await walk.call('GET /settings');
  const shown = (items as Json[]).filter(({ key }) =>
    ['port', 'masterKey', 'receiptRetentionDays'].includes(String(key)),
  );
  walk.examples['GET /settings'] = { status: 200, answer: { items: shown, next: null } };
  await walk.call('POST /settings/{key}/reset', ofSetting);
  await walk.call('GET /clock');
  await walk.call('POST /clock/confirm');
  await walk.call('GET /workers');
  const ofSender = { channelId: 'shop', senderId: number };
  await walk.call('DELETE /channels/{channelId}/senders/{senderId}', ofSender);
  await walk.call('DELETE /channels/{channelId}', { channelId: 'shop' });
}

/** What is made at random, each with how the n-th of its kind is written instead. */
const chances: readonly (readonly [RegExp, (index: number) => string])[] = [
  [/LTAI[0-9a-f]{20}/g, (index) => `LTAI5tExample${String(index).padStart(11, '0')}`],
  [/\b[0-9a-f]{32}\b/g, (index) => createHash('sha256').update(String(index)).digest('hex').slice(0, 32)],
  [/whsec_[\w+/=-]{32,}/g, (index) => `whsec_${Buffer.alloc(24, index).toString('base64')}`],
  [/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g, () => 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJleGFtcGxlIn0.example'],
  [/STS\.[0-9a-f]{24}/g, (index) => `STS.Example${index}`],
  [/\b[A-Z2-7]{32}\b/g, () => 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  [/\b[a-z0-9]{4}(-[a-z0-9]{4}){3}\b/g, (index) => `gf2e-g7ah-fb23-${String(index).padStart(4, '0')}`],
  [
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    (index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  ],
];

/** Members whose whole text is made at random, told by its shape. */
const secrets: Readonly<Record<string, readonly [shape: RegExp, example: string]>> = {
  accessKeySecret: [/./, 'shown-this-once'],
  securityToken: [/./, 'shown-this-once'],
  secret: [/^[\w-]{30}$/, 'shown-this-once'],
  code: [/^\d{6}$/, '123456'],
};

function hideSecret(name: string, value: unknown): unknown {
  const [shape, example] = secrets[name] ?? [];
  return typeof value === 'string' && shape?.test(value) === true ? example : value;
}

/** The same with what is made at random written as examples, so that two walks are alike. */
function withoutChance(
  examples: Readonly<Record<string, OperationExample>>,
): Record<string, OperationExample> {
  let text = JSON.stringify(examples, hideSecret);
  for (const [pattern, toExample] of chances) {
    const known = new Map<string, string>();
    text = text.replace(pattern, (found) => {
      const example = known.get(found) ?? toExample(known.size + 1);
      known.set(found, example);
      return example;
    });
  }
  const sorted = Object.entries(JSON.parse(text) as Record<string, OperationExample>);
  return Object.fromEntries(sorted.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
