import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { system } from '../../../src/domain/account.ts';
import { recordSent } from '../../../src/core/receipts/send-answer.ts';
import { rereadUnrouted } from '../../../src/core/receipts/route-reread.ts';
import { appSecret, openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';

const page = '300000000000001';
const psid = '24000000000000001';
/** What times of the channel are counted from. */
const base = 1_780_000_000_000;

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addPages('messenger', 'fb', [page]);
});
afterEach(() => hooks.close());

/** Adds messages to a user and leaves them in the middle of their send calls; resolves to their ids. */
async function beginSends(count: number, to = psid): Promise<number[]> {
  const { store, clock, accountId } = hooks;
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const [added] = await store.addOutbound(accountId, [
      {
        channelId: 'fb',
        channelType: 'messenger',
        senderId: page,
        to,
        groupId: null,
        taskId: null,
        envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
        expiresAt: clock.now() + 60_000,
        oncePerTask: false,
      },
    ]);
    ids.push(added?.id ?? 0);
  }
  await store.claimOutbound({
    accountId,
    channelId: 'fb',
    senderId: page,
    limit: count,
    now: clock.now(),
    leaseMs: 60_000,
  });
  return ids;
}

/** Records what the answer to a send call says. */
async function endSend(id: number, mid: string, sentAt: number): Promise<void> {
  const { store, clock, accountId, recording } = hooks;
  const channel = await store.findChannel('fb');
  const sender = (await store.findSender('fb', page)) ?? null;
  const [message] = await store.findOutbound(accountId, { ids: [id] });
  assert.ok(channel && message);
  const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
  const answer = { channelMessageId: mid, sentAt: base + sentAt, attempt };
  await recordSent(recording, { channel, sender }, message, answer);
}

const toEvent = (members: object, user = psid) => ({
  sender: { id: user },
  recipient: { id: page },
  timestamp: base + 5000,
  ...members,
});

async function post(...events: object[]): Promise<void> {
  const body = JSON.stringify({
    object: 'page',
    entry: [{ id: page, time: base + 5000, messaging: events }],
  });
  assert.equal(await hooks.post(body, 'fb', appSecret, 'messenger'), 200);
}

/** Status and last digits of the task's MessageId, in the order in which they came. */
async function drain(ids: readonly number[]): Promise<string[]> {
  const names = new Map<unknown, number>();
  const sent = await hooks.store.findOutbound(hooks.accountId, { ids });
  for (const message of sent) names.set(message.messageId, ids.indexOf(message.id));
  return (await hooks.drain('ChatAppStatus'))
    .map(
      (receipt) =>
        `${String(receipt['Status'])} ${names.get(receipt['MessageId']) ?? String(receipt['MessageId'])}`,
    )
    .sort();
}

const waiting = async () => (await hooks.store.listUnrouted(hooks.accountId, { limit: 50 })).items.length;

describe('a watermark', () => {
  it('means messages to a plugin’s reference that the channel has told as the user', async () => {
    const { store, accountId, clock } = hooks;
    const [direct] = await beginSends(1);
    const [byReference] = await beginSends(1, 'ref-1');
    assert.ok(direct !== undefined && byReference !== undefined);
    await endSend(direct, 'm_0', 1000);
    await endSend(byReference, 'm_1', 1000);
    await drain([direct, byReference]);
    const alias = { channelId: 'fb', spelling: 'ref-1', told: psid, rank: 2, at: clock.now() } as const;
    await store.tellAliases(accountId, [alias]);
    await post(toEvent({ read: { watermark: base + 2000 } }));
    assert.deepEqual(await drain([direct, byReference]), ['Read 0', 'Read 1']);
  });

  it('gives one receipt of each message that it means, once', async () => {
    const ids = await beginSends(3);
    for (const [n, id] of ids.entries()) await endSend(id, `m_${n}`, 1000 * (n + 1));
    assert.deepEqual(await drain(ids), ['Sent 0', 'Sent 1', 'Sent 2']);
    await post(toEvent({ delivery: { mids: ['m_1'], watermark: base + 2000 } }));
    assert.deepEqual(await drain(ids), ['Delivered 0', 'Delivered 1']);
    await post(toEvent({ delivery: { watermark: base + 2000 } }));
    assert.deepEqual(await drain(ids), []);
    await post(toEvent({ read: { watermark: base + 2999 } }));
    assert.deepEqual(await drain(ids), ['Read 0', 'Read 1']);
    await post(toEvent({ read: { watermark: base + 2999 } }), toEvent({ read: { watermark: base + 3000 } }));
    assert.deepEqual(await drain(ids), ['Read 2']);
    // What was read is not delivered anew.
    await post(toEvent({ delivery: { watermark: base + 9000 } }));
    assert.deepEqual(await drain(ids), []);
  });

  it('of another user means none of these', async () => {
    const ids = await beginSends(1);
    await endSend(ids[0] ?? 0, 'm_0', 1000);
    await drain(ids);
    await post(toEvent({ read: { watermark: base + 9000 } }, '24000000000000002'));
    assert.deepEqual(await drain(ids), []);
  });

  it('that overtakes the answer to a send call waits for it', async () => {
    const ids = await beginSends(1);
    await post(
      toEvent({ delivery: { mids: ['m_0'], watermark: base + 1500 } }),
      toEvent({ read: { watermark: base + 1500 } }),
    );
    assert.equal(await waiting(), 2);
    await endSend(ids[0] ?? 0, 'm_0', 1000);
    await waitUntil('nothing waits', 60_000, async () => (await waiting()) === 0);
    assert.deepEqual(await drain(ids), ['Delivered 0', 'Read 0', 'Sent 0']);
  });

  it('waits for no answer longer than ten seconds', async () => {
    await beginSends(1);
    await post(toEvent({ read: { watermark: base + 1500 } }));
    assert.equal(await waiting(), 1);
    hooks.clock.advance(10_000);
    await waitUntil('nothing waits', 60_000, async () => {
      hooks.ringTimers();
      return (await waiting()) === 0;
    });
  });

  it('takes hold of an echo, which tells the true time and of a message whose answer was lost', async () => {
    const [first = 0] = await beginSends(1);
    await endSend(first, 'm_0', 3000);
    const [second = 0] = await beginSends(1);
    const ids = [first, second];
    const messages = await hooks.store.findOutbound(hooks.accountId, { ids: [first, second] });
    const echo = (mid: string, metadata: string | undefined, timestamp: number) => ({
      sender: { id: page },
      recipient: { id: psid },
      timestamp: base + timestamp,
      message: { mid, is_echo: true, metadata },
    });
    await post(
      echo('m_0', messages.find(({ id }) => id === first)?.messageId, 2500),
      echo('m_1', messages.find(({ id }) => id === second)?.messageId, 2600),
      echo('m_2', undefined, 2600),
      toEvent({ read: { watermark: base + 2600 } }),
    );
    await waitUntil('nothing waits', 60_000, async () => (await waiting()) === 0);
    assert.deepEqual(await drain(ids), ['Read 0', 'Read 1', 'Sent 0', 'Sent 1']);
  });

  it('and a status that came while their Page was removed are told of its messages once it is back', async () => {
    const ids = await beginSends(2);
    for (const [n, id] of ids.entries()) await endSend(id, `m_${n}`, 1000 * (n + 1));
    await drain(ids);
    await hooks.store.deleteSender(hooks.accountId, 'fb', page, system);
    await post(toEvent({ delivery: { mids: ['m_1'] } }), toEvent({ read: { watermark: base + 1500 } }));
    assert.equal(await waiting(), 2);
    await hooks.addPages('messenger', 'fb', [page]);
    await rereadUnrouted(hooks.recording, 'messenger', { by: 'sender', id: page });
    assert.deepEqual(await drain(ids), ['Delivered 1', 'Read 0']);
    assert.equal(await waiting(), 0);
  });

  it('means more messages than one transaction takes', async () => {
    const ids = await beginSends(450);
    for (const [n, id] of ids.entries()) await endSend(id, `m_${n}`, n);
    await drain(ids);
    await post(toEvent({ read: { watermark: base + 9000 } }));
    await waitUntil('nothing waits', 60_000, async () => (await waiting()) === 0);
    const told = await drain(ids);
    assert.equal(told.length, 450);
    assert.equal(new Set(told).size, 450);
  });

  it('ends in the same state, whatever the order in which everything comes', async () => {
    const steps = ['sent', 'echo', 'delivery', 'mids', 'read', 'again'] as const;
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...steps], { minLength: steps.length }), async (order) => {
        number += 1;
        const user = `2400000000000${1000 + number}`;
        const [id = 0] = await beginSends(1, user);
        const mid = `m_${number}`;
        const [message] = await hooks.store.findOutbound(hooks.accountId, { ids: [id] });
        const echo = { mid, is_echo: true, metadata: message?.messageId };
        const play: Readonly<Record<(typeof steps)[number], () => Promise<void>>> = {
          sent: () => endSend(id, mid, 1000),
          echo: () =>
            post({ sender: { id: page }, recipient: { id: user }, timestamp: base + 1000, message: echo }),
          delivery: () => post(toEvent({ delivery: { watermark: base + 1000 } }, user)),
          mids: () => post(toEvent({ delivery: { mids: [mid], watermark: base + 1000 } }, user)),
          read: () => post(toEvent({ read: { watermark: base + 1000 } }, user)),
          again: () => post(toEvent({ read: { watermark: base + 1000 } }, user)),
        };
        for (const step of order) await play[step]();
        await waitUntil('nothing waits', 60_000, async () => (await waiting()) === 0);
        const told = await drain([id]);
        assert.equal(new Set(told).size, told.length, told.join());
        assert.ok(told.includes('Sent 0') && told.includes('Read 0'), told.join());
        assert.ok(
          told.every((line) => ['Sent 0', 'Delivered 0', 'Read 0'].includes(line)),
          told.join(),
        );
        const [after] = await hooks.store.findOutbound(hooks.accountId, { ids: [id] });
        assert.equal(after?.status, 'read');
        assert.equal(after.state, 'accepted');
        assert.equal(after.channelMessageId, mid);
      }),
      { numRuns: 60 },
    );
  });
});
