// Channel Webhook Settings over a real store, as the admin API and CAMS set them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSender } from '../../../src/core/channels/ownership.ts';
import { setChannelWebhook, setSenderWebhook } from '../../../src/core/channels/webhook-settings.ts';
import type { SenderWebhook } from '../../../src/domain/channel.ts';
import { open as openChannels } from './bed.ts';
import type { TestContext } from 'node:test';

const number = '15550100001';

async function open(t: TestContext) {
  const opened = await openChannels(t);
  const { deps, owner, store, accountId } = opened;
  const read = () => findSender(store, accountId, 'sandbox', number);
  const set = async (change: Partial<SenderWebhook>, expected?: 'absent' | 'present') =>
    setSenderWebhook(
      deps,
      { ...owner, expected: expected && { kind: expected } },
      await read(),
      change,
      'standard',
    );
  return { ...opened, read, set };
}

test('a setting that is left out stays, and callback URLs are kept in one spelling', async (t) => {
  const { set, read, store, accountId } = await open(t);
  const statusUrl = 'https://Shop.example:443/status#top';
  const { webhook, unresolved } = await set({ http: true, statusUrl });
  assert.deepEqual([webhook.http, webhook.statusUrl], [true, 'https://shop.example/status']);
  assert.deepEqual(unresolved, []);
  assert.ok(await store.findDestinationByUrl(accountId, 'https://shop.example/status'));
  await set({ queue: true });
  const after = (await read()).webhook;
  assert.deepEqual([after.http, after.queue, after.statusUrl], [true, true, 'https://shop.example/status']);
  assert.equal((await set({ http: false, statusUrl: null })).webhook.statusUrl, null);
});

test('a callback URL that nothing could be pushed to is refused by its member', async (t) => {
  const { set, read, deps, owner, find } = await open(t);
  const before = await read();
  const fault = { code: 'bad_callback_url' };
  await assert.rejects(set({ statusUrl: 'shop' }), {
    ...fault,
    field: 'statusUrl',
    text: 'It is not a URL.',
  });
  await assert.rejects(set({ inboundUrl: 'https://inside.example/' }), {
    ...fault,
    field: 'inboundUrl',
    message: 'inboundUrl: The address points inside.',
  });
  const channel = await find('sandbox');
  await assert.rejects(setChannelWebhook(deps, owner, channel, { auditUrl: 'shop' }, 'standard'), {
    ...fault,
    field: 'auditUrl',
  });
  assert.deepEqual(await read(), before);
});

test('HTTP is not switched on with nowhere to go', async (t) => {
  const { set, deps, owner, find } = await open(t);
  await assert.rejects(set({ http: true }), {
    code: 'bad_callback_url',
    field: 'statusUrl',
    message: 'http is on, but there is no statusUrl and no inboundUrl.',
    members: ['statusUrl', 'inboundUrl'],
  });
  await assert.rejects(setChannelWebhook(deps, owner, await find('sandbox'), { http: true }, 'standard'), {
    code: 'bad_callback_url',
    members: ['auditUrl'],
  });
});

test('the settings of a number that is not verified stay closed', async (t) => {
  const { set, store, accountId } = await open(t);
  for (const [verification, isClosed] of [
    ['pending', true],
    ['failed', true],
    ['verified', false],
    ['unknown', false],
  ] as const) {
    await store.setSenderVerification(accountId, 'sandbox', number, verification);
    if (isClosed) await assert.rejects(set({ queue: true }), { code: 'not_verified', senderId: number });
    else await set({ queue: true });
  }
});

test('a host without an address is taken and told, by the member that names it', async (t) => {
  const { set, deps, owner, find } = await open(t);
  const { unresolved } = await set({
    http: true,
    statusUrl: 'https://shop.example/',
    inboundUrl: 'https://unmade.example/in',
  });
  assert.deepEqual(unresolved, [{ member: 'inboundUrl', host: 'unmade.example' }]);
  const channel = await find('sandbox');
  const change = { http: true, auditUrl: 'https://unmade.example/audit' };
  const audit = await setChannelWebhook(deps, owner, channel, change, 'standard');
  assert.deepEqual(audit.unresolved, [{ member: 'auditUrl', host: 'unmade.example' }]);
  assert.equal(audit.webhook.auditUrl, change.auditUrl);
});

test('settings of what is not there, or that are not as expected, are not set', async (t) => {
  const { set, read, deps, owner } = await open(t);
  await assert.rejects(set({ queue: true }, 'absent'), { code: 'already_exists' });
  const gone = { ...(await read()), id: '15550109999' };
  const change = { queue: true };
  await assert.rejects(setSenderWebhook(deps, owner, gone, change, 'standard'), { code: 'not_found' });
  await assert.rejects(setChannelWebhook(deps, owner, { id: 'till' }, change, 'standard'), {
    code: 'not_found',
  });
});
