// The webhooks of Messenger and Instagram against anything: any JSON in any place, and any bytes.
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
import { appSecret, openHookApp } from '../../support/hooks.ts';

const accountId = '300000000000001';
const common = {
  sender: { id: '24000000000000001' },
  recipient: { id: accountId },
  timestamp: 1780000000000,
};
const url = 'https://cdn.example/a.jpg';

/** Something of every kind that comes in `messaging`. */
const events: readonly object[] = [
  { message: { mid: 'm', text: 'مرحبا 👩‍👩‍👧', quick_reply: { payload: 'p' }, reply_to: { mid: 'q' } } },
  {
    message: {
      mid: 'a',
      attachments: [
        { type: 'image', payload: { url, sticker_id: 369239263222822 } },
        { type: 'location', payload: { coordinates: { lat: 1, long: 2 } } },
        { type: 'story_mention', payload: { url } },
        { type: 'template', payload: { product: { elements: [{ id: '1' }] } } },
      ],
      reply_to: { story: { id: '1', url } },
      referral: { source: 'ADS', ads_context_data: { ad_title: 't' } },
    },
  },
  { message: { mid: 'd', is_deleted: true } },
  { message: { mid: 'u', is_unsupported: true } },
  { message: { mid: 'e', is_echo: true, app_id: 1, metadata: '202611261200000000007', text: 'x' } },
  { message_edit: { mid: 'm', text: 'fixed', num_edit: '1' } },
  { delivery: { mids: ['m_1'], watermark: 1780000000000, seq: 3 } },
  { read: { watermark: 1780000000000, mid: 'm_1' } },
  { reaction: { mid: 'm', action: 'react', emoji: '❤', reaction: 'love' } },
  { postback: { mid: 'p', title: 't', payload: 'P', referral: { ref: 'r' } } },
  { referral: { ref: 'r', source: 'SHORTLINK', type: 'OPEN_THREAD' } },
  { optin: { type: 'notification_messages', payload: 'p', notification_messages_token: 't' } },
  { account_linking: { status: 'linked', authorization_code: 'c' } },
  { pass_thread_control: { new_owner_app_id: 1, metadata: 'x' } },
  { policy_enforcement: { action: 'block', reason: 'r' } },
  { messaging_feedback: { feedback_screens: [{ screen_id: 0, questions: { q: { type: 'csat' } } }] } },
  { order: { products: [{ id: '1', quantity: 1 }], note: 'n' } },
];

const neighbour = (mid: string) => ({
  id: accountId,
  time: 1780000000000,
  messaging: [{ ...common, message: { mid, text: 'hi' } }],
});

for (const [type, object] of [
  ['messenger', 'page'],
  ['instagram', 'instagram'],
] as const) {
  const payloads = readPayloads(type);
  const entries = [
    ...events.map((event) => ({ id: accountId, time: 1, messaging: [{ ...common, ...event }] })),
    { id: accountId, time: 1, standby: [{ ...common, message: { mid: 's', text: 'x' } }] },
    {
      id: accountId,
      time: 1,
      changes: [
        { field: 'messages', value: { ...common, message: { mid: 'c', text: 'x' } } },
        { field: 'comments', value: { id: '1', text: 't', from: { id: '2' } } },
        { field: 'messenger_template_status_update', value: { id: '1', name: 'n', status: 'APPROVED' } },
      ],
    },
    ...readEntries(payloads),
  ];
  const toBody = (entry: unknown): Buffer =>
    Buffer.from(JSON.stringify({ object, entry: [neighbour('before'), entry, neighbour('after')] }));

  describe(`the ${type} webhook`, () => {
    it('reads the neighbours whatever JSON stands in whatever place', async (t) => {
      const hooks = await openHookApp();
      t.after(() => hooks.close());
      await hooks.addPages(type, 'pages', [accountId]);
      const connector = hooks.recording.connectors[type];
      const channel = await hooks.store.findChannel('pages');
      assert.ok(connector && channel);
      fc.assert(
        fc.property(fc.constantFrom(...findPlaces(entries)), oddValue, (place, by) => {
          const parsed = connector.parse(toBody(replaceAt(place, by)), channel);
          const ids = parsed.events.map(({ facts }) =>
            facts.type === 'ChatAppAudit' ? '' : facts.messageId,
          );
          assert.ok(ids.includes('before') && ids.includes('after'), ids.join());
          assert.ok(!parsed.remarks.some(({ reason }) => reason === 'parse_failed'), JSON.stringify(parsed));
          assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
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
        await hooks.addPages(type, 'pages', [accountId]);
        const bodies = [...entries.map(toBody), ...payloads];
        const posts = await fuzzBytes(bodies, (body) => hooks.post(body, 'pages', appSecret, type));
        t.diagnostic(`${posts} posts`);
      },
    );

    it('reads what surrounds an event that is broken, in a POST of 1,000', async (t) => {
      const hooks = await openHookApp();
      t.after(() => hooks.close());
      await hooks.addPages(type, 'pages', [accountId]);
      const messaging: unknown[] = Array.from({ length: 1000 }, (_, n) => ({
        ...common,
        message: { mid: `m${n}`, text: 'hi' },
      }));
      messaging[499] = { sender: [], message: { mid: { deep: [] }, attachments: 'none' } };
      const body = JSON.stringify({ object, entry: [{ id: accountId, time: 1, messaging }] });
      assert.equal(await hooks.post(body, 'pages', appSecret, type), 200);
      const receipts = await hooks.drain('ChatAppInbound');
      assert.equal(new Set(receipts.map((receipt) => receipt['MessageId'])).size, 999);
    });
  });
}
