// Templates in Meta's words, as its list gives them, in the words of CAMS; and messages with them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ListedTemplate } from '../../../src/channels/channel.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { findDifferences } from '../../../src/domain/template-content.ts';
import { channel, openGraphBed, sender, toOutgoing, toTemplate } from '../../support/graph.ts';
import type { GraphBed, Reply } from '../../support/graph.ts';
import type { ReceivedCall } from '../../support/receiver.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

let bed: GraphBed;
let listed: readonly object[] = [];
before(async () => {
  bed = await openGraphBed(({ path }: ReceivedCall): Reply => {
    if (path.includes('message_templates')) return { body: { data: listed } };
    if (path.includes('/501?')) return { body: { id: '501', access_token: 'EAApage' } };
    return { body: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.X' }] } };
  });
});
after(() => bed.close());

const base = { id: '900', name: 'order_update', language: 'en_US', category: 'UTILITY', status: 'APPROVED' };

async function list(...templates: readonly object[]): Promise<readonly ListedTemplate[]> {
  listed = templates.map((one) => ({ ...base, ...one }));
  const found = await bed.connector.listTemplates(channel, []);
  assert.ok('templates' in found, JSON.stringify(found));
  return found.templates;
}

async function listOne(template: object): Promise<ListedTemplate> {
  const [found] = await list(template);
  assert.ok(found !== undefined);
  return found;
}

interface Case {
  readonly what: string;
  readonly meta: object;
  readonly expected: Partial<ListedTemplate>;
  /** Values of a message and the components of the request that it becomes. */
  readonly values?: Readonly<Record<string, string>>;
  readonly sent?: readonly object[];
}

const cases: readonly Case[] = [
  {
    what: 'whose parameters have names',
    meta: {
      parameter_format: 'NAMED',
      message_send_ttl_seconds: 600,
      quality_score: { score: 'GREEN', date: 1_780_000_000 },
      components: [
        {
          type: 'HEADER',
          format: 'TEXT',
          text: 'For {{who}}',
          example: { header_text_named_params: [{ param_name: 'who', example: 'Ana' }] },
        },
        {
          type: 'BODY',
          text: 'Order {{order_id}} comes {{day}}, {{order_id}}.',
          example: {
            body_text_named_params: [
              { param_name: 'order_id', example: '4711' },
              { param_name: 'day', example: 'Friday' },
            ],
          },
        },
        { type: 'FOOTER', text: 'Bye' },
        {
          type: 'BUTTONS',
          buttons: [
            {
              type: 'URL',
              text: 'Track',
              url: 'https://a.example/t/{{1}}?x=1',
              example: ['https://a.example/t/4711?x=1'],
            },
            { type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550001111' },
            { type: 'QUICK_REPLY', text: 'Stop' },
          ],
        },
      ],
    },
    expected: {
      parameterFormat: 'NAMED',
      ttlSeconds: 600,
      quality: 'GREEN',
      status: 'pass',
      components: [
        { Type: 'HEADER', Format: 'TEXT', Text: 'For $(who)' },
        { Type: 'BODY', Text: 'Order $(order_id) comes $(day), $(order_id).' },
        { Type: 'FOOTER', Text: 'Bye' },
        {
          Type: 'BUTTONS',
          Buttons: [
            { Type: 'URL', Text: 'Track', Url: 'https://a.example/t/$(button_1)?x=1', UrlType: 'dynamic' },
            { Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '+15550001111' },
            { Type: 'QUICK_REPLY', Text: 'Stop' },
          ],
        },
      ],
      example: { who: 'Ana', order_id: '4711', day: 'Friday', button_1: '4711' },
      unread: [],
    },
    values: { who: 'Eve', order_id: '12', day: 'Monday', button_1: '12' },
    sent: [
      { type: 'header', parameters: [{ type: 'text', text: 'Eve', parameter_name: 'who' }] },
      {
        type: 'body',
        parameters: [
          { type: 'text', text: '12', parameter_name: 'order_id' },
          { type: 'text', text: 'Monday', parameter_name: 'day' },
        ],
      },
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '12' }] },
    ],
  },
  {
    what: 'whose parameters have numbers, not in the order of the text',
    meta: {
      parameter_format: 'POSITIONAL',
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'For {{1}}', example: { header_text: ['Ana'] } },
        { type: 'BODY', text: '{{2}} then {{1}}', example: { body_text: [['one', 'two']] } },
      ],
    },
    expected: {
      parameterFormat: 'NUMBERED',
      ttlSeconds: null,
      quality: 'UNKNOWN',
      components: [
        { Type: 'HEADER', Format: 'TEXT', Text: 'For $(header_1)' },
        { Type: 'BODY', Text: '$(2) then $(1)' },
      ],
      example: { header_1: 'Ana', 1: 'one', 2: 'two' },
    },
    values: { header_1: 'Eve', 1: 'first', 2: 'second' },
    sent: [
      { type: 'header', parameters: [{ type: 'text', text: 'Eve' }] },
      {
        type: 'body',
        parameters: [
          { type: 'text', text: 'first' },
          { type: 'text', text: 'second' },
        ],
      },
    ],
  },
  {
    what: 'with a file in its header, an offer and a code to copy',
    meta: {
      category: 'MARKETING',
      components: [
        {
          type: 'HEADER',
          format: 'DOCUMENT',
          example: { header_handle: ['https://scontent.example/a.pdf'] },
        },
        { type: 'BODY', text: 'Hi' },
        { type: 'LIMITED_TIME_OFFER', limited_time_offer: { text: 'Ends soon', has_expiration: true } },
        { type: 'BUTTONS', buttons: [{ type: 'COPY_CODE', text: 'Copy offer code', example: ['SAVE10'] }] },
      ],
    },
    expected: {
      components: [
        {
          Type: 'HEADER',
          Format: 'DOCUMENT',
          Url: '$(header_document)',
          FileName: '$(header_filename)',
        },
        { Type: 'BODY', Text: 'Hi' },
        { Type: 'LIMITED_TIME_OFFER', Text: 'Ends soon', HasExpiration: true },
        {
          Type: 'BUTTONS',
          Buttons: [{ Type: 'COPY_CODE', Text: 'Copy offer code', CouponCode: '$(couponCode)' }],
        },
      ],
      example: { couponCode: 'SAVE10' },
    },
    values: {
      header_document: 'https://a.example/b.pdf',
      couponCode: 'NOW5',
      offerExpirationTimeMs: '1780000000000',
    },
    sent: [
      {
        type: 'header',
        parameters: [{ type: 'document', document: { link: 'https://a.example/b.pdf' } }],
      },
      {
        type: 'limited_time_offer',
        parameters: [
          { type: 'limited_time_offer', limited_time_offer: { expiration_time_ms: 1_780_000_000_000 } },
        ],
      },
      {
        type: 'button',
        sub_type: 'copy_code',
        index: '0',
        parameters: [{ type: 'coupon_code', coupon_code: 'NOW5' }],
      },
    ],
  },
  {
    what: 'of one-time codes, whose button Meta gives back as a link',
    meta: {
      category: 'AUTHENTICATION',
      components: [
        {
          type: 'BODY',
          text: '*{{1}}* is your verification code.',
          add_security_recommendation: true,
          example: { body_text: [['123456']] },
        },
        { type: 'FOOTER', text: 'This code expires in 5 minutes.' },
        {
          type: 'BUTTONS',
          buttons: [
            {
              type: 'URL',
              text: 'Copy code',
              url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp{{1}}',
              example: ['https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456'],
            },
          ],
        },
      ],
    },
    expected: {
      components: [
        { Type: 'BODY', AddSecretRecommendation: true },
        { Type: 'FOOTER', CodeExpirationMinutes: 5 },
        { Type: 'BUTTONS', Buttons: [{ Type: 'COPY_CODE', Text: 'Copy code' }] },
      ],
      example: {},
    },
    values: { code: '654321' },
    sent: [
      { type: 'body', parameters: [{ type: 'text', text: '654321' }] },
      { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '654321' }] },
    ],
  },
  {
    what: 'of cards',
    meta: {
      category: 'MARKETING',
      components: [
        { type: 'BODY', text: 'Look, {{1}}', example: { body_text: [['Ana']] } },
        {
          type: 'CAROUSEL',
          cards: [1, 2].map((n) => ({
            components: [
              { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['https://scontent.example'] } },
              { type: 'BODY', text: `Card ${n} {{1}}`, example: { body_text: [[`c${n}`]] } },
              { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Go', url: 'https://a.example/{{1}}' }] },
            ],
          })),
        },
      ],
    },
    expected: {
      components: [
        { Type: 'BODY', Text: 'Look, $(1)' },
        {
          Type: 'CAROUSEL',
          Cards: [1, 2].map((n) => ({
            CardComponents: [
              { Type: 'HEADER', Format: 'IMAGE', Url: `$(card_${n}_header_image)` },
              { Type: 'BODY', Text: `Card ${n} $(card_${n}_1)` },
              {
                Type: 'BUTTONS',
                Buttons: [
                  {
                    Type: 'URL',
                    Text: 'Go',
                    Url: `https://a.example/$(card_${n}_button_1)`,
                    UrlType: 'dynamic',
                  },
                ],
              },
            ],
          })),
        },
      ],
    },
  },
  {
    what: 'with parts that are not known here',
    meta: {
      language: 'pt-BR',
      status: 'SOMETHING_NEW',
      components: [
        { type: 'BODY', text: 'Hi' },
        { type: 'CALL_PERMISSION_REQUEST', limit: 3 },
        { type: 'BUTTONS', buttons: [{ type: 'ORDER_DETAILS', text: 'Pay', extra: { a: 1 } }] },
      ],
    },
    expected: {
      language: 'pt_BR',
      status: null,
      components: [
        { Type: 'BODY', Text: 'Hi' },
        { type: 'CALL_PERMISSION_REQUEST', limit: 3, Type: 'CALL_PERMISSION_REQUEST' },
        {
          Type: 'BUTTONS',
          Buttons: [
            { type: 'ORDER_DETAILS', text: 'Pay', extra: { a: 1 }, Type: 'ORDER_DETAILS', Text: 'Pay' },
          ],
        },
      ],
      unread: ['component CALL_PERMISSION_REQUEST', 'button ORDER_DETAILS', 'status SOMETHING_NEW'],
    },
  },
];

describe('a template that Meta lists', () => {
  for (const { what, meta, expected, values, sent } of cases)
    it(`${what} is read as what CAMS calls it${sent === undefined ? '' : ', and sent'}`, async () => {
      const found = await listOne(meta);
      assert.partialDeepStrictEqual(found, { vendorId: '900', name: 'order_update', ...expected });
      const template = toTemplate({ ...found, status: 'pass' });
      // What was read says the same as what it was read from.
      assert.deepEqual(findDifferences(template, found), []);
      if (sent === undefined) return;
      const outgoing = toOutgoing(
        { frame: 'template', messageType: 'template', templateParams: values ?? {} },
        { template },
      );
      assert.equal((await bed.connector.send(channel, sender, outgoing)).kind, 'accepted');
      const body = JSON.parse(bed.calls.at(-1)?.body ?? '') as { template: { components: unknown } };
      assert.deepEqual(body.template.components, sent);
    });

  it('is told with where its review stands, and one without an id, a name or a language is left out', async () => {
    const found = await list(
      { status: 'REJECTED', rejected_reason: 'INVALID_FORMAT', components: [] },
      { status: 'PAUSED', id: 902, components: [] },
      { id: undefined, components: [] },
      { name: '', components: [] },
      { language: null, components: [] },
    );
    assert.deepEqual(
      found.map(({ vendorId, status, reason }) => [vendorId, status, reason]),
      [
        ['900', 'fail', 'INVALID_FORMAT'],
        ['902', 'paused', ''],
      ],
    );
  });

  it('and that do not tell what they are, or no parts, are named and not read, and the list is not whole', async () => {
    const whole = { ...base, components: [{ type: 'BODY', text: 'Hi' }] };
    const { id: _id, ...nameless } = whole;
    listed = [whole, nameless, { ...whole, language: { code: 'de' } }, { ...base, name: 'bare' }, { x: 1 }];
    const page = { ...sender, id: '501', routeId: '501', type: 'messenger' } as const;
    const deps = {
      client: bed.client,
      now: Date.now,
      monotonic: monotonicNow,
      ...{ graphUrl: bed.url, graphVersion: 'v25.0', instagramUrl: bed.url },
    };
    for (const found of [
      await bed.connector.listTemplates(channel, []),
      await createMessengerConnector(deps).listTemplates?.({ ...channel, type: 'messenger' }, [page]),
    ]) {
      assert.ok(found !== undefined && 'templates' in found);
      assert.deepEqual([found.templates.length, found.isWhole], [1, false]);
      const want = (members: string) => [`not taken over, for want of ${members}`];
      assert.deepEqual(found.unread, [
        { name: 'order_update', language: 'en_US', parts: want('id') },
        { name: 'order_update', language: '', parts: want('language') },
        { name: 'bare', language: 'en_US', parts: want('components') },
        { name: '', language: '', parts: want('id, name, language, components') },
      ]);
    }
    // Nor is one that may be there under a name taken for deleted.
    listed = [{ ...base, components: null }];
    const fault = await bed.connector.deleteTemplate(channel, {
      ...{ name: base.name, language: base.language, vendorId: null, offered: ['digest'] },
    });
    assert.partialDeepStrictEqual(fault, { fault: 'later' });
  });

  it('and of which a part is no object say so', async () => {
    const { components, unread } = await listOne({ components: [null, { type: 'BODY', text: 'Hi' }] });
    assert.deepEqual([components.length, unread], [1, ['a component that is no object']]);
  });

  it('and that the channel refuses to list is a fault in words', async () => {
    const refusing = await openGraphBed(() => ({
      status: 400,
      body: { error: { code: 190, message: 'Session has expired' } },
    }));
    const found = await refusing.connector.listTemplates(channel, []);
    await refusing.close();
    assert.partialDeepStrictEqual(found, { fault: 'auth' });
  });
});

it("a Page's utility templates are listed with the Page's token, each as an event of its Page would tell it", async () => {
  listed = [
    {
      ...{ id: '700', name: 'shipped', language: 'en', category: 'UTILITY', status: 'APPROVED' },
      components: [
        { type: 'BODY', text: 'On its way, {{1}}', example: { body_text: [['Ana']] } },
        { type: 'BUTTONS', buttons: [{ type: 'POSTBACK', text: 'Track', payload: 'track' }] },
      ],
    },
  ];
  const deps = {
    client: bed.client,
    now: Date.now,
    monotonic: monotonicNow,
    graphUrl: bed.url,
    graphVersion: 'v25.0',
    instagramUrl: bed.url,
  };
  const page = { ...sender, id: '501', routeId: '501', type: 'messenger' } as const;
  const shop = { ...channel, type: 'messenger', wabaId: null } as const;
  const found = await createMessengerConnector(deps).listTemplates?.(shop, [page]);
  assert.partialDeepStrictEqual(found, {
    isWhole: true,
    templates: [
      {
        vendorId: '700',
        status: 'pass',
        route: { by: 'sender', id: '501' },
        components: [{ Type: 'BODY', Text: 'On its way, $(1)' }, { Type: 'BUTTONS' }],
        unread: ['button POSTBACK'],
      },
    ],
  });
  const { path, headers } = bed.calls.at(-1) ?? {};
  assert.match(path ?? '', /\/501\/message_templates\?/);
  assert.equal(headers?.['authorization'], 'Bearer EAApage');
});
