// Sessions of several accounts in one browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';
import { openBrowser, openOwner, password } from '../../support/browser.ts';

type Browser = ReturnType<typeof openBrowser>;

interface Key {
  readonly keyId: string;
  readonly keySecret: string;
}

/** An owner of the first account in a browser, and the key of a second one. */
async function open(
  t: TestContext,
  over: Parameters<typeof openApiTest>[0] = {},
): Promise<{ api: ApiTest; browser: Browser; first: string; second: Key }> {
  const api = await openApiTest(over);
  t.after(() => api.close());
  const browser = await openOwner(api);
  const second = await makeAccount(api, '77');
  return { api, browser, first: String(await accountOf(browser)), second };
}

async function makeAccount(api: ApiTest, id: string): Promise<Key> {
  const { json, status } = await api.call('POST', '/accounts', { name: `Account ${id}`, id });
  assert.equal(status, 201);
  const key = json['key'] as { id: string; secret: string };
  return { keyId: key.id, keySecret: key.secret };
}

async function read(browser: Browser) {
  const { json } = await browser.call('GET', '/session');
  return json as { state: string; account?: { id: string }; others?: { account: { id: string } }[] };
}

const accountOf = async (browser: Browser): Promise<string | undefined> => (await read(browser)).account?.id;

async function othersOf(browser: Browser): Promise<string[]> {
  return ((await read(browser)).others ?? []).map(({ account }) => account.id);
}

const switchTo = (browser: Browser, account: string) => browser.call('POST', '/session/switch', { account });

test('a sign-in that keeps the other account can go back and forth', async (t) => {
  const { browser, first, second } = await open(t);
  assert.equal((await browser.call('POST', '/session', { ...second, keep: true })).status, 200);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], ['77', [first]]);
  assert.equal((await switchTo(browser, first)).status, 204);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], [first, ['77']]);
  const { json } = await browser.call('GET', '/session');
  assert.deepEqual(
    [(json['user'] as { role: string }).role, json['others']],
    ['owner', [{ account: { id: '77', name: 'Account 77' }, user: { name: second.keyId, role: 'owner' } }]],
    'each is who he was',
  );
  assert.equal((await switchTo(browser, '77')).status, 204);
  assert.equal(await accountOf(browser), '77');
});

test('a sign-in that keeps nothing ends the session before it', async (t) => {
  const { browser, first, second } = await open(t);
  const before = browser.cookie();
  await browser.call('POST', '/session', second);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], ['77', []]);
  assert.equal((await switchTo(browser, first)).status, 404);
  browser.setCookie(before);
  assert.equal((await read(browser)).state, 'signed_out');
});

test('there is one session of an account, and no more than eight beside it', async (t) => {
  const { api, browser, first, second } = await open(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  await browser.call('POST', '/session', { name: 'ana', password, keep: true });
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], [first, ['77']]);
  for (let n = 1; n <= 9; n += 1)
    await browser.call('POST', '/session', { ...(await makeAccount(api, `10${n}`)), keep: true });
  const others = await othersOf(browser);
  assert.equal(others.length, 8);
  assert.ok(!others.includes('77'), 'the oldest ended');
});

test('signing out ends all sessions of the browser', async (t) => {
  const { browser, second } = await open(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  const cookies = browser.cookie();
  assert.equal((await browser.call('DELETE', '/session')).status, 204);
  assert.equal(browser.cookie(), undefined);
  const [inUse = '', kept = ''] = (cookies ?? '').split('; ');
  for (const pair of [inUse, kept]) {
    browser.setCookie(`chasqui=${pair.split('=')[1] ?? ''}`);
    assert.equal((await read(browser)).state, 'signed_out', pair.split('=')[0]);
  }
});

test('what is kept opens nothing by itself, and to no one who has no session', async (t) => {
  const { browser, first, second } = await open(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  const kept = (browser.cookie() ?? '').split('; ').find((pair) => pair.startsWith('chasqui-kept='));
  assert.ok(kept !== undefined);
  browser.setCookie(kept);
  assert.equal((await browser.call('GET', '/channels')).status, 401);
  assert.equal((await switchTo(browser, first)).status, 401);
  assert.equal((await read(browser)).others, undefined);
});

test('a kept session that is over is not told, and cannot be switched to', async (t) => {
  const { api, browser, first, second } = await open(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  const other = openBrowser(api);
  await other.call('POST', '/session', { name: 'ana', password });
  assert.equal((await other.call('DELETE', '/session/all')).status, 204);
  assert.deepEqual(await othersOf(browser), []);
  assert.equal((await switchTo(browser, first)).status, 404);
  assert.equal(await accountOf(browser), '77', 'nothing changed');
});

test('another site cannot switch', async (t) => {
  const { browser, first, second } = await open(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  const foreign = { 'sec-fetch-site': 'cross-site' };
  const { status } = await browser.call('POST', '/session/switch', { account: first }, foreign);
  assert.equal(status, 403);
  assert.equal(await accountOf(browser), '77');
});

test('a page of one account does nothing in another that the browser has gone to', async (t) => {
  const { browser, first, second } = await open(t);
  const page = { 'x-chasqui-account': first };
  assert.equal((await browser.call('GET', '/channels', undefined, page)).status, 200);
  await browser.call('POST', '/session', { ...second, keep: true });
  const { status, json } = await browser.call('POST', '/keys', { role: 'full' }, page);
  assert.deepEqual([status, json['code']], [401, 'session_over']);
  assert.equal(
    (await browser.call('GET', '/channels', undefined, { 'x-chasqui-account': '77' })).status,
    200,
  );
});

/** A second account with the key `second`, and a company by whose sign-in `bo`, a user of it, comes in. */
async function openCompany(t: TestContext) {
  let begun = false;
  const signIn = {
    begin: async (keeps: boolean) => {
      begun = keeps;
      return { url: 'https://login.example.com/', kept: 'sealed' };
    },
    finish: async () => {
      const user = await opened.api.store.findUser(77, 'bo');
      assert.ok(user);
      return { user, keeps: begun };
    },
  };
  const opened = await open(t, {
    company: { signIn, label: null, isOnly: false },
    consoleUrl: () => 'http://localhost',
  });
  const by = { kind: 'system', id: 'test' } as const;
  const identity = { issuer: 'https://login.example.com', subject: '1' };
  const bo = { id: 'bo', name: 'bo', role: 'viewer', password: '', identity } as const;
  await opened.api.store.createUser(77, bo, by);
  return opened;
}

/** Goes to the company's provider and comes back by a link of its site, which brings no strict cookie along. */
async function comeBack(browser: Browser, { keep = false } = {}): Promise<void> {
  const begun = await browser.call('POST', `/session/company${keep ? '?keep=true' : ''}`);
  assert.equal(begun.status, 200, begun.body);
  const pairs = (browser.cookie() ?? '').split('; ');
  const isLax = (pair: string): boolean => pair.startsWith('chasqui-pending=');
  browser.setCookie(pairs.find(isLax));
  const { headers } = await browser.call('GET', '/session/company/return?code=a&state=b');
  assert.equal(headers['location'], '/console/?sign_in=done');
  const strict = pairs.filter((pair) => !isLax(pair));
  browser.setCookie([...strict, browser.cookie()].filter((pair) => pair !== undefined).join('; '));
}

const finish = (browser: Browser) => browser.call('POST', '/session/company/finish');

test("a company's sign-in beside another account keeps it, and one goes back and forth", async (t) => {
  const { browser, first } = await openCompany(t);
  await comeBack(browser, { keep: true });
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], [first, []], 'not in use yet');
  assert.equal((await finish(browser)).status, 204);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], ['77', [first]]);
  assert.equal((await switchTo(browser, first)).status, 204);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], [first, ['77']]);
});

test("a company's sign-in beside two accounts, one of them its own, ends that one's session alone", async (t) => {
  const { browser, first, second } = await openCompany(t);
  await browser.call('POST', '/session', { ...second, keep: true });
  const before = browser.cookie();
  await comeBack(browser, { keep: true });
  await finish(browser);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], ['77', [first]]);
  browser.setCookie(before);
  assert.equal((await read(browser)).state, 'signed_out');
});

test("a company's sign-in that keeps nothing ends the session before it", async (t) => {
  const { browser, first } = await openCompany(t);
  const before = browser.cookie();
  await comeBack(browser);
  await finish(browser);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], ['77', []]);
  assert.equal((await switchTo(browser, first)).status, 404);
  browser.setCookie(before);
  assert.equal((await read(browser)).state, 'signed_out');
});

test('who has come back is signed in once, in that browser, by a page of this server, and within a minute', async (t) => {
  const { api, browser, first } = await openCompany(t);
  const refused = async (by: Browser, headers = {}) => {
    const { status, json } = await by.call('POST', '/session/company/finish', undefined, headers);
    return [status, json['code']];
  };
  assert.deepEqual(await refused(openBrowser(api)), [400, 'sign_in_over']);
  assert.deepEqual(await refused(browser), [400, 'sign_in_over']);
  assert.equal(await accountOf(browser), first, 'nothing changed');

  await comeBack(browser);
  assert.deepEqual(await refused(browser, { 'sec-fetch-site': 'cross-site' }), [403, 'foreign_page']);
  assert.deepEqual(await refused(browser, { 'sec-fetch-site': 'same-site' }), [403, 'foreign_page']);
  const arrived = (browser.cookie() ?? '').split('; ').find((pair) => pair.startsWith('chasqui-arrived='));
  assert.ok(arrived);
  browser.setCookie(arrived);
  assert.equal((await browser.call('GET', '/channels')).status, 401, 'it opens nothing by itself');
  assert.equal((await finish(browser)).status, 204);
  assert.equal(await accountOf(browser), '77');
  assert.deepEqual(await refused(browser), [400, 'sign_in_over']);
  // Once in use it lasts as long as any other.
  api.clock.advance(10 * 60_000);
  assert.equal(await accountOf(browser), '77');

  const late = openBrowser(api);
  await comeBack(late);
  assert.match(
    late.lastSetCookie(),
    /^chasqui-arrived=77\.[\w-]{43}; Max-Age=60; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  const kept = late.cookie();
  api.clock.advance(60_000);
  late.setCookie(kept);
  assert.deepEqual(await refused(late), [400, 'sign_in_over']);
});

test('who was switched off between coming back and the page that signs in stays out', async (t) => {
  const { api, browser, first } = await openCompany(t);
  await comeBack(browser, { keep: true });
  await api.store.changeUser(77, 'bo', { state: 'disabled' }, { kind: 'system', id: 'test' });
  assert.equal((await finish(browser)).status, 400);
  assert.deepEqual([await accountOf(browser), await othersOf(browser)], [first, []]);
});
