import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { Passwords } from '../../../src/core/accounts/passwords.ts';
import { SignInError } from '../../../src/domain/errors.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { openBrowser, openOwner, openUser, password } from '../../support/browser.ts';

async function open(t: TestContext, deps = {}): Promise<ApiTest> {
  const api = await openApiTest(deps);
  t.after(() => api.close());
  return api;
}

const minute = 60_000;

test('the first visit sets the password of the owner with the access key, once', async (t) => {
  const api = await open(t);
  const browser = openBrowser(api);
  assert.equal((await browser.call('GET', '/session')).json['state'], 'setup');
  const { id: keyId, secret: keySecret } = api.key;
  const wrong = await browser.call('POST', '/session/setup', {
    keyId,
    keySecret: 'no',
    name: 'ana',
    password,
  });
  assert.equal(wrong.status, 401);
  const weak = await browser.call('POST', '/session/setup', {
    keyId,
    keySecret,
    name: 'ana',
    password: '123456789012',
  });
  assert.deepEqual([weak.status, weak.json['field']], [400, 'password']);
  const made = await browser.call('POST', '/session/setup', { keyId, keySecret, name: 'Ana', password });
  assert.equal(made.status, 201);
  assert.deepEqual(made.json['user'], {
    id: (made.json['user'] as { id: string }).id,
    name: 'ana',
    role: 'owner',
    issuer: null,
    totp: false,
    recoveryCodes: 0,
  });
  assert.equal((await browser.call('GET', '/session')).json['state'], 'signed_in');
  assert.equal((await browser.call('GET', '/channels')).status, 200);
  const again = await browser.call('POST', '/session/setup', { keyId, keySecret, name: 'eve', password });
  assert.equal(again.status, 409);
  assert.equal((await openBrowser(api).call('GET', '/session')).json['state'], 'signed_out');
});

test('a password that is guessed first is refused, and any other of 12 to 128 characters is taken', async (t) => {
  const api = await open(t);
  const { id: keyId, secret: keySecret } = api.key;
  const set = (given: string) =>
    openBrowser(api).call('POST', '/session/setup', {
      keyId,
      keySecret,
      name: 'anastasia',
      password: given,
    });
  const refused = [
    'eleven char',
    'abcabcabcabc',
    'abcdefghijklm',
    'anastasia2026',
    'correct horse'.repeat(10),
  ];
  for (const given of refused) {
    const { status, json } = await set(given);
    assert.deepEqual([status, json['field']], [400, 'password'], given);
  }
  assert.equal((await set('пароль из двух слов 🐎')).status, 201);
});

test('a session lives in a cookie that scripts and other sites cannot get at', async (t) => {
  const api = await open(t);
  const browser = await openOwner(api);
  const attributes = browser.lastSetCookie().split('; ').slice(1).sort();
  assert.deepEqual(attributes, ['HttpOnly', 'Path=/', 'SameSite=Strict']);
  const secure = await open(t, { consoleUrl: () => 'https://localhost:80/' });
  const safe = await openOwner(secure);
  assert.match(safe.lastSetCookie(), /^__Host-chasqui=.*; Secure/);
  assert.equal((await safe.call('GET', '/channels')).status, 200);
});

test("what a browser keeps of the company's sign-in is out of reach of scripts, ends by itself, and is taken back", async (t) => {
  const none = await open(t);
  for (const [method, path] of [
    ['POST', '/session/company'],
    ['GET', '/session/company/return'],
    ['POST', '/session/company/finish'],
  ] as const)
    assert.equal((await openBrowser(none).call(method, path)).status, 404);
  const refusal = new SignInError('sign_in_no_role', 'role');
  const signIn = {
    begin: async () => ({ url: 'https://login.example.com/', kept: 'sealed' }),
    finish: () => Promise.reject(refusal),
  };
  const company = { signIn, label: null, isOnly: false };
  for (const [url, name, secure] of [
    ['http://127.0.0.1', 'chasqui-pending', []],
    ['https://chat.example.com', '__Host-chasqui-pending', ['Secure']],
  ] as const) {
    const api = await open(t, { company, consoleUrl: () => url });
    const browser = openBrowser(api);
    assert.deepEqual((await browser.call('POST', '/session/company')).json, {
      url: 'https://login.example.com/',
    });
    const [pair, ...attributes] = browser.lastSetCookie().split('; ');
    assert.equal(pair, `${name}=sealed`);
    assert.deepEqual(attributes.sort(), ['HttpOnly', 'Max-Age=600', 'Path=/', 'SameSite=Lax', ...secure]);
    const back = await browser.call('GET', '/session/company/return?code=a&state=b');
    assert.deepEqual([back.status, back.headers['location']], [303, '/console/?sign_in=sign_in_no_role']);
    assert.match(browser.lastSetCookie(), new RegExp(`^${name}=;`));
    const stepped = api.events.flatMap(({ name: event, fields }) =>
      event === 'company_sign_in.stepped' ? [fields] : [],
    );
    assert.deepEqual(
      stepped.map((fields) => ({ ...fields, durationMs: 0 })),
      [{ step: 'returned', outcome: 'sign_in_no_role', reason: 'role', durationMs: 0 }],
    );
  }
});

test('the store holds no token of a session and no password', async (t) => {
  const api = await open(t, { passwords: new Passwords() });
  const browser = await openOwner(api);
  const secret = (browser.cookie() ?? '').split('.')[1] ?? '';
  assert.equal(secret.length, 43);
  const user = await api.store.findUser(api.accountId, 'ana');
  assert.match(user?.password ?? '', /^scrypt\$32768\$8\$3\$/);
  assert.equal(await api.store.findSession(api.accountId, secret, api.clock.now()), undefined);
  assert.doesNotMatch(
    JSON.stringify(await api.store.listChanges(api.accountId, { limit: 100 })),
    new RegExp(secret),
  );
});

test('signing in makes a new session and ends the one that was there, so none can be planted', async (t) => {
  const api = await open(t);
  const attacker = await openOwner(api);
  const planted = attacker.cookie();
  const victim = openBrowser(api);
  victim.setCookie(planted);
  assert.equal((await victim.call('POST', '/session', { name: 'ana', password })).status, 200);
  assert.notEqual(victim.cookie(), planted);
  assert.equal((await attacker.call('GET', '/channels')).status, 401);
  victim.setCookie('chasqui=1000000000000001.' + 'A'.repeat(43));
  assert.equal((await victim.call('GET', '/channels')).status, 401);
  await victim.call('POST', '/session', { name: 'ana', password });
  assert.notEqual(victim.cookie(), 'chasqui=1000000000000001.' + 'A'.repeat(43));
});

test('what changes anything is refused when it comes from another site', async (t) => {
  const api = await open(t);
  const browser = await openOwner(api);
  const put = (headers: Record<string, string>) =>
    browser.call('PUT', '/queues/orders', {}, { 'sec-fetch-site': 'same-origin', ...headers });
  assert.equal((await put({})).status, 201);
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await put({ 'sec-fetch-site': site })).status, 403, site);
  const bare = { method: 'PUT', url: '/api/v1/queues/orders', payload: '{}' } as const;
  const cookie = browser.cookie() ?? '';
  const send = (headers: Record<string, string>) =>
    api.app.inject({ ...bare, headers: { cookie, 'content-type': 'application/json', ...headers } });
  assert.equal((await send({})).statusCode, 403, 'without the header');
  assert.equal((await send({ 'x-chasqui-console': '1', origin: 'https://evil.example' })).statusCode, 403);
  assert.equal((await send({ 'x-chasqui-console': '1', origin: 'http://localhost:80' })).statusCode, 200);
  const planted = await openBrowser(api).call(
    'POST',
    '/session',
    { name: 'ana', password },
    { 'sec-fetch-site': 'cross-site' },
  );
  assert.equal(planted.status, 403, 'signing a victim in is refused as well');
});

test('a session ends when it is not used, and in the end however much it is', async (t) => {
  const api = await open(t, { sessions: { idleMs: 60 * minute, lifeMs: 150 * minute } });
  const browser = await openOwner(api);
  for (const used of [50, 50]) {
    api.clock.advance(used * minute);
    assert.equal((await browser.call('GET', '/channels')).status, 200);
  }
  api.clock.advance(50 * minute);
  assert.equal((await browser.call('GET', '/channels')).status, 401);
  await browser.call('POST', '/session', { name: 'ana', password });
  api.clock.advance(60 * minute);
  assert.equal((await browser.call('GET', '/channels')).status, 401);
});

test('signing out ends the session on the server, here or everywhere', async (t) => {
  const api = await open(t);
  const first = await openOwner(api);
  const second = openBrowser(api);
  await second.call('POST', '/session', { name: 'ana', password });
  const kept = first.cookie();
  assert.equal((await first.call('DELETE', '/session')).status, 204);
  assert.equal(first.cookie(), undefined);
  first.setCookie(kept);
  assert.equal((await first.call('GET', '/channels')).status, 401);
  await first.call('POST', '/session', { name: 'ana', password });
  assert.equal((await first.call('DELETE', '/session/all')).status, 204);
  assert.equal((await second.call('GET', '/channels')).status, 401);
});

test('a wrong name and a wrong password are answered alike, and both are slowed down', async (t) => {
  const api = await open(t);
  await openOwner(api);
  const guess = (name: string, address: string) =>
    openBrowser(api, address).call('POST', '/session', { name, password: 'wrong password here' });
  const known = await guess('ana', '192.0.2.10');
  const unknown = await guess('nobody', '192.0.2.11');
  assert.deepEqual([known.status, known.json], [unknown.status, unknown.json]);
  for (let tries = 2; tries <= 5; tries += 1)
    assert.equal((await guess('ana', `192.0.2.${20 + tries}`)).status, 401);
  const slowed = await guess('ana', '192.0.2.99');
  assert.deepEqual(
    [slowed.status, slowed.json['code'], slowed.headers['retry-after']],
    [429, 'too_many_tries', '1'],
  );
  const right = openBrowser(api, '192.0.2.100');
  assert.equal((await right.call('POST', '/session', { name: 'ana', password })).status, 429);
  api.clock.advance(1000);
  assert.equal((await right.call('POST', '/session', { name: 'ana', password })).status, 200);
  const changes = await api.store.listChanges(api.accountId, { limit: 100 });
  assert.equal(changes.items.filter(({ action }) => action === 'session.refused').length, 5);
});

test('an address that guesses many names waits too, however it writes its IPv6 network', async (t) => {
  const api = await open(t);
  await openOwner(api);
  let status = 0;
  for (let tries = 0; tries < 30 && status !== 429; tries += 1) {
    const browser = openBrowser(api, `2001:db8:0:1::${tries + 1}`);
    ({ status } = await browser.call('POST', '/session', { keyId: `LTAI${tries}`, keySecret: 'x' }));
  }
  assert.equal(status, 429);
  const elsewhere = openBrowser(api, '2001:db8:0:2::1');
  assert.equal((await elsewhere.call('POST', '/session', { name: 'ana', password })).status, 200);
});

test('a user with an app needs its code, each code counts once, and an owner can take the app away', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const bo = await openUser(api, owner, 'bo', 'operator');
  const begun = await bo.call('POST', '/session/totp', { password });
  assert.equal(begun.status, 200);
  assert.match(String(begun.json['uri']), /^otpauth:\/\/totp\/Chasqui:bo\?/);
  const app = new TOTP({ secret: Secret.fromBase32(String(begun.json['secret'])) });
  const code = () => app.generate({ timestamp: api.clock.now() });
  assert.equal(
    (await openBrowser(api).call('POST', '/session', { name: 'bo', password })).status,
    200,
    'not yet',
  );
  assert.equal((await bo.call('POST', '/session/totp/confirm', { code: '000000' })).status, 400);
  const used = code();
  const confirmed = await bo.call('POST', '/session/totp/confirm', { code: used });
  const codes = confirmed.json['codes'] as string[];
  assert.deepEqual([confirmed.status, codes.length], [200, 10]);
  const signIn = (members: object) =>
    openBrowser(api).call('POST', '/session', { name: 'bo', password, ...members });
  const asked = await signIn({});
  assert.deepEqual([asked.status, asked.json['code']], [401, 'code_required']);
  assert.equal((await signIn({ code: used })).status, 401, 'used to confirm');
  api.clock.advance(30_000);
  const next = code();
  assert.equal((await signIn({ code: next })).status, 200);
  assert.equal((await signIn({ code: next })).status, 401, 'used to sign in');
  const [recoveryCode] = codes;
  assert.equal((await signIn({ recoveryCode })).status, 200);
  assert.equal((await signIn({ recoveryCode })).status, 401, 'it is used up');
  const { items } = (await owner.call('GET', '/users')).json as {
    items: { id: string; name: string; totp: boolean; recoveryCodes: number }[];
  };
  const user = items.find(({ name }) => name === 'bo');
  assert.deepEqual([user?.totp, user?.recoveryCodes], [true, 9]);
  const renewed = await bo.call('POST', '/session/totp/recovery-codes', { password });
  assert.equal((renewed.json['codes'] as string[]).length, 10);
  assert.equal((await signIn({ recoveryCode: codes[1] })).status, 401, 'others took its place');
  assert.equal((await owner.call('PATCH', `/users/${user?.id}`, { totp: false })).status, 200);
  assert.equal((await signIn({})).status, 200);
});

for (const member of ['code', 'recoveryCode'])
  test(`guessing as a ${member} with the right password waits as well: the password alone wipes nothing out`, async (t) => {
    const api = await open(t);
    const owner = await openOwner(api);
    const { json } = await owner.call('POST', '/session/totp', { password });
    const app = new TOTP({ secret: Secret.fromBase32(String(json['secret'])) });
    await owner.call('POST', '/session/totp/confirm', { code: app.generate({ timestamp: api.clock.now() }) });
    let status = 0;
    for (let tries = 0; tries < 10 && status !== 429; tries += 1) {
      await openBrowser(api).call('POST', '/session', { name: 'ana', password });
      ({ status } = await openBrowser(api).call('POST', '/session', {
        name: 'ana',
        password,
        [member]: '000000',
      }));
    }
    assert.equal(status, 429);
  });

test('a password for one sign-in opens nothing before it is replaced', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const { accountId, clock, store } = api;
  const { password: hash, id } = (await store.findUser(accountId, 'ana')) ?? assert.fail();
  const passwordEndsAt = clock.now() + 60_000;
  await store.changeUser(accountId, id, { password: hash, passwordEndsAt }, { kind: 'system', id: 'test' });
  assert.equal((await owner.call('GET', '/channels')).status, 401, 'his sessions have ended');
  const browser = openBrowser(api);
  const asked = await browser.call('POST', '/session', { name: 'ana', password });
  assert.deepEqual([asked.status, asked.json['code']], [401, 'password_over']);
  assert.equal((await browser.call('GET', '/channels')).status, 401);
  const newPassword = 'another long sentence';
  assert.equal((await browser.call('POST', '/session', { name: 'ana', password, newPassword })).status, 200);
  const { items } = (await browser.call('GET', '/users')).json as { items: { passwordEndsAt: unknown }[] };
  assert.equal(items[0]?.passwordEndsAt, null);
  assert.equal((await openBrowser(api).call('POST', '/session', { name: 'ana', password })).status, 401);
});

test('a new password ends every other session, and takes the old one', async (t) => {
  const api = await open(t);
  const here = await openOwner(api);
  const there = openBrowser(api);
  await there.call('POST', '/session', { name: 'ana', password });
  const newPassword = 'another long sentence';
  const wrong = await here.call('POST', '/session/password', { password: 'not it at all', newPassword });
  assert.deepEqual([wrong.status, wrong.json['field']], [400, 'password']);
  assert.equal((await here.call('POST', '/session/password', { password, newPassword })).status, 204);
  assert.equal((await here.call('GET', '/channels')).status, 200);
  assert.equal((await there.call('GET', '/channels')).status, 401);
  assert.equal((await there.call('POST', '/session', { name: 'ana', password })).status, 401);
  assert.equal((await there.call('POST', '/session', { name: 'ana', password: newPassword })).status, 200);
});

test('a key of all rights or for reading signs in, and its session lasts as long as the key works', async (t) => {
  const api = await open(t);
  await api.store.createKey(
    { id: 'reader', secret: 'r', accountId: api.accountId, role: 'read' },
    { kind: 'system', id: 'test' },
  );
  await api.store.createKey(
    { id: 'sender', secret: 's', accountId: api.accountId, role: 'send' },
    { kind: 'system', id: 'test' },
  );
  const reader = openBrowser(api);
  const answer = await reader.call('POST', '/session', { keyId: 'reader', keySecret: 'r' });
  assert.deepEqual(answer.json['user'], {
    id: null,
    name: 'reader',
    role: 'viewer',
    issuer: null,
    totp: false,
    recoveryCodes: 0,
  });
  assert.equal((await reader.call('GET', '/channels')).status, 200);
  assert.equal((await reader.call('PUT', '/queues/orders', {})).status, 403);
  assert.equal(
    (await openBrowser(api).call('POST', '/session', { keyId: 'sender', keySecret: 's' })).status,
    403,
  );
  await api.store.setKeyState(api.accountId, 'reader', 'disabled', { kind: 'system', id: 'test' });
  assert.equal((await reader.call('GET', '/channels')).status, 401);
});

test('a user is changed, disabled and taken away by an owner, and the last owner stays', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const bo = await openUser(api, owner, 'bo', 'viewer');
  const list = async () =>
    ((await owner.call('GET', '/users')).json['items'] as { id: string; name: string; role: string }[]).map(
      ({ id, name, role }) => ({ id, name, role }),
    );
  const [ana, his] = await list();
  assert.equal((await owner.call('POST', '/users', { name: 'BO', role: 'viewer', password })).status, 409);
  assert.equal((await owner.call('PATCH', `/users/${his?.id}`, { role: 'operator' })).status, 200);
  assert.equal(
    (await bo.call('PUT', '/queues/orders', {})).status,
    201,
    'at once, in the session that is there',
  );
  assert.equal((await owner.call('PATCH', `/users/${ana?.id}`, { role: 'viewer' })).status, 409);
  assert.equal((await owner.call('DELETE', `/users/${ana?.id}`)).status, 409);
  assert.equal((await owner.call('PATCH', `/users/${his?.id}`, { state: 'disabled' })).status, 200);
  assert.equal((await bo.call('GET', '/channels')).status, 401);
  assert.equal((await bo.call('POST', '/session', { name: 'bo', password })).status, 401);
  assert.equal((await owner.call('DELETE', `/users/${his?.id}`)).status, 204);
  assert.equal((await owner.call('DELETE', `/users/${his?.id}`)).status, 404);
  const { items } = (await owner.call('GET', '/changes')).json as {
    items: { actor: string; action: string }[];
  };
  assert.deepEqual(
    items.filter(({ action }) => action.startsWith('user.')).map(({ actor, action }) => `${actor} ${action}`),
    [
      'user/ana user.deleted',
      'user/ana user.changed',
      'user/ana user.changed',
      'user/ana user.created',
      'key/testkey user.created',
    ],
  );
  assert.ok(items.some(({ actor, action }) => actor === 'user/bo' && action === 'session.created'));
});

test('a password that is asked for within a session is guessed as slowly as at the door', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const paths = [
    '/session/password',
    '/session/totp',
    '/session/totp/remove',
    '/session/totp/recovery-codes',
  ];
  const statuses: number[] = [];
  for (let at = 0; at < 40; at += 1) {
    const body = { password: `wrong password ${at}`, newPassword: 'another good one 42' };
    const path = paths[at % paths.length] ?? '';
    const { newPassword: _new, ...only } = body;
    const answer = await owner.call('POST', path, path === '/session/password' ? body : only);
    statuses.push(answer.status);
    if (answer.status === 400) assert.equal(answer.json['code'], 'wrong_password');
    else assert.equal(answer.json['code'], 'too_many_tries');
  }
  assert.equal(statuses.filter((status) => status === 400).length, 5);
  api.clock.advance(1000);
  const right = await owner.call('POST', '/session/password', {
    password,
    newPassword: 'another good one 42',
  });
  assert.equal(right.status, 204, right.body);
});

test('who signed in before from an address is not locked out by others who guess', async (t) => {
  const api = await open(t);
  await openOwner(api);
  const from = (address: string, given: string) =>
    openBrowser(api, address).call('POST', '/session', { name: 'ana', password: given });
  assert.equal((await from('192.0.2.1', password)).status, 200);
  for (let at = 0; at < 8; at += 1) await from(`192.0.2.${50 + at}`, 'wrong password here');
  assert.equal((await from('192.0.2.2', password)).status, 429);
  assert.equal((await from('192.0.2.1', password)).status, 200);
  for (let at = 0; at < 5; at += 1) await from('192.0.2.1', 'wrong password here');
  assert.equal((await from('192.0.2.1', password)).status, 429);
});

test('who made the first user is not locked out there by others who guess', async (t) => {
  const api = await open(t);
  const { id: keyId, secret: keySecret } = api.key;
  const from = (address: string, given: object, path = '/session') =>
    openBrowser(api, address).call('POST', path, { name: 'ana', password, ...given });
  assert.equal((await from('192.0.2.1', { keyId, keySecret }, '/session/setup')).status, 201);
  for (let at = 0; at < 8; at += 1) await from(`192.0.2.${50 + at}`, { password: 'wrong password here' });
  assert.equal((await from('192.0.2.2', {})).status, 429);
  assert.equal((await from('192.0.2.1', {})).status, 200);
});

/** Has no hash of a password come to its end before what is returned is called. */
function holdHashes(t: TestContext): () => void {
  const { scrypt } = crypto;
  const held: (() => void)[] = [];
  const mocked = t.mock.method(crypto, 'scrypt', (...values: Parameters<typeof scrypt>) => {
    held.push(() => scrypt(...values));
  });
  syncBuiltinESMExports();
  return () => {
    mocked.mock.restore();
    syncBuiltinESMExports();
    for (const go of held) go();
  };
}

test('who found the line of sign-ins full has guessed nothing, and may try again at once', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  await owner.call('POST', '/users', { name: 'bo', role: 'viewer', password });
  const signIn = (name: string) => openBrowser(api, '192.0.2.9').call('POST', '/session', { name, password });
  const release = holdHashes(t);
  // One visitor has eight places: of nine the one that finds none is answered first.
  const others = Array.from({ length: 9 }, (_, at) => signIn(`nobody-${at}`));
  assert.equal((await Promise.race(others)).status, 429);
  for (let at = 0; at < 8; at += 1) {
    const full = await signIn('bo');
    assert.deepEqual([full.status, full.json['code']], [429, 'too_many']);
  }
  release();
  await Promise.all(others);
  assert.equal((await signIn('bo')).status, 200);
});
