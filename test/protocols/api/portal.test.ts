import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { ApiTest, Called } from '../../support/api.ts';
import {
  connect,
  killDeliveries,
  number,
  open,
  receiptId,
  toIntake,
  whatsapp,
} from '../../support/connected.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
type Call = (method: Method, path: string, body?: unknown) => Promise<Called>;

const url = 'https://callback.example/status';
const own = `/portal/channels/wa/senders/${number}`;
const senders = [{ channelId: 'wa', senderId: number }];

/** Calls with the token of a link, and nothing else. */
function holding({ app }: ApiTest, token: string): Call {
  return async (method, path, body) => {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body,
      json: isJson ? answer.json<Record<string, unknown>>() : {},
    };
  };
}

async function openLink(t: TestContext, access: 'read' | 'manage', opened: object = { senders }) {
  const api = await open(t);
  await connect(api);
  await api.call('PUT', '/channels/wa/senders/15550108888', { phoneNumberId: '9002' });
  const given = { name: 'Shop', colour: '#0b5cd6', access, hours: 2, ...opened };
  const made = await api.call('POST', '/portal-links', given);
  assert.equal(made.status, 201, made.body);
  const { token, id } = made.json as { token: string; id: string };
  return { api, token, id, made: made.json, hold: holding(api, token) };
}

/** What signs links under the master key of the tests. */
const key = new Uint8Array(hkdfSync('sha256', Buffer.alloc(32, 7), '', 'chasqui portal links v1', 32));

/** The beginning of a token of a link, without its end. */
function forge({ accountId }: ApiTest, id: string, claims: JWTPayload = {}): SignJWT {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'chasqui-portal+jwt' })
    .setIssuer('chasqui')
    .setAudience('chasqui-portal')
    .setSubject(String(accountId))
    .setJti(id);
}

/** Routes of the document, filled in with ids. */
async function listRoutes(api: ApiTest): Promise<{ method: Method; path: string; portal: string | null }[]> {
  const { json } = await api.call('GET', '/openapi.json', undefined, null);
  const paths = json['paths'] as Record<string, Record<string, { 'x-portal'?: string; security?: [] }>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { security }]) => security?.length !== 0)
      .map(([method, operation]) => ({
        method: method.toUpperCase() as Method,
        path: path.replace('/api/v1', ''),
        portal: operation['x-portal'] ?? null,
      })),
  );
}

const fill = (path: string, senderId: string): string =>
  path
    .replace('{channelId}', 'wa')
    .replace('{senderId}', senderId)
    .replace(/\{\w+\}/g, '1');

test('a link opens its routes alone, of all that there are, and its senders alone', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const routes = await listRoutes(api);
  assert.ok(routes.filter(({ portal }) => portal === null).length > 100);
  for (const { method, path, portal } of routes) {
    const name = `${method} ${path}`;
    const body = method === 'GET' ? undefined : {};
    // A link may make so many requests in a second.
    api.clock.advance(1000);
    const { status } = await hold(method, fill(path, number), body);
    if (portal === null) assert.equal(status, 403, name);
    else assert.notEqual(status, 403, name);
    if (portal !== null && path.includes('{senderId}'))
      assert.equal(
        (await hold(method, fill(path, '15550108888'), body)).status,
        403,
        `${name} of another sender`,
      );
  }
  assert.equal((await api.call('GET', '/portal')).status, 403, 'a key is no link');
});

test('a link to look changes nothing', async (t) => {
  const { api, hold } = await openLink(t, 'read');
  for (const { method, path, portal } of await listRoutes(api)) {
    if (portal === null) continue;
    const { status } = await hold(method, fill(path, number), method === 'GET' ? undefined : {});
    assert.equal(status === 403, portal === 'manage', `${method} ${path}`);
  }
});

test('a holder sees his senders, sets where receipts go, and stands in the log of changes', async (t) => {
  const { api, hold, id, made } = await openLink(t, 'manage');
  assert.equal(made['url'], `https://chasqui.example/portal/#token=${String(made['token'])}`);
  assert.deepEqual((await hold('GET', '/portal')).json, {
    ...{ name: 'Shop', colour: '#0b5cd6', access: 'manage', expiresAt: made['expiresAt'] },
    senders: [{ ...senders[0], channelType: 'whatsapp', channelName: 'wa', name: number }],
  });
  const set = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  assert.equal(set.status, 200, set.body);
  assert.equal((await hold('GET', `${own}/webhook`)).json['statusUrl'], url);
  const inside = await hold('POST', `${own}/webhook`, { http: true, statusUrl: 'https://inside.example/' });
  assert.equal(inside.json['code'], 'bad_callback_url');
  const { items } = (await api.call('GET', `/changes?actor=portal/${id}`)).json as {
    items: { action: string }[];
  };
  assert.deepEqual(
    items.map(({ action }) => action),
    ['webhook.set', 'destination.created'],
  );
});

test('deliveries of the sender are told without what users wrote, and replayed; those of another are not', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const { json } = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  const destinationId = (json['destinations'] as Record<string, number>)[url] ?? 0;
  await api.store.recordIntake([toIntake(api, destinationId)]);
  const other = toIntake(api, destinationId, 'cd'.repeat(16));
  const [receipt] = other.receipts;
  assert.ok(receipt);
  await api.store.recordIntake([{ ...other, receipts: [{ ...receipt, senderId: '15550108888' }] }]);
  await killDeliveries(api, destinationId);
  const told = await hold('GET', `${own}/deliveries`);
  const items = told.json['items'] as {
    receiptId: string;
    deliveries: { id: string; lastStatus: number }[];
  }[];
  assert.deepEqual(
    items.map((one) => [one.receiptId, one.deliveries[0]?.lastStatus]),
    [[receiptId, 500]],
  );
  assert.doesNotMatch(told.body, /4915112345678/);
  const all = (await api.call('GET', '/deliveries')).json['items'] as { id: string; receiptId: string }[];
  const find = (wanted: boolean) => all.find((one) => (one.receiptId === receiptId) === wanted)?.id ?? '';
  assert.equal((await hold('POST', `${own}/deliveries/${find(false)}/replay`)).status, 404);
  assert.equal((await hold('POST', `${own}/deliveries/${find(true)}/replay`)).json['replayed'], 1);
});

test('the secret of a callback URL that somebody beyond the link uses is not told', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const { json } = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  const path = `${own}/destinations/${(json['destinations'] as Record<string, number>)[url] ?? 0}`;
  assert.equal((await hold('GET', `${path}/secrets`)).status, 200);
  assert.equal((await hold('POST', `${path}/test`)).status, 200);
  assert.equal((await hold('POST', `${path}/secrets/rotate`, {})).status, 200);
  await api.call('PUT', '/channels/wa/senders/15550108888/webhook', { http: true, inboundUrl: url });
  for (const [method, rest] of [
    ['GET', 'secrets'],
    ['POST', 'test'],
    ['POST', 'secrets/rotate'],
  ] as const)
    assert.equal(
      (await hold(method, `${path}/${rest}`, method === 'GET' ? undefined : {})).status,
      404,
      rest,
    );
  await api.call('PUT', '/channels/wa/senders/15550108888/webhook', {});
  await api.call('PUT', '/channels/wa/webhook', { http: true, auditUrl: url });
  assert.equal((await hold('GET', `${path}/secrets`)).status, 404, "a channel's audits go there");
});

test('a link that is over, revoked, or of another place is none', async (t) => {
  const { api, hold, id } = await openLink(t, 'manage');
  const seconds = Math.floor(api.clock.now() / 1000);
  const sign = (
    change: {
      aud?: string;
      typ?: string;
      jti?: string;
      alg?: string;
      sub?: string;
      iss?: string;
      exp?: number;
    },
    secret = key,
  ) =>
    new SignJWT({ iat: seconds + 9_000_000 })
      .setProtectedHeader({ alg: change.alg ?? 'HS256', typ: change.typ ?? 'chasqui-portal+jwt' })
      .setIssuer(change.iss ?? 'chasqui')
      .setAudience(change.aud ?? 'chasqui-portal')
      .setSubject(change.sub ?? String(api.accountId))
      .setJti(change.jti ?? id)
      .setExpirationTime(change.exp ?? seconds + 60)
      .sign(secret);
  const tries = {
    good: await sign({}),
    over: await sign({ exp: seconds }),
    'another issuer': await sign({ iss: 'elsewhere' }),
    'another audience': await sign({ aud: 'chasqui' }),
    'another kind': await sign({ typ: 'JWT' }),
    'another algorithm': await sign({ alg: 'HS512' }, new Uint8Array(64)),
    'another key': await sign({}, new Uint8Array(32)),
    'another account': await sign({ sub: '77' }),
    'no such link': await sign({ jti: 'none' }),
    'without an end': await forge(api, id).sign(key),
    'not signed': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await sign({})).split('.')[1] ?? ''}.`,
  };
  for (const [name, token] of Object.entries(tries))
    assert.equal((await holding(api, token)('GET', '/portal')).status, name === 'good' ? 200 : 401, name);
  assert.equal((await api.call('POST', `/portal-links/${id}/revoke`)).status, 204);
  assert.equal((await hold('GET', '/portal')).status, 401);
  assert.equal((await api.call('POST', `/portal-links/${id}/revoke`)).status, 404);
  const second = await api.call('POST', '/portal-links', { name: 'Short', senders, hours: 1 });
  const late = holding(api, String(second.json['token']));
  assert.equal((await late('GET', '/portal')).status, 200);
  api.clock.advance(3_600_000);
  assert.equal((await late('GET', '/portal')).status, 401);
});

test('a link is made by owners, to senders of their own', async (t) => {
  const { api } = await openLink(t, 'read');
  const stranger = await api.addAccount(77);
  assert.equal((await api.call('POST', '/portal-links', { name: 'x', senders }, stranger)).status, 404);
  assert.deepEqual((await api.call('GET', '/portal-links', undefined, stranger)).json['items'], []);
  for (const given of [{}, { senders: [] }])
    assert.equal(
      (await api.call('POST', '/portal-links', { name: 'x', ...given })).status,
      400,
      'nothing opens all',
    );
  const listed = (await api.call('GET', '/portal-links')).body;
  assert.doesNotMatch(listed, /token/);
});

test('a token with an end far off, which the key alone can make, is over with its link', async (t) => {
  const { api, id } = await openLink(t, 'read');
  const token = await forge(api, id)
    .setExpirationTime(Math.floor(api.clock.now() / 1000) + 999_999_999)
    .sign(key);
  assert.equal((await holding(api, token)('GET', '/portal')).status, 200);
  api.clock.advance(2 * 3_600_000);
  assert.equal((await holding(api, token)('GET', '/portal')).status, 401);
});

test('what a token says of rights and senders counts for nothing: its link says it', async (t) => {
  const { api, id } = await openLink(t, 'read');
  const token = await forge(api, id, { access: 'manage', senders: null })
    .setExpirationTime(Math.floor(api.clock.now() / 1000) + 60)
    .sign(key);
  const hold = holding(api, token);
  assert.equal((await hold('GET', `${own}/webhook`)).status, 200);
  assert.equal((await hold('POST', `${own}/webhook`, {})).status, 403);
  assert.equal((await hold('GET', '/portal/channels/wa/senders/15550108888/webhook')).status, 403);
});

test('a link to the account opens each sender that it has, later ones too, and none of another account', async (t) => {
  const { api, hold, made } = await openLink(t, 'manage', { senders: null });
  assert.equal(made['senders'], null);
  const list = async () =>
    ((await hold('GET', '/portal')).json['senders'] as { channelId: string; senderId: string }[]).map(
      ({ channelId, senderId }) => `${channelId}/${senderId}`,
    );
  const before = await list();
  assert.ok(before.includes(`wa/${number}`) && before.includes('wa/15550108888'));
  await api.call('PUT', '/channels/wa/senders/15550109999', { phoneNumberId: '9003' });
  assert.deepEqual((await list()).toSorted(), [...before, 'wa/15550109999'].toSorted());
  assert.equal((await hold('POST', '/portal/channels/wa/senders/15550109999/webhook', {})).status, 200);
  const stranger = await api.addAccount(77);
  await api.call('PUT', '/channels/theirs', { ...whatsapp, wabaId: '77' }, stranger);
  await api.call('PUT', '/channels/theirs/senders/15550106666', { phoneNumberId: '9004' }, stranger);
  assert.equal((await list()).length, before.length + 1);
  for (const rest of ['webhook', 'deliveries'])
    assert.equal((await hold('GET', `/portal/channels/theirs/senders/15550106666/${rest}`)).status, 404);
  assert.equal((await hold('POST', '/portal/channels/theirs/senders/15550106666/webhook', {})).status, 404);
});

test('a sender that was taken away since is neither told nor opened', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const { json } = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  const destinationId = (json['destinations'] as Record<string, number>)[url] ?? 0;
  await api.store.recordIntake([toIntake(api, destinationId)]);
  await killDeliveries(api, destinationId);
  const [dead] = (await api.call('GET', '/deliveries')).json['items'] as { id: string }[];
  assert.ok(dead);
  assert.equal((await api.call('DELETE', `/channels/wa/senders/${number}`)).status, 204);
  assert.deepEqual((await hold('GET', '/portal')).json['senders'], []);
  for (const rest of ['webhook', 'deliveries', `destinations/${destinationId}/secrets`])
    assert.equal((await hold('GET', `${own}/${rest}`)).status, 404, rest);
  for (const rest of ['webhook', `deliveries/${dead.id}/replay`, `destinations/${destinationId}/test`])
    assert.equal((await hold('POST', `${own}/${rest}`, { http: true, statusUrl: url })).status, 404, rest);
});

test('a callback URL that nobody named any more comes to a holder with a secret of its own', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const left = 'https://callback.example/left';
  const names = { http: true, statusUrl: left };
  const set = await api.call('PUT', `/channels/wa/senders/${number}/webhook`, names);
  const id = (set.json['destinations'] as Record<string, number>)[left] ?? 0;
  const readSecrets = async (): Promise<string> =>
    (await hold('GET', `${own}/destinations/${id}/secrets`)).body;
  const first = await readSecrets();
  await hold('POST', `${own}/webhook`, names);
  assert.equal(await readSecrets(), first, 'It was of the sender all along.');
  await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  await hold('POST', `${own}/webhook`, names);
  const again = await readSecrets();
  assert.match(again, /"secret":/);
  assert.notEqual(again, first);
  assert.equal((JSON.parse(again) as { secrets: unknown[] }).secrets.length, 1);
});

test('a callback URL that others name cannot be named as well, to wait until they leave it and read its secret', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const theirs = 'https://callback.example/theirs';
  const other = '/channels/wa/senders/15550108888/webhook';
  const set = await api.call('PUT', other, { http: true, statusUrl: theirs });
  const id = (set.json['destinations'] as Record<string, number>)[theirs] ?? 0;
  const refuse = async (given: object, field: string): Promise<void> => {
    const { status, json } = await hold('POST', `${own}/webhook`, { http: true, ...given });
    const fault = { code: 'url_of_others', params: {} };
    assert.deepEqual(
      [status, json['code'], json['field'], json['fault']],
      [400, 'bad_callback_url', field, fault],
    );
  };
  await refuse({ statusUrl: theirs }, 'statusUrl');
  await refuse({ statusUrl: url, inboundUrl: 'https://CALLBACK.example:443/theirs' }, 'inboundUrl');
  await api.call('PUT', '/channels/wa/webhook', { http: true, auditUrl: `${theirs}/audits` });
  await refuse({ inboundUrl: `${theirs}/audits` }, 'inboundUrl');
  assert.equal((await hold('GET', `${own}/webhook`)).json['statusUrl'], null, 'nothing was set');

  // Once they have left it, it comes with a secret of its own.
  const before = (await api.call('GET', `/destinations/${id}/secrets`)).json['secrets'] as {
    secret: string;
  }[];
  await api.call('PUT', other, {});
  assert.equal((await hold('POST', `${own}/webhook`, { http: true, statusUrl: theirs })).status, 200);
  const { body } = await hold('GET', `${own}/destinations/${id}/secrets`);
  assert.ok(before[0] && !body.includes(before[0].secret));

  // What others name later stays where it is, and its secret is then told to no holder.
  await api.call('PUT', other, { http: true, statusUrl: theirs });
  const again = await hold('POST', `${own}/webhook`, { http: true, queue: true, statusUrl: theirs });
  assert.equal(again.status, 200, again.body);
  assert.equal((await hold('GET', `${own}/destinations/${id}/secrets`)).status, 404);
});

test('a holder who names ever other callback URLs is stopped, and owners are not', async (t) => {
  const { api, hold } = await openLink(t, 'manage');
  const name = (n: number): Promise<unknown> => {
    const [statusUrl, inboundUrl] = [`https://callback.example/${n}`, `https://callback.example/${n}/in`];
    const actor = { kind: 'system', id: 'test' } as const;
    const given = { http: true, statusUrl, inboundUrl };
    return api.store.setSenderWebhook(api.accountId, 'wa', number, given, 'standard', actor);
  };
  // As many at once as any store takes of one sender.
  for (let n = 0; n < 2500; n += 20)
    await Promise.all(Array.from({ length: 20 }, (_, more) => name(n + more)));
  const full = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  assert.deepEqual([full.status, full.json['code']], [409, 'limit_reached']);
  const known = { http: true, statusUrl: 'https://callback.example/7' };
  assert.equal((await hold('POST', `${own}/webhook`, known)).status, 200);
  const path = `/channels/wa/senders/${number}/webhook`;
  assert.equal((await api.call('PUT', path, { http: true, statusUrl: url })).status, 200);
});

test('a link is short however many senders it opens', async (t) => {
  const { token, made } = await openLink(t, 'read');
  assert.ok(token.length < 400, String(token.length));
  assert.doesNotMatch(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(), new RegExp(number));
  assert.deepEqual(made['senders'], senders);
});

test('a link is told with its last use once that has been written down', async (t) => {
  const { api, hold } = await openLink(t, 'read');
  const usedAt = async () =>
    ((await api.call('GET', '/portal-links')).json['items'] as { usedAt: string | null }[])[0]?.usedAt;
  assert.equal(await usedAt(), null);
  await hold('GET', '/portal');
  await api.directory.writeUses();
  assert.equal(await usedAt(), new Date(api.clock.now()).toISOString());
});

test('who floods by a link is held back, and nobody else is', async (t) => {
  const { api, hold } = await openLink(t, 'read');
  const answers = await Promise.all(Array.from({ length: 25 }, () => hold('GET', '/portal')));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 20);
  assert.equal(statuses.filter((status) => status === 429).length, 5);
  assert.ok(answers.some(({ headers }) => String(headers['ratelimit-policy']).includes('"link";q=20')));
  assert.equal((await api.call('GET', '/portal-links')).status, 200);
  const second = await api.call('POST', '/portal-links', { name: 'Other', senders });
  assert.equal((await holding(api, String(second.json['token']))('GET', '/portal')).status, 200);
});

test('a token is neither a session nor a key, wherever it is put', async (t) => {
  const { api, token, id } = await openLink(t, 'manage');
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const tries: Record<string, string>[] = [
    { cookie: `chasqui=${api.accountId}.${token}` },
    { cookie: `chasqui=${token}` },
    { authorization: basic(id, token) },
    { authorization: basic(token, '') },
    { authorization: token },
  ];
  for (const headers of tries)
    for (const path of ['/channels', '/portal']) {
      const { statusCode } = await api.app.inject({ url: `/api/v1${path}`, headers });
      assert.equal(statusCode, 401, `${path} ${Object.keys(headers)[0] ?? ''}`);
    }
  const inAddress = await api.app.inject({ url: `/api/v1/portal?token=${token}&access_token=${token}` });
  assert.equal(inAddress.statusCode, 401);
});

test('a link gives its holder no way to make, see or revoke links', async (t) => {
  const { hold, id } = await openLink(t, 'manage', { senders: null });
  for (const [method, path] of [
    ['POST', '/portal-links'],
    ['GET', '/portal-links'],
    ['POST', `/portal-links/${id}/revoke`],
    ['GET', '/tail'],
    ['GET', '/exports/receipts'],
  ] as const)
    assert.equal((await hold(method, path, method === 'POST' ? { name: 'x' } : undefined)).status, 403, path);
});

test('a walk of every operation tells a holder nothing from outside his link, and changes nothing there', async (t) => {
  const { api, hold, id } = await openLink(t, 'manage');
  const outside = await fillOutside(api);
  const set = await hold('POST', `${own}/webhook`, { http: true, statusUrl: url });
  const ownId = (set.json['destinations'] as Record<string, number>)[url] ?? 0;
  await api.store.recordIntake([toIntake(api, ownId)]);
  await killDeliveries(api, ownId);
  const { items } = (await api.call('GET', '/deliveries?state=dead')).json as {
    items: { id: string; receiptId: string }[];
  };
  const find = (receipt: string): string => items.find((one) => one.receiptId === receipt)?.id ?? '';
  const before = await outside.read();

  // Each operation with ids of the link's own and of what is outside, in every mixture that a path has room for.
  const ids: Readonly<Record<string, readonly string[]>> = {
    channelId: ['wa', 'elsewhere', 'theirs'],
    senderId: [number, outside.sibling, '15550106666', '15550105555'],
    deliveryId: [find(receiptId), find(outside.receiptId)],
    destinationId: [String(ownId), String(outside.destinationId)],
    receiptId: [outside.receiptId],
    messageId: [outside.messageId],
    linkId: [id],
    accountId: [String(api.accountId), '77'],
  };
  let opened = 0;
  for (const { method, path, portal } of await listRoutes(api))
    for (const filled of mix(path, ids)) {
      api.clock.advance(1000);
      const body = path.endsWith('/webhook') ? { http: true, statusUrl: url } : {};
      const { status, body: told } = await hold(method, filled, method === 'GET' ? undefined : body);
      const name = `${method} ${filled}`;
      const isInside = portal !== null && isOwnPath(filled, ownId, find(receiptId));
      if (isInside) opened += 1;
      assert.ok(isInside ? status < 300 : [403, 404].includes(status), `${name}: ${status} ${told}`);
      for (const secret of outside.secrets) assert.ok(!told.includes(secret), `${name} tells ${secret}`);
    }
  // Its page, settings twice, deliveries, a replay, a test, secrets, and a new one.
  assert.equal(opened, 8);
  assert.deepEqual(await outside.read(), before);
});

/** What is of the same account and of another one, and no link of the first sender may tell. */
async function fillOutside(api: ApiTest) {
  const sibling = '15550108888';
  const hidden = 'https://callback.example/outside';
  const messageReceipt = 'cd'.repeat(16);
  const stranger = await api.addAccount(77);
  await api.call('PUT', '/channels/elsewhere', { ...whatsapp, wabaId: '55' });
  await api.call('PUT', '/channels/elsewhere/senders/15550106666', {
    phoneNumberId: '9006',
    name: 'Secret desk',
  });
  await api.call('PUT', '/channels/theirs', { ...whatsapp, wabaId: '77' }, stranger);
  await api.call('PUT', '/channels/theirs/senders/15550105555', { phoneNumberId: '9005' }, stranger);
  const set = await api.call('PUT', `/channels/wa/senders/${sibling}/webhook`, {
    http: true,
    statusUrl: hidden,
  });
  const destinationId = (set.json['destinations'] as Record<string, number>)[hidden] ?? 0;
  assert.ok(destinationId > 0, set.body);
  const intake = toIntake(api, destinationId, messageReceipt);
  const receipts = intake.receipts.map((receipt) => ({ ...receipt, senderId: sibling }));
  await api.store.recordIntake([{ ...intake, receipts }]);
  await killDeliveries(api, destinationId);
  const secret = (await api.call('GET', `/destinations/${destinationId}/secrets`)).body;
  const [signing = ''] = /whsec_[^"]+/.exec(secret) ?? [];
  assert.ok(signing !== '', secret);
  return {
    ...{ sibling, destinationId, receiptId: messageReceipt, messageId: `wamid.${messageReceipt}` },
    secrets: [hidden, 'Secret desk', '4915112345678', signing, messageReceipt, 'elsewhere', 'theirs'],
    /** All of it that a holder could change. */
    read: async () => [
      (await api.call('GET', `/channels/wa/senders/${sibling}/webhook`)).json,
      (await api.call('GET', `/destinations/${destinationId}/secrets`)).json,
      (await api.call('GET', `/deliveries?destinationId=${destinationId}`)).json,
      (await api.call('GET', '/channels/elsewhere/senders')).json,
      (await api.call('GET', '/channels/theirs/senders', undefined, stranger)).json,
      (await api.call('GET', '/keys')).json['items'],
    ],
  };
}

/** The path with every mixture of the ids that are known, and `1` for others. */
function mix(path: string, ids: Readonly<Record<string, readonly string[]>>): string[] {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  if (name === undefined) return [path];
  return (ids[name] ?? ['1']).flatMap((id) => mix(path.replace(`{${name}}`, id), ids));
}

/** Whether all that a path of the portal names is of the link. */
function isOwnPath(path: string, destinationId: number, deliveryId: string): boolean {
  return (
    path === '/portal' ||
    (path.startsWith(`${own}/`) &&
      (!path.includes('/destinations/') || path.includes(`/destinations/${destinationId}/`)) &&
      (!/deliveries\/./.test(path) || path.includes(`/deliveries/${deliveryId}/`)))
  );
}
