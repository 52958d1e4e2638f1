// WhatsApp's webhook against anything: any JSON in any place, and any bytes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  findPlaces,
  fuzzBytes,
  fuzzSeconds,
  oddValue,
  readEntries,
  readPayloads,
  replaceAt,
} from '../../support/fuzz.ts';
import { openHookApp } from '../../support/hooks.ts';
import { channel, openGraphBed } from '../../support/graph.ts';

const metadata = { display_phone_number: '15550001111', phone_number_id: '200000000000001' };
const text = (id: string) => ({
  from: '15550002222',
  id,
  timestamp: '1780000000',
  type: 'text',
  text: { body: 'مرحبا 👩‍👩‍👧' },
});

/** Something of every kind. */
const changes: readonly Record<string, unknown>[] = [
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

const wabaId = '100000000000001';
const payloads = readPayloads('whatsapp');
const entries = [...changes.map((change) => ({ id: wabaId, changes: [change] })), ...readEntries(payloads)];

const neighbour = (id: string) => ({
  id: wabaId,
  changes: [{ field: 'messages', value: { metadata, messages: [text(id)] } }],
});

/** A POST with an entry between two messages that have to be read whatever stands there. */
function toBody(entry: unknown): Buffer {
  const entryList = [neighbour('before'), entry, neighbour('after')];
  return Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry: entryList }));
}

describe('the WhatsApp webhook', () => {
  it('reads the neighbours whatever JSON stands in whatever place', async (t) => {
    const bed = await openGraphBed(() => ({ body: {} }));
    t.after(() => bed.close());
    const open = { ...channel, options: { echoes: true, history: true } };
    fc.assert(
      fc.property(fc.constantFrom(...findPlaces(entries)), oddValue, (place, by) => {
        const { events, remarks } = bed.connector.parse(toBody(replaceAt(place, by)), open);
        const ids = events.map(({ facts }) => (facts.type === 'ChatAppAudit' ? '' : facts.messageId));
        assert.ok(ids.includes('before') && ids.includes('after'), ids.join());
        assert.ok(!remarks.some(({ reason }) => reason === 'parse_failed'), JSON.stringify(remarks));
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
        const told = new Set(events.map(({ index }) => index));
        assert.equal(told.size, events.length, 'every event has a place of its own');
        // What is remarked on and told all the same has one place for both.
        const remarked = remarks.filter(({ index, mayBeMessage }) => mayBeMessage || !told.has(index));
        assert.ok(!remarked.some(({ index }) => told.has(index)), JSON.stringify(remarks));
        assert.equal(new Set(remarks.map(({ index }) => index)).size, remarks.length);
      }),
      { numRuns: 3000 },
    );
  });

  it(
    `answers 200 to any signed bytes, for ${fuzzSeconds} s`,
    { timeout: (fuzzSeconds + 120) * 1000 },
    async (t) => {
      const hooks = await openHookApp();
      t.after(() => hooks.close());
      await hooks.addNumber('15550001111', metadata.phone_number_id);
      const posts = await fuzzBytes([...entries.map(toBody), ...payloads], (body) => hooks.post(body));
      t.diagnostic(`${posts} posts`);
    },
  );

  it('reads what surrounds an event that is broken, in a POST of 1,000', async (t) => {
    const bed = await openGraphBed(() => ({ body: {} }));
    t.after(() => bed.close());
    const messages: unknown[] = Array.from({ length: 1000 }, (_, index) => text(`m${index}`));
    messages[500] = { type: { deep: [] }, from: null };
    const body = toBody({ id: wabaId, changes: [{ field: 'messages', value: { metadata, messages } }] });
    const { events, remarks } = bed.connector.parse(body, channel);
    assert.equal(events.length, 1001);
    assert.deepEqual(
      remarks.map(({ index, reason }) => [index, reason]),
      [[501, 'wrong_shape']],
    );
  });
});
