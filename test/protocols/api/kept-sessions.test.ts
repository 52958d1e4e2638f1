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
async function open(t: TestContext): Promise<{ api: ApiTest; browser: Browser; first: string; second: Key }> {
  const api = await openApiTest();
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
