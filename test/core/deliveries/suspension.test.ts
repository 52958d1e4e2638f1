// HTTP switched off, or a type deselected, while receipts wait: the dispatcher, the settings and the store together.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { Dispatcher } from '../../../src/core/deliveries/dispatcher.ts';
import type { Startable } from '../../../src/runtime/activity.ts';
import { followSettings } from '../../../src/core/deliveries/suspension.ts';
import type { Following } from '../../../src/core/deliveries/suspension.ts';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { ChannelWebhook, SenderWebhook } from '../../../src/domain/channel.ts';
import type { Client } from '../../../src/http/client.ts';
import { openHookApp, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { untilQuiet } from '../../support/pace.ts';
import { countPosts } from '../../support/posts.ts';
import type { CountedPosts } from '../../support/posts.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

const sender = '15550001111';
const other = '15550001112';

let hooks: HookApp;
let receiver: Receiver;
let client: Client;
let posts: CountedPosts;
let dispatcher: Startable;
let following: Following;
let timers: Set<{ at: number; callback: () => void }>;
let status: number;
let webhook: SenderWebhook;
let errors: unknown[];

beforeEach(async () => {
  timers = new Set();
  status = 503;
  errors = [];
  hooks = await openHookApp();
  receiver = await openReceiver((_call, response) => response.writeHead(status).end('{"code":0}'));
  client = openLocalClient();
  posts = countPosts(client);
  const url = `${receiver.url}/hook`;
  webhook = { ...noSenderWebhook, http: true, statusUrl: url, inboundUrl: url };
  for (const [id, route] of [
    [sender, '200000000000001'],
    [other, '200000000000002'],
  ] as const) {
    await hooks.addNumber(id, route);
    await set({}, id);
  }
  const render = createReceiptRenderer({ mediaUrl: () => '', groupIds: false });
  const emit = (name: string, fields: object): void => {
    if (name === 'unit.crashed') errors.push(fields);
  };
  dispatcher = new Dispatcher({
    store: hooks.store,
    directory: hooks.directory,
    client: posts,
    emit,
    now: hooks.clock.now,
    monotonic: hooks.clock.monotonic,
    random: () => 0.5,
    render: async (receipt) => render(receipt, await hooks.directory.channel(receipt.channelId)),
    raiseNotice: () => undefined,
    setTimer: (callback, ms) => {
      const timer = { at: hooks.clock.now() + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    settings: {
      breakerFailures: 100,
      breakerSpanMs: 30_000,
      probeIntervalMs: 30_000,
      maxInFlight: 64,
      maxBatchBytes: 1_000_000,
    },
  });
  dispatcher.start();
  following = followSettings({ ...hooks, emit });
  following.worker.start();
});
afterEach(async () => {
  await following.worker.stop();
  await dispatcher.stop();
  await client.close();
  await receiver.close();
  await hooks.close();
  assert.deepEqual(errors, []);
});

const set = async (change: Partial<SenderWebhook>, id = sender): Promise<void> => {
  webhook = { ...webhook, ...change };
  await hooks.store.setSenderWebhook(hooks.accountId, 'wa', id, webhook, 'standard', system);
};

const setAudits = (change: Partial<ChannelWebhook>): Promise<unknown> =>
  hooks.store.setChannelWebhook(
    hooks.accountId,
    'wa',
    { http: true, queue: false, auditUrl: webhook.statusUrl, auditVersion: 'V2', ...change },
    'standard',
    system,
  );

async function settle(): Promise<void> {
  await untilQuiet(() => hooks.countCalls() > 0 || posts.countOpen() > receiver.countOpen());
}

async function advance(ms: number): Promise<void> {
  hooks.clock.advance(ms);
  for (const timer of [...timers]) {
    if (timer.at > hooks.clock.now()) continue;
    timers.delete(timer);
    timer.callback();
  }
  await settle();
}

/** Message ids of receipts by what became of their deliveries, sorted. */
async function states(): Promise<Record<string, string[]>> {
  const { items } = await hooks.store.listDeliveries(hooks.accountId, {}, { limit: 200 });
  const found: Record<string, string[]> = {};
  for (const { state, receiptId } of items) {
    const timeline = await hooks.store.findTimeline(hooks.accountId, receiptId);
    const facts = timeline?.receipt.facts;
    const name = facts !== undefined && 'messageId' in facts ? facts.messageId : (facts?.type ?? '');
    found[state] = [...(found[state] ?? []), name].toSorted();
  }
  return found;
}

const post = async (value: Parameters<typeof toWebhook>[0]): Promise<void> => {
  await hooks.post(toWebhook(value));
  await settle();
};

it('retries stop when HTTP is switched off, are listed with the time, and go on when it is switched on again', async () => {
  await post({ messages: [toText('m1')], statuses: [toStatus('s1', 'sent')] });
  assert.deepEqual(await states(), { waiting: ['m1', 's1'] });
  const tried = receiver.calls.length;
  await set({ http: false });
  await following.idle();
  await settle();
  assert.deepEqual(await states(), { unwanted: ['m1', 's1'] });
  const { items } = await hooks.store.listDeliveries(hooks.accountId, { state: 'unwanted' }, { limit: 10 });
  assert.deepEqual(
    items.map(({ unwantedSince }) => unwantedSince),
    [hooks.clock.now(), hooks.clock.now()],
  );
  status = 200;
  await advance(86_400_000);
  assert.equal(receiver.calls.length, tried);
  await set({ http: true });
  await following.idle();
  await settle();
  assert.deepEqual(await states(), { done: ['m1', 's1'] });
  assert.equal(receiver.calls.length, tried + 2);
  assert.deepEqual(
    receiver.calls.slice(tried).map(({ headers }) => headers['chasqui-repeat-cause']),
    ['retry', 'retry'],
  );
});

it('a type that is deselected stops, the other type and other senders go on', async () => {
  await post({ messages: [toText('m1')], statuses: [toStatus('s1', 'sent')] });
  await post({ messages: [toText('m2')], phoneNumberId: '200000000000002' });
  await set({ types: ['ChatAppStatus'] });
  await following.idle();
  await settle();
  status = 200;
  await advance(86_400_000);
  assert.deepEqual(await states(), { done: ['m2', 's1'], unwanted: ['m1'] });
});

it('an address that is taken away stops its type', async () => {
  await post({ messages: [toText('m1')], statuses: [toStatus('s1', 'sent')] });
  await set({ inboundUrl: null });
  await following.idle();
  await settle();
  status = 200;
  await advance(86_400_000);
  assert.deepEqual(await states(), { done: ['s1'], unwanted: ['m1'] });
});

it('what is due before the change is followed is not pushed either', async () => {
  await following.worker.stop();
  await post({ messages: [toText('m1')], statuses: [toStatus('s1', 'sent')] });
  const tried = receiver.calls.length;
  await set({ http: false });
  await advance(86_400_000);
  assert.equal(receiver.calls.length, tried);
  assert.deepEqual(await states(), { unwanted: ['m1', 's1'] });
});

it('what a process left unwanted is taken up by the next one when it is wanted by then', async () => {
  await post({ messages: [toText('m1')] });
  await set({ http: false });
  await following.idle();
  await settle();
  await following.worker.stop();
  await set({ http: true });
  status = 200;
  following = followSettings({ ...hooks, emit: () => undefined });
  following.worker.start();
  await following.idle();
  await settle();
  await advance(86_400_000);
  assert.deepEqual(await states(), { done: ['m1'] });
});

it('a replay of what settings do not want waits until they do', async () => {
  status = 200;
  await post({ messages: [toText('m1')] });
  await set({ http: false });
  await hooks.store.replayDeliveries(hooks.accountId, { state: 'done' }, { limit: 10 }, system);
  await settle();
  assert.equal(receiver.calls.length, 1);
  assert.deepEqual(await states(), { unwanted: ['m1'] });
  await set({ http: true });
  await following.idle();
  await settle();
  assert.equal(receiver.calls[1]?.headers['chasqui-repeat-cause'], 'replay');
});

it('one that is pushed when HTTP is switched off is not tried again', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await receiver.close();
  const slow = await openReceiver((_call, response) => {
    void promise.then(() => response.writeHead(500).end());
  });
  try {
    await set({ inboundUrl: slow.url });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await slow.waitFor(1);
    await set({ http: false });
    await following.idle();
    resolve();
    await settle();
    assert.deepEqual(await states(), { unwanted: ['m1'] });
  } finally {
    await slow.close();
  }
});

it('audits stop with the settings of their channel, those that V1 does not know by the version alone', async () => {
  await setAudits({});
  const audit = (field: string, value: object): string =>
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '100000000000001', time: 1_700_000_000, changes: [{ field, value }] }],
    });
  await hooks.post(
    audit('message_template_status_update', {
      event: 'APPROVED',
      message_template_id: 7,
      message_template_name: 'hello',
      message_template_language: 'en',
      reason: 'NONE',
    }),
  );
  await hooks.post(
    audit('phone_number_quality_update', {
      display_phone_number: sender,
      event: 'UPGRADE',
      current_limit: 'TIER_10K',
    }),
  );
  await settle();
  assert.equal((await states())['waiting']?.length, 2);
  await setAudits({ auditVersion: 'V1' });
  await following.idle();
  await settle();
  assert.deepEqual(
    Object.entries(await states()).map(([state, names]) => [state, names.length]),
    [
      ['unwanted', 1],
      ['waiting', 1],
    ],
  );
  await setAudits({ http: false });
  await following.idle();
  await settle();
  assert.equal((await states())['unwanted']?.length, 2);
  status = 200;
  await setAudits({});
  await following.idle();
  await settle();
  await advance(86_400_000);
  assert.equal((await states())['done']?.length, 2);
});
