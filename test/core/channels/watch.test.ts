import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Check } from '../../../src/channels/channel.ts';
import { watchChannels } from '../../../src/core/channels/watch.ts';
import type { WatchDeps } from '../../../src/core/channels/watch.ts';
import { checked } from '../../../src/domain/findings.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import { system } from '../../../src/domain/account.ts';
import { openTestStore } from '../../support/store.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

async function open(t: TestContext, check: (channelId: string) => Promise<readonly Check[]>) {
  const test = await openTestStore();
  const subscribed: string[] = [];
  const timers: { callback: () => void; ms: number }[] = [];
  for (const id of ['one', 'two']) {
    const channel = { id, type: 'viber', name: id, wabaId: null, credentials: {} } as const;
    await test.store.putChannel(test.accountId, channel, system);
  }
  const crashes: unknown[] = [];
  const told: Promise<unknown>[] = [];
  const emit: WatchDeps['emit'] = (name, fields) => {
    if (name === 'unit.crashed') crashes.push(fields);
  };
  const watch = watchChannels({
    store: test.store,
    connections: {
      check: ({ id }) => check(id),
      subscribe: async ({ id }, senderIds) => void subscribed.push([id, ...(senderIds ?? [])].join(' ')),
    },
    renewToken: async (channel) => channel,
    emit,
    now: test.clock.now,
    monotonic: test.clock.monotonic,
    random: () => 0.5,
    raiseNotice: (notice) => void told.push(test.store.recordNotice(notice)),
    endNotice: () => undefined,
    intervalMs: 4 * hour,
    aheadMs: 7 * day,
    setTimer: (callback, ms) => {
      timers.push({ callback, ms });
      return () => undefined;
    },
  });
  watch.start();
  t.after(async () => {
    await watch.stop();
    await test.close();
  });
  const notices = async () => {
    await Promise.all(told);
    const { items } = await test.store.listNotices(test.accountId, { limit: 50 });
    return items.map(({ code, subject, text }) => `${code} ${subject}: ${text}`);
  };
  return { ...test, watch, subscribed, timers, crashes, notices };
}

const good: Check = { name: 'webhook', ok: true, ...checked('subscribed', {}) };
const lost: Check = { name: 'webhook', ok: false, ...checked('fields_unsubscribed', { fields: 'messages' }) };

test('a channel that is unwell is told of once a day', async (t) => {
  const { watch, notices, clock, store, accountId } = await open(t, async (id) => [
    id === 'one' ? lost : good,
  ]);
  await watch.look();
  await notices();
  await watch.look();
  assert.deepEqual(await notices(), [
    'channel_unwell channel/one: The channel one does not pass its check. Webhook: The channel is not subscribed to messages: subscribe it again.',
  ]);
  const [notice] = (await store.listNotices(accountId, { limit: 1 })).items;
  assert.deepEqual(notice?.params, { channelId: 'one' });
  assert.deepEqual(notice?.findings, [
    { name: 'webhook', code: 'fields_unsubscribed', params: { fields: 'messages' } },
  ]);
  clock.advance(day);
  await watch.look();
  assert.equal((await notices()).length, 2);
});

test('a token is told of ahead of its end, while all is well', async (t) => {
  let endsAt = 0;
  const { watch, notices, clock } = await open(t, async () => [
    { name: 'accessToken', ok: true, ...checked('token_accepted', {}), endsAt },
  ]);
  endsAt = clock.now() + 8 * day;
  await watch.look();
  assert.deepEqual(await notices(), []);
  clock.advance(1.5 * day);
  await watch.look();
  assert.deepEqual((await notices()).sort(), [
    'token_ending channel/one: The access token of the channel one ends soon. Access token: It is accepted.',
    'token_ending channel/two: The access token of the channel two ends soon. Access token: It is accepted.',
  ]);
});

test('a webhook that was lost is subscribed again, one that never was ours is left alone', async (t) => {
  const states: Record<string, Check[]> = { one: [good], two: [lost] };
  const { watch, subscribed, notices } = await open(t, async (id) => states[id] ?? []);
  await watch.look();
  assert.deepEqual(subscribed, []);
  states['one'] = [lost];
  await notices();
  await watch.look();
  assert.deepEqual(subscribed, ['one']);
  assert.deepEqual((await notices()).map((text) => text.slice(0, 26)).sort(), [
    'channel_unwell channel/one',
    'channel_unwell channel/two',
  ]);
});

test('of several Pages of a channel the lost one is subscribed again, and no other', async (t) => {
  const page = (senderId: string, ok: boolean): Check => ({ ...(ok ? good : lost), senderId });
  let states = [page('first', true), page('second', true), page('foreign', false)];
  const { watch, subscribed } = await open(t, async (id) => (id === 'one' ? states : []));
  await watch.look();
  assert.deepEqual(subscribed, []);
  states = [page('first', true), page('second', false), page('foreign', false)];
  await watch.look();
  assert.deepEqual(subscribed, ['one second']);
});

test('a check that fails leaves the other channels alone, and the watch goes on', async (t) => {
  const { watch, crashes, notices, timers } = await open(t, async (id) => {
    if (id === 'one') throw new GatewayError('store_unavailable');
    return [lost];
  });
  const [first] = timers;
  assert.equal(first?.ms, 10 * 60_000);
  first.callback();
  await watch.look();
  await notices();
  await watch.look();
  assert.equal(crashes.length, 3);
  assert.deepEqual([...new Set(await notices())].length, 1);
  assert.equal(timers[1]?.ms, 4 * hour);
});

test('channels of one account that hang leave those of the others looked at', async (t) => {
  const hang = Promise.withResolvers<readonly Check[]>();
  const looked: string[] = [];
  const all = Promise.withResolvers<void>();
  const { store, accountId, watch } = await open(t, (channelId) => {
    looked.push(channelId);
    if (looked.filter((id) => id.startsWith('other')).length === 5) all.resolve();
    return channelId.startsWith('other') ? Promise.resolve([good]) : hang.promise;
  });
  const otherId = 42;
  await store.createAccount({ id: otherId, name: 'Other' }, system);
  const add = (owner: number, id: string) =>
    store.putChannel(owner, { id, type: 'viber', name: id, wabaId: null, credentials: {} }, system);
  for (let n = 0; n < 5; n += 1) {
    await add(accountId, `own${n}`);
    await add(otherId, `other${n}`);
  }
  const look = watch.look();
  await all.promise;
  assert.equal(looked.filter((id) => !id.startsWith('other')).length, 2);
  hang.resolve([good]);
  await look;
  assert.equal(new Set(looked).size, 12);
});
