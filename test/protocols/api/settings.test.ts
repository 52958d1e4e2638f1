import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, openOwner, openUser } from '../../support/browser.ts';
import { open } from '../../support/connected.ts';
import type { ApiTest } from '../../support/api.ts';

const find = async (api: ApiTest, key: string) =>
  ((await api.call('GET', '/settings')).json['items'] as Record<string, unknown>[]).find(
    (one) => one['key'] === key,
  );

test('a setting is set while the service runs, told with who set it, and undone', async (t) => {
  const api = await open(t);
  const before = await find(api, 'receiptRetentionDays');
  assert.partialDeepStrictEqual(before, { value: 90, isLive: true, source: 'default', set: null });
  const { status, json } = await api.call('POST', '/settings/receiptRetentionDays', { value: 180 });
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(json, {
    ...{ value: 180, initial: 90, source: 'console' },
    set: {
      ...{ by: 'key/testkey', at: new Date(api.clock.now()).toISOString() },
      ...{ value: '180', isInForce: true },
    },
  });
  assert.deepEqual(await find(api, 'receiptRetentionDays'), json);
  const undone = await api.call('POST', '/settings/receiptRetentionDays/reset');
  assert.deepEqual(undone.json, before);
  const { json: log } = await api.call('GET', '/changes?subject=setting/receiptRetentionDays');
  assert.deepEqual(
    (log['items'] as Record<string, unknown>[]).map(({ action, actor, detail }) => [action, actor, detail]),
    [
      ['setting.unset', 'key/testkey', { from: '180', to: '90' }],
      ['setting.set', 'key/testkey', { from: '90', to: '180' }],
    ],
  );
});

test('a value that is refused says at its field what would be right, for any language', async (t) => {
  const api = await open(t);
  const { json } = await api.call('POST', '/settings/receiptRetentionDays', { value: 7 });
  assert.partialDeepStrictEqual(json, {
    ...{ code: 'bad_request', field: 'value', detail: 'value: give a whole number from 8 to 3650.' },
    fault: { code: 'not_between', params: { min: 8, max: 3650 } },
  });
});

test('sessions begin by the time that was set last', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  await owner.call('POST', '/settings/sessionHours', { value: 1 });
  const browser = openBrowser(api);
  const { json } = await browser.call('POST', '/session', { name: 'ana', password: 'correct horse battery' });
  assert.equal(json['expiresAt'], new Date(api.clock.now() + 3_600_000).toISOString());
});

test('what is fixed, wrong or not there is refused, and only owners of the first account set any', async (t) => {
  const api = await open(t);
  assert.partialDeepStrictEqual(await find(api, 'port'), { source: 'environment', isLive: false });
  for (const [key, value, code] of [
    ['port', 9090, 'wrong_state'],
    ['masterKey', 'x', 'wrong_state'],
    ['of-tomorrow', 1, 'not_found'],
    ['receiptRetentionDays', 7, 'bad_request'],
    ['receiptRetentionDays', true, 'bad_request'],
    ['logLevel', 'loud', 'bad_request'],
  ] as const)
    assert.equal((await api.call('POST', `/settings/${key}`, { value })).json['code'], code, key);
  const owner = await openOwner(api);
  const operator = await openUser(api, owner, 'bo', 'operator');
  assert.equal((await operator.call('POST', '/settings/logLevel', { value: 'debug' })).status, 403);
  const stranger = await api.addAccount(77);
  assert.equal((await api.call('POST', '/settings/logLevel', { value: 'debug' }, stranger)).status, 403);
  assert.deepEqual(await api.store.listSettings(), []);
});

test('the log of changes is filtered by who, what, the thing and its parts, and time', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const channel = { type: 'viber', credentials: { authToken: 'old-token' } };
  await api.call('PUT', '/channels/vi', channel);
  api.clock.advance(60_000);
  await owner.call('PUT', '/channels/vi/senders/42', {});
  await owner.call('PUT', '/channels/vi2', channel);
  const list = async (query: string): Promise<string[]> => {
    const { items } = (await api.call('GET', `/changes?${query}`)).json as {
      items: { action: string; subject: string }[];
    };
    return items.map(({ action, subject }) => `${action} ${subject}`);
  };
  assert.deepEqual(await list('subject=channel/vi'), [
    'sender.put channel/vi/sender/42',
    'channel.put channel/vi',
  ]);
  assert.deepEqual(await list('action=channel.put'), ['channel.put channel/vi2', 'channel.put channel/vi']);
  assert.deepEqual(await list('action=channel.put&actor=user/ana'), ['channel.put channel/vi2']);
  const since = new Date(api.clock.now()).toISOString();
  assert.deepEqual(await list(`action=channel.put&since=${since}`), ['channel.put channel/vi2']);
  assert.deepEqual(await list(`action=channel.put&until=${since}`), ['channel.put channel/vi']);
});

test('a user tells when he was last at work, to about a minute', async (t) => {
  const api = await open(t);
  const owner = await openOwner(api);
  const usedAt = async () =>
    ((await api.call('GET', '/users')).json['items'] as { usedAt: string }[])[0]?.usedAt;
  const begun = new Date(api.clock.now()).toISOString();
  assert.equal(await usedAt(), begun);
  api.clock.advance(59_000);
  await owner.call('GET', '/account');
  assert.equal(await usedAt(), begun);
  api.clock.advance(2000);
  await owner.call('GET', '/account');
  assert.equal(await usedAt(), new Date(api.clock.now()).toISOString());
});
