import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { needs, requireAccess } from '../../../src/protocols/api/access.ts';
import { keyRoles } from '../../../src/domain/account.ts';
import type { KeyRole } from '../../../src/domain/account.ts';
import type { PortalAccess } from '../../../src/domain/portal-link.ts';
import { isAtLeast, userRoles } from '../../../src/domain/user.ts';
import type { UserRole } from '../../../src/domain/user.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { openBrowser, openOwner, openUser } from '../../support/browser.ts';
import { accessTable } from './access-table.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

interface Route {
  readonly method: Method;
  readonly path: string;
  readonly role: UserRole | null;
  /** What of a portal link it takes; null where none is taken. */
  readonly portal: PortalAccess | null;
  readonly keys: readonly KeyRole[];
}

async function open(t: TestContext): Promise<ApiTest> {
  const api = await openApiTest();
  t.after(() => api.close());
  return api;
}

/** Every route, with who may call it as the document says. */
async function findRoutes(api: ApiTest): Promise<Route[]> {
  const { json } = await api.call('GET', '/openapi.json', undefined, null);
  const paths = json['paths'] as Record<
    string,
    Record<string, { 'x-role'?: UserRole; 'x-key-roles'?: KeyRole[]; 'x-portal'?: PortalAccess }>
  >;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as Method,
      path: path.replace('/api/v1', ''),
      role: operation['x-role'] ?? null,
      portal: operation['x-portal'] ?? null,
      keys: operation['x-key-roles'] ?? [],
    })),
  );
}

/** An address of a route at which there is nothing. */
function fill(path: string, values: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? '1');
}

/** Whether anybody may call it. */
const isOpen = ({ role, portal }: Route): boolean => role === null && portal === null;

/** The stream would not end by itself; what it asks of its caller is looked at before it begins. */
const isStream = ({ path }: Route): boolean => path === '/tail';

test('every route says who may call it, and only signing in is open to all', async (t) => {
  const api = await open(t);
  const routes = await findRoutes(api);
  assert.deepEqual(
    routes
      .filter(({ role, portal }) => role === null && portal === null)
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
    [
      'GET /session',
      'GET /session/company/return',
      'POST /session',
      'POST /session/company',
      'POST /session/company/finish',
      'POST /session/setup',
    ],
  );
  for (const { method, path, role } of routes) {
    if (role === null || path.startsWith('/session')) continue;
    const least = /^\/(users|keys|accounts|portal-links)/.test(path)
      ? 'owner'
      : method !== 'GET' || path.endsWith('/secrets')
        ? 'operator'
        : 'viewer';
    assert.ok(isAtLeast(role, least), `${method} ${path} is open to ${role}`);
  }
});

test('every route is in the table of who may call it, and open to nobody else', async (t) => {
  const routes = await findRoutes(await open(t));
  const found = routes.map(({ method, path, role, keys, portal }) => [
    `${method} ${path}`,
    portal === null ? [role ?? 'anybody', ...keys].join(' ') : `portal ${portal}`,
  ]);
  assert.deepEqual(Object.fromEntries(found), accessTable);
});

test('a route that does not say who may call it stops the start', () => {
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  requireAccess(app);
  assert.throws(() => app.get('/open', () => ({})), /GET \/open does not say who may call it/);
  app.get('/closed', needs('viewer'), () => ({}));
});

test('without a key and a session every other route is answered 401', async (t) => {
  const api = await open(t);
  for (const route of await findRoutes(api)) {
    if (route.role === null && route.portal === null) continue;
    const { status } = await openBrowser(api).call(route.method, fill(route.path), {});
    assert.equal(status, 401, `${route.method} ${route.path}`);
  }
});

test('no user gets past his role, on any route', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  for (const role of userRoles.filter((name) => name !== 'owner')) {
    const browser = await openUser(api, owner, role, role);
    for (const route of await findRoutes(api)) {
      // Signing out would end the walk.
      if (isOpen(route) || isStream(route) || route.path.startsWith('/session')) continue;
      const { status } = await browser.call(
        route.method,
        fill(route.path),
        route.method === 'GET' ? undefined : {},
      );
      const name = `${role}: ${route.method} ${route.path}`;
      if (route.role === null || !isAtLeast(role, route.role)) assert.equal(status, 403, name);
      else if (route.path !== '/settings') assert.ok(status !== 403 && status !== 401, `${name} ${status}`);
    }
  }
});

test('no key gets past its role, on any route', async (t) => {
  const api = await open(t);
  for (const role of keyRoles.filter((name) => name !== 'full')) {
    const key = { id: `key-${role}`, secret: 'secret' };
    await api.store.createKey({ ...key, accountId: api.accountId, role }, { kind: 'system', id: 'test' });
    for (const route of await findRoutes(api)) {
      if (isOpen(route) || isStream(route)) continue;
      const { status } = await api.call(
        route.method,
        fill(route.path),
        route.method === 'GET' ? undefined : {},
        key,
      );
      const isAllowed = route.keys.includes(role) || (role === 'read' && route.role === 'viewer');
      assert.equal(status === 403, !isAllowed, `${role}: ${route.method} ${route.path} ${status}`);
    }
  }
});

test('only the account of the first start makes and lists accounts, and sees the settings', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/accounts', { name: 'Second', id: '77' });
  assert.equal(made.status, 201);
  const { id, secret } = made.json['key'] as { id: string; secret: string };
  const other = { id, secret };
  const account = await api.call('GET', '/account', undefined, other);
  assert.deepEqual([account.json['id'], account.json['first']], ['77', false]);
  for (const path of ['/accounts', '/settings'])
    assert.deepEqual(
      [(await api.call('GET', path, undefined, other)).status, (await api.call('GET', path)).status],
      [403, 200],
    );
  assert.equal((await api.call('POST', '/accounts', { name: 'Third' }, other)).status, 403);
  assert.equal((await api.call('POST', '/accounts', { name: 'Again', id: '77' })).status, 409);
});

test('an address list of a key holds for every request', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/keys', { role: 'read', addresses: ['192.0.2.0/24', '2001:db8::7'] });
  assert.equal(made.status, 201);
  const { id, secret } = made.json as { id: string; secret: string };
  const from = async (remoteAddress: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    return (await api.app.inject({ url: '/api/v1/channels', remoteAddress, headers: { authorization } }))
      .statusCode;
  };
  assert.deepEqual(
    [
      await from('192.0.2.9'),
      await from('::ffff:192.0.2.9'),
      await from('2001:db8::7'),
      await from('198.51.100.1'),
    ],
    [200, 200, 200, 401],
  );
  const wrong = await api.call('PATCH', `/keys/${id}`, { addresses: ['nowhere'] });
  assert.deepEqual([wrong.status, wrong.json['field']], [400, 'addresses.0']);
  assert.equal((await api.call('PATCH', `/keys/${id}`, { addresses: [] })).status, 200);
  assert.equal(await from('198.51.100.1'), 200);
});

test('the last use of a key is shown once it has been written down', async (t) => {
  const api = await open(t);
  const usedAt = async (): Promise<unknown> => {
    const { items } = (await api.call('GET', '/keys')).json as { items: { usedAt: unknown }[] };
    return items[0]?.usedAt;
  };
  assert.equal(await usedAt(), null);
  await api.directory.writeUses();
  assert.equal(await usedAt(), new Date(api.clock.now()).toISOString());
});

test("another account's ids are not found in any route", async (t) => {
  const api = await open(t);
  const sender = '15550100001';
  const owner = await openOwner(api);
  await owner.call('POST', '/users', { name: 'bo', role: 'viewer', password: 'correct horse battery' });
  const users = (await owner.call('GET', '/users')).json['items'] as { id: string }[];
  const components = [{ Type: 'BODY', Text: 'Hello' }];
  const template = { name: 'hello', language: 'en', category: 'UTILITY', components };
  const code = (await api.call('POST', '/channels/sandbox/templates', template)).json['code'];
  const message = { channelId: 'sandbox', senderId: sender, to: '15550002220', type: 'text', text: 'x' };
  const messageId = (await api.call('POST', '/messages', message)).json['messageId'];
  const webhook = { http: true, inboundUrl: 'https://callback.example/' };
  await api.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, webhook);
  const played = await api.call('POST', `/sandbox/${sender}/inbound`, {
    from: '1555',
    type: 'text',
    text: 'x',
  });
  const way = await api.call('GET', `/receipts/${String(played.json['receiptId'])}`);
  await api.call('PUT', '/queues/orders', {});
  const [delivery] = way.json['deliveries'] as { id: string; destinationId: number }[];
  const target = await api.call('POST', '/notice-targets', {
    name: 't',
    kind: 'webhook',
    url: 'https://ops.example/',
  });
  const values = {
    channelId: 'sandbox',
    senderId: sender,
    code: String(code),
    language: 'en',
    messageId: String(messageId),
    receiptId: String(played.json['receiptId']),
    rawEventId: (way.json['rawEvent'] as { id: string }).id,
    deliveryId: delivery?.id ?? '',
    destinationId: String(delivery?.destinationId),
    userId: users[1]?.id ?? '',
    keyId: api.key.id,
    accountId: String(api.accountId),
    targetId: String(target.json['id']),
    name: 'orders',
  };
  const bodies: Readonly<Record<string, object>> = {
    'POST /channels/{channelId}/templates': template,
    'PUT /channels/{channelId}/templates/{code}/{language}': { components },
    'POST /channels/{channelId}/templates/{code}/{language}/review': { decision: 'pass' },
    'PUT /channels/{channelId}/senders/{senderId}': { name: 'Mine' },
    'PUT /channels/{channelId}/senders/{senderId}/webhook': webhook,
    'PUT /channels/{channelId}/webhook': {},
    'POST /channels/{channelId}/senders/{senderId}/signs': { kind: 'typing', to: '1555' },
    'POST /destinations/{destinationId}/hand-over': { to: 1 },
    'POST /queues/{name}/messages': { body: 'x' },
    'POST /messages': message,
  };
  const other = await api.addAccount(77);
  const before = await Promise.all([
    api.store.listChanges(api.accountId, { limit: 500 }),
    api.store.listUsers(api.accountId),
  ]);
  for (const route of await findRoutes(api)) {
    const name = `${route.method} ${route.path}`;
    // A queue of that name, and the sandbox's sender of that id, are the other account's own; the operator's targets are told of as such.
    if (
      !route.path.includes('{') ||
      name === 'PUT /queues/{name}' ||
      route.path.startsWith('/sandbox/') ||
      route.path.startsWith('/notice-targets/operator/')
    )
      continue;
    const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : (bodies[name] ?? {});
    const { status } = await api.call(route.method, fill(route.path, values), body, other);
    // Holders of a link alone are let in there.
    const refusal = /^\/(accounts|settings|portal)\//.test(route.path) ? 403 : 404;
    // Ids of channels are unique on the server, so one that is taken is told as taken.
    const isTold =
      name === 'PUT /channels/{channelId}' || name === 'POST /channels/{channelId}/credentials/rotate';
    // Of accounts and settings of the service nobody is told but the first.
    assert.ok(isTold ? status >= 400 && status < 500 : status === refusal, `${name} ${status}`);
  }
  assert.deepEqual(
    await Promise.all([
      api.store.listChanges(api.accountId, { limit: 500 }),
      api.store.listUsers(api.accountId),
    ]),
    before,
  );
});
