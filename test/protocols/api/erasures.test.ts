import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toSubjectDigits } from '../../../src/domain/receipt.ts';
import { openApiTest } from '../../support/api.ts';

/** Nothing of the store is damaged. */
const whole = { apart: 0, unreadable: 0, keptFiles: [] };

it('an erasure goes through everything a user wrote and removes the files', async (t) => {
  const removed: string[] = [];
  const api = await openApiTest({ removeMedia: async ({ id }) => void removed.push(id) });
  t.after(() => api.close());
  const ids = Array.from({ length: 1005 }, (_, n) => n.toString(16).padStart(32, '0'));
  const receipts = ids.map((id, index) => {
    const media = { id, channelMediaId: `graph-${index}`, mimeType: 'image/jpeg' };
    const user = { id: index % 2 === 0 ? '15550002222' : '15550003333' };
    return {
      receiptId: id,
      index,
      channelId: 'sandbox',
      channelType: 'sandbox',
      senderId: null,
      senderType: null,
      occurredAt: 0,
      lane: 1,
      facts: { type: 'ChatAppInbound', messageId: id, kind: 'image', user },
      ownSubject: Number.parseInt(toSubjectDigits(id), 16),
      content: { media },
      media,
      progress: null,
      destinationId: null,
      outboundId: null,
      template: null,
      queue: null,
    } as const;
  });
  await api.store.recordIntake([
    {
      accountId: api.accountId,
      channelId: 'sandbox',
      receivedAt: 0,
      body: Buffer.from('x'),
      receipts,
      unrouted: [],
      remarks: [],
    },
  ]);
  for (const userId of ['15550002222', '+15550002222', '+1 555-000-2222']) {
    const counted = await api.call('POST', '/erasures', { userId, dryRun: true });
    assert.deepEqual(counted.json, { receipts: 503, messages: 0, media: 503, ...whole }, userId);
  }
  assert.deepEqual(removed, []);
  const erased = await api.call('POST', '/erasures', { userId: '15550002222' });
  assert.equal(erased.status, 200);
  assert.deepEqual(erased.json, { receipts: 503, messages: 0, media: 503, ...whole });
  assert.deepEqual(
    removed.toSorted(),
    ids.filter((_, index) => index % 2 === 0),
  );
  const none = await api.call('POST', '/erasures', { userId: '15550002222', channelId: 'none' });
  assert.equal(none.status, 404);
  assert.equal((await api.call('POST', '/erasures', {})).status, 400);
});

it('an erasure names the damaged files in which nothing was erased', async (t) => {
  const kept = ['chasqui.sqlite.damaged-20261124T101112Z'];
  const api = await openApiTest({ damage: () => ({ kept }) });
  t.after(() => api.close());
  for (const dryRun of [true, false]) {
    const { json } = await api.call('POST', '/erasures', { userId: '15550002222', dryRun });
    assert.deepEqual(json, { receipts: 0, messages: 0, media: 0, apart: 0, unreadable: 0, keptFiles: kept });
  }
});
