// What channels posted, over the API: listed, opened, read again.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';

const remark = { index: 0, reason: 'unknown_event', detail: 'poke', mayBeMessage: true } as const;

let api: ApiTest;
let rawEventId: string;

before(async () => {
  api = await openApiTest();
  const [recorded] = await api.store.recordIntake([
    {
      accountId: api.accountId,
      channelId: 'sandbox',
      receivedAt: api.clock.now(),
      body: Buffer.from('{"events":[]}'),
      receipts: [],
      unrouted: [],
      remarks: [remark],
      reader: 'older',
    },
  ]);
  rawEventId = String(recorded?.rawEventId);
});
after(() => api.close());

describe('raw events over the API', () => {
  it('are listed with what is said of them', async () => {
    const { status, json } = await api.call('GET', '/raw-events?mayBeMessage=true&reason=unknown_event');
    assert.equal(status, 200);
    const receivedAt = new Date(api.clock.now()).toISOString();
    assert.deepEqual(json, {
      items: [{ rawEventId, channelId: 'sandbox', receivedAt, remarks: [remark], reader: 'older' }],
      next: null,
    });
    const none = await api.call('GET', '/raw-events?reason=not_json');
    assert.deepEqual(none.json, { items: [], next: null });
    assert.equal((await api.call('GET', '/raw-events?reason=nonsense')).status, 400);
    assert.equal((await api.call('GET', '/raw-events?since=yesterday')).status, 400);
  });

  it('are opened one by one, with what is said of each', async () => {
    const { json } = await api.call('GET', `/raw-events/${rawEventId}/remarks`);
    assert.deepEqual((json as { remarks: unknown }).remarks, [remark]);
    assert.equal((await api.call('GET', '/raw-events/7/remarks')).status, 404);
  });

  it('are counted before they are read again', async () => {
    const body = { channelId: 'sandbox', dryRun: true };
    const { status, json } = await api.call('POST', '/raw-events/reread', body);
    assert.equal(status, 200);
    assert.deepEqual(json, {
      events: 1,
      fresh: 0,
      repeats: 0,
      unrouted: 0,
      notRead: 0,
      remarks: 0,
      next: null,
    });
    const kept = await api.call('GET', `/raw-events/${rawEventId}/remarks`);
    assert.deepEqual((kept.json as { remarks: unknown }).remarks, [remark]);
  });

  it('are read again, one or all that match', async () => {
    const { json } = await api.call('POST', '/raw-events/reread', { reason: 'unknown_event' });
    assert.deepEqual(json, {
      events: 1,
      fresh: 0,
      repeats: 0,
      unrouted: 0,
      notRead: 0,
      remarks: 0,
      next: null,
    });
    // Nothing of it is left to be remarked on.
    const one = await api.call('POST', `/raw-events/${rawEventId}/reread`);
    assert.deepEqual(one.json, { outcome: 'read', fresh: 0, repeats: 0, unrouted: 0, remarks: [] });
    assert.equal((await api.call('POST', '/raw-events/7/reread')).status, 404);
    assert.deepEqual((await api.call('GET', '/raw-events?remarked=true')).json, { items: [], next: null });
  });
});
