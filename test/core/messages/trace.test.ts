// What is kept of a message, found by each of its ids, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findTrace } from '../../../src/core/messages/trace.ts';
import { connect, open, receiptId, subscribe, toIntake } from '../../support/connected.ts';

it('a message of ours is found by our id, and only by its own account', async (t) => {
  const { call, store, accountId } = await open(t);
  const body = {
    channelId: 'sandbox',
    senderId: '15550100001',
    to: '15550002220',
    type: 'text',
    text: 'Hello',
  };
  const messageId = String((await call('POST', '/messages', body)).json['messageId']);
  const trace = await findTrace(store, accountId, messageId);
  assert.deepEqual(
    [trace?.message?.messageId, trace?.attempts, trace?.timelines, trace?.fallback, trace?.destinations.size],
    [messageId, [], [], null, 0],
  );
  assert.equal(await findTrace(store, accountId + 1, messageId), undefined);
});

it('a receipt of a message that was not sent through here is found by the id of either, with where it goes', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  for (const id of [`wamid.${receiptId}`, receiptId]) {
    const trace = await findTrace(api.store, api.accountId, id);
    assert.equal(trace?.message, null);
    assert.deepEqual(
      trace.timelines.map(({ receipt }) => receipt.receiptId),
      [receiptId],
    );
    assert.deepEqual([...trace.destinations.keys()], [destinationId]);
  }
  assert.equal(await findTrace(api.store, api.accountId, 'wamid.nobody'), undefined);
  assert.equal(await findTrace(api.store, api.accountId, 'cd'.repeat(16)), undefined);
});
