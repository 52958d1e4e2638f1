// The webhooks of Viber's bots and of Business Messages against anything: any JSON in any place, and any bytes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findPlaces, fuzzBytes, fuzzSeconds, oddValue, readPayloads, replaceAt } from '../../support/fuzz.ts';
import { openViberHooks, serviceId } from '../../support/viber.ts';

const token = '5741311803571721087';
const user = { id: 'abc+/==', name: 'Ana', language: 'uk', country: 'UA', api_version: 10 };
const media = 'https://dl.example/a.jpg?sig=1';

const botEvents: readonly object[] = [
  ...[
    { type: 'text', text: 'Вітаю 👩‍👩‍👧', tracking_data: 't' },
    { type: 'picture', media, thumbnail: media, text: 'c', file_name: 'a.jpg', size: 3 },
    { type: 'video', media, size: 3, duration: 2 },
    { type: 'file', media, file_name: 'a.pdf', size: 3 },
    { type: 'sticker', sticker_id: '46105' },
    { type: 'contact', contact: { name: 'n', phone_number: '+1555' } },
    { type: 'url', media },
    { type: 'location', location: { lat: 1, lon: 2 } },
    { type: 'rich_media', rich_media: { Buttons: [{ ActionBody: 'b' }] } },
  ].map((message) => ({ event: 'message', sender: user, message, chat_id: 'g' })),
  { event: 'delivered', user_id: user.id },
  { event: 'failed', user_id: user.id, desc: 'd' },
  { event: 'subscribed', user },
  { event: 'unsubscribed', user_id: user.id },
  { event: 'conversation_started', type: 'open', context: 'c', user, subscribed: false },
  { event: 'client_status', status: { type: 'payment', code: 1 } },
  { event: 'webhook' },
].map((event) => ({ ...event, timestamp: 1780000000123, message_token: token }));

const from = { phone_number: '15550002222', service_id: 42, time: 1780000000 };
const callbacks: readonly object[] = [
  ...[0, 1, 2, 3, 4, 'delivered', 'expired', 'unsubscribe'].map((status) => ({
    ...from,
    message_token: token,
    message_status: status,
    message_time: 1780000000123,
  })),
  { request_id: 'r-1', message_status: 'seen', service_type: 'two_way', ...from },
  { ...from, message_token: token, message: { text: 'hi', tracking_data: 't' }, session_id: 's' },
  { ...from, message_token: token, message: { media, file_name: 'a.jpg' } },
];

const timeout = (fuzzSeconds + 120) * 1000;

describe('the webhook of a Viber bot', () => {
  it('makes an event or a remark of whatever JSON in whatever place', async (t) => {
    const hooks = await openViberHooks();
    t.after(() => hooks.close());
    const { viber } = hooks.recording.connectors;
    const channel = await hooks.store.findChannel('bot');
    assert.ok(viber && channel);
    fc.assert(
      fc.property(fc.constantFrom(...findPlaces(botEvents)), oddValue, (place, by) => {
        const body = Buffer.from(JSON.stringify(replaceAt(place, by)));
        const { events, remarks } = viber.parse(body, channel);
        assert.equal(events.length + remarks.length, 1);
        assert.ok(!remarks.some(({ reason }) => reason === 'parse_failed'), JSON.stringify(remarks));
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
        viber.respond?.(channel, body);
      }),
      { numRuns: 3000 },
    );
  });

  it(`answers 200 to any signed bytes, for ${fuzzSeconds} s`, { timeout }, async (t) => {
    const hooks = await openViberHooks();
    t.after(() => hooks.close());
    const bodies = [...botEvents.map(toBytes), ...readPayloads('viber-bot')];
    t.diagnostic(`${await fuzzBytes(bodies, async (body) => (await hooks.postBot(body)).status)} posts`);
  });
});

describe('the webhook of Viber Business Messages', () => {
  it('reads the neighbours whatever JSON stands in whatever place', async (t) => {
    const hooks = await openViberHooks();
    t.after(() => hooks.close());
    const { viber } = hooks.recording.connectors;
    const channel = await hooks.store.findChannel('vbm');
    assert.ok(viber && channel);
    const neighbour = (id: string) => ({ ...from, message_token: id, message: { text: 'hi' } });
    fc.assert(
      fc.property(fc.constantFrom(...findPlaces(callbacks)), oddValue, (place, by) => {
        const list = [neighbour('before'), replaceAt(place, by), neighbour('after')];
        const { events, remarks } = viber.parse(toBytes(list), channel);
        const ids = events.map(({ facts }) => (facts.type === 'ChatAppAudit' ? '' : facts.messageId));
        assert.ok(ids.includes('before') && ids.includes('after'), ids.join());
        assert.equal(events.length + remarks.length, 3);
        assert.ok(!remarks.some(({ reason }) => reason === 'parse_failed'), JSON.stringify(remarks));
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it(`answers 200 to any bytes behind the secret, for ${fuzzSeconds} s`, { timeout }, async (t) => {
    const hooks = await openViberHooks();
    t.after(() => hooks.close());
    assert.equal(serviceId, String(from.service_id));
    const bodies = [...callbacks.map(toBytes), toBytes(callbacks), ...readPayloads('viber-business')];
    t.diagnostic(`${await fuzzBytes(bodies, (body) => hooks.postBusiness(body))} posts`);
  });
});

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
