// The dispatcher over the real store and real receivers. Time stands still until a test moves it; timers fire when it does.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { Dispatcher } from '../../../src/core/deliveries/dispatcher.ts';
import type { Startable } from '../../../src/runtime/activity.ts';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { Delivery, DestinationSettings } from '../../../src/domain/delivery.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import type { NoticeCode } from '../../../src/domain/notice.ts';
import type { Client } from '../../../src/http/client.ts';
import type { Store } from '../../../src/store/store.ts';
import { openHookApp, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { untilQuiet } from '../../support/pace.ts';
import { countPosts } from '../../support/posts.ts';
import type { CountedPosts } from '../../support/posts.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { ReceivedCall, Receiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

interface ReceiptObject {
  readonly ReceiptId: string;
  readonly MessageId: string;
  readonly Status?: string;
}

/** What the receiver does; tests change it as they go. */
type Answer = (
  receipts: readonly ReceiptObject[],
  call: ReceivedCall,
) => { status?: number; body?: string; headers?: Record<string, string>; isCut?: true };

let hooks: HookApp;
let receiver: Receiver;
let client: Client;
let posts: CountedPosts;
let dispatcher: Startable;
let answer: Answer;
let notices: NoticeCode[];
let timers: Set<{ at: number; callback: () => void }>;
let destinationId: number;
let maxBatchBytes: number;
/** Message ids whose receipts cannot be rendered. */
let unrenderable: Set<string>;

const sender = '15550001111';

function openTestDispatcher(way: Pick<Client, 'post'> = client, store: Store = hooks.store): Startable {
  const render = createReceiptRenderer({ mediaUrl: () => '', groupIds: false });
  posts = countPosts(way);
  return new Dispatcher({
    store,
    directory: hooks.directory,
    client: posts,
    emit: () => undefined,
    now: hooks.clock.now,
    monotonic: hooks.clock.monotonic,
    random: () => 0.5,
    render: async (receipt) => {
      if ('messageId' in receipt.facts && unrenderable.has(receipt.facts.messageId))
        throw new TypeError('a bug');
      return render(receipt, await hooks.directory.channel(receipt.channelId));
    },
    raiseNotice: ({ code }) => notices.push(code),
    setTimer: (callback, ms) => {
      const timer = { at: hooks.clock.now() + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    settings: {
      breakerFailures: 10,
      breakerSpanMs: 30_000,
      probeIntervalMs: 30_000,
      maxInFlight: 64,
      maxBatchBytes,
    },
  });
}

/** Lets pushes that have begun come to their end; nothing is waited for but the store and real sockets on loopback. */
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

const configure = (settings: Partial<DestinationSettings>) =>
  hooks.store.setDestinationSettings(
    hooks.accountId,
    destinationId,
    { ...toDestinationSettings('standard'), ...settings },
    system,
  );

async function deliveries(): Promise<readonly Delivery[]> {
  return (await hooks.store.listDeliveries(hooks.accountId, {}, { limit: 200 })).items;
}

const seen = (): string[] =>
  receiver.calls.flatMap(({ body }) =>
    (JSON.parse(body) as ReceiptObject[]).map(
      ({ MessageId, Status }) => `${MessageId}${Status === undefined ? '' : `/${Status}`}`,
    ),
  );
const header = (name: string): (string | string[] | undefined)[] =>
  receiver.calls.map(({ headers }) => headers[name]);

beforeEach(async () => {
  notices = [];
  timers = new Set();
  answer = () => ({});
  maxBatchBytes = 1_000_000;
  unrenderable = new Set();
  hooks = await openHookApp();
  receiver = await openReceiver((call, response) => {
    const {
      status = 200,
      body = '{"code":0}',
      headers = {},
      isCut = false,
    } = answer(JSON.parse(call.body) as ReceiptObject[], call);
    if (isCut) response.destroy();
    else response.writeHead(status, headers).end(body);
  });
  client = openLocalClient();
  await hooks.addNumber(sender, '200000000000001');
  const url = `${receiver.url}/hook`;
  await hooks.store.setSenderWebhook(
    hooks.accountId,
    'wa',
    sender,
    { ...noSenderWebhook, http: true, statusUrl: url, inboundUrl: url },
    'standard',
    system,
  );
  destinationId = (await hooks.store.findDestinationByUrl(hooks.accountId, url))?.id ?? 0;
  dispatcher = openTestDispatcher();
  dispatcher.start();
});
afterEach(async () => {
  await dispatcher.stop();
  await client.close();
  await receiver.close();
  await hooks.close();
});

describe('a delivery', () => {
  it('is pushed at once as a JSON array, under its ReceiptId, and is done', async () => {
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    const [call] = receiver.calls;
    const [receipt] = JSON.parse(call?.body ?? '') as ReceiptObject[];
    assert.equal(call?.headers['webhook-id'], receipt?.ReceiptId);
    assert.equal(call?.headers['chasqui-attempt'], '1');
    assert.ok(!('chasqui-repeat-cause' in (call?.headers ?? {})));
    assert.deepEqual(
      (await deliveries()).map(({ state, attempts }) => [state, attempts]),
      [['done', 1]],
    );
  });

  it('is tried again by the schedule under the same id, says that it is a repeat, and dies after the last try', async () => {
    await configure({ scheduleMs: [0, 5000, 30_000] });
    answer = () => ({ status: 500 });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    await advance(4999);
    assert.equal(receiver.calls.length, 1);
    await advance(1);
    assert.equal(receiver.calls.length, 2);
    await advance(30_000);
    assert.equal(receiver.calls.length, 3);
    assert.equal(new Set(header('webhook-id')).size, 1);
    assert.deepEqual(header('chasqui-attempt'), ['1', '2', '3']);
    assert.deepEqual(header('chasqui-repeat-cause'), [undefined, 'retry', 'retry']);
    assert.deepEqual(
      (await deliveries()).map(({ state }) => state),
      ['dead'],
    );
    assert.deepEqual(notices, ['delivery_died']);
    await advance(86_400_000);
    assert.equal(receiver.calls.length, 3);
  });

  it('waits as long as the receiver asks', async () => {
    answer = () => (receiver.calls.length === 1 ? { status: 429, headers: { 'retry-after': '60' } } : {});
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    await advance(59_999);
    assert.equal(receiver.calls.length, 1);
    await advance(1);
    assert.equal(receiver.calls.length, 2);
  });

  it('that is dead can be replayed, and says so', async () => {
    await configure({ scheduleMs: [0] });
    answer = () => ({ status: 500 });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    answer = () => ({});
    const { replayed } = await hooks.store.replayDeliveries(
      hooks.accountId,
      { state: 'dead' },
      { limit: 10 },
      system,
    );
    assert.equal(replayed, 1);
    await receiver.waitFor(2);
    await settle();
    assert.equal(new Set(header('webhook-id')).size, 1);
    assert.equal(header('chasqui-repeat-cause')[1], 'replay');
    assert.deepEqual(
      (await deliveries()).map(({ state, attempts }) => [state, attempts]),
      [['done', 2]],
    );
  });

  it('shows every try with what it came to', async () => {
    answer = () => (receiver.calls.length === 1 ? { status: 500, body: 'out of order' } : {});
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    await advance(5000);
    const [{ receiptId } = { receiptId: '' }] = await deliveries();
    const timeline = await hooks.store.findTimeline(hooks.accountId, receiptId);
    const tries = timeline?.deliveries[0]?.tries ?? [];
    assert.deepEqual(
      tries.map(({ status, outcome, answer: text }) => [status, outcome, text]),
      [
        [500, 'rejected', 'out of order'],
        [200, 'accepted', '{"code":0}'],
      ],
    );
  });
});

describe('order', () => {
  it('of the statuses of one message is kept, and a failing lane holds back nobody else', async () => {
    answer = (receipts) => (receipts.some(({ MessageId }) => MessageId === 'bad') ? { status: 500 } : {});
    await hooks.post(
      toWebhook({
        statuses: ['sent', 'delivered', 'read'].flatMap((status) => [
          toStatus('bad', status),
          toStatus('good', status),
        ]),
      }),
    );
    await receiver.waitFor(4);
    await settle();
    assert.deepEqual(
      seen().filter((item) => item.startsWith('good')),
      ['good/Sent', 'good/Delivered', 'good/Read'],
    );
    assert.deepEqual(
      seen().filter((item) => item.startsWith('bad')),
      ['bad/Sent'],
    );
    answer = () => ({});
    await advance(5000);
    assert.deepEqual(
      seen().filter((item) => item.startsWith('bad')),
      ['bad/Sent', 'bad/Sent', 'bad/Delivered', 'bad/Read'],
    );
  });
});

describe('a batch', () => {
  it('holds up to as many as the settings say, and keeps its id and members when it may have been taken', async () => {
    await configure({ batchSize: 10 });
    answer = () => ({ isCut: true });
    await hooks.post(
      toWebhook({
        messages: Array.from({ length: 5 }, (_, n) => ({ ...toText(`m${n}`), from: `1555000300${n}` })),
      }),
    );
    await receiver.waitFor(1);
    await settle();
    await hooks.post(toWebhook({ messages: [{ ...toText('late'), from: '15550003009' }] }));
    await receiver.waitFor(2);
    await settle();
    answer = () => ({});
    await advance(5000);
    const [first, late, ...again] = receiver.calls;
    assert.equal((JSON.parse(first?.body ?? '') as unknown[]).length, 5);
    assert.match(String(first?.headers['webhook-id']), /^batch_/);
    assert.equal((JSON.parse(late?.body ?? '') as unknown[]).length, 1);
    const repeat = again.find(({ headers }) => headers['webhook-id'] === first?.headers['webhook-id']);
    assert.equal(repeat?.body, first?.body);
    assert.equal(repeat?.headers['chasqui-repeat-cause'], 'cut off');
    assert.ok((await deliveries()).every(({ state }) => state === 'done'));
  });

  it('of which some were not taken is tried again with just those', async () => {
    await configure({ batchSize: 10 });
    answer = (receipts) =>
      receiver.calls.length === 1
        ? {
            body: JSON.stringify({
              code: 0,
              failed: receipts
                .filter(({ MessageId }) => MessageId === 'm1')
                .map(({ ReceiptId }) => ReceiptId),
            }),
          }
        : {};
    await hooks.post(
      toWebhook({ messages: ['m0', 'm1', 'm2'].map((id, n) => ({ ...toText(id), from: `1555000300${n}` })) }),
    );
    await receiver.waitFor(1);
    await settle();
    await advance(5000);
    assert.deepEqual(seen().slice(3), ['m1']);
    assert.notEqual(header('webhook-id')[1], header('webhook-id')[0]);
  });

  const many = (count: number) =>
    toWebhook({
      messages: Array.from({ length: count }, (_, n) => ({
        ...toText(`m${n}`),
        from: `1555000${3000 + n}`,
      })),
    });
  const states = async () => {
    const counts = { waiting: 0, blocked: 0, unwanted: 0, done: 0, dead: 0 };
    for (const { state } of await deliveries()) counts[state] += 1;
    return counts;
  };
  /** Goes on as time does until nothing waits, for an hour at most. */
  async function playOut(): Promise<void> {
    for (let step = 0; step < 720 && (await states()).waiting > 0; step += 1) await advance(5000);
  }
  const spoilt = 'm13';
  const isSpoilt = (receipts: readonly ReceiptObject[]) =>
    receipts.some(({ MessageId }) => MessageId === spoilt);

  for (const [what, refusal] of [
    ['500', { status: 500 }],
    ['413', { status: 413 }],
    ['a code that is not 0', { body: '{"code":1}' }],
    ['a code that is a list', { body: '{"code":[["0"]]}' }],
    ['an answer cut off', { isCut: true }],
  ] as const) {
    it(`that one receipt spoils is halved until that one is alone: ${what}`, async () => {
      // The preset that gives up first: the others must not lose a try to their neighbour.
      await configure({ batchSize: 20, scheduleMs: [0, 1000, 1000] });
      answer = (receipts) => (isSpoilt(receipts) ? refusal : {});
      await hooks.post(many(20));
      await receiver.waitFor(1);
      await settle();
      await playOut();
      assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 19, dead: 1 });
      const alone = receiver.calls.filter(({ body }) => {
        const receipts = JSON.parse(body) as ReceiptObject[];
        return receipts.length === 1 && isSpoilt(receipts);
      });
      assert.equal(alone.length, 3 - (receiver.calls.length > 0 && what === 'an answer cut off' ? 1 : 0));
      assert.ok(receiver.calls.length < 20, `${receiver.calls.length} POSTs`);
      const taken = receiver.calls.filter(({ body }) => !isSpoilt(JSON.parse(body) as ReceiptObject[]));
      const ids = taken.flatMap(({ body }) => (JSON.parse(body) as ReceiptObject[]).map((r) => r.ReceiptId));
      assert.equal(new Set(ids).size, ids.length, 'nothing that was taken is sent again');
    });
  }

  it('is not halved for what says nothing of its receipts', async () => {
    await configure({ batchSize: 20 });
    answer = () => (receiver.calls.length < 3 ? { status: 429, headers: { 'retry-after': '1' } } : {});
    await hooks.post(many(20));
    await receiver.waitFor(1);
    await settle();
    await playOut();
    assert.equal(new Set(header('webhook-id')).size, 1);
    assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 20, dead: 0 });
  });

  it('goes out in several POSTs when it is larger than the settings allow', async () => {
    await dispatcher.stop();
    maxBatchBytes = 2000;
    dispatcher = openTestDispatcher();
    dispatcher.start();
    await configure({ batchSize: 20 });
    answer = (_receipts) => (receiver.calls.length === 1 ? { isCut: true } : {});
    await hooks.post(many(20));
    await receiver.waitFor(2);
    await settle();
    await playOut();
    assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 20, dead: 0 });
    assert.ok(receiver.calls.every(({ body }) => Buffer.byteLength(body) <= 2000));
    assert.equal(seen().length, 20 + (JSON.parse(receiver.calls[0]?.body ?? '') as unknown[]).length);
    const [first] = receiver.calls;
    const again = receiver.calls.filter(
      ({ headers }) => headers['webhook-id'] === first?.headers['webhook-id'],
    );
    assert.equal(again.length, 2);
    assert.equal(again[1]?.body, first?.body, 'what went together goes together again');
  });

  it('of which a part went out is written down though the rest cannot be given back', async () => {
    await dispatcher.stop();
    maxBatchBytes = 2000;
    let failures = 0;
    const releaseDeliveries: Store['releaseDeliveries'] = (...call) => {
      failures += 1;
      return failures === 1
        ? Promise.reject(new GatewayError('store_unavailable'))
        : hooks.store.releaseDeliveries(...call);
    };
    dispatcher = openTestDispatcher(client, { ...hooks.store, releaseDeliveries });
    dispatcher.start();
    await configure({ batchSize: 20 });
    await hooks.post(many(20));
    await receiver.waitFor(1);
    await settle();
    await playOut();
    assert.ok(failures > 0, 'something did not fit');
    assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 20, dead: 0 });
    assert.equal(seen().length, 20, 'nothing came twice');
  });

  it('with a receipt larger than the settings allow sends that one alone', async () => {
    await dispatcher.stop();
    maxBatchBytes = 10;
    dispatcher = openTestDispatcher();
    dispatcher.start();
    await configure({ batchSize: 20 });
    await hooks.post(many(5));
    await receiver.waitFor(5);
    await settle();
    assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 5, dead: 0 });
  });

  for (const batchSize of [1, 20]) {
    it(`of ${batchSize} with a receipt whose rendering throws goes out without it, which dies by the schedule`, async () => {
      unrenderable.add(spoilt);
      await configure({ batchSize, scheduleMs: [0, 5000, 5000] });
      await hooks.post(many(20));
      await receiver.waitFor(batchSize === 1 ? 19 : 1);
      await settle();
      assert.deepEqual(await states(), { waiting: 1, blocked: 0, unwanted: 0, done: 19, dead: 0 });
      await playOut();
      assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 19, dead: 1 });
      assert.ok(!seen().includes(spoilt));
      const [dead] = (await deliveries()).filter(({ state }) => state === 'dead');
      const timeline = await hooks.store.findTimeline(hooks.accountId, dead?.receiptId ?? '');
      assert.deepEqual(
        timeline?.deliveries[0]?.tries.map(({ outcome, answer: text }) => [outcome, text]),
        Array.from({ length: 3 }, () => ['failed', 'The receipt cannot be rendered (TypeError).']),
      );
      assert.deepEqual(notices, [], 'the destination has nothing to do with it');
    });
  }

  it('that cannot be signed is a failed try with its reason', async () => {
    await configure({ batchSize: 20, scheduleMs: [0] });
    await dispatcher.stop();
    const broken = { post: () => Promise.reject(new RangeError('a bug')) };
    dispatcher = openTestDispatcher(broken);
    dispatcher.start();
    await hooks.post(many(3));
    await settle();
    assert.deepEqual(await states(), { waiting: 0, blocked: 0, unwanted: 0, done: 0, dead: 3 });
  });

  it('never mixes receipt types', async () => {
    await configure({ batchSize: 10 });
    await hooks.post(toWebhook({ messages: [toText('m1')], statuses: [toStatus('s1', 'sent')] }));
    await receiver.waitFor(2);
    await settle();
    assert.deepEqual(
      receiver.calls.map(({ body }) => (JSON.parse(body) as unknown[]).length),
      [1, 1],
    );
  });
});

describe('a destination', () => {
  it('that answers 410 is switched off with a notice, and its deliveries wait until it is on again', async () => {
    answer = () => ({ status: 410 });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    assert.equal((await hooks.store.findDestination(hooks.accountId, destinationId))?.state, 'off');
    assert.deepEqual(notices, ['destination_off']);
    await hooks.post(toWebhook({ messages: [{ ...toText('m2'), from: '15550003000' }] }));
    await advance(86_400_000);
    assert.equal(receiver.calls.length, 1);
    answer = () => ({});
    await hooks.store.setDestinationState(hooks.accountId, destinationId, 'active', inWords(''), system);
    await settle();
    await advance(0);
    assert.deepEqual(seen().slice(1).sort(), ['m1', 'm2']);
  });

  it('that fails ten times over half a minute is opened, probed with one at a time, and closed by a success', async () => {
    answer = () => ({ status: 500 });
    for (let n = 0; n < 10; n += 1) {
      await hooks.post(toWebhook({ messages: [{ ...toText(`m${n}`), from: `1555000${4000 + n}` }] }));
      await receiver.waitFor(n + 1);
      await settle();
      if (n < 9) hooks.clock.advance(3400);
    }
    assert.deepEqual(notices, ['destination_opened']);
    assert.equal((await hooks.store.findDestination(hooks.accountId, destinationId))?.state, 'opened');
    const before = receiver.calls.length;
    const attempts = async () => (await deliveries()).reduce((sum, delivery) => sum + delivery.attempts, 0);
    const tries = await attempts();
    await advance(29_000);
    assert.equal(receiver.calls.length, before, 'nothing passes before the probe');
    await advance(1000);
    assert.equal(receiver.calls.length, before + 1, 'one probe');
    assert.equal(await attempts(), tries + 1, 'the others used up no try');
    answer = () => ({});
    await advance(30_000);
    await advance(600_000);
    assert.ok((await deliveries()).every(({ state }) => state === 'done'));
    assert.deepEqual(notices, ['destination_opened', 'destination_closed']);
  });

  it('that asked for a long pause is asked at once when a person switches it off and on', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '86400' } });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    answer = () => ({});
    const set = (state: 'active' | 'off') =>
      hooks.store.setDestinationState(hooks.accountId, destinationId, state, inWords('By hand.'), system);
    await set('off');
    await settle();
    await hooks.post(toWebhook({ messages: [{ ...toText('m2'), from: '15550004002' }] }));
    await advance(60_000);
    assert.equal(receiver.calls.length, 1, 'nothing goes while it is off');
    await set('active');
    await settle();
    assert.deepEqual(seen(), ['m1', 'm2'], 'what is due goes');
    await hooks.store.hasten(hooks.accountId, destinationId, 10);
    // At the rate that a receiver is begun with again.
    await advance(2000);
    assert.deepEqual(seen(), ['m1', 'm2', 'm1']);
  });

  it('that is given another URL is asked there at once, whatever the old one answered', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '86400' } });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    answer = () => ({});
    const url = `${receiver.url}/moved`;
    await hooks.store.changeDestination(hooks.accountId, destinationId, { url }, system);
    await hooks.store.hasten(hooks.accountId, destinationId, 10);
    await settle();
    assert.deepEqual(
      receiver.calls.map(({ path }) => path),
      ['/hook', '/moved'],
    );
  });

  it('holds no more pushes under way than its setting allows', async () => {
    await configure({ concurrency: 2 });
    const held: ServerResponse[] = [];
    let most = 0;
    await receiver.close();
    receiver = await openReceiver((_call, response) => {
      held.push(response);
      most = Math.max(most, held.length);
    });
    const url = `${receiver.url}/other`;
    await hooks.store.setSenderWebhook(
      hooks.accountId,
      'wa',
      sender,
      { ...noSenderWebhook, http: true, inboundUrl: url },
      'standard',
      system,
    );
    destinationId = (await hooks.store.findDestinationByUrl(hooks.accountId, url))?.id ?? 0;
    await configure({ concurrency: 2 });
    await hooks.post(
      toWebhook({
        messages: Array.from({ length: 20 }, (_, n) => ({
          ...toText(`m${n}`),
          from: `155500030${String(n).padStart(2, '0')}`,
        })),
      }),
    );
    for (let done = 0; done < 20; done += 1) {
      await receiver.waitFor(Math.min(done + 2, 20));
      await settle();
      held.shift()?.end('{"code":0}');
    }
    assert.equal(most, 2);
    assert.equal(receiver.calls.length, 20);
  });
});

describe('a process that ended badly', () => {
  it('leaves leases that lapse, and the push after it says why it may be a repeat', async () => {
    await dispatcher.stop();
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    const request = { accountId: hooks.accountId, destinationId, limit: 1, batchSize: 1, leaseMs: 1000 };
    assert.equal((await hooks.store.claimDeliveries({ ...request, now: hooks.clock.now() })).length, 1);
    hooks.clock.advance(1000);
    dispatcher = openTestDispatcher();
    dispatcher.start();
    await receiver.waitFor(1);
    assert.deepEqual(header('chasqui-repeat-cause'), ['recovery']);
  });
});

describe('a destination that is opened', () => {
  const post = (count: number, from = 0) =>
    hooks.post(
      toWebhook({
        messages: Array.from({ length: count }, (_, n) => ({
          ...toText(`o${from + n}`),
          from: `155500${String(50_000 + from + n)}`,
        })),
      }),
    );
  const state = async () => (await hooks.store.findDestination(hooks.accountId, destinationId))?.state;
  const count = async (wanted: Delivery['state']) =>
    (await deliveries()).filter((one) => one.state === wanted).length;

  /** Twelve receipts fail at once, and again until it is opened. */
  async function open(): Promise<void> {
    answer = () => ({ status: 503 });
    await post(12);
    await receiver.waitFor(12);
    await settle();
    for (let step = 0; step < 20 && (await state()) !== 'opened'; step += 1) await advance(5000);
    assert.equal(await state(), 'opened');
  }

  it('loses nothing however long it is away, on the shortest schedule', async () => {
    await configure({ scheduleMs: [0, 30_000, 30_000] });
    await open();
    const dead = await count('dead');
    assert.equal(dead, 0);
    for (let probe = 0; probe < 60; probe += 1) await advance(30_000);
    assert.equal(await count('dead'), 0, 'sixty probes brought nobody nearer the end');
    answer = () => ({});
    for (let step = 0; step < 30; step += 1) await advance(30_000);
    assert.equal(await count('done'), 12);
  });

  it('that fails again shortly after it closed loses nothing either', async () => {
    await configure({ scheduleMs: [0, 30_000] });
    await open();
    answer = () => (receiver.calls.length === sent + 1 ? {} : { status: 503 });
    const sent = receiver.calls.length;
    for (let step = 0; step < 12; step += 1) await advance(30_000);
    assert.ok(notices.includes('destination_closed'));
    assert.equal(await count('dead'), 0);
  });

  it('that fails again shortly after it closed loses nothing when the process was started anew in between', async () => {
    await open();
    answer = () => ({});
    for (let step = 0; step < 6 && (await count('done')) < 12; step += 1) await advance(30_000);
    assert.equal(await count('done'), 12);
    await dispatcher.stop();
    await configure({ scheduleMs: [0] });
    answer = () => ({ status: 503 });
    await post(1, 12);
    dispatcher = openTestDispatcher();
    dispatcher.start();
    await settle();
    assert.equal(await count('waiting'), 1, 'its only try is not its last');
    answer = () => ({});
    for (let step = 0; step < 10; step += 1) await advance(30_000);
    assert.equal(await count('done'), 13);
  });

  it('is closed at once by a person, tried with one, and opened again by its first failure, with a notice', async () => {
    await open();
    await advance(1000);
    const sent = receiver.calls.length;
    await hooks.store.setDestinationState(
      hooks.accountId,
      destinationId,
      'active',
      inWords('By hand.'),
      system,
    );
    await settle();
    assert.equal(receiver.calls.length, sent + 1, 'nobody waited for the next probe');
    assert.equal(await state(), 'opened');
    assert.deepEqual(notices, ['destination_opened', 'destination_opened']);
    answer = () => ({});
    await hooks.store.setDestinationState(
      hooks.accountId,
      destinationId,
      'active',
      inWords('By hand.'),
      system,
    );
    await settle();
    assert.equal(await state(), 'active');
    for (let step = 0; step < 12; step += 1) await advance(5000);
    assert.equal(await count('done'), 12);
  });

  it('is closed by a good receipt behind many that it refuses, at the next probe', async () => {
    await configure({ scheduleMs: [0, 1000, ...Array.from({ length: 40 }, () => 10_000)] });
    answer = (receipts) =>
      receipts.some(({ MessageId }) => MessageId.startsWith('o')) ? { status: 500 } : {};
    await post(120);
    await receiver.waitFor(120);
    await settle();
    for (let step = 0; step < 20 && (await state()) !== 'opened'; step += 1) await advance(5000);
    assert.equal(await state(), 'opened');
    await hooks.post(toWebhook({ messages: [{ ...toText('good'), from: '15550007777' }] }));
    await settle();
    await advance(30_000);
    assert.ok(seen().includes('good'));
    assert.ok(notices.includes('destination_closed'));
  });
});

describe('a destination that answers 5xx', () => {
  const statuses = (n: number) =>
    hooks.post(toWebhook({ statuses: [toStatus(`s${n}`, 'sent')] })).then(() => settle());
  const texts = (count: number) =>
    hooks.post(
      toWebhook({
        messages: Array.from({ length: count }, (_, n) => ({
          ...toText(`p${n}`),
          from: `15550060${100 + n}`,
        })),
      }),
    );
  const isInbound = (receipts: readonly ReceiptObject[]) =>
    receipts.some(({ Status }) => Status === undefined);
  const state = async () => (await hooks.store.findDestination(hooks.accountId, destinationId))?.state;

  beforeEach(() => configure({ scheduleMs: [0, ...Array.from({ length: 60 }, () => 10_000)] }));

  /** Until another kind has been taken, nobody can know that it is one kind alone. */
  async function refuseOneKind(): Promise<void> {
    answer = (receipts) => (isInbound(receipts) ? { status: 500 } : {});
    await texts(40);
    await receiver.waitFor(40);
    await statuses(0);
    await advance(10_000);
  }

  it('to one kind alone is not opened while another kind is taken', async () => {
    await refuseOneKind();
    for (let n = 1; n <= 4; n += 1) {
      for (let step = 0; step < 12; step += 1) await advance(10_000);
      const sent = receiver.calls.length;
      await statuses(n);
      assert.ok(receiver.calls.length > sent && seen().includes(`s${n}/Sent`), 'at once');
    }
    assert.deepEqual(notices, []);
  });

  it('to one kind, and later to everything, is opened', async () => {
    await refuseOneKind();
    answer = () => ({ status: 502 });
    for (let n = 1; n <= 3; n += 1) await statuses(n);
    for (let step = 0; step < 4; step += 1) await advance(10_000);
    assert.equal(await state(), 'opened');
  });

  it('to one kind is opened when nothing else has been taken for long', async () => {
    await refuseOneKind();
    for (let step = 0; step < 28; step += 1) await advance(10_000);
    assert.deepEqual(notices, []);
    for (let step = 0; step < 8; step += 1) await advance(10_000);
    assert.equal(await state(), 'opened');
  });

  it('to everything from one moment on is opened as soon as it may be', async () => {
    await statuses(0);
    answer = () => ({ status: 500 });
    await texts(12);
    await receiver.waitFor(13);
    for (let step = 0; step < 4; step += 1) await advance(10_000);
    assert.equal(await state(), 'opened');
  });

  it('to one user alone is not opened, however many messages of theirs die', async () => {
    await configure({ scheduleMs: [0, 10_000] });
    answer = () => ({ status: 500 });
    for (let n = 0; n < 20; n += 1) await hooks.post(toWebhook({ messages: [toText(`u${n}`)] }));
    for (let step = 0; step < 30; step += 1) await advance(10_000);
    assert.deepEqual(new Set(notices), new Set(['delivery_died']));
  });
});

describe('a destination that refuses what is sent', () => {
  for (const [what, refusal] of [
    ['400', { status: 400 }],
    ['422', { status: 422 }],
    ['a code that is not 0', { body: '{"code":1}' }],
  ] as const) {
    it(`of one kind is not opened, and the others go out at once: ${what}`, async () => {
      await configure({ scheduleMs: [0, ...Array.from({ length: 40 }, () => 10_000)] });
      answer = (receipts) => (receipts.some(({ Status }) => Status === undefined) ? refusal : {});
      await hooks.post(
        toWebhook({
          messages: Array.from({ length: 120 }, (_, n) => ({
            ...toText(`p${n}`),
            from: `15550060${100 + n}`,
          })),
        }),
      );
      await receiver.waitFor(120);
      await settle();
      for (let step = 0; step < 10; step += 1) await advance(10_000);
      assert.deepEqual(notices, []);
      await hooks.post(toWebhook({ statuses: [toStatus('good', 'sent')] }));
      await settle();
      assert.ok(seen().includes('good/Sent'));
    });
  }
});

describe('a destination that says it is too much', () => {
  it('is left alone until its time, loses nothing, and is pushed to at about the rate that it takes', async () => {
    await configure({ scheduleMs: [0, 1000, 1000] });
    const perSecond = 20;
    let second = -1;
    let taken = 0;
    let refused = 0;
    const told = new Set<number>();
    answer = () => {
      const now = Math.floor(hooks.clock.now() / 1000);
      if (now !== second) [second, taken] = [now, 0];
      taken += 1;
      if (taken <= perSecond) return {};
      refused += 1;
      told.add(now);
      return { status: 429, headers: { 'retry-after': '1' } };
    };
    await hooks.post(
      toWebhook({
        messages: Array.from({ length: 190 }, (_, n) => ({
          ...toText(`t${n}`),
          from: `155500${70_000 + n}`,
        })),
      }),
    );
    await settle();
    let steps = 0;
    for (; steps < 400 && (await deliveries()).some(({ state }) => state === 'waiting'); steps += 1)
      await advance(50);
    const all = await deliveries();
    assert.equal(all.filter(({ state }) => state === 'done').length, 190);
    assert.ok(steps * 50 <= 15_000, `took ${steps * 50} ms`);
    assert.ok(refused <= 60, `${refused} refusals`);
    assert.deepEqual(notices, []);
  });

  it('by a date is left alone until then, with all its receipts, and none uses up a try', async () => {
    await configure({ scheduleMs: [0] });
    const until = Math.ceil(hooks.clock.now() / 1000) * 1000 + 60_000;
    const toDate = (time: number): string => new Date(time).toUTCString();
    const headers = { date: toDate(hooks.clock.now()), 'retry-after': toDate(until) };
    answer = () => ({ status: 503, headers });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    await hooks.post(toWebhook({ messages: [{ ...toText('m2'), from: '15550003000' }] }));
    await settle();
    await advance(until - hooks.clock.now() - 1);
    assert.equal(receiver.calls.length, 1);
    answer = () => ({});
    await advance(1);
    await advance(1000);
    assert.deepEqual(
      (await deliveries()).map(({ state }) => state),
      ['done', 'done'],
    );
  });

  const pause = async () => (await hooks.store.findDestination(hooks.accountId, destinationId))?.pause;

  it('tells until when and why, and goes on waiting when another process takes over', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await settle();
    const until = hooks.clock.now() + 3_600_000;
    assert.deepEqual(await pause(), { until, status: 429, askedMs: 3_600_000 });
    await dispatcher.stop();
    answer = () => ({});
    await hooks.store.hasten(hooks.accountId, destinationId, 10);
    // What it knew of the destination is looked up anew by then.
    hooks.clock.advance(6000);
    dispatcher = openTestDispatcher();
    dispatcher.start();
    for (let step = 0; step < 30; step += 1) await advance(60_000);
    assert.equal(receiver.calls.length, 1);
    for (let step = 0; step < 31; step += 1) await advance(60_000);
    assert.deepEqual(seen(), ['m1', 'm1']);
  });

  it('is asked at once when a person switches it on, which it was all the while', async () => {
    answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
    await hooks.post(toWebhook({ messages: [toText('m1')] }));
    await receiver.waitFor(1);
    await advance(1000);
    answer = () => ({});
    await hooks.store.setDestinationState(
      hooks.accountId,
      destinationId,
      'active',
      inWords('By hand.'),
      system,
    );
    await hooks.store.hasten(hooks.accountId, destinationId, 10);
    // At the rate that a receiver is begun with again.
    await advance(2000);
    assert.deepEqual([seen(), await pause()], [['m1', 'm1'], null]);
  });

  it('is not written down anew for each of many answers that say the same', async () => {
    let writes = 0;
    const write = hooks.store.setDestinationPause.bind(hooks.store);
    await dispatcher.stop();
    hooks.store.setDestinationPause = (...values) => {
      writes += 1;
      return write(...values);
    };
    dispatcher = openTestDispatcher();
    dispatcher.start();
    answer = () => ({ status: 429, headers: { 'retry-after': '60' } });
    const from = (n: number): string => `15550070${String(100 + n)}`;
    await hooks.post(
      toWebhook({ messages: Array.from({ length: 32 }, (_, n) => ({ ...toText(`m${n}`), from: from(n) })) }),
    );
    await receiver.waitFor(32);
    await settle();
    assert.equal(writes, 1);
    answer = () => ({ status: 429, headers: { 'retry-after': '0' } });
    await advance(60_000);
    assert.equal(writes, 1, 'a pause of a moment is none to tell');
  });
});
