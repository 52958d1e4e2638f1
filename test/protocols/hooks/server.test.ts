import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import { rereadUnrouted, createRereading } from '../../../src/core/receipts/route-reread.ts';
import type { Events } from '../../../src/telemetry/events.ts';
import { appSecret, openHookApp, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';

let hooks: HookApp;
let received: Events['webhook.received'][];

beforeEach(async () => {
  received = [];
  hooks = await openHookApp({
    emit: (name, fields) => {
      if (name === 'webhook.received') received.push(fields as Events['webhook.received']);
    },
  });
  await hooks.addNumber('15550001111', '200000000000001');
});
afterEach(() => hooks.close());

const count = async (): Promise<number> =>
  (await hooks.store.listReceipts(hooks.accountId, {}, { limit: 500 })).items.length;

describe('the handshake', () => {
  const get = async (query: string, channel = 'wa') =>
    hooks.app.inject({ method: 'GET', url: `/hooks/whatsapp/${channel}?${query}` });

  it('echoes the challenge byte for byte', async () => {
    const answer = await get('hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me');
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.body, '1158201444');
    assert.match(String(answer.headers['content-type']), /^text\/plain/);
  });
  it('is refused with a wrong token or mode', async () => {
    assert.equal((await get('hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong')).statusCode, 403);
    assert.equal(
      (await get('hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=verify-me')).statusCode,
      403,
    );
    assert.equal((await get('')).statusCode, 403);
  });
  it('is not found for an unknown channel', async () => {
    assert.equal(
      (await get('hub.mode=subscribe&hub.challenge=1&hub.verify_token=verify-me', 'none')).statusCode,
      404,
    );
  });
});

describe('a webhook', () => {
  it('becomes receipts in the queues, whatever its Content-Type', async () => {
    assert.equal(
      await hooks.post(toWebhook({ messages: [toText('wamid.1')], statuses: [toStatus('wamid.9', 'sent')] })),
      200,
    );
    const [inbound] = await hooks.drain('ChatAppInbound');
    assert.equal(inbound?.['MessageId'], 'wamid.1');
    assert.equal(inbound?.['Message'], 'hello');
    const [status] = await hooks.drain('ChatAppStatus');
    assert.equal(status?.['Status'], 'Sent');
    assert.notEqual(status?.['ReceiptId'], inbound?.['ReceiptId']);
  });

  it('is refused without, or with a wrong, signature, and leaves nothing but a counter', async () => {
    const body = toWebhook({ messages: [toText('wamid.1')] });
    assert.equal(await hooks.post(body, 'wa', 'wrong'), 401);
    const unsigned = await hooks.app.inject({ method: 'POST', url: '/hooks/whatsapp/wa', payload: body });
    assert.equal(unsigned.statusCode, 401);
    const malformed = await hooks.app.inject({
      method: 'POST',
      url: '/hooks/whatsapp/wa',
      headers: { 'x-hub-signature-256': 'sha256=zz' },
      payload: body,
    });
    assert.equal(malformed.statusCode, 401);
    assert.equal(await hooks.post(body, 'none'), 404);
    assert.equal(await count(), 0);
    assert.deepEqual(
      received.map(({ outcome }) => outcome),
      ['bad_signature', 'bad_signature', 'bad_signature', 'unknown_channel'],
    );
  });

  it('is accepted with either of two secrets during a rotation', async () => {
    const credentials = {
      appSecret: 'new-secret',
      appSecretPrevious: appSecret,
      verifyToken: 'v',
      accessToken: 't',
    };
    await hooks.store.putChannel(
      hooks.accountId,
      { id: 'wa', type: 'whatsapp', name: 'w', wabaId: '100000000000001', credentials },
      system,
    );
    assert.equal(await hooks.post(toWebhook({ messages: [toText('wamid.1')] }), 'wa', appSecret), 200);
    assert.equal(await hooks.post(toWebhook({ messages: [toText('wamid.2')] }), 'wa', 'new-secret'), 200);
    assert.equal(await count(), 2);
  });

  for (const [name, body] of [
    ['no JSON', 'hello'],
    ['nothing but an array', '[]'],
    ['another object', '{"object":"user","entry":[]}'],
    ['an entry of the wrong shape', '{"object":"whatsapp_business_account","entry":[{"id":1}]}'],
    ['an entry that is none', '{"object":"whatsapp_business_account","entry":[1]}'],
    [
      'a change that is none',
      '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":["messages"]}]}',
    ],
    [
      'a prototype',
      '{"__proto__":{"polluted":true},"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"__proto__":{"x":1},"metadata":{"phone_number_id":"200000000000001"},"messages":[{"__proto__":1}]}}]}]}',
    ],
  ] as const) {
    it(`is kept and counted, without a receipt: ${name}`, async () => {
      assert.equal(await hooks.post(body), 200);
      assert.equal(await count(), 0);
      assert.ok((received[0]?.remarks ?? 0) > 0);
      assert.equal(Reflect.get({}, 'polluted'), undefined);
    });
  }

  it('may have 3 MB and no byte more', async () => {
    const pad = (bytes: number): string => {
      const body = toWebhook({ messages: [toText('wamid.1', '')] });
      return body.replace('"body":""', `"body":"${'x'.repeat(bytes - Buffer.byteLength(body))}"`);
    };
    assert.equal(Buffer.byteLength(pad(3_000_000)), 3_000_000);
    assert.equal(await hooks.post(pad(3_000_000)), 200);
    assert.equal(await hooks.post(pad(3_000_001)), 413);
    assert.equal(await count(), 1);
    assert.equal(received.at(-1)?.outcome, 'too_large');
  });

  it('may hold a thousand events, of which a broken one harms none of its neighbours', async () => {
    const messages = Array.from({ length: 1000 }, (_, index) =>
      index === 499 ? [] : toText(`wamid.${index}`),
    );
    assert.equal(await hooks.post(toWebhook({ messages })), 200);
    assert.equal(received[0]?.fresh, 999);
    assert.equal(received[0]?.remarks, 1);
    assert.equal((await hooks.drain('ChatAppInbound')).length, 999);
  });

  it('is answered 503 when the store is away, and the channel sends it again', async () => {
    await hooks.store.close();
    assert.equal(await hooks.post(toWebhook({ messages: [toText('wamid.1')] })), 503);
  });

  it('keeps its bytes as they came', async () => {
    const body = toWebhook({ messages: [toText('wamid.1', 'x'.repeat(3000))] });
    await hooks.post(body);
    const [receipt] = (await hooks.store.listReceipts(hooks.accountId, {}, { limit: 1 })).items;
    const timeline = await hooks.store.findTimeline(hooks.accountId, receipt?.receiptId ?? '');
    const raw = await hooks.store.findRawEvent(hooks.accountId, timeline?.rawEventId ?? 0);
    assert.equal(Buffer.from(raw?.body ?? []).toString('utf8'), body);
  });
});

describe('the same event', () => {
  it('is one receipt ten times in one POST, in ten POSTs, and on two connections at once', async () => {
    const one = toWebhook({ messages: Array.from({ length: 10 }, () => toText('wamid.1')) });
    await hooks.post(one);
    for (let again = 0; again < 10; again += 1)
      await hooks.post(toWebhook({ messages: [toText('wamid.1')] }));
    await Promise.all([
      hooks.post(one),
      hooks.post(one),
      hooks.post(toWebhook({ messages: [toText('wamid.2')] })),
      hooks.post(toWebhook({ messages: [toText('wamid.2')] })),
    ]);
    assert.equal(await count(), 2);
    assert.deepEqual((await hooks.drain('ChatAppInbound')).map((receipt) => receipt['MessageId']).sort(), [
      'wamid.1',
      'wamid.2',
    ]);
  });
});

describe('statuses', () => {
  const post = (status: string) => hooks.post(toWebhook({ statuses: [toStatus('wamid.1', status)] }));
  const marks = async (): Promise<string[]> =>
    (await hooks.store.listReceipts(hooks.accountId, { type: 'ChatAppStatus' }, { limit: 50 })).items
      .toReversed()
      .map(
        ({ facts, superseded }) =>
          `${facts.type === 'ChatAppStatus' ? facts.status : ''}${superseded ? ' superseded' : ''}`,
      );

  it('are handed on in the order in which they came, the late ones marked', async () => {
    for (const status of ['read', 'sent', 'delivered']) await post(status);
    assert.deepEqual(await marks(), ['read', 'sent superseded', 'delivered superseded']);
    assert.deepEqual(
      (await hooks.drain('ChatAppStatus')).map((receipt) => receipt['Status']),
      ['Read', 'Sent', 'Delivered'],
    );
  });

  it('that come late are dropped where the subscription says so', async () => {
    await hooks.store.setSenderWebhook(
      hooks.accountId,
      'wa',
      '15550001111',
      { ...noSenderWebhook, queue: true, lateStatuses: 'drop' },
      'standard',
      system,
    );
    for (const status of ['read', 'sent', 'delivered']) await post(status);
    assert.deepEqual(
      (await hooks.drain('ChatAppStatus')).map((receipt) => receipt['Status']),
      ['Read'],
    );
    assert.equal((await marks()).length, 3, 'they are kept all the same');
  });

  it('of a delivered message that then failed leave it delivered, and the other way round', async () => {
    for (const status of ['delivered', 'failed']) await post(status);
    assert.deepEqual(await marks(), ['delivered', 'failed superseded']);
    await hooks.post(
      toWebhook({ statuses: [toStatus('wamid.2', 'failed'), toStatus('wamid.2', 'delivered')] }),
    );
    assert.deepEqual((await marks()).slice(2), ['failed', 'delivered']);
  });

  it('of a message that was not sent through here are unmatched', async () => {
    await post('sent');
    assert.equal(
      (await hooks.store.listReceipts(hooks.accountId, {}, { limit: 1 })).items[0]?.unmatched,
      true,
    );
  });
});

describe('an event of a number that is not registered', () => {
  it('is kept, shown, and handled when the number is added', async () => {
    await hooks.post(toWebhook({ phoneNumberId: '999', messages: [toText('wamid.1'), toText('wamid.2')] }));
    await hooks.post(toWebhook({ messages: [toText('wamid.3')] }));
    assert.equal(await count(), 1);
    const { items } = await hooks.store.listUnrouted(hooks.accountId, { limit: 10 });
    assert.deepEqual(
      items.map(({ route, index }) => `${route.id}/${index}`),
      ['999/0', '999/1'],
    );
    await hooks.addNumber('15550009999', '999');
    assert.equal(await rereadUnrouted(hooks.recording, 'whatsapp', { by: 'sender', id: '999' }), 1);
    assert.equal(await count(), 3);
    assert.deepEqual((await hooks.store.listUnrouted(hooks.accountId, { limit: 10 })).items, []);
    assert.deepEqual((await hooks.drain('ChatAppInbound')).map((receipt) => receipt['MessageId']).sort(), [
      'wamid.1',
      'wamid.2',
      'wamid.3',
    ]);
  });

  it('is handled at the next look when the process ended before it could be', async () => {
    await hooks.post(toWebhook({ phoneNumberId: '999', messages: [toText('wamid.1')] }));
    await hooks.addNumber('15550009999', '999');
    const rereading = createRereading(hooks.recording);
    rereading.start();
    await waitUntil('the event is recorded', 60_000, async () => (await count()) === 1);
    await rereading.stop();
  });

  it('is handled at one look, however many senders have waiting events', async () => {
    const numbers = Array.from({ length: 450 }, (_, n) => String(700_000 + n));
    for (const number of numbers)
      await hooks.post(toWebhook({ phoneNumberId: number, messages: [toText(`wamid.${number}`)] }));
    for (const number of numbers) await hooks.addNumber(`1555${number}`, number);
    const rereading = createRereading(hooks.recording);
    rereading.start();
    await waitUntil('nothing waits', 60_000, async () => {
      const { items } = await hooks.store.listUnrouted(hooks.accountId, { limit: 1 });
      return items.length === 0;
    });
    await rereading.stop();
    const { items } = await hooks.store.listReceipts(hooks.accountId, {}, { limit: 500 });
    assert.equal(items.length, numbers.length);
  });

  it('goes to another channel only if that trusts the same app', async () => {
    await hooks.store.createAccount({ id: 2, name: 'Other' }, system);
    for (const [id, secret, phoneNumberId] of [
      ['same', appSecret, '888'],
      ['foreign', 'another-secret', '777'],
    ] as const) {
      await hooks.store.putChannel(
        2,
        {
          id,
          type: 'whatsapp',
          name: id,
          wabaId: null,
          credentials: { appSecret: secret, verifyToken: 'v' },
        },
        system,
      );
      await hooks.store.putSender(
        2,
        id,
        { id: `1555${phoneNumberId}`, type: 'whatsapp', name: id, routeId: phoneNumberId },
        system,
      );
    }
    await hooks.post(toWebhook({ phoneNumberId: '888', messages: [toText('wamid.8')] }));
    await hooks.post(toWebhook({ phoneNumberId: '777', messages: [toText('wamid.7')] }));
    const other = (await hooks.store.listReceipts(2, {}, { limit: 10 })).items;
    assert.deepEqual(
      other.map(({ facts }) => (facts.type === 'ChatAppInbound' ? facts.messageId : '')),
      ['wamid.8'],
    );
    assert.equal((await hooks.store.listUnrouted(hooks.accountId, { limit: 10 })).items.length, 1);
    assert.equal(await count(), 0);
  });
});

describe('whatever the order and the grouping', () => {
  const events = Array.from({ length: 4 }, (_, message) =>
    ['sent', 'delivered', 'read'].map((status) => ({ id: `wamid.${message}`, status })),
  ).flat();

  it('any permutation and repetition of statuses gives each receipt once, and marks exactly what came after a higher one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...events), { minLength: 1, maxLength: 30 }),
        fc.integer(),
        async (sequence, salt) => {
          const fresh = await openHookApp();
          try {
            await fresh.addNumber('15550001111', '200000000000001');
            const rank = { sent: 1, delivered: 3, read: 4 } as Record<string, number>;
            const highest = new Map<string, number>();
            const expected = new Map<string, boolean>();
            for (const { id, status } of sequence) {
              await fresh.post(toWebhook({ statuses: [toStatus(`${id}.${salt}`, status)] }));
              const key = `${id}.${salt}/${status}`;
              if (expected.has(key)) continue;
              expected.set(key, (rank[status] ?? 0) <= (highest.get(id) ?? 0));
              highest.set(id, Math.max(highest.get(id) ?? 0, rank[status] ?? 0));
            }
            const { items } = await fresh.store.listReceipts(fresh.accountId, {}, { limit: 100 });
            const actual = new Map(
              items
                .toReversed()
                .map(({ facts, superseded }) => [
                  facts.type === 'ChatAppStatus' ? `${facts.messageId}/${facts.status}` : '',
                  superseded,
                ]),
            );
            assert.deepEqual([...actual], [...expected]);
            assert.equal((await fresh.drain('ChatAppStatus')).length, expected.size);
          } finally {
            await fresh.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('any split of events into POSTs gives the same receipts', async () => {
    const ids = async (sizes: readonly number[]): Promise<string[]> => {
      const fresh = await openHookApp();
      try {
        await fresh.addNumber('15550001111', '200000000000001');
        const rest = [...events];
        for (const size of [...sizes, events.length]) {
          const group = rest.splice(0, size);
          if (group.length > 0)
            await fresh.post(toWebhook({ statuses: group.map(({ id, status }) => toStatus(id, status)) }));
        }
        return (await fresh.store.listReceipts(fresh.accountId, {}, { limit: 100 })).items
          .map(({ receiptId }) => receiptId)
          .sort();
      } finally {
        await fresh.close();
      }
    };
    const whole = await ids([]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 6 }), async (sizes) => {
        assert.deepEqual(await ids(sizes), whole);
      }),
      { numRuns: 20 },
    );
  });

  it('any JSON in any place is kept, and the neighbour is unharmed', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.constantFrom('message', 'text', 'contacts', 'statuses', 'context', 'type', 'errors'),
        async (value, place) => {
          n += 1;
          const odd: Record<string, unknown> = {
            from: '15550003333',
            id: `odd.${n}`,
            timestamp: '1',
            type: 'text',
            text: { body: 'x' },
          };
          if (place === 'message') for (const key of Object.keys(odd)) odd[key] = value;
          else odd[place] = value;
          const body = JSON.parse(toWebhook({ messages: [odd, toText(`good.${n}`)] })) as {
            entry: { changes: { value: Record<string, unknown> }[] }[];
          };
          const inner = body.entry[0]?.changes[0]?.value;
          if (inner !== undefined && (place === 'contacts' || place === 'statuses' || place === 'errors'))
            inner[place] = value;
          assert.equal(await hooks.post(JSON.stringify(body)), 200);
          const { items } = await hooks.store.listReceipts(
            hooks.accountId,
            { messageId: `good.${n}` },
            { limit: 2 },
          );
          assert.equal(items.length, 1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('a receipt whose queue message cannot be rendered is recorded with a remark, and its neighbours reach their queue', async () => {
  const crashed: unknown[] = [];
  const own = await openHookApp({
    emit: (name, fields) => {
      if (name === 'unit.crashed') crashed.push(fields);
      if (name === 'webhook.received') received.push(fields as Events['webhook.received']);
    },
    mediaUrl: () => {
      throw new TypeError('a bug');
    },
  });
  try {
    await own.addNumber('15550001111', '200000000000001');
    const image = { id: '1', mime_type: 'image/jpeg', sha256: 'x' };
    const spoilt = { ...toText('m1'), from: '15550003001', type: 'image', text: undefined, image };
    const body = toWebhook({ messages: [spoilt, { ...toText('m2'), from: '15550003002' }] });
    assert.equal(await own.post(body), 200);
    assert.equal((await own.store.listReceipts(own.accountId, {}, { limit: 10 })).items.length, 2);
    assert.deepEqual(
      (await own.drain('ChatAppInbound')).map(({ MessageId }) => MessageId),
      ['m2'],
    );
    assert.equal(crashed.length, 1);
    assert.equal(received.at(-1)?.remarks, 1);
  } finally {
    await own.close();
  }
});
