// Queues made, changed and tried, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { findQueue, makeQueue, sendOne, setQueue } from '../../../src/core/queues/queues.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { versionOfQueue } from '../../../src/domain/version.ts';
import { openTestStore } from '../../support/store.ts';

async function open(t: TestContext) {
  const { store, accountId, clock, close } = await openTestStore();
  t.after(close);
  const principal = { accountId, actor: { kind: 'key', id: 'testkey' } } as const;
  return { store, accountId, clock, principal, find: () => findQueue(store, accountId, 'orders') };
}

it('a queue has what is given and the defaults, and keeps what a change leaves out', async (t) => {
  const { store, accountId, principal, find } = await open(t);
  await assert.rejects(find(), { code: 'not_found', message: 'There is no such queue.' });
  assert.equal(await setQueue(store, principal, 'orders', { delaySeconds: 5 }), 'made');
  assert.deepEqual((await find()).attributes, { ...defaultQueueAttributes, delaySeconds: 5 });
  assert.equal(await setQueue(store, principal, 'orders', { visibilitySeconds: 7 }), 'kept');
  assert.equal(await setQueue(store, principal, 'orders', {}), 'kept');
  const { attributes } = await find();
  assert.deepEqual([attributes.delaySeconds, attributes.visibilitySeconds], [5, 7]);
  await assert.rejects(findQueue(store, accountId + 1, 'orders'), { code: 'not_found' });
});

it('a queue is only made, or only changed as it was seen, where that is asked for', async (t) => {
  const { store, principal, find } = await open(t);
  const set = (expected: Parameters<typeof setQueue>[4]) =>
    setQueue(store, principal, 'orders', { delaySeconds: 5 }, expected);
  await assert.rejects(set({ kind: 'present' }), { code: 'changed_meanwhile' });
  assert.equal(await set({ kind: 'absent' }), 'made');
  await assert.rejects(set({ kind: 'absent' }), { code: 'already_exists' });
  const seen = { kind: 'versions', versions: [versionOfQueue(await find())] } as const;
  assert.equal(await setQueue(store, principal, 'orders', { delaySeconds: 6 }, seen), 'kept');
  await assert.rejects(setQueue(store, principal, 'orders', { delaySeconds: 7 }, seen), {
    code: 'changed_meanwhile',
  });
});

it('a message that the queue cannot hold, or XML cannot carry, is refused', async (t) => {
  const { store, clock, principal, find } = await open(t);
  await setQueue(store, principal, 'orders', { maximumMessageBytes: 1024 });
  const send = async (body: string) => sendOne({ store, now: clock.now }, await find(), body);
  await send('ä'.repeat(512));
  await assert.rejects(send('ä'.repeat(513)), { code: 'bad_request', field: 'body', message: /1024 bytes/ });
  await assert.rejects(send('a\u0001b'), { code: 'bad_request', field: 'body', message: /XML/ });
  assert.equal((await store.peekMessages(await find(), 16, clock.now())).length, 1);
  const gone = await find();
  await store.deleteQueue(principal.accountId, 'orders', principal.actor);
  await assert.rejects(sendOne({ store, now: clock.now }, gone, 'x'), { code: 'not_found' });
});

it('a queue that is only made is kept where it is there as it would be, and refused where it differs', async (t) => {
  const { store, accountId, find } = await open(t);
  const make = (name: string, delaySeconds: number) => makeQueue(store, accountId, name, { delaySeconds });
  assert.equal(await make('orders', 5), 'created');
  assert.equal(await make('orders', 5), 'same');
  await assert.rejects(make('orders', 6), { code: 'conflict', fault: { kind: 'different' } });
  await assert.rejects(make('-orders', 5), { code: 'bad_request', fault: { kind: 'name_spelling' } });
  assert.deepEqual((await find()).attributes, { ...defaultQueueAttributes, delaySeconds: 5 });
});
