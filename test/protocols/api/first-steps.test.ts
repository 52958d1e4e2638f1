import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiTest } from '../../support/api.ts';
import {
  connect,
  killDeliveries,
  number,
  open,
  senderPath,
  subscribe,
  toIntake,
} from '../../support/connected.ts';

test('the first steps are told by what is there', async (t) => {
  const api = await open(t);
  const look = async () => (await api.call('GET', '/first-steps')).json;
  const none = { connect: false, receipts: false, verify: false, live: false };
  // The sandbox is there to try with, and is no channel that was connected.
  const sandbox = { channelId: 'sandbox', id: '15550100001' };
  assert.deepEqual(await look(), { ...none, sender: sandbox, destinationId: null });
  await connect(api);
  const sender = { channelId: 'wa', id: number };
  assert.deepEqual(await look(), { ...none, connect: true, sender, destinationId: null });
  const destinationId = await subscribe(api);
  // The sandbox's are no step any more: the way on leads to those that were turned on.
  const on = { ...none, connect: true, receipts: true, sender, destinationId };
  assert.deepEqual(await look(), on);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  assert.deepEqual(await look(), { ...on, live: true });
  // What was given up was acknowledged by nobody.
  await killDeliveries(api, destinationId);
  assert.deepEqual(await look(), { ...on, live: true });
  await api.store.recordIntake([toIntake(api, destinationId, 'cd'.repeat(16))]);
  await acknowledge(api, destinationId);
  assert.deepEqual(await look(), { ...on, live: true, verify: true });
  // What is still to be turned on is named first.
  await api.call('PUT', '/channels/wa/senders/15550108888', { phoneNumberId: '9002' });
  const next = { channelId: 'wa', id: '15550108888' };
  assert.deepEqual(await look(), { ...on, live: true, verify: true, sender: next });
});

/** Has every waiting delivery taken. */
async function acknowledge({ store, accountId, clock }: ApiTest, destinationId: number): Promise<void> {
  const now = clock.now();
  const attempt = { at: now, durationMs: 3, status: 200, outcome: 'accepted', answer: '' } as const;
  const claimed = await store.claimDeliveries({
    ...{ accountId, destinationId, limit: 100, batchSize: 1, now, leaseMs: 1000 },
  });
  await store.settleDeliveries(
    claimed.flatMap(({ members }) =>
      members.map(({ deliveryId }) => ({
        accountId,
        destinationId,
        deliveryId,
        attempt,
        next: { kind: 'done' } as const,
      })),
    ),
  );
}

test('a queue that was emptied of a receipt verifies its receiver', async (t) => {
  const api = await open(t);
  await connect(api);
  await api.call('PUT', `${senderPath}/webhook`, { queue: true });
  const isVerified = async () => (await api.call('GET', '/first-steps')).json['verify'];
  assert.equal(await isVerified(), false, 'nothing has come that could be taken out');
  api.clock.advance(1000);
  const queueName = `Alicom-Queue-${api.accountId}-ChatAppStatus`;
  const intake = toIntake(api, 0);
  const [receipt] = intake.receipts;
  assert.ok(receipt);
  await api.store.recordIntake([
    { ...intake, receipts: [{ ...receipt, destinationId: null, queue: { name: queueName, body: '{}' } }] },
  ]);
  assert.equal(await isVerified(), false, 'it waits in the queue');
  const queue = await api.store.findQueue(api.accountId, queueName);
  assert.ok(queue);
  const taken = await api.store.receiveMessages(queue, 16, api.clock.now());
  const handles = taken.map(({ handle }) => handle);
  assert.deepEqual(await api.store.deleteMessages(queue, handles, api.clock.now()), [null]);
  assert.equal(await isVerified(), true);
});
