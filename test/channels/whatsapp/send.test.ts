import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Envelope } from '../../../src/domain/message.ts';
import type { TemplateComponent } from '../../../src/domain/template.ts';
import { channel, openGraphBed, sender, toOutgoing, toTemplate } from '../../support/graph.ts';
import type { GraphBed, Reply } from '../../support/graph.ts';

const accepted: Reply = { body: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.X' }] } };
let bed: GraphBed;
let reply = accepted;
before(async () => {
  bed = await openGraphBed(() => reply);
});
after(() => bed.close());

/** The request that a message becomes. */
async function request(
  envelope: Partial<Envelope>,
  more: Parameters<typeof toOutgoing>[1] = {},
): Promise<Record<string, unknown>> {
  reply = accepted;
  const outcome = await bed.connector.send(channel, sender, toOutgoing(envelope, more));
  assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome));
  const call = bed.calls.at(-1);
  assert.equal(call?.path, '/v25.0/200000000000001/messages');
  return JSON.parse(call.body) as Record<string, unknown>;
}

const frame = {
  messaging_product: 'whatsapp',
  recipient_type: 'individual',
  to: '15550002222',
  biz_opaque_callback_data: '202611261200000000007',
};

const interactive = { type: 'button', body: { text: 'x' }, action: { buttons: [] } };

/** MessageType, Content as CAMS has it, and the members of Meta's request. */
const kinds: readonly (readonly [string, unknown, Record<string, unknown>])[] = [
  ['text', { text: 'Hello' }, { type: 'text', text: { body: 'Hello' } }],
  [
    'image',
    { link: 'https://a.example/a.png', caption: 'c' },
    { type: 'image', image: { link: 'https://a.example/a.png', caption: 'c' } },
  ],
  ['video', { link: 'https://a.example/v' }, { type: 'video', video: { link: 'https://a.example/v' } }],
  ['audio', { link: 'https://a.example/a' }, { type: 'audio', audio: { link: 'https://a.example/a' } }],
  [
    'document',
    { link: 'https://a.example/d', fileName: 'a.pdf', caption: 'c' },
    { type: 'document', document: { link: 'https://a.example/d', filename: 'a.pdf', caption: 'c' } },
  ],
  ['sticker', { link: 'https://a.example/s' }, { type: 'sticker', sticker: { link: 'https://a.example/s' } }],
  [
    'location',
    { longitude: 120.002, latitude: 28.001, name: 'n', address: 'a' },
    { type: 'location', location: { latitude: 28.001, longitude: 120.002, name: 'n', address: 'a' } },
  ],
  [
    'contacts',
    [{ name: { formatted_name: 'Bob', first_name: 'Bob' } }],
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Bob', first_name: 'Bob' } }] },
  ],
  ['interactive', interactive, { type: 'interactive', interactive }],
  [
    'carousel',
    { body: { text: 'x' }, action: { cards: [] } },
    { type: 'interactive', interactive: { type: 'carousel', body: { text: 'x' }, action: { cards: [] } } },
  ],
];

describe('a free-form message', () => {
  for (const [messageType, content, expected] of kinds) {
    it(`of type ${messageType} is the request that Meta documents`, async () => {
      assert.deepEqual(await request({ messageType, content }), { ...frame, ...expected });
    });
  }

  it('quotes by the id of the channel', async () => {
    const sent = await request({ content: { text: 'x' } }, { quotedId: 'wamid.Q' });
    assert.deepEqual(sent['context'], { message_id: 'wamid.Q' });
  });

  it('goes to a user who is known by a business-scoped id only', async () => {
    const { to: _, ...rest } = frame;
    const sent = await request({ content: { text: 'x' } }, { to: 'US.13491208655302741918' });
    assert.deepEqual(sent, {
      ...rest,
      recipient: 'US.13491208655302741918',
      type: 'text',
      text: { body: 'x' },
    });
  });

  it('goes to a group', async () => {
    const sent = await request({ content: { text: 'x' }, toGroup: true }, { to: 'Y2FwaV9ncm91cDo' });
    assert.equal(sent['recipient_type'], 'group');
    assert.equal(sent['to'], 'Y2FwaV9ncm91cDo');
  });

  it('reacts to a message, and takes a reaction back', async () => {
    const reaction = (emoji: string) =>
      request({ messageType: 'reaction', content: { messageId: '1', emoji } }, { quotedId: 'wamid.Q' });
    assert.deepEqual((await reaction('👍'))['reaction'], { message_id: 'wamid.Q', emoji: '👍' });
    const taken = await reaction('');
    assert.deepEqual(taken['reaction'], { message_id: 'wamid.Q', emoji: '' });
    assert.equal(taken['context'], undefined);
  });

  it('pins a message', async () => {
    const content = { messageId: '1', expiration_days: 7 };
    const sent = await request({ messageType: 'pin', content, toGroup: true }, { quotedId: 'wamid.Q' });
    assert.deepEqual(sent['pin'], { type: 'pin', message_id: 'wamid.Q', expiration_days: 7 });
  });

  it('about a message that nobody knows is refused and never sent', async () => {
    const before = bed.calls.length;
    for (const messageType of ['reaction', 'pin', 'typing_indicator']) {
      const outcome = await bed.connector.send(channel, sender, toOutgoing({ messageType, content: {} }));
      assert.partialDeepStrictEqual(outcome, { failure: 'permanent', code: 'no_such_message' });
    }
    assert.equal(bed.calls.length, before);
  });

  it('that shows writing is a sign and no message', async () => {
    reply = { body: { success: true } };
    const outgoing = toOutgoing({ messageType: 'typing_indicator', content: {} }, { quotedId: 'wamid.Q' });
    const outcome = await bed.connector.send(channel, sender, outgoing);
    assert.partialDeepStrictEqual(outcome, {
      kind: 'accepted',
      channelMessageId: 'sign.202611261200000000007',
    });
    assert.deepEqual(JSON.parse(bed.calls.at(-1)?.body ?? ''), {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.Q',
      typing_indicator: { type: 'text' },
    });
  });

  it('is accepted also while Meta holds it for a look at its quality', async () => {
    reply = { body: { messages: [{ id: 'wamid.H', message_status: 'held_for_quality_assessment' }] } };
    const outcome = await bed.connector.send(channel, sender, toOutgoing({ content: { text: 'x' } }));
    assert.partialDeepStrictEqual(outcome, { kind: 'accepted', channelMessageId: 'wamid.H' });
  });

  it('whose answer holds no id is unknown, not failed', async () => {
    reply = { body: { messages: [] } };
    const outcome = await bed.connector.send(channel, sender, toOutgoing({ content: { text: 'x' } }));
    assert.equal(outcome.kind, 'unknown');
  });
});

describe('a sign of the business', () => {
  it('marks a message as read', async () => {
    reply = { body: { success: true } };
    const sign = { kind: 'read', userId: '15550002222', channelMessageId: 'wamid.Q' } as const;
    assert.equal(await bed.connector.show(channel, sender, sign), null);
    assert.deepEqual(JSON.parse(bed.calls.at(-1)?.body ?? ''), {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.Q',
    });
  });

  it('tells why it is not shown', async () => {
    const sign = { kind: 'typing', userId: '15550002222', channelMessageId: 'wamid.Q' } as const;
    const faultOf = async () => (await bed.connector.show(channel, sender, sign))?.fault;
    reply = { status: 401, body: { error: { message: 'expired', code: 190 } } };
    assert.equal(await faultOf(), 'auth');
    reply = { status: 400, body: { error: { message: 'rate', code: 130429 } } };
    assert.equal(await faultOf(), 'later');
    reply = { status: 400, body: { error: { message: 'param', code: 100 } } };
    assert.equal(await faultOf(), 'refused');
    const none = await bed.connector.show(channel, sender, { ...sign, channelMessageId: null });
    assert.equal(none?.fault, 'refused');
  });
});

/** Components as CAMS has them, what is given with the message, and Meta's components. */
const templates: readonly {
  readonly name: string;
  readonly components: readonly TemplateComponent[];
  readonly given?: Partial<Envelope>;
  readonly category?: string;
  readonly expected: unknown;
}[] = [
  { name: 'nothing to fill in', components: [{ Type: 'BODY', Text: 'Hi' }], expected: undefined },
  {
    name: 'variables of texts, each in its place and once',
    components: [
      { Type: 'HEADER', Format: 'TEXT', Text: 'For $(who)' },
      { Type: 'BODY', Text: '$(b) and $(a), $(b)' },
      { Type: 'FOOTER', Text: 'Bye' },
    ],
    given: { templateParams: { who: 'Ana', a: '1', b: '2' } },
    expected: [
      { type: 'header', parameters: [{ type: 'text', text: 'Ana' }] },
      {
        type: 'body',
        parameters: [
          { type: 'text', text: '2' },
          { type: 'text', text: '1' },
        ],
      },
    ],
  },
  {
    name: 'a picture by a variable',
    components: [{ Type: 'HEADER', Format: 'IMAGE', Url: '$(pic)' }],
    given: { templateParams: { pic: 'https://a.example/p.png' } },
    expected: [
      { type: 'header', parameters: [{ type: 'image', image: { link: 'https://a.example/p.png' } }] },
    ],
  },
  {
    name: 'a document with its name',
    components: [
      { Type: 'HEADER', Format: 'DOCUMENT', Url: 'https://a.example/d.pdf', FileName: 'Bill.pdf' },
    ],
    expected: [
      {
        type: 'header',
        parameters: [
          { type: 'document', document: { link: 'https://a.example/d.pdf', filename: 'Bill.pdf' } },
        ],
      },
    ],
  },
  {
    name: 'a video',
    components: [{ Type: 'HEADER', Format: 'VIDEO', Url: 'https://a.example/v.mp4' }],
    expected: [
      { type: 'header', parameters: [{ type: 'video', video: { link: 'https://a.example/v.mp4' } }] },
    ],
  },
  {
    name: 'a place',
    components: [{ Type: 'HEADER', Format: 'LOCATION' }],
    given: { templateParams: { latitude: '1.5', longitude: '2', name: 'Shop', address: 'Road 1' } },
    expected: [
      {
        type: 'header',
        parameters: [
          {
            type: 'location',
            location: { latitude: '1.5', longitude: '2', name: 'Shop', address: 'Road 1' },
          },
        ],
      },
    ],
  },
  {
    name: 'buttons of every kind, by their place among all',
    components: [
      {
        Type: 'BUTTONS',
        Buttons: [
          { Type: 'QUICK_REPLY', Text: 'Yes' },
          { Type: 'QUICK_REPLY', Text: 'No' },
          { Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '15550001111' },
          { Type: 'URL', Text: 'Fixed', Url: 'https://a.example/' },
          { Type: 'URL', Text: 'Track', Url: 'https://a.example/$(code)', UrlType: 'dynamic' },
          { Type: 'COPY_CODE', CouponCode: '$(coupon)' },
        ],
      },
    ],
    given: { templateParams: { code: 'A1', coupon: 'SAVE10' }, payload: ['yes', 'no'] },
    expected: [
      {
        type: 'button',
        sub_type: 'quick_reply',
        index: '0',
        parameters: [{ type: 'payload', payload: 'yes' }],
      },
      {
        type: 'button',
        sub_type: 'quick_reply',
        index: '1',
        parameters: [{ type: 'payload', payload: 'no' }],
      },
      { type: 'button', sub_type: 'url', index: '4', parameters: [{ type: 'text', text: 'A1' }] },
      {
        type: 'button',
        sub_type: 'copy_code',
        index: '5',
        parameters: [{ type: 'coupon_code', coupon_code: 'SAVE10' }],
      },
    ],
  },
  {
    name: 'a flow',
    components: [{ Type: 'BUTTONS', Buttons: [{ Type: 'FLOW', Text: 'Sign up', FlowId: '1' }] }],
    given: { flowAction: { FlowToken: 't', FlowActionData: { a: 1 } } },
    expected: [
      {
        type: 'button',
        sub_type: 'flow',
        index: '0',
        parameters: [{ type: 'action', action: { flow_token: 't', flow_action_data: { a: 1 } } }],
      },
    ],
  },
  {
    name: 'a catalogue',
    components: [{ Type: 'BUTTONS', Buttons: [{ Type: 'CATALOG', Text: 'View' }] }],
    given: { productAction: { ThumbnailProductRetailerId: 'sku1' } },
    expected: [
      {
        type: 'button',
        sub_type: 'catalog',
        index: '0',
        parameters: [{ type: 'action', action: { thumbnail_product_retailer_id: 'sku1' } }],
      },
    ],
  },
  {
    name: 'several products',
    components: [{ Type: 'BUTTONS', Buttons: [{ Type: 'MPM', Text: 'View' }] }],
    given: {
      productAction: {
        ThumbnailProductRetailerId: 'sku1',
        Sections: [{ Title: 'All', ProductItems: [{ ProductRetailerId: 'sku1' }] }],
      },
    },
    expected: [
      {
        type: 'button',
        sub_type: 'mpm',
        index: '0',
        parameters: [
          {
            type: 'action',
            action: {
              thumbnail_product_retailer_id: 'sku1',
              sections: [{ title: 'All', product_items: [{ product_retailer_id: 'sku1' }] }],
            },
          },
        ],
      },
    ],
  },
  {
    name: 'a one-time code',
    category: 'AUTHENTICATION',
    components: [
      { Type: 'BODY', AddSecretRecommendation: true },
      { Type: 'FOOTER', CodeExpirationMinutes: 5 },
      { Type: 'BUTTONS', Buttons: [{ Type: 'COPY_CODE', Text: 'Copy' }] },
    ],
    given: { templateParams: { code: '123456' } },
    expected: [
      { type: 'body', parameters: [{ type: 'text', text: '123456' }] },
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '123456' }] },
    ],
  },
  {
    name: 'an offer that ends',
    components: [{ Type: 'LIMITED_TIME_OFFER', Text: 'Sale', HasExpiration: true }],
    given: { templateParams: { offerExpirationTimeMs: '1780000000000' } },
    expected: [
      {
        type: 'limited_time_offer',
        parameters: [
          { type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: 1_780_000_000_000 } },
        ],
      },
    ],
  },
  {
    name: 'cards',
    components: [
      {
        Type: 'CAROUSEL',
        Cards: ['a', 'b'].map((card) => ({
          CardComponents: [
            { Type: 'HEADER', Format: 'IMAGE', Url: `https://a.example/${card}.png` },
            { Type: 'BODY', Text: `$(${card})` },
            { Type: 'BUTTONS', Buttons: [{ Type: 'QUICK_REPLY', Text: 'Take' }] },
          ],
        })),
      },
    ],
    given: { templateParams: { a: 'A', b: 'B' }, payload: ['take-a', 'take-b'] },
    expected: [
      {
        type: 'carousel',
        cards: ['a', 'b'].map((card, index) => ({
          card_index: index,
          components: [
            {
              type: 'header',
              parameters: [{ type: 'image', image: { link: `https://a.example/${card}.png` } }],
            },
            { type: 'body', parameters: [{ type: 'text', text: card.toUpperCase() }] },
            {
              type: 'button',
              sub_type: 'quick_reply',
              index: '0',
              parameters: [{ type: 'payload', payload: `take-${card}` }],
            },
          ],
        })),
      },
    ],
  },
];

describe('a message with a template', () => {
  for (const { name, components, given, category = 'UTILITY', expected } of templates) {
    it(`carries ${name}`, async () => {
      const template = toTemplate({ components, category });
      const sent = await request({ frame: 'template', messageType: 'template', ...given }, { template });
      assert.deepEqual(sent['template'], {
        name: 'order_update',
        language: { code: 'en_US' },
        ...(expected === undefined ? {} : { components: expected }),
      });
    });
  }

  const refused = async (components: readonly TemplateComponent[], category = 'UTILITY') =>
    bed.connector.send(
      channel,
      sender,
      toOutgoing(
        { frame: 'template', messageType: 'template' },
        { template: toTemplate({ components, category }) },
      ),
    );

  it('is refused here when what it needs is missing', async () => {
    const flawed: readonly (readonly [readonly TemplateComponent[], string?])[] = [
      [[{ Type: 'HEADER', Format: 'IMAGE' }]],
      [[{ Type: 'HEADER', Format: 'LOCATION' }]],
      [[{ Type: 'LIMITED_TIME_OFFER', Text: 'x', HasExpiration: true }]],
      [[{ Type: 'BUTTONS', Buttons: [{ Type: 'MPM', Text: 'x' }] }]],
      [[{ Type: 'BODY' }], 'AUTHENTICATION'],
    ];
    for (const [components, category] of flawed)
      assert.partialDeepStrictEqual(await refused(components, category), { failure: 'template' });
  });

  it('that has been deleted since is refused', async () => {
    const outgoing = toOutgoing({ frame: 'template', messageType: 'template' });
    const outcome = await bed.connector.send(channel, sender, outgoing);
    assert.partialDeepStrictEqual(outcome, { failure: 'template', code: '132001' });
  });

  it('of marketing goes by the API for it where the channel says so', async () => {
    reply = accepted;
    const template = toTemplate({ category: 'MARKETING', components: [{ Type: 'BODY', Text: 'Hi' }] });
    const outgoing = toOutgoing({ frame: 'template', messageType: 'template' }, { template });
    await bed.connector.send({ ...channel, options: { marketingMessages: true } }, sender, outgoing);
    assert.equal(bed.calls.at(-1)?.path, '/v25.0/200000000000001/marketing_messages');
  });
});

describe('an answer', () => {
  const send = async (contacts: unknown) => {
    reply = { body: { messaging_product: 'whatsapp', contacts, messages: [{ id: 'wamid.X' }] } };
    const outcome = await bed.connector.send(
      channel,
      sender,
      toOutgoing({ messageType: 'text', content: { text: 'x' } }),
    );
    return outcome.kind === 'accepted' ? outcome.recipientIds : outcome;
  };

  it('tells what WhatsApp calls the recipient, the more lasting ids behind', async () => {
    const input = '5511987650001';
    assert.deepEqual(await send([{ input, wa_id: '551187650001' }]), ['551187650001']);
    const ids = { parent_user_id: 'BR.ENT.9', user_id: 'BR.1', wa_id: '551187650001' };
    assert.deepEqual(await send([{ input, ...ids }]), ['551187650001', 'BR.1', 'BR.ENT.9']);
  });
  it('tells of nobody where it names none, or more than one', async () => {
    for (const contacts of [
      undefined,
      null,
      'x',
      [],
      [{}],
      [{ wa_id: {} }],
      [{ wa_id: '1' }, { wa_id: '2' }],
    ])
      assert.deepEqual(await send(contacts), [], JSON.stringify(contacts));
  });
});
