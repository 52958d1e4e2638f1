// WhatsApp's webhook against anything: any JSON in any place, and any bytes. `CHASQUI_FUZZ_SECONDS` says for how long.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openHookApp } from '../support/hooks.ts';
import { channel, openGraphBed } from '../support/graph.ts';

const seconds = Number(process.env['CHASQUI_FUZZ_SECONDS'] ?? 20);
const metadata = { display_phone_number: '15550001111', phone_number_id: '200000000000001' };
const text = (id: string) => ({
  from: '15550002222',
  id,
  timestamp: '1780000000',
  type: 'text',
  text: { body: 'مرحبا 👩‍👩‍👧' },
});

/** A POST with something of every kind, between two messages that have to be read whatever stands there. */
const samples: readonly Record<string, unknown>[] = [
  {
    field: 'messages',
    value: { metadata, contacts: [{ wa_id: '1', profile: { name: 'A' } }], messages: [text('m')] },
  },
  {
    field: 'messages',
    value: {
      metadata,
      messages: [
        {
          ...text('i'),
          type: 'image',
          image: { id: '9', mime_type: 'image/png', sha256: 'x', caption: 'c' },
        },
        {
          ...text('n'),
          type: 'interactive',
          interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{}' } },
        },
        {
          ...text('e'),
          type: 'edit',
          edit: { original_message_id: 'm', message: { type: 'text', text: { body: 'b' } } },
        },
        { ...text('s'), type: 'system', system: { type: 'user_changed_number', wa_id: '2' } },
        { ...text('c'), context: { id: 'q', forwarded: true }, referral: { source_id: '1' } },
      ],
    },
  },
  {
    field: 'messages',
    value: {
      metadata,
      statuses: [
        {
          id: 'w',
          status: 'failed',
          timestamp: '1780000000',
          recipient_id: '1',
          errors: [{ code: 131026, title: 't', error_data: { details: 'd' } }],
          pricing: { category: 'service' },
          conversation: { id: 'c', origin: { type: 'service' }, expiration_timestamp: '1780000000' },
        },
      ],
    },
  },
  {
    field: 'message_template_status_update',
    value: {
      event: 'REJECTED',
      message_template_id: 1,
      message_template_name: 'n',
      message_template_language: 'en',
    },
  },
  {
    field: 'user_preferences',
    value: { metadata, user_preferences: [{ wa_id: '1', value: 'stop', timestamp: 1 }] },
  },
  {
    field: 'user_id_update',
    value: { metadata, user_id_update: [{ wa_id: '1', user_id: { current: 'US.1' } }] },
  },
  { field: 'smb_message_echoes', value: { metadata, message_echoes: [{ ...text('x'), to: '15550002222' }] } },
  {
    field: 'history',
    value: { metadata, history: [{ threads: [{ id: '15550002222', messages: [text('h')] }] }] },
  },
  { field: 'account_alerts', value: { alert_info: { alert_type: 'OBA_APPROVED' } } },
];

const neighbour = (id: string) => ({
  id: '100000000000001',
  changes: [{ field: 'messages', value: { metadata, messages: [text(id)] } }],
});

function toBody(change: unknown): Buffer {
  const entry = [neighbour('before'), { id: '100000000000001', changes: [change] }, neighbour('after')];
  return Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
}

/** Every place in a value, as the keys that lead there. */
function findPaths(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => findPaths(inner, [...path, key]))];
}

function replace(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? replace(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([name, inner]) => [
      name,
      name === key ? replace(inner, rest, by) : inner,
    ]),
  );
}

const places = samples.flatMap((sample) => findPaths(sample).map((path) => ({ sample, path })));

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    2 ** 63,
    -1,
    '',
    '0',
    1e308,
    '1780000000000',
    '2026-06-01T00:00:00Z',
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    [[[[[[[[]]]]]]]],
    '\u202e\u0000\ud800',
  ),
);

describe('the WhatsApp webhook', () => {
  it('reads the neighbours whatever JSON stands in whatever place', async (t) => {
    const bed = await openGraphBed(() => ({ body: {} }));
    t.after(() => bed.close());
    const open = { ...channel, options: { echoes: true, history: true } };
    fc.assert(
      fc.property(fc.constantFrom(...places), odd, ({ sample, path }, by) => {
        const { events, remarks } = bed.connector.parse(toBody(replace(sample, path, by)), open);
        const ids = events.map(({ facts }) => (facts.type === 'ChatAppAudit' ? '' : facts.messageId));
        assert.ok(ids.includes('before') && ids.includes('after'), ids.join());
        assert.ok(!remarks.some(({ reason }) => reason === 'parse_failed'), JSON.stringify(remarks));
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
        const indexes = [...events, ...remarks].map(({ index }) => index);
        assert.equal(new Set(indexes).size, indexes.length, 'every event has a place of its own');
      }),
      { numRuns: 3000 },
    );
  });

  it(`answers 200 to any signed bytes, for ${seconds} s`, { timeout: (seconds + 120) * 1000 }, async () => {
    const hooks = await openHookApp();
    try {
      await hooks.addNumber('15550001111', metadata.phone_number_id);
      const end = Date.now() + seconds * 1000;
      let posts = 0;
      do {
        const body = mutate(toBody(samples[randomInt(samples.length)]));
        assert.equal(await hooks.post(body), 200, body.toString('base64'));
        posts += 1;
      } while (Date.now() < end);
      assert.ok(posts > 0);
    } finally {
      await hooks.close();
    }
  });

  it('reads what surrounds an event that is broken, in a POST of 1,000', async (t) => {
    const bed = await openGraphBed(() => ({ body: {} }));
    t.after(() => bed.close());
    const messages: unknown[] = Array.from({ length: 1000 }, (_, index) => text(`m${index}`));
    messages[500] = { type: { deep: [] }, from: null };
    const body = toBody({ field: 'messages', value: { metadata, messages } });
    const { events, remarks } = bed.connector.parse(body, channel);
    assert.equal(events.length, 1001);
    assert.deepEqual(
      remarks.map(({ index, reason }) => [index, reason]),
      [[501, 'wrong_shape']],
    );
  });
});

/** Flips, cuts, doubles or inserts some bytes. */
function mutate(bytes: Buffer): Buffer {
  let body = Buffer.from(bytes);
  for (let count = randomInt(1, 6); count > 0 && body.byteLength > 1; count -= 1) {
    const at = randomInt(body.byteLength);
    const length = randomInt(1, Math.min(20, body.byteLength - at + 1));
    switch (randomInt(4)) {
      case 0:
        body[at] = randomInt(256);
        break;
      case 1:
        body = Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
        break;
      case 2:
        body = Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
        break;
      default:
        body = Buffer.concat([body.subarray(0, at), Buffer.from('{[",}]\\u0000'), body.subarray(at)]);
    }
  }
  return body.byteLength === 0 ? Buffer.from('x') : body;
}
