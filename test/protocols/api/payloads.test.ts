import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';

const sender = '15550100001';

async function open(t: TestContext): Promise<ApiTest> {
  const api = await openApiTest();
  t.after(() => api.close());
  return api;
}

async function play(api: ApiTest, text: string): Promise<string> {
  const body = { from: '15550002222', type: 'text', text };
  return String((await api.call('POST', `/sandbox/${sender}/inbound`, body)).json['receiptId']);
}

test('a receipt that goes nowhere has no payload, one of another account none that is told', async (t) => {
  const api = await open(t);
  const receiptId = await play(api, 'Nobody asked for it');
  const { json } = await api.call('GET', `/receipts/${receiptId}/payload`);
  assert.deepEqual(json, { pushes: [], queue: null, media: null });
  const stranger = await api.addAccount(77);
  for (const [id, key] of [
    [receiptId, stranger],
    ['0'.repeat(32), api.key],
    ['nothing', api.key],
  ] as const)
    assert.equal((await api.call('GET', `/receipts/${id}/payload`, undefined, key)).status, 404);
});

test('what has not been pushed is told as it will be, without what its signing needs', async (t) => {
  const api = await open(t);
  const { status, body: text } = await api.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    ...{ http: true, queue: true, inboundUrl: 'https://shop.example/inbound' },
  });
  assert.equal(status, 200, text);
  const receiptId = await play(api, 'Soon');
  const { json, body } = await api.call('GET', `/receipts/${receiptId}/payload`);
  const [push] = json['pushes'] as {
    of: string;
    at: null;
    body: string;
    headers: object;
    batchSize: number;
  }[];
  assert.ok(push);
  assert.deepEqual([push.of, push.at, push.batchSize], ['next', null, 1]);
  assert.partialDeepStrictEqual(push.headers, { 'webhook-id': receiptId, 'chasqui-attempt': '1' });
  assert.partialDeepStrictEqual(JSON.parse(push.body), [{ Message: 'Soon', ReceiptId: receiptId }]);
  assert.equal(`[${String((json['queue'] as { body: string }).body)}]`, push.body);
  assert.doesNotMatch(body, /whsec_|v1,/);
});
