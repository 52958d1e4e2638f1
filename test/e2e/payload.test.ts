// What the API says that a receiver got, compared with what it did get, of a running service over real sockets.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import type { ReceivedCall } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';

const sender = '15550100001';

interface Push {
  readonly deliveryId: string;
  readonly of: 'last' | 'next';
  readonly at: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly body: string;
}

/** What came, but for what HTTP itself adds and what the answer says that it leaves out. */
function toComparable({ headers, body }: ReceivedCall, { leftOut }: Push) {
  const rest = Object.entries(headers).filter(
    ([name]) =>
      !['host', 'connection', 'content-length'].includes(name) && !leftOut.some((one) => one.name === name),
  );
  return { headers: Object.fromEntries(rest), body };
}

test('the payload of a receipt is what its receiver got, to the byte, and what it gets next', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-payload-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const service = await startService({ dataDir });
  t.after(() => service.stop());
  let status = 200;
  const receiver = await openReceiver((_call, response) => {
    response.statusCode = status;
    response.end('{"code":0}');
  });
  t.after(() => receiver.close());
  const basic = Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64');
  const call = async (method: 'GET' | 'PUT' | 'POST' | 'PATCH', path: string, body?: unknown) => {
    const answer = await request(`${service.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${basic}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  await call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    ...{
      http: true,
      queue: true,
      statusUrl: `${receiver.url}/status`,
      inboundUrl: `${receiver.url}/inbound`,
    },
  });
  const play = async (event: object): Promise<string> =>
    String(
      (await call('POST', `/sandbox/${sender}/inbound`, { from: '15550002222', name: 'Ana', ...event }))[
        'receiptId'
      ],
    );
  const payloadOf = async (receiptId: string) => {
    const { pushes, queue, media } = await call('GET', `/receipts/${receiptId}/payload`);
    return {
      push: (pushes as Push[])[0] as Push,
      queue: queue as { body: string },
      media: media as { url: string } | null,
    };
  };
  const untilState = (receiptId: string, state: string): Promise<unknown> =>
    waitUntil(`the delivery is ${state}`, 60_000, async () => {
      const { deliveries } = await call('GET', `/receipts/${receiptId}`);
      return (deliveries as { state: string }[])[0]?.state === state;
    });

  await t.test('one that was taken at the first try, and its queue message', async () => {
    const receiptId = await play({ type: 'text', text: `It's "quoted" 你好 \u2028 </script>` });
    await untilState(receiptId, 'done');
    const { push, queue, media } = await payloadOf(receiptId);
    const [got] = receiver.calls;
    assert.ok(got);
    assert.equal(push.of, 'last');
    assert.deepEqual({ headers: push.headers, body: push.body }, toComparable(got, push));
    assert.deepEqual(push.leftOut, [{ name: 'webhook-signature', reason: 'secret' }]);
    assert.equal(typeof got.headers['webhook-signature'], 'string');
    assert.equal(`[${queue.body}]`, got.body);
    assert.equal(media, null);
  });

  const { items } = await call('GET', '/destinations');
  const { id: destinationId } =
    (items as { id: number; url: string }[]).find(({ url }) => url.endsWith('/inbound')) ?? {};

  await t.test('one that is refused, given up and replayed', async () => {
    await call('PATCH', `/destinations/${destinationId}`, { scheduleMs: [0, 10] });
    status = 500;
    const before = receiver.calls.length;
    const receiptId = await play({ type: 'text', text: 'Refused twice' });
    await untilState(receiptId, 'dead');
    const tried = await payloadOf(receiptId);
    assert.equal(receiver.calls.length, before + 2);
    assert.equal(tried.push.headers['chasqui-attempt'], '2');
    assert.deepEqual(
      { headers: tried.push.headers, body: tried.push.body },
      toComparable(receiver.calls.at(-1) as ReceivedCall, tried.push),
    );
    await call('PATCH', `/destinations/${destinationId}`, { state: 'off' });
    await call('POST', `/deliveries/${tried.push.deliveryId}/replay`);
    const next = await payloadOf(receiptId);
    assert.deepEqual([next.push.of, next.push.at], ['next', null]);
    assert.deepEqual(
      next.push.leftOut.map(({ name }) => name),
      ['webhook-timestamp', 'webhook-signature'],
    );
    status = 200;
    await call('PATCH', `/destinations/${destinationId}`, { state: 'active' });
    await untilState(receiptId, 'done');
    const got = receiver.calls.at(-1) as ReceivedCall;
    assert.deepEqual({ headers: next.push.headers, body: next.push.body }, toComparable(got, next.push));
    assert.equal(got.headers['chasqui-repeat-cause'], 'replay');
    const { push } = await payloadOf(receiptId);
    assert.deepEqual({ headers: push.headers, body: push.body }, toComparable(got, push));
    assert.equal(push.headers['chasqui-attempt'], '1');
  });

  await t.test(
    'one with a file differs in the signature of its link alone, and the link is good',
    async () => {
      const receiptId = await play({ type: 'image', caption: 'Look' });
      await untilState(receiptId, 'done');
      const { push, media } = await payloadOf(receiptId);
      const got = receiver.calls.at(-1) as ReceivedCall;
      const unsigned = (body: string): string => body.replace(/Expires=\d+&Signature=[0-9a-f]+/, 'signed');
      assert.notEqual(unsigned(push.body), push.body);
      assert.equal(unsigned(push.body), unsigned(got.body));
      const file = await request(media?.url ?? '');
      assert.equal(file.statusCode, 200);
      assert.match(String(file.headers['content-type']), /^image\//);
      await file.body.dump();
    },
  );
});
