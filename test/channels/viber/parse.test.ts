import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { openViberHooks, pathSecret, signForViber } from '../../support/viber.ts';
import type { ViberHooks } from '../../support/viber.ts';

/** The vector of Viber's own Java library. */
const vector = {
  body: '{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}',
  signature: 'd21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef',
};
const user = { id: '01234567890A=', name: 'Pat Example' };

function toMessage(token: string, message: object, more: object = {}): string {
  const body = { event: 'message', timestamp: 1780000000123, sender: user, message, ...more };
  return `${JSON.stringify(body).slice(0, -1)},"message_token":${token}}`;
}

function toStatus(event: string, token: string, more: object = {}): string {
  const body = { event, timestamp: 1780000000123, user_id: user.id, ...more };
  return `${JSON.stringify(body).slice(0, -1)},"message_token":${token}}`;
}

function toCallback(token: string, status: unknown, more: object = {}): string {
  const body = { message_status: status, message_time: 1780000001000, phone_number: '15550002222' };
  return `${JSON.stringify({ ...body, service_id: 42, ...more }).slice(0, -1)},"message_token":${token}}`;
}

describe("a Viber bot's webhook", () => {
  let hooks: ViberHooks;
  before(async () => {
    hooks = await openViberHooks();
  });
  after(() => hooks.close());

  it('is the one that Viber signed, byte for byte', async () => {
    assert.equal(signForViber(vector.body), vector.signature);
    assert.equal((await hooks.postBot(vector.body, vector.signature)).status, 200);
    assert.equal((await hooks.postBot(vector.body, vector.signature.toUpperCase())).status, 200);
    for (const signature of [
      '',
      'zz',
      vector.signature.slice(1),
      `sha256=${vector.signature}`,
      '0'.repeat(64),
      signForViber(vector.body, 'other-token'),
    ])
      assert.equal((await hooks.postBot(vector.body, signature)).status, 401, signature);
    assert.equal((await hooks.postBot(`${vector.body}\n`, vector.signature)).status, 401);
    assert.equal((await hooks.postBot('')).status, 401);
  });

  it('may carry its signature in the query', async () => {
    const url = `/hooks/viber/bot?sig=${vector.signature}`;
    const answer = await hooks.app.inject({ method: 'POST', url, payload: vector.body });
    assert.equal(answer.statusCode, 200);
    const wrong = await hooks.app.inject({ method: 'POST', url: `${url}&sig=0`, payload: vector.body });
    assert.equal(wrong.statusCode, 401);
  });

  it('keeps every digit of a token, up to 2^63 and beyond', async () => {
    const tokens = ['9007199254740993', '5741311803571721087', '9223372036854775808', '18446744073709551616'];
    for (const token of tokens)
      await hooks.postBot(toMessage(token, { type: 'text', text: `token ${token}` }));
    const receipts = await hooks.drain('ChatAppInbound');
    assert.deepEqual(
      receipts.map((receipt) => receipt['MessageId']),
      tokens,
    );
    assert.equal(new Set(receipts.map((receipt) => receipt['ReceiptId'])).size, tokens.length);
    await hooks.postBot(toMessage('"9223372036854775808"', { type: 'text', text: 'again, as text' }));
    assert.deepEqual(await hooks.drain('ChatAppInbound'), []);
  });

  it('answers the start of a conversation with the welcome, and nothing else with anything', async () => {
    const start = toStatus('conversation_started', '5741311803571721200', { user, type: 'open' });
    const shown = await hooks.postBot(start);
    assert.match(shown.type, /^application\/json/);
    assert.deepEqual(JSON.parse(shown.body), {
      sender: { name: 'Shop' },
      type: 'text',
      text: 'Вітаємо! 👋',
    });
    const text = toMessage('5741311803571721201', { type: 'text', text: 'conversation_started' });
    assert.equal((await hooks.postBot(text)).body, '');
    const receipts = await hooks.drain('ChatAppInbound');
    assert.deepEqual(
      receipts.map((receipt) => receipt['Type']),
      ['REFERRAL', 'TEXT'],
    );
  });

  it('tells subscribe and unsubscribe as statuses of the user', async () => {
    await hooks.postBot(toStatus('subscribed', '61', { user, user_id: undefined }));
    await hooks.postBot(toStatus('unsubscribed', '62'));
    await hooks.postBot(toStatus('unsubscribed', '62'));
    const receipts = await hooks.drain('ChatAppStatus');
    assert.deepEqual(
      receipts.map((receipt) => [receipt['Status'], receipt['To']]),
      [
        ['subscribe', user.id],
        ['unsubscribe', user.id],
      ],
    );
  });

  it('is kept raw with 200 when it cannot be read', async () => {
    const bodies = [
      'not json',
      '[]',
      '7',
      'null',
      '{"event":"message"}',
      '{"event":"delivered"}',
      '{"event":{"a":1}}',
      '{"event":"message","sender":{"id":"a"},"message":{"type":"text","text":{"__proto__":{"polluted":1}}},"__proto__":{"polluted":1}}',
      `${'['.repeat(100_000)}`,
    ];
    for (const body of bodies) assert.equal((await hooks.postBot(body)).status, 200, body.slice(0, 60));
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    await hooks.drain('ChatAppInbound');
  });

  it('takes times in seconds, in milliseconds, as text and as dates, and its own time for none', async () => {
    const times = [1780000000, 1780000000123, '1780000000123', '2026-05-28T20:26:40Z', undefined, 'soon'];
    for (const [index, timestamp] of times.entries())
      await hooks.postBot(toMessage(`99${index}`, { type: 'text', text: 'x' }, { timestamp }));
    const at = (await hooks.drain('ChatAppInbound')).map((receipt) => receipt['Timestamp']);
    const now = hooks.clock.now();
    assert.deepEqual(at, [1780000000000, 1780000000123, 1780000000123, 1780000000000, now, now]);
  });

  it('gives the same final state for every order of the statuses of a message', async () => {
    const events = ['delivered', 'seen', 'failed'];
    let token = 700;
    for (const order of permute(events)) {
      token += 1;
      for (const event of order) await hooks.postBot(toStatus(event, String(token)));
      const receipts = await hooks.drain('ChatAppStatus');
      assert.equal(receipts.length, 3);
      const { items } = await hooks.store.listReceipts(
        hooks.accountId,
        { messageId: String(token) },
        { limit: 9 },
      );
      const last = items.filter(({ superseded }) => !superseded).at(0);
      assert.ok(last?.facts.type === 'ChatAppStatus');
      // Newest first: what was not superseded ends with the highest.
      assert.equal(last.facts.status, 'read', order.join());
    }
  });

  it('never fails, whatever JSON stands in whatever place', async () => {
    const seeds = [
      toMessage('1', { type: 'text', text: 'x', tracking_data: 't' }),
      toMessage('2', { type: 'picture', media: 'https://a.example/b.jpg', text: 'c' }),
      toMessage('3', { type: 'location', location: { lat: 1, lon: 2 } }),
      toStatus('delivered', '4'),
      toStatus('conversation_started', '5', { user }),
    ].map((text) => JSON.parse(text) as Record<string, unknown>);
    const channel = await hooks.store.findChannel('bot');
    const { viber } = hooks.recording.connectors;
    assert.ok(channel && viber);
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(), fc.jsonValue(), (seed, at, value) => {
        const body = Buffer.from(JSON.stringify(replaceAt(seed, at, value)));
        const parsed = viber.parse(body, channel);
        assert.equal(parsed.events.length + parsed.remarks.length, 1);
        assert.ok(parsed.remarks.every(({ reason }) => reason !== 'parse_failed'));
        viber.respond?.(channel, body);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a webhook of Viber Business Messages', () => {
  let hooks: ViberHooks;
  before(async () => {
    hooks = await openViberHooks();
  });
  after(() => hooks.close());

  it('has to know the secret of the path', async () => {
    const body = toCallback('1', 0);
    assert.equal(await hooks.postBusiness(body, 'another-secret-of-the-path'), 401);
    const bare = await hooks.app.inject({ method: 'POST', url: '/hooks/viber/vbm', payload: body });
    assert.equal(bare.statusCode, 401);
    assert.equal(await hooks.postBusiness(body), 200);
    await hooks.drain('ChatAppStatus');
  });

  it('has to come from the agreed addresses, where there are any', async () => {
    const { viber } = hooks.recording.connectors;
    const channel = await hooks.store.findChannel('vbm');
    assert.ok(viber && channel);
    const request = { headers: {}, query: {}, body: Buffer.from('{}') };
    const verify = (credentials: Record<string, string>, remoteAddress: string, secret: string | null) =>
      viber.verify({ ...channel, credentials }, { ...request, remoteAddress, pathSecret: secret });
    const allowedAddresses = '192.0.2.0/24, 2001:db8::1';
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'])
      assert.equal(verify({ allowedAddresses }, address, null), true, address);
    for (const address of ['192.0.3.7', '2001:db8::2', 'nowhere', ''])
      assert.equal(verify({ allowedAddresses }, address, null), false, address);
    assert.equal(verify({ allowedAddresses, pathSecret }, '192.0.2.7', 'wrong'), false);
    assert.equal(verify({ allowedAddresses, pathSecret }, '192.0.3.7', pathSecret), false);
    assert.equal(verify({ allowedAddresses, pathSecret }, '192.0.2.7', pathSecret), true);
    assert.equal(verify({ pathSecretPrevious: 'old', pathSecret }, '192.0.3.7', 'old'), true);
    assert.equal(verify({}, '192.0.2.7', pathSecret), false, 'without protection nothing is believed');
    assert.equal(verify({ allowedAddresses: 'all' }, '192.0.2.7', null), false);
  });

  it('reads statuses as numbers, as text and as words, tokens as numbers and as text', async () => {
    const same = ['0', '"0"', '"delivered"', '"DELIVERED"'];
    for (const status of same)
      await hooks.postBusiness(toCallback('"5741311803571721999"', JSON.parse(status)));
    await hooks.postBusiness(toCallback('5741311803571721999', 1));
    await hooks.postBusiness(
      toCallback('5741311803571721999', 'seen').replace('message_token', 'request_id'),
    );
    const receipts = await hooks.drain('ChatAppStatus');
    assert.deepEqual(
      receipts.map((receipt) => [receipt['MessageId'], receipt['Status'], receipt['From'], receipt['To']]),
      [
        ['5741311803571721999', 'Delivered', '42', '15550002222'],
        ['5741311803571721999', 'Read', '42', '15550002222'],
      ],
    );
  });

  it('lets a message that had expired be delivered and seen after all, in every order', async () => {
    let token = 900;
    for (const order of permute([2, 0, 1])) {
      token += 1;
      for (const status of order) await hooks.postBusiness(toCallback(String(token), status));
      const { items } = await hooks.store.listReceipts(
        hooks.accountId,
        { messageId: String(token) },
        { limit: 9 },
      );
      assert.equal(items.length, 3);
      const last = items.find(({ superseded }) => !superseded);
      assert.ok(last?.facts.type === 'ChatAppStatus');
      assert.equal(last.facts.status, 'read', order.join());
    }
    const expired = (await hooks.drain('ChatAppStatus')).find((receipt) => receipt['Status'] === 'Failed');
    assert.equal(expired?.['ErrorCode'], 'expired');
  });

  it('reads lists, and what of them cannot be read leaves its neighbours alone', async () => {
    const events = Array.from({ length: 1000 }, (_, index) =>
      index === 499 ? '{"message_status":{"a":[]}}' : toCallback(String(50_000 + index), 0),
    );
    assert.equal(await hooks.postBusiness(`[${events.join()}]`), 200);
    assert.equal((await hooks.drain('ChatAppStatus')).length, 999);
  });

  it('takes the service of the channel where a callback names none', async () => {
    const { viber } = hooks.recording.connectors;
    const channel = await hooks.store.findChannel('vbm');
    assert.ok(viber && channel);
    const body = Buffer.from('{"message_token":1,"message_status":0}');
    assert.deepEqual(viber.parse(body, channel).events, []);
    const [event] = viber.parse(body, { ...channel, credentials: { serviceId: '42' } }).events;
    assert.deepEqual(event?.route, { by: 'sender', id: '42' });
  });

  it("leaves another channel's service unrouted", async () => {
    assert.equal(await hooks.postBusiness(toCallback('77', 0, { service_id: 43 })), 200);
    assert.deepEqual(await hooks.drain('ChatAppStatus'), []);
    const { items } = await hooks.store.listUnrouted(hooks.accountId, { limit: 9 });
    assert.deepEqual(
      items.map(({ route }) => route),
      [{ by: 'sender', id: '43' }],
    );
  });

  it('never fails, whatever JSON stands in whatever place', async () => {
    const seeds = [
      toCallback('1', 0),
      JSON.stringify({
        message_token: 2,
        phone_number: '1',
        time: 1,
        message: { text: 'x' },
        service_id: 42,
      }),
    ].map((text) => JSON.parse(text) as Record<string, unknown>);
    const channel = await hooks.store.findChannel('vbm');
    const { viber } = hooks.recording.connectors;
    assert.ok(channel && viber);
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(), fc.jsonValue(), (seed, at, value) => {
        const list = [seed, replaceAt(seed, at, value), seed];
        const parsed = viber.parse(Buffer.from(JSON.stringify(list)), channel);
        assert.equal(parsed.events.length + parsed.remarks.length, 3);
        assert.ok(parsed.remarks.every(({ reason, index }) => reason !== 'parse_failed' && index === 1));
      }),
      { numRuns: 2000 },
    );
  });
});

function permute<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permute(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

/** The object with another value in the `at`-th of its places, counted through it and around. */
function replaceAt(seed: unknown, at: number, value: unknown): unknown {
  let left = at % (countPlaces(seed) || 1);
  const walk = (node: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return value;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child)]));
  };
  return walk(seed);
}

function countPlaces(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return 1 + Object.values(node).reduce((sum: number, child) => sum + countPlaces(child), 0);
}
