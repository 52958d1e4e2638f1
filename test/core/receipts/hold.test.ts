import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Holding } from '../../../src/core/receipts/hold.ts';
import { record } from '../../../src/core/receipts/record.ts';
import { createRereading } from '../../../src/core/receipts/route-reread.ts';
import type { Store } from '../../../src/store/store.ts';
import { openHookApp, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber('15550001111', '200000000000001');
});
afterEach(() => hooks.close());

/** Leaves a message of the business in the middle of its send call; resolves to its id. */
async function beginSend(): Promise<number> {
  const { store, clock, accountId } = hooks;
  const [added] = await store.addOutbound(accountId, [
    {
      channelId: 'wa',
      channelType: 'whatsapp',
      senderId: '15550001111',
      to: '15550002222',
      groupId: null,
      taskId: 'order-7',
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      expiresAt: clock.now() + 60_000,
      oncePerTask: false,
    },
  ]);
  const sender = { accountId, channelId: 'wa', senderId: '15550001111' };
  const claimed = await store.claimOutbound({ ...sender, limit: 1, now: clock.now(), leaseMs: 60_000 });
  assert.equal(claimed.length, 1);
  return added?.id ?? 0;
}

async function endSend(id: number, channelMessageId: string): Promise<void> {
  const { store, clock, accountId } = hooks;
  const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
  const next = { kind: 'accepted', channelMessageId, nextStepAt: null } as const;
  await store.settleOutbound([{ accountId, id, attempt, next }]);
}

const receipts = async () => (await hooks.store.listReceipts(hooks.accountId, {}, { limit: 50 })).items;
const waiting = async () => (await hooks.store.listUnrouted(hooks.accountId, { limit: 50 })).items;
const release = (count: number) =>
  waitUntil(`${count} receipts are there`, 60_000, async () => (await receipts()).length === count);

describe('a status that is faster than the answer to its send', () => {
  it('waits for the answer, and is told under our own id', async () => {
    const id = await beginSend();
    assert.equal(await hooks.post(toWebhook({ statuses: [toStatus('wamid.fast', 'sent')] })), 200);
    assert.equal(await hooks.post(toWebhook({ statuses: [toStatus('wamid.fast', 'delivered')] })), 200);
    assert.deepEqual(await receipts(), []);
    assert.deepEqual(
      (await waiting()).map(({ route }) => route),
      [
        { by: 'send', id: 'wa/15550001111' },
        { by: 'send', id: 'wa/15550001111' },
      ],
    );
    await endSend(id, 'wamid.fast');
    await release(2);
    assert.deepEqual(await waiting(), []);
    const told = await hooks.drain('ChatAppStatus');
    assert.deepEqual(
      told.map((receipt) => [receipt['Status'], receipt['TaskId']]),
      [
        ['Sent', 'order-7'],
        ['Delivered', 'order-7'],
      ],
    );
    assert.ok((await receipts()).every(({ unmatched }) => !unmatched));
  });

  it('goes out unmatched when the wait is over, and not before', async () => {
    await beginSend();
    await hooks.post(toWebhook({ statuses: [toStatus('wamid.other', 'sent')] }));
    hooks.clock.advance(9_999);
    hooks.ringTimers();
    await hooks.post(toWebhook({ statuses: [toStatus('wamid.other', 'sent')] }));
    assert.deepEqual(await receipts(), []);
    hooks.clock.advance(1);
    // A look that is under way sets the next timer when it ends.
    await waitUntil('the receipt is there', 60_000, async () => {
      hooks.ringTimers();
      return (await receipts()).length === 1;
    });
    assert.deepEqual(
      (await receipts()).map(({ unmatched }) => unmatched),
      [true],
    );
    hooks.clock.advance(10_000);
    await waitUntil('nothing waits', 60_000, async () => {
      hooks.ringTimers();
      return (await waiting()).length === 0;
    });
    assert.equal((await receipts()).length, 1);
  });

  it('does not wait while no send of its sender is under way', async () => {
    await hooks.post(toWebhook({ statuses: [toStatus('wamid.foreign', 'sent')] }));
    assert.equal((await receipts()).length, 1);
    const id = await beginSend();
    await endSend(id, 'wamid.own');
    await hooks.post(toWebhook({ statuses: [toStatus('wamid.foreign', 'delivered')] }));
    assert.equal((await receipts()).length, 2);
  });

  it('does not hold up what came with it', async () => {
    await beginSend();
    await hooks.post(
      toWebhook({
        messages: [toText('wamid.mo')],
        statuses: [toStatus('wamid.fast', 'sent')],
      }),
    );
    assert.deepEqual(
      (await receipts()).map(({ facts }) => facts.type),
      ['ChatAppInbound'],
    );
  });

  it('does not pass an earlier one when the answer comes between the looks at the two', async () => {
    const { recording, store, directory, accountId } = hooks;
    const channel = await directory.channel('wa');
    assert.ok(channel !== undefined);
    const id = await beginSend();
    const held: string[] = [];
    for (const status of ['sent', 'delivered', 'read']) {
      const body = Buffer.from(toWebhook({ statuses: [toStatus('wamid.fast', status)] }));
      const parsed = recording.connectors.whatsapp?.parse(body, channel);
      assert.ok(parsed !== undefined);
      await record({ ...recording, onHeld: (_, path) => held.push(path) }, channel, body, parsed);
    }
    assert.equal((await waiting()).length, 3);
    let looks = 0;
    const findOutbound: Store['findOutbound'] = async (...asked) => {
      looks += 1;
      // The first look finds the send without an answer; before the second one it is there.
      if (looks === 2) await endSend(id, 'wamid.fast');
      return store.findOutbound(...asked);
    };
    const holding = new Holding({
      ...recording,
      store: { ...store, findOutbound },
      holdMs: 10_000,
      setTimer: () => () => undefined,
    });
    holding.start();
    holding.hold('whatsapp', held[0] ?? '');
    await release(3);
    await holding.stop();
    assert.ok(looks > 3, 'what was left was looked at again');
    const told = await hooks.drain('ChatAppStatus');
    assert.deepEqual(
      told.map(({ Status }) => Status),
      ['Sent', 'Delivered', 'Read'],
    );
    const timelines = await Promise.all(
      (await receipts()).map(({ receiptId }) => store.findTimeline(accountId, receiptId)),
    );
    assert.ok(timelines.every((timeline) => timeline?.receipt.superseded === false));
  });

  it('is taken up by another process when its own ends', async () => {
    const id = await beginSend();
    await hooks.post(toWebhook({ statuses: [toStatus('wamid.fast', 'sent')] }));
    const taken: string[] = [];
    const rereading = createRereading({
      ...hooks.recording,
      onHeld: (type, path) => taken.push(`${type} ${path}`),
    });
    rereading.start();
    await waitUntil('it has been taken up', 60_000, () => taken.length > 0);
    await rereading.stop();
    assert.deepEqual(taken, ['whatsapp wa/15550001111']);
    await endSend(id, 'wamid.fast');
    await release(1);
  });
});
