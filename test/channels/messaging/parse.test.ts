import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { system } from '../../../src/domain/account.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import { rereadUnrouted } from '../../../src/core/receipts/route-reread.ts';
import { appSecret, openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

const page = '300000000000001';
const account = '17840000000000001';
const psid = '24000000000000001';
const at = 1_780_000_000_123;

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addPages('messenger', 'fb', [page]);
  await hooks.addPages('instagram', 'ig', [account]);
});
afterEach(() => hooks.close());

type Type = 'messenger' | 'instagram';

function toBody(type: Type, events: readonly unknown[], list = 'messaging'): string {
  const [object, id] = type === 'messenger' ? ['page', page] : ['instagram', account];
  return JSON.stringify({ object, entry: [{ id, time: at, [list]: events }] });
}

function toEvent(type: Type, members: object): object {
  const id = type === 'messenger' ? page : account;
  return { sender: { id: psid }, recipient: { id }, timestamp: at, ...members };
}

async function post(type: Type, body: string): Promise<Record<string, unknown>[]> {
  assert.equal(await hooks.post(body, type === 'messenger' ? 'fb' : 'ig', appSecret, type), 200);
  return hooks.drain('ChatAppInbound');
}

const play = (type: Type, members: object, list?: string) =>
  post(type, toBody(type, [toEvent(type, members)], list));

/** What users send, and the MessageId, Type, Message and Context that it becomes. */
const inbound: readonly {
  readonly name: string;
  readonly type?: Type;
  readonly members: object;
  readonly receipts: readonly (readonly [id: string, type: string, message: unknown, context?: object])[];
}[] = [
  {
    name: 'a text that answers a message',
    members: { message: { mid: 'm_1', text: 'hi', reply_to: { mid: 'm_0' } } },
    receipts: [['m_1', 'TEXT', 'hi', { messageId: 'm_0' }]],
  },
  {
    name: 'a text from an advertisement',
    members: { message: { mid: 'm_1', text: 'hi', referral: { ad_id: '6', source: 'ADS' } } },
    receipts: [['m_1', 'TEXT', 'hi', { referral: { ad_id: '6', source: 'ADS' } }]],
  },
  {
    name: 'a quick reply',
    members: { message: { mid: 'm_1', text: 'Yes', quick_reply: { payload: 'YES' } } },
    receipts: [['m_1', 'REPLY', { text: 'Yes', payload: 'YES' }]],
  },
  {
    name: 'several attachments of one message, each a receipt of its own',
    members: {
      message: {
        mid: 'm_1',
        attachments: [
          { type: 'image', payload: { url: 'https://cdn.example/a.png?sig=1' } },
          { type: 'audio', payload: { url: 'https://cdn.example/clip.mp4' } },
          { type: 'file', payload: { url: 'https://cdn.example/bill%202.pdf?x' } },
        ],
      },
    },
    receipts: [
      ['m_1', 'IMAGE', { id: 'm_1', mimeType: 'image/png' }],
      ['m_1#2', 'AUDIO', { id: 'm_1#2', mimeType: 'audio/mp4' }],
      ['m_1#3', 'DOCUMENT', { id: 'm_1#3', mimeType: 'application/pdf', filename: 'bill 2.pdf' }],
    ],
  },
  {
    name: 'a text with an image',
    members: {
      message: {
        mid: 'm_1',
        text: 'look',
        attachments: [{ type: 'image', payload: { url: 'https://cdn.example/a' } }],
      },
    },
    receipts: [
      ['m_1', 'TEXT', 'look'],
      ['m_1#2', 'IMAGE', { id: 'm_1#2', mimeType: 'image/jpeg' }],
    ],
  },
  {
    name: 'a sticker by its number alone',
    members: { message: { mid: 'm_1', attachments: [{ type: 'sticker', payload: { sticker_id: 369 } }] } },
    receipts: [['m_1', 'UNSUPPORTED', { animated: false, stickerId: '369', type: 'sticker' }]],
  },
  {
    name: 'a sticker that comes twice, as image and as sticker',
    members: {
      message: {
        mid: 'm_1',
        attachments: [
          { type: 'image', payload: { url: 'https://cdn.example/s.png', sticker_id: 369239263222822 } },
          { type: 'sticker', payload: { url: 'https://cdn.example/s.png', sticker_id: 369239263222822 } },
        ],
      },
    },
    receipts: [['m_1', 'STICKER', { id: 'm_1', mimeType: 'image/png', animated: false }]],
  },
  {
    name: 'a place',
    members: {
      message: {
        mid: 'm_1',
        attachments: [{ type: 'location', payload: { coordinates: { lat: 52.5, long: -9 } } }],
      },
    },
    receipts: [['m_1', 'LOCATION', { latitude: '52.5', longitude: '-9' }]],
  },
  {
    name: 'a reel, whose address is a page for people on Messenger',
    members: {
      message: {
        mid: 'm_1',
        attachments: [
          {
            type: 'reel',
            payload: { url: 'https://www.facebook.com/reel/1', title: 'R', reel_video_id: 12 },
          },
        ],
      },
    },
    receipts: [
      ['m_1', 'SHARE', { type: 'reel', title: 'R', link: 'https://www.facebook.com/reel/1', shareId: '12' }],
    ],
  },
  {
    name: 'a mention in a story, whose address is a file on Instagram',
    type: 'instagram',
    members: {
      message: {
        mid: 'm_1',
        attachments: [{ type: 'story_mention', payload: { url: 'https://cdn.example/s.jpg' } }],
      },
    },
    receipts: [
      [
        'm_1',
        'SHARE',
        { type: 'story_mention', link: 'https://cdn.example/s.jpg', id: 'm_1', mimeType: 'image/jpeg' },
      ],
    ],
  },
  {
    name: 'an answer to a story',
    type: 'instagram',
    members: {
      message: { mid: 'm_1', text: 'wow', reply_to: { story: { id: '181', url: 'https://cdn.example/s' } } },
    },
    receipts: [['m_1', 'TEXT', 'wow', { story: { id: '181', url: 'https://cdn.example/s' } }]],
  },
  {
    name: 'a photo that may be seen once',
    type: 'instagram',
    members: { message: { mid: 'm_1', attachments: [{ type: 'ephemeral' }] } },
    receipts: [['m_1', 'UNSUPPORTED', { type: 'ephemeral' }]],
  },
  {
    name: 'a heart',
    type: 'instagram',
    members: { message: { mid: 'm_1', attachments: [{ type: 'like_heart' }] } },
    receipts: [['m_1', 'STICKER', { type: 'like_heart', animated: false }]],
  },
  {
    name: 'what the platform cannot show',
    members: { message: { mid: 'm_1', is_unsupported: true } },
    receipts: [['m_1', 'UNSUPPORTED', { type: 'unsupported' }]],
  },
  {
    name: 'an appointment',
    members: {
      message: {
        mid: 'm_1',
        attachments: [{ type: 'appointment_booking', payload: { booking_id: '77', status: 'PENDING' } }],
      },
    },
    receipts: [
      [
        'm_1',
        'INTERACTIVE',
        {
          interactive: {
            type: 'appointment_booking',
            appointment_booking: { booking_id: '77', status: 'PENDING' },
          },
        },
      ],
    ],
  },
  {
    name: 'a message that was taken back',
    members: { message: { mid: 'm_1', is_deleted: true } },
    receipts: [['m_1#deleted', 'REVOKE', { messageId: 'm_1' }]],
  },
  {
    name: 'an edit whose number is text',
    members: { message_edit: { mid: 'm_1', text: 'fixed', num_edit: '2' } },
    receipts: [['m_1#edit-2', 'EDIT', { messageId: 'm_1', type: 'text', text: 'fixed' }]],
  },
  {
    name: 'a postback beside members of other kinds that are empty',
    members: { message: null, read: [], postback: { mid: 'm_1', title: 'Start', payload: 'GO' } },
    receipts: [['m_1', 'REPLY', { text: 'Start', payload: 'GO' }]],
  },
  {
    name: 'a postback with a referral',
    members: { postback: { mid: 'm_1', title: 'Start', payload: 'GO', referral: { ref: 'r' } } },
    receipts: [
      ['m_1', 'REPLY', { text: 'Start', payload: 'GO', referral: { ref: 'r' } }, { referral: { ref: 'r' } }],
    ],
  },
  {
    name: 'an order',
    members: { order: { products: [{ id: '1', quantity: 2 }], note: 'gift' } },
    receipts: [['order-', 'ORDER', { products: [{ id: '1', quantity: 2 }], note: 'gift' }]],
  },
  {
    name: 'an account that was linked',
    members: { account_linking: { status: 'linked', authorization_code: 'c' } },
    receipts: [
      ['account_linking-', 'SYSTEM', { type: 'account_linking', status: 'linked', authorization_code: 'c' }],
    ],
  },
  {
    name: 'an opt-in that names no user but a reference',
    members: { sender: undefined, optin: { ref: 'p', user_ref: 'UR-1' } },
    receipts: [['optin-', 'OPTIN', { ref: 'p', user_ref: 'UR-1' }]],
  },
];

describe('what users send', () => {
  for (const { name, type = 'messenger', members, receipts } of inbound) {
    it(name, async () => {
      const drained = await play(type, members);
      assert.equal(drained.length, receipts.length);
      for (const [n, [id, kind, message, context]] of receipts.entries()) {
        const receipt = drained[n];
        assert.ok(receipt !== undefined);
        assert.ok(String(receipt['MessageId']).startsWith(id), String(receipt['MessageId']));
        assert.equal(receipt['Type'], kind);
        assert.equal(receipt['To'], type === 'messenger' ? page : account);
        assert.equal(receipt['WabaId'], '');
        assert.equal(receipt['Timestamp'], at);
        assert.deepEqual(receipt['Context'], context);
        if (typeof message === 'string') assert.equal(receipt['Message'], message);
        else assert.partialDeepStrictEqual(JSON.parse(String(receipt['Message'])), message);
      }
      assert.equal(new Set(drained.map((receipt) => receipt['MessageId'])).size, receipts.length);
      // The same event again, among others: nothing new.
      assert.deepEqual(await play(type, members), []);
    });
  }

  it('a reaction and its taking away are two receipts', async () => {
    const [react] = await play('messenger', {
      reaction: { mid: 'm_1', action: 'react', emoji: '🔥', reaction: 'other' },
    });
    const [unreact] = await play('messenger', { reaction: { mid: 'm_1', action: 'unreact' } });
    assert.deepEqual(JSON.parse(String(react?.['Message'])), {
      messageId: 'm_1',
      emoji: '🔥',
      reaction: 'other',
    });
    assert.deepEqual(JSON.parse(String(unreact?.['Message'])), { messageId: 'm_1', emoji: '' });
    assert.notEqual(react?.['MessageId'], unreact?.['MessageId']);
  });

  it('a message that was taken back goes from the store with its parts, edits, files and raw bytes', async () => {
    const { store, accountId, removed } = hooks;
    const attachments = ['a', 'b'].map((name) => ({
      type: 'image',
      payload: { url: `https://cdn.example/${name}.jpg` },
    }));
    const told = [
      ...(await play('instagram', { message: { mid: 'm_1', text: 'a secret', attachments } })),
      ...(await play('instagram', { message_edit: { mid: 'm_1', text: 'a new secret', num_edit: 1 } })),
    ];
    const others = [
      ...(await play('instagram', { message: { mid: 'm_2', text: 'stays' } })),
      ...(await play('messenger', { message: { mid: 'm_1', text: 'of another channel' } })),
    ];
    assert.deepEqual([told.length, others.length], [4, 2]);
    const findAll = (receipts: readonly Record<string, unknown>[]) =>
      Promise.all(receipts.map(({ ReceiptId: id }) => store.findTimeline(accountId, String(id))));
    const revoke = { message: { mid: 'm_1', is_deleted: true } };
    const [receipt] = await play('instagram', revoke);
    assert.equal(receipt?.['Type'], 'REVOKE');
    assert.deepEqual(JSON.parse(String(receipt['Message'])), { messageId: 'm_1' }, 'the taking back is told');
    for (const timeline of await findAll(told)) {
      assert.equal(timeline?.receipt.content, null);
      assert.equal(timeline.receipt.facts.type, 'ChatAppInbound', 'the facts stay');
      const raw = await store.findRawEvent(accountId, timeline.rawEventId);
      assert.equal(raw?.body.byteLength, 0);
    }
    assert.equal(removed.length, 2);
    for (const id of removed) assert.equal((await store.findMedia(accountId, id))?.state, 'erased');
    for (const timeline of await findAll(others)) assert.notEqual(timeline?.receipt.content, null);
    await play('instagram', revoke);
    assert.equal(removed.length, 2, 'a repeat finds nothing');
  });

  it('a message that comes after it was taken back is told without what it held', async () => {
    const { store, accountId, removed } = hooks;
    const attachments = [{ type: 'image', payload: { url: 'https://cdn.example/a.jpg' } }];
    for (const type of ['instagram', 'messenger'] as const) {
      await play(type, { message: { mid: 'm_1', is_deleted: true } });
      const told = [
        ...(await play(type, { message: { mid: 'm_1', text: 'a secret', attachments } })),
        ...(await play(type, { message_edit: { mid: 'm_1', text: 'a new secret', num_edit: 1 } })),
      ];
      assert.equal(told.length, 3);
      const [other] = await play(type, { message: { mid: 'm_2', text: 'stays' } });
      for (const { ReceiptId: id } of told) {
        const timeline = await store.findTimeline(accountId, String(id));
        assert.equal(timeline?.receipt.content, null);
        assert.equal((await store.findRawEvent(accountId, timeline.rawEventId))?.body.byteLength, 0);
      }
      const stays = await store.findTimeline(accountId, String(other?.['ReceiptId']));
      assert.notEqual(stays?.receipt.content, null);
    }
    assert.equal(removed.length, 2);
  });

  it('a message is erased by the repeat when the store failed between recording the taking back and erasing', async (t) => {
    const { store, accountId } = hooks;
    const [told] = await play('messenger', { message: { mid: 'm_1', text: 'a secret' } });
    const away = t.mock.method(store, 'eraseMessages', async () => {
      throw new GatewayError('store_unavailable', 'The disk is away.');
    });
    const revoke = toBody('messenger', [toEvent('messenger', { message: { mid: 'm_1', is_deleted: true } })]);
    assert.equal(await hooks.post(revoke, 'fb', appSecret, 'messenger'), 503);
    away.mock.restore();
    assert.equal(await hooks.post(revoke, 'fb', appSecret, 'messenger'), 200);
    const timeline = await store.findTimeline(accountId, String(told?.['ReceiptId']));
    assert.equal(timeline?.receipt.content, null);
  });

  it('tells of a message that came while another app owned the conversation', async () => {
    const [receipt] = await play('instagram', { message: { mid: 'm_1', text: 'x' } }, 'standby');
    assert.deepEqual(receipt?.['Context'], { standby: true });
    // Once the conversation is ours, the same message is the same.
    assert.deepEqual(await play('instagram', { message: { mid: 'm_1', text: 'x' } }), []);
  });

  it('reads a messaging event that stands among the changes, with its time in seconds', async () => {
    const value = {
      ...toEvent('instagram', { message: { mid: 'm_1', text: 'x' } }),
      timestamp: '1780000000',
    };
    const [receipt] = await post('instagram', toBody('instagram', [{ field: 'messages', value }], 'changes'));
    assert.equal(receipt?.['Timestamp'], 1_780_000_000_000);
  });

  for (const [name, members] of [
    ['a reaction', { reaction: { mid: 'm_1', action: 'react', emoji: '❤' } }],
    ['a postback without a mid', { postback: { title: 'Yes', payload: 'YES' } }],
    ['a referral', { referral: { ref: 'shop', source: 'SHORTLINK' } }],
  ] as const)
    it(`knows ${name} without any time when it comes again later`, async () => {
      const event = { ...toEvent('messenger', members), timestamp: undefined };
      const body = JSON.stringify({ object: 'page', entry: [{ id: page, messaging: [event] }] });
      const [receipt] = await post('messenger', body);
      assert.equal(receipt?.['Timestamp'], hooks.clock.now());
      hooks.clock.advance(5000);
      assert.deepEqual(await post('messenger', body), []);
    });

  it('keeps ids above 2^53 digit by digit', async () => {
    const body = toBody('messenger', [toEvent('messenger', { message: { mid: 'm_1', text: 'x' } })])
      .replaceAll(`"${page}"`, page)
      .replaceAll(`"${psid}"`, '24000000000000000001');
    const [receipt] = await post('messenger', body);
    assert.equal(receipt?.['From'], '24000000000000000001');
    assert.equal(receipt['To'], page);
  });

  it('tells the account of a block of its Page', async () => {
    await play('messenger', { sender: undefined, policy_enforcement: { action: 'block', reason: 'spam' } });
    const [audit] = await hooks.drain('ChatAppAudit');
    assert.partialDeepStrictEqual(audit, {
      Type: 'wabaAccountUpdate',
      Status: 'block',
      Reason: 'spam',
      PhoneNumber: page,
    });
  });
});

describe('bad input', () => {
  it('of one event in a thousand harms none of its neighbours', async () => {
    const events = Array.from({ length: 1000 }, (_, n) =>
      n === 499
        ? { ...toEvent('messenger', {}), message: [] }
        : toEvent('messenger', { message: { mid: `m_${n}`, text: 'x' } }),
    );
    assert.equal((await post('messenger', toBody('messenger', events))).length, 999);
  });

  it('that is a prototype pollutes nothing', async () => {
    const body = `{"__proto__":{"polluted":1},"object":"page","entry":[{"__proto__":{"id":"x"},"id":"${page}","messaging":[{"__proto__":{"message":{"mid":"a","text":"b"}},"sender":{"id":"1"},"recipient":{"id":"${page}"}},{"sender":{"id":"1"},"recipient":{"id":"${page}"},"order":{"__proto__":{"polluted":1},"note":"n"}}]}]}`;
    const receipts = await post('messenger', body);
    assert.deepEqual(
      receipts.map((receipt) => receipt['Message']),
      ['{"note":"n"}'],
    );
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  it('that names a Page of nobody is kept until the Page is added', async () => {
    const event = {
      ...toEvent('messenger', { message: { mid: 'm_1', text: 'x' } }),
      recipient: { id: '399' },
    };
    assert.deepEqual(await post('messenger', toBody('messenger', [event])), []);
    assert.equal((await hooks.store.listUnrouted(hooks.accountId, { limit: 5 })).items.length, 1);
    await hooks.addPages('messenger', 'fb', ['399']);
    await rereadUnrouted(hooks.recording, 'messenger', { by: 'sender', id: '399' });
    const [receipt] = await hooks.drain('ChatAppInbound');
    assert.equal(receipt?.['To'], '399');
  });

  /** Gives a second account a channel of some app with one Page, and posts a batch to ours that names both; resolves to what we got. */
  async function postWithTheirs(theirSecret: string): Promise<unknown[]> {
    const { store } = hooks;
    await store.createAccount({ id: 2, name: 'Other' }, system);
    const credentials = { appSecret: theirSecret, verifyToken: 'v' };
    const channel = { id: 'fb2', type: 'messenger', name: 'fb2', wabaId: null, credentials } as const;
    await store.putChannel(2, channel, system);
    const sender = { id: '388', type: 'messenger', name: '388', routeId: '388' } as const;
    await store.putSender(2, 'fb2', sender, system);
    const events = [
      { ...toEvent('messenger', { message: { mid: 'm_1', text: 'theirs' } }), recipient: { id: '388' } },
      toEvent('messenger', { message: { mid: 'm_2', text: 'ours' } }),
      { ...toEvent('messenger', { read: { watermark: at } }), recipient: { id: '388' } },
    ];
    const receipts = await post('messenger', toBody('messenger', events));
    assert.equal((await store.listReceipts(hooks.accountId, {}, { limit: 5 })).items.length, 1);
    return receipts.map((receipt) => receipt['Message']);
  }

  it("that names another account's Page of another app, in a batch of ours, is kept and nobody gets it", async () => {
    assert.deepEqual(await postWithTheirs('another'), ['ours']);
    assert.deepEqual((await hooks.store.listReceipts(2, {}, { limit: 5 })).items, []);
    assert.deepEqual((await hooks.store.listUnrouted(2, { limit: 5 })).items, []);
    assert.equal((await hooks.store.listUnrouted(hooks.accountId, { limit: 5 })).items.length, 2);
  });

  it("that names another account's Page of the same app goes to that account, which sees nothing of ours", async () => {
    assert.deepEqual(await postWithTheirs(appSecret), ['ours']);
    const { items } = await hooks.store.listReceipts(2, {}, { limit: 5 });
    assert.deepEqual(
      items.map(({ content }) => content?.text),
      ['theirs'],
    );
    const timeline = await hooks.store.findTimeline(2, items[0]?.receiptId ?? '');
    const raw = await hooks.store.findRawEvent(2, timeline?.rawEventId ?? 0);
    const text = Buffer.from(raw?.body ?? []).toString('utf8');
    assert.ok(text.includes('theirs') && !text.includes('ours"') && !text.includes('m_2'), text);
  });

  it('signed with the wrong secret is refused', async () => {
    const body = toBody('messenger', [toEvent('messenger', { message: { mid: 'm_1', text: 'x' } })]);
    assert.equal(await hooks.post(body, 'fb', 'wrong', 'messenger'), 401);
    assert.equal(await hooks.post(body, 'fb', appSecret, 'instagram'), 404);
  });

  it('of any shape in any place never fails and never harms the event beside it', async () => {
    let number = 0;
    const events: readonly object[] = inbound.map(({ members }) => toEvent('messenger', members));
    const extra = [
      { delivery: { mids: ['m_1'], watermark: at } },
      { read: { watermark: at } },
      { reaction: { mid: 'm_1', action: 'react' } },
      { messaging_feedback: { feedback_screens: [] } },
      { policy_enforcement: { action: 'block' } },
      { message: { mid: 'm_1', is_echo: true, metadata: '202611230808370000001' } },
    ].map((members) => toEvent('messenger', members));
    const places = [...events, ...extra].flatMap((event) =>
      listPaths(event).map((path) => ({ event, path })),
    );
    assert.ok(places.length > 150);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places),
        fc.jsonValue({ maxDepth: 3 }),
        async ({ event, path }, value) => {
          number += 1;
          const broken = replaceAt(event, path, value);
          const good = toEvent('messenger', { message: { mid: `good_${number}`, text: 'good' } });
          const receipts = await post('messenger', toBody('messenger', [broken, good]));
          assert.ok(receipts.some((receipt) => receipt['MessageId'] === `good_${number}`));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function listPaths(value: unknown, before: readonly string[] = []): string[][] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, member]) => listPaths(member, [...before, key]))
      : [];
  return [[...before], ...inner];
}

function replaceAt(target: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(target))
    return (target as unknown[]).map((member, n) =>
      String(n) === key ? replaceAt(member, rest, value) : member,
    );
  const object = { ...(target as Record<string, unknown>) };
  return { ...object, [key]: replaceAt(object[key], rest, value) };
}
