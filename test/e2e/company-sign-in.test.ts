// Signing in by a company's provider: a real one, over HTTP, by a real service; and what somebody may try who is not let in.
import assert from 'node:assert/strict';
import { createSign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { CompanyBrowser, toCompanySettings } from '../support/company-browser.ts';
import { makeKey, openIdentityProvider, signInAt } from '../support/identity-provider.ts';
import type { TestIdentityProvider } from '../support/identity-provider.ts';
import { callCommand } from '../support/operator-commands.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

interface Bed {
  readonly provider: TestIdentityProvider;
  readonly service: Service;
  readonly dataDir: string;
}

async function open(
  t: TestContext,
  { isThin = false, env = {} }: { readonly isThin?: boolean; readonly env?: Record<string, string> } = {},
): Promise<Bed> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-company-'));
  const provider = await openIdentityProvider({ isThin });
  const service = await startService({
    dataDir,
    env: {
      ...toCompanySettings(provider),
      CHASQUI_LOG_LEVEL: 'info',
      ...env,
    },
  });
  provider.serve([service.url]);
  t.after(async () => {
    await service.stop();
    await provider.close();
    rmSync(dataDir, { recursive: true });
  });
  return { provider, service, dataDir };
}

const refused = (code: string): string => `/console/?sign_in=${code}`;
const inside = refused('done');

it('people sign in with the role that the provider says, each time anew, and are told why they are not let in', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana@example.com', roles: ['staff', 'chat-owners'] });
  const ana = new CompanyBrowser(service);
  assert.deepEqual((await ana.session())['ways'], { password: true, company: { label: null } });
  assert.equal(await ana.signIn('p-1'), inside);
  const { state, user } = (await ana.session()) as { state: string; user: Record<string, unknown> };
  assert.deepEqual(
    [state, user['name'], user['role'], user['issuer'], user['totp']],
    ['signed_in', 'ana@example.com', 'owner', provider.issuer, false],
  );
  assert.equal(ana.jar.has('chasqui-pending'), false);

  // Who calls himself like somebody else is somebody else all the same.
  provider.people.set('p-2', { preferred_username: 'Ana@example.com', roles: 'chat-leads' });
  const other = new CompanyBrowser(service);
  assert.equal(await other.signIn('p-2'), inside);
  const second = (await other.session())['user'] as Record<string, unknown>;
  assert.match(String(second['name']), /^ana@example\.com\.[0-9a-f]{8}$/);
  assert.equal(second['role'], 'operator');

  // A value that stands nowhere is no role, and makes no user.
  provider.people.set('p-3', { preferred_username: 'eve', roles: ['chat-owner', 'CHAT-OWNERS', ''] });
  assert.equal(await new CompanyBrowser(service).signIn('p-3'), refused('sign_in_no_role'));
  const { items } = (await ana.call('GET', '/api/v1/users')).json as { items: Record<string, unknown>[] };
  assert.equal(items.length, 2);

  // Less at the next sign-in, then nothing, which ends what was there.
  provider.people.set('p-2', { roles: ['chat-viewers'] });
  assert.equal(await new CompanyBrowser(service).signIn('p-2'), inside);
  assert.equal(((await other.session())['user'] as Record<string, unknown>)['role'], 'viewer');
  provider.people.set('p-2', { roles: [] });
  assert.equal(await new CompanyBrowser(service).signIn('p-2'), refused('sign_in_no_role'));
  assert.equal((await other.session())['state'], 'signed_out');

  // Who is switched off here stays out, and nobody takes him away to have him made anew.
  provider.people.set('p-2', { roles: ['chat-owners'] });
  const path = `/api/v1/users/${String(second['id'])}`;
  assert.equal((await ana.call('PATCH', path, { role: 'owner' })).json['code'], 'wrong_state');
  assert.equal((await ana.call('PATCH', path, { state: 'disabled' })).status, 200);
  assert.equal((await ana.call('DELETE', path)).json['code'], 'wrong_state');
  assert.equal(await new CompanyBrowser(service).signIn('p-2'), refused('sign_in_disabled'));

  // Who has left the company may be taken away, and makes room; only a role there would bring him back.
  assert.equal((await ana.call('PATCH', path, { state: 'active' })).status, 200);
  assert.equal((await ana.call('DELETE', path)).status, 204);
  provider.people.set('p-2', { roles: [] });
  assert.equal(await new CompanyBrowser(service).signIn('p-2'), refused('sign_in_no_role'));
  const left = (await ana.call('GET', '/api/v1/users')).json as { items: Record<string, unknown>[] };
  assert.deepEqual(
    left.items.map(({ name }) => name),
    ['ana@example.com'],
  );

  // The last owner, too, is what the provider says.
  provider.people.set('p-1', { roles: 'chat-viewers' });
  assert.equal(await new CompanyBrowser(service).signIn('p-1'), inside);
  assert.equal(((await ana.session())['user'] as Record<string, unknown>)['role'], 'viewer');
  const metrics = await request(`${service.url}/metrics`, {
    headers: { authorization: `Basic ${btoa(`${rootAccount.keyId}:${rootAccount.keySecret}`)}` },
  });
  const text = await metrics.body.text();
  assert.match(text, /chasqui_company_sign_ins_total\{step="returned",outcome="sign_in_no_role"\} 3/);
  assert.match(text, /chasqui_company_sign_ins_total\{step="returned",outcome="done"\} 4/);
  assert.equal(provider.asked.get('/.well-known/openid-configuration'), 1);
});

it('claims that are told by the user info alone are asked for there', async (t) => {
  const { provider, service } = await open(t, { isThin: true });
  provider.people.set('p-1', { preferred_username: '名字', roles: ['chat-viewers'] });
  const browser = new CompanyBrowser(service);
  assert.equal(await browser.signIn('p-1'), inside);
  const user = (await browser.session())['user'] as Record<string, unknown>;
  assert.equal(user['name'], '名字');
  assert.equal(provider.asked.get('/me'), 1);
  // A user info of somebody else is none.
  provider.mend('/me', (told) => ({ ...told, sub: 'p-2' }));
  assert.equal(await browser.signIn('p-1'), refused('sign_in_untrusted'));
});

it('an answer is good once, in the browser that asked for it, for what it asked', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-owners'] });
  const ana = new CompanyBrowser(service);
  const begun = await ana.begin();
  const cookies = new Map(ana.jar);
  const answered = await signInAt(begun, 'p-1');
  // Another browser, with nothing begun or something of its own.
  const eve = new CompanyBrowser(service);
  assert.equal(await eve.comeBack(answered), refused('sign_in_over'));
  await eve.begin();
  assert.equal(await eve.comeBack(answered), refused('sign_in_over'));
  // Another state, and none.
  for (const state of ['A'.repeat(43), '']) {
    const swapped = new URL(answered);
    swapped.searchParams.set('state', state);
    await ana.begin();
    assert.equal(await ana.comeBack(swapped), refused('sign_in_over'));
  }
  // What the provider gave for one sign-in does not fit another one's nonce and verifier.
  const next = new URL(await ana.begin()).searchParams.get('state') ?? '';
  const moved = new URL(answered);
  moved.searchParams.set('state', next);
  assert.equal(await ana.comeBack(moved), refused('sign_in_untrusted'));
  // A provider that says it is another one.
  const again = await signInAt(await ana.begin(), 'p-1');
  again.searchParams.set('iss', 'https://login.example.com');
  assert.equal(await ana.comeBack(again), refused('sign_in_untrusted'));
  // The same answer twice, also with the cookie that the browser was told to forget.
  const good = await signInAt(await ana.begin(), 'p-1');
  const kept = new Map(ana.jar);
  assert.equal(await ana.comeBack(good), inside);
  assert.equal(await ana.comeBack(good), refused('sign_in_over'));
  const thief = new CompanyBrowser(service);
  for (const [name, value] of kept) thief.jar.set(name, value);
  assert.equal(await thief.comeBack(good), refused('sign_in_untrusted'));
  assert.equal((await thief.session())['state'], 'signed_out');
  // A cookie that was changed.
  const [name = '', value = ''] = [...cookies].find(([key]) => key === 'chasqui-pending') ?? [];
  thief.jar.set(name, `${value.slice(0, -4)}AAAA`);
  assert.equal(await thief.comeBack(answered), refused('sign_in_over'));
  // Nothing at all, and too much of it.
  for (const query of ['', '?state=a&state=b', `?code=${'c'.repeat(2000)}`, '?error=%00&state=x'])
    assert.equal(
      await new CompanyBrowser(service).comeBack(
        new URL(`/api/v1/session/company/return${query}`, service.url),
      ),
      refused('sign_in_over'),
    );
  assert.doesNotMatch(service.output(), new RegExp(good.searchParams.get('code') ?? 'no code'));
});

/** The ID token with other claims, signed by a key of ours, or by nobody. */
function forge(
  token: unknown,
  claims: object,
  header: object,
  key?: ReturnType<typeof makeKey>['privateKey'],
): string {
  const [head = '', body = ''] = String(token).split('.');
  const read = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  const write = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${write({ ...read(head), ...header })}.${write({ ...read(body), ...claims })}`;
  const signature = key === undefined ? '' : createSign('sha256').update(signed).sign(key, 'base64url');
  return `${signed}.${signature}`;
}

it('a token that is not signed by the provider, for us and now, lets nobody in', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  const { privateKey } = makeKey();
  const owner = { roles: ['chat-owners'] };
  const forgeries: ((token: unknown) => string)[] = [
    (token) => forge(token, owner, {}, privateKey),
    (token) => forge(token, owner, { kid: 'mine' }, privateKey),
    (token) => forge(token, owner, { alg: 'none' }),
    (token) => forge(token, owner, { alg: 'HS256' }, privateKey),
    (token) => String(token).replace(/\.[^.]*$/, '.AAAA'),
    (token) => forge(token, { iss: 'https://login.example.com' }, {}, privateKey),
    (token) => forge(token, { aud: 'other' }, {}, privateKey),
    (token) => forge(token, { nonce: 'other' }, {}, privateKey),
    (token) => forge(token, { exp: Math.floor(Date.now() / 1000) - 3600 }, {}, privateKey),
    () => 'no token',
  ];
  for (const [at, change] of forgeries.entries()) {
    provider.mend('/token', (told) => ({ ...told, id_token: change(told['id_token']) }));
    const eve = new CompanyBrowser(service);
    assert.equal(await eve.signIn('p-1'), refused('sign_in_untrusted'), `forgery ${at}`);
    assert.notEqual((await eve.session())['state'], 'signed_in');
    // Who is let in has not guessed.
    provider.mend('/token', null);
    assert.equal(await new CompanyBrowser(service).signIn('p-1'), inside);
  }
  provider.mend('/token', (told) => ({ access_token: told['access_token'], token_type: 'Bearer' }));
  const eve = new CompanyBrowser(service);
  const answers = [];
  for (let tries = 0; tries < 6; tries += 1) answers.push(await eve.signIn('p-1'));
  assert.equal(answers[0], refused('sign_in_untrusted'));
  assert.equal(answers.at(-1), refused('too_many_tries'), 'who answers so again and again has to wait');
  const basic = btoa(`${rootAccount.keyId}:${rootAccount.keySecret}`);
  const users = await request(`${service.url}/api/v1/users`, {
    headers: { authorization: `Basic ${basic}` },
  });
  const { items } = (await users.body.json()) as { items: Record<string, unknown>[] };
  assert.deepEqual(
    items.map(({ name, role }) => [name, role]),
    [['ana', 'viewer']],
  );
  assert.doesNotMatch(service.output(), /eyJ/, 'no token is in the log');
});

it('what a provider signs for another client, or long ago, lets nobody in; new keys do', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  const browser = new CompanyBrowser(service);
  assert.equal(await browser.signIn('p-1'), inside);
  provider.renewKeys();
  // The first after a change without notice may be refused, never the second.
  await browser.signIn('p-1');
  assert.equal(await browser.signIn('p-1'), inside);
  // A key of ours in the place of the provider's signs what it should not have.
  const { privateKey, jwk } = makeKey();
  const { kty, n, e, kid, use, alg } = jwk as Record<string, unknown>;
  provider.mend('/jwks', () => ({ keys: [{ kty, n, e, kid, use, alg }] }));
  const sign = async (claims: object): Promise<unknown> => {
    provider.mend('/token', (told) => ({
      ...told,
      id_token: forge(told['id_token'], claims, { kid }, privateKey),
    }));
    return new CompanyBrowser(service).signIn('p-1');
  };
  await sign({});
  assert.equal(await sign({}), inside);
  const at = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  assert.equal(await sign({ iat: at(30), exp: at(-30) }), inside, 'clocks differ a little');
  assert.equal(await sign({ exp: at(-120) }), refused('sign_in_untrusted'));
  assert.equal(await sign({}), inside);
  for (const claims of [
    { azp: 'other' },
    { aud: ['chasqui', 'other'], azp: 'other' },
    { iat: at(3600), exp: at(7200) },
    { sub: 'a\u0000b' },
    { aud: 'other' },
    { iss: 'https://login.example.com' },
    { nonce: 'other' },
  ]) {
    assert.equal(await sign(claims), refused('sign_in_untrusted'), JSON.stringify(claims));
    assert.equal(await sign({}), inside);
  }
});

it('a document that is another provider’s, or names no address to go to, sends nobody anywhere', async (t) => {
  const { provider, service } = await open(t);
  const path = '/.well-known/openid-configuration';
  const changes: ((told: Record<string, unknown>) => unknown)[] = [
    (told) => ({ ...told, issuer: 'https://login.example.com' }),
    (told) => ({ ...told, authorization_endpoint: undefined }),
    () => 'no document',
  ];
  for (const [at, change] of changes.entries()) {
    provider.mend(path, change);
    const other = await open(t, { env: { CHASQUI_OIDC_ISSUER: provider.issuer } });
    const { status, json } = await new CompanyBrowser(other.service).call('POST', '/api/v1/session/company');
    assert.deepEqual([status, json['code']], [502, 'sign_in_untrusted'], `document ${at}`);
  }
  provider.mend(path, null);
  assert.match(await new CompanyBrowser(service).begin(), /code_challenge_method=S256/);
});

it('a provider that is down or that somebody gives up at is told, and asked again in time', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  provider.isDown = true;
  const browser = new CompanyBrowser(service);
  const begin = () => browser.call('POST', '/api/v1/session/company');
  assert.deepEqual(
    (await Promise.all([begin(), begin(), begin()])).map(({ json }) => json['code']),
    Array(3).fill('sign_in_unavailable'),
  );
  // However many ask, the provider is asked once in five seconds.
  assert.equal(provider.asked.get('/.well-known/openid-configuration'), 1);
  provider.isDown = false;
  const deadline = Date.now() + 30_000;
  while ((await begin()).status !== 200) assert.ok(Date.now() < deadline);
  const aborted = await signInAt(await browser.begin(), 'p-1', 'abort');
  assert.equal(await browser.comeBack(aborted), refused('sign_in_denied'));
  const answered = await signInAt(await browser.begin(), 'p-1');
  provider.isDown = true;
  assert.equal(await browser.comeBack(answered), refused('sign_in_unavailable'));
  provider.isDown = false;
  assert.equal(await browser.signIn('p-1'), inside);
  await waitUntil('the log tells it', 30_000, () => service.output().includes('access_denied'));
});

it('who has no key and begins again and again leaves nothing behind', async (t) => {
  const { provider, service } = await open(t);
  const before = service.output().length;
  for (let tries = 0; tries < 20; tries += 1) await new CompanyBrowser(service).begin();
  const metrics = await request(`${service.url}/metrics`, {
    headers: { authorization: `Basic ${btoa(`${rootAccount.keyId}:${rootAccount.keySecret}`)}` },
  });
  assert.match(await metrics.body.text(), /chasqui_company_sign_ins_total\{step="begun",outcome="done"\} 20/);
  assert.doesNotMatch(service.output().slice(before), /company_sign_in/);
  assert.equal(provider.asked.get('/.well-known/openid-configuration'), 1);
});

it('a page of another site can neither begin a sign-in nor finish one', async (t) => {
  const { provider, service } = await open(t);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  const ana = new CompanyBrowser(service);
  assert.equal(await ana.land(await signInAt(await ana.begin(), 'p-1')), inside);
  const cookie = [...ana.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const path of ['/session/company', '/session/company/finish'])
    for (const headers of [{ 'x-chasqui-console': '1', origin: 'https://evil.example' }, {}]) {
      const foreign = await request(`${service.url}/api/v1${path}`, {
        method: 'POST',
        headers: { cookie, ...headers },
      });
      assert.equal(foreign.statusCode, 403, path);
      await foreign.body.dump();
    }
  assert.equal(await ana.finish(), 204);
});

it('a sign-in beside another account keeps it, and one in its place ends it', async (t) => {
  const { provider, service } = await open(t, { env: { CHASQUI_OIDC_ACCOUNT: '77' } });
  const { keyId, keySecret } = rootAccount;
  const browser = new CompanyBrowser(service);
  const signIn = () => browser.call('POST', '/api/v1/session', { keyId, keySecret });
  assert.equal((await signIn()).status, 200);
  assert.equal((await browser.call('POST', '/api/v1/accounts', { name: 'Works', id: '77' })).status, 201);
  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  const told = async () => {
    const { account, user, others } = (await browser.session()) as Record<string, { id: string }> & {
      others: { account: { id: string } }[];
    };
    return [account?.id, user?.id === null, others.map((other) => other.account.id)];
  };
  assert.equal(await browser.signIn('p-1', true), inside);
  assert.deepEqual(await told(), ['77', false, [rootAccount.accountId]]);
  const account = rootAccount.accountId;
  assert.equal((await browser.call('POST', '/api/v1/session/switch', { account })).status, 204);
  assert.deepEqual(await told(), [account, true, ['77']]);

  // A sign-in of that account again, which is to keep nothing: what the browser had ends here, not only there.
  const had = new Map(browser.jar);
  assert.equal(await browser.signIn('p-1'), inside);
  assert.deepEqual(await told(), ['77', false, []]);
  for (const [name, value] of had) browser.jar.set(name, value);
  assert.notEqual((await browser.session())['state'], 'signed_in');

  // Whoever is not let in keeps what he had.
  assert.equal((await signIn()).status, 200);
  provider.people.set('p-1', { roles: [] });
  assert.equal(await browser.signIn('p-1', true), refused('sign_in_no_role'));
  assert.deepEqual(await told(), [account, true, []]);
});

it('where people sign in by the company alone a password opens nothing but what the operator made it for', async (t) => {
  const { provider, service, dataDir } = await open(t, { env: { CHASQUI_OIDC_ONLY: 'true' } });
  const { keyId, keySecret } = rootAccount;
  const password = 'correct horse battery';
  const browser = new CompanyBrowser(service);
  const setUp = { keyId, keySecret, name: 'local', password };
  assert.equal((await browser.call('POST', '/api/v1/session/setup', setUp)).status, 201);
  const signIn = (given: object) => new CompanyBrowser(service).call('POST', '/api/v1/session', given);
  assert.equal((await signIn({ name: 'local', password })).json['code'], 'company_only');
  assert.equal((await signIn({ name: 'local', password: 'wrong horse' })).json['code'], 'wrong_credentials');
  assert.equal((await signIn({ keyId, keySecret })).status, 200);
  const reset = await callCommand(['users', 'reset', 'local', '--yes', '--json', '--data-dir', dataDir]);
  const once = (JSON.parse(reset.stdout) as { password: string }).password;
  const newPassword = 'another horse battery';
  assert.equal((await signIn({ name: 'local', password: once })).json['code'], 'password_over');
  assert.equal((await signIn({ name: 'local', password: once, newPassword })).status, 200);
  assert.equal((await signIn({ name: 'local', password: newPassword })).json['code'], 'company_only');

  provider.people.set('p-1', { preferred_username: 'ana', roles: ['chat-viewers'] });
  const ana = new CompanyBrowser(service);
  assert.equal(await ana.signIn('p-1'), inside);
  assert.equal((await signIn({ name: 'ana', password: '' })).status, 400);
  assert.equal((await signIn({ name: 'ana', password })).json['code'], 'wrong_credentials');
  const own = await ana.call('POST', '/api/v1/session/password', { password, newPassword });
  assert.equal(own.json['code'], 'forbidden');
  const none = await callCommand(['users', 'reset', 'ana', '--yes', '--json', '--data-dir', dataDir]).catch(
    (error: unknown) => error as { stderr: string; stdout: string },
  );
  assert.match(`${none.stdout}${none.stderr}`, /keys create/);
});
