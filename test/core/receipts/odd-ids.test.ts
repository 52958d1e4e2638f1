// What no column, index or parser of JSON can hold, in the place of every text of every event: the event and its neighbours are
// recorded, once, on either store.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { formatOutboundId } from '../../../src/domain/ids.ts';
import { toKeptId, toWellFormedJson } from '../../../src/domain/foreign-text.ts';
import { findPlaces, readEntries, readPayloads, replaceAt } from '../../support/fuzz.ts';
import type { Place } from '../../support/fuzz.ts';
import { appSecret, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import { openViberHooks, serviceId } from '../../support/viber.ts';
import type { ViberHooks } from '../../support/viber.ts';

const page = '300000000000001';
const phoneNumberId = '200000000000001';
/** Random, so that no database can press it into an index. */
const overlong = randomBytes(5000).toString('hex');
const odd = ['a\0b', '\ud83d-\udc00', overlong];

let hooks: ViberHooks;
beforeEach(async () => {
  hooks = await openViberHooks();
  await hooks.addNumber('15550001111', phoneNumberId);
  await hooks.addPages('messenger', 'messenger', [page]);
  await hooks.addPages('instagram', 'instagram', [page]);
});
afterEach(() => hooks.close());

interface Door {
  readonly name: string;
  readonly samples: readonly unknown[];
  readonly others: readonly unknown[];
  /** A user's message that is well formed. */
  readonly toMessage: (id: string) => unknown;
  /** Most events in one POST. */
  readonly batch: number;
  readonly toBody: (events: readonly unknown[]) => string;
  readonly post: (body: string) => Promise<number>;
}

const common = { sender: { id: '24000000000000001' }, recipient: { id: page }, timestamp: 1780000000000 };
const url = 'https://cdn.example/a.jpg';
const messagingEvents = [
  { message: { mid: 'm', text: 't', quick_reply: { payload: 'p' }, reply_to: { mid: 'q' } } },
  { message: { mid: 'a', attachments: [{ type: 'image', payload: { url } }] } },
  { message: { mid: 'd', is_deleted: true } },
  { message_edit: { mid: 'm', text: 'fixed', num_edit: '1' } },
  { delivery: { mids: ['m_1', 'm_2'], watermark: 1780000000000 } },
  { read: { watermark: 1780000000000, mid: 'm_1' } },
  { reaction: { mid: 'm', action: 'react', emoji: '❤', reaction: 'love' } },
  { postback: { mid: 'p', title: 't', payload: 'P', referral: { ref: 'r' } } },
];

function messagingDoor(type: 'messenger' | 'instagram', object: string): Door {
  const toEntry = (event: object) => ({ id: page, time: 1, messaging: [{ ...common, ...event }] });
  return {
    name: type,
    samples: messagingEvents.map(toEntry),
    others: readEntries(readPayloads(type)),
    toMessage: (mid) => toEntry({ message: { mid, text: 'hi' } }),
    batch: 50,
    toBody: (entry) => JSON.stringify({ object, entry }),
    post: (body) => hooks.post(body, type, appSecret, type),
  };
}

const whatsappEntries = (
  JSON.parse(
    toWebhook({
      messages: [
        {
          ...toText('i'),
          type: 'image',
          image: { id: '9', mime_type: 'image/png', sha256: 'x', caption: 'c' },
        },
        { ...toText('r'), type: 'reaction', reaction: { message_id: 'q', emoji: 'e' } },
        { ...toText('c'), context: { id: 'q', from: '15550001111' }, referral: { source_id: '1' } },
      ],
      statuses: [
        { ...toStatus('s', 'sent'), conversation: { id: 'c', origin: { type: 'utility' } } },
        { ...toStatus('f', 'failed'), errors: [{ code: 131026, title: 't', message: 'm' }] },
      ],
    }),
  ) as { entry: unknown[] }
).entry;

const viberUser = { id: 'abc+/==', name: 'Ana' };
const viberToken = { timestamp: 1780000000123, message_token: '5741311803571721087' };
const ofService = { phone_number: '15550002222', service_id: Number(serviceId), time: 1780000000 };

const doors: readonly Door[] = [
  {
    name: 'whatsapp',
    samples: [
      ...whatsappEntries,
      {
        id: '100000000000001',
        changes: [
          {
            field: 'message_template_status_update',
            value: {
              event: 'REJECTED',
              message_template_id: 1,
              message_template_name: 'n',
              message_template_language: 'en',
              reason: 'r',
            },
          },
        ],
      },
    ],
    others: readEntries(readPayloads('whatsapp')),
    toMessage: (id) =>
      (JSON.parse(toWebhook({ messages: [toText(id)] })) as { entry: readonly unknown[] }).entry[0],
    batch: 50,
    toBody: (entry) => JSON.stringify({ object: 'whatsapp_business_account', entry }),
    post: (body) => hooks.post(body),
  },
  messagingDoor('messenger', 'page'),
  messagingDoor('instagram', 'instagram'),
  {
    name: 'a Viber bot',
    samples: [
      { event: 'message', sender: viberUser, message: { type: 'text', text: 't', tracking_data: 't' } },
      { event: 'message', sender: viberUser, message: { type: 'file', media: url, file_name: 'a.pdf' } },
      { event: 'delivered', user_id: viberUser.id },
      { event: 'failed', user_id: viberUser.id, desc: 'd' },
      { event: 'subscribed', user: viberUser },
      { event: 'conversation_started', type: 'open', context: 'c', user: viberUser },
    ].map((event) => ({ ...event, ...viberToken })),
    others: readPayloads('viber-bot').flatMap(readJson),
    toMessage: (id) => ({
      event: 'message',
      sender: viberUser,
      message: { type: 'text', text: 'hi' },
      timestamp: 1780000000123,
      message_token: id,
    }),
    batch: 1,
    toBody: ([event]) => JSON.stringify(event),
    post: async (body) => (await hooks.postBot(body)).status,
  },
  {
    name: 'Viber Business Messages',
    samples: [
      { ...ofService, message_token: '5741311803571721087', message_status: 0, message_time: 1780000000123 },
      { ...ofService, request_id: 'r-1', message_status: 'seen', service_type: 'two_way' },
      { ...ofService, message_token: '1', message: { text: 'hi', tracking_data: 't' }, session_id: 's' },
      { ...ofService, message_token: '2', message: { media: url, file_name: 'a.jpg' } },
    ],
    others: readPayloads('viber-business').flatMap(readJson),
    toMessage: (id) => ({ ...ofService, message_token: id, message: { text: 'hi' } }),
    batch: 50,
    toBody: (events) => JSON.stringify(events),
    post: (body) => hooks.postBusiness(body),
  },
];

/** Some payloads are what no parser takes. */
function readJson(bytes: Buffer): unknown[] {
  try {
    return [JSON.parse(bytes.toString('utf8')) as unknown].flat();
  } catch {
    return [];
  }
}

/** Every text of the samples. */
function findTexts(samples: readonly unknown[]): readonly Place[] {
  return findPlaces(samples).filter(({ sample, path }) => {
    const value = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], sample);
    return typeof value === 'string';
  });
}

function assertWellFormed(receipts: readonly object[]): void {
  for (const receipt of receipts) {
    const json = JSON.stringify(receipt);
    assert.equal(toWellFormedJson(json), json);
  }
}

for (const door of doors)
  describe(`odd texts at the door of ${door.name}`, () => {
    it('are recorded once, and harm no neighbour', { timeout: 600_000 }, async () => {
      const variants = [
        ...findTexts(door.samples).flatMap((place) => odd.map((by) => replaceAt(place, by))),
        ...findTexts(door.others).map((place) => replaceAt(place, odd.slice(0, 2).join(''))),
      ];
      for (let at = 0; at < variants.length; at += door.batch) {
        const [before, after] = [`before-${at}`, `after-${at}`];
        const events = variants.slice(at, at + door.batch);
        const around = [door.toMessage(before), ...events, door.toMessage(after)];
        const bodies = door.batch === 1 ? around.map((event) => [event]) : [around];
        const post = async () => {
          for (const body of bodies)
            assert.equal(await door.post(door.toBody(body)), 200, JSON.stringify(events));
          const inbound = await hooks.drain('ChatAppInbound');
          return [
            ...inbound,
            ...(await hooks.drain('ChatAppStatus')),
            ...(await hooks.drain('ChatAppAudit')),
          ];
        };
        const told = await post();
        const ids = told.map(({ MessageId }) => MessageId);
        assert.ok(ids.includes(before) && ids.includes(after));
        assertWellFormed(told);
        assert.deepEqual(await post(), [], 'the same POST again tells nothing');
      }
      assertWellFormed((await hooks.store.listReceipts(hooks.accountId, {}, { limit: 500 })).items);
    });
  });

describe('the id of a status', () => {
  /** Leaves a message of the business in the middle of its send call; resolves to its id. */
  async function beginSend(): Promise<number> {
    const [added] = await hooks.store.addOutbound(hooks.accountId, [
      {
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId: '15550001111',
        to: '15550002222',
        groupId: null,
        taskId: null,
        envelope: { frame: 'message', messageType: 'text', content: { text: 'hello \0' } },
        expiresAt: hooks.clock.now() + 60_000,
        oncePerTask: false,
      },
    ]);
    return added?.id ?? 0;
  }

  for (const [name, id, kept] of [
    ['with a zero', 'wamid.\0x', 'wamid.\ufffdx'],
    ['with half a pair', 'wamid.\ud83dx', 'wamid.\ufffdx'],
    ['with 10,000 characters', overlong, toKeptId(overlong)],
  ] as const)
    it(`${name} is kept with our message, which the next status finds by it`, async () => {
      const messageId = formatOutboundId(await beginSend());
      const named = { ...toStatus(id, 'sent'), biz_opaque_callback_data: messageId };
      assert.equal(await hooks.post(toWebhook({ statuses: [named] })), 200);
      assert.equal(await hooks.post(toWebhook({ statuses: [toStatus(id, 'read')] })), 200);
      const told = await hooks.drain('ChatAppStatus');
      assert.deepEqual(
        told.map(({ MessageId, Status }) => [MessageId, Status]),
        [
          [messageId, 'Sent'],
          [messageId, 'Read'],
        ],
      );
      const { items } = await hooks.store.listOutbound(hooks.accountId, {}, { limit: 1 });
      assert.equal(items[0]?.channelMessageId, kept);
    });

  it('is one of two when two overlong ones begin alike', async () => {
    const ids = [`${overlong}1`, `${overlong}2`];
    assert.equal(await hooks.post(toWebhook({ statuses: ids.map((id) => toStatus(id, 'sent')) })), 200);
    assert.deepEqual(
      (await hooks.drain('ChatAppStatus')).map(({ MessageId }) => MessageId),
      ids.map(toKeptId),
    );
  });
});

describe('well-formed JSON', () => {
  it('leaves whole pairs and what only looks like an escape', () => {
    for (const json of [
      String.raw`"\ud83d\ude00"`,
      String.raw`"\\u0000 \\ud83d"`,
      '"😀 é"',
      String.raw`"\u0041\n\""`,
    ])
      assert.equal(toWellFormedJson(json), json);
  });
  it('replaces zeros and halves, in names too', () => {
    assert.equal(
      toWellFormedJson(String.raw`{"a\u0000":"\\\u0000\uD83D\ud83d\ude00\uDE00\ud83d"}`),
      String.raw`{"a\ufffd":"\\\ufffd\ufffd\ud83d\ude00\ufffd\ufffd"}`,
    );
  });
});
