// Each vendor's limits at their edges: what just fits is taken, one more is refused with the figures.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readComponents } from '../../../src/core/templates/components.ts';
import { readContent } from '../../../src/core/messages/content.ts';
import type { Surface } from '../../../src/core/messages/content.ts';
import { Refusal } from '../../../src/domain/refusal.ts';
import type { RefusalReason } from '../../../src/domain/refusal.ts';

const link = 'https://a.example/a';
const button = (reply: object) => ({
  type: 'button',
  body: { text: 'x' },
  action: { buttons: [{ type: 'reply', reply: { id: '1', title: 'Y', ...reply } }] },
});
const list = (row: object = {}, members: object = {}, action: object = {}) => ({
  type: 'list',
  body: { text: 'x' },
  ...members,
  action: { button: 'Open', sections: [{ title: 'S', rows: [{ id: '1', title: 'Y', ...row }] }], ...action },
});
const choice = (members: object) => ({ text: 'x', quickReplies: [{ title: 'Y', ...members }] });
const card = (members: object) => ({ elements: [{ title: 'Y', ...members }] });

const own = (type: string, payload: object) => ({
  attachment: { type: 'template', payload: { template_type: type, ...payload } },
});
const ownReply = (members: object) => ({
  text: 'x',
  quick_replies: [{ content_type: 'text', title: 'Y', payload: 'y', ...members }],
});
const ownButton = { type: 'postback', title: 'Y', payload: 'y' };

type Make = (text: string) => unknown;
type Edge = readonly [Surface, string, number, Make];
/** What is limited in Meta's own form. */
const ownForms: readonly (readonly [number, Make])[] = [
  [20, (title) => ownReply({ title })],
  [1000, (payload) => ownReply({ payload })],
  [640, (text) => own('button', { text, buttons: [ownButton] })],
  [20, (title) => own('button', { text: 'x', buttons: [{ ...ownButton, title }] })],
  [1000, (payload) => own('button', { text: 'x', buttons: [{ ...ownButton, payload }] })],
  [80, (title) => own('generic', { elements: [{ title }] })],
  [80, (subtitle) => own('generic', { elements: [{ title: 'Y', subtitle }] })],
  [20, (title) => own('generic', { elements: [{ title: 'Y', buttons: [{ ...ownButton, title }] }] })],
];
const edges: readonly Edge[] = [
  ['whatsapp', 'text', 4096, (text) => ({ text })],
  ['whatsapp', 'image', 1024, (caption) => ({ link, caption })],
  ['whatsapp', 'interactive', 1024, (text) => ({ ...button({}), body: { text } })],
  ['whatsapp', 'interactive', 60, (text) => ({ ...button({}), header: { type: 'text', text } })],
  ['whatsapp', 'interactive', 60, (text) => ({ ...button({}), footer: { text } })],
  ['whatsapp', 'interactive', 20, (title) => button({ title })],
  ['whatsapp', 'interactive', 256, (id) => button({ id })],
  ['whatsapp', 'interactive', 4096, (text) => list({}, { body: { text } })],
  ['whatsapp', 'interactive', 20, (text) => list({}, {}, { button: text })],
  ['whatsapp', 'interactive', 24, (title) => list({ title })],
  ['whatsapp', 'interactive', 72, (description) => list({ description })],
  ['whatsapp', 'interactive', 200, (id) => list({ id })],
  [
    'whatsapp',
    'interactive',
    24,
    (title) => list({}, {}, { sections: [{ title, rows: [{ id: '1', title: 'Y' }] }] }),
  ],
  [
    'whatsapp',
    'interactive',
    20,
    (text) => ({
      type: 'cta_url',
      body: { text: 'x' },
      action: { name: 'cta_url', parameters: { display_text: text, url: link } },
    }),
  ],
  ['messenger', 'text', 2000, (text) => ({ text })],
  ['messenger', 'quickReply', 20, (title) => choice({ title })],
  ['instagram', 'quickReply', 1000, (payload) => choice({ payload })],
  ['messenger', 'interactive', 20, (title) => button({ title })],
  ['messenger', 'buttonTemplate', 640, (text) => ({ text, buttons: [{ title: 'Y' }] })],
  ['messenger', 'buttonTemplate', 20, (title) => ({ text: 'x', buttons: [{ title }] })],
  ['instagram', 'regularTemplate', 80, (title) => card({ title })],
  ['instagram', 'regularTemplate', 80, (subtitle) => card({ subtitle })],
  ...(['messenger', 'instagram'] as const).flatMap((surface) =>
    ownForms.map((own): Edge => [surface, 'interactive', ...own]),
  ),
  ['viber', 'text', 1000, (text) => ({ text })],
  ['viber', 'text_button', 30, (caption) => ({ caption, text: 'x', action: link })],
  ['viber', 'text_image_button', 30, (caption) => ({ caption, text: 'x', action: link, link })],
  ['viber', 'text_video_button', 30, (caption) => ({ caption, text: 'x', link, thumbnail: link })],
  ['viberBot', 'text', 7000, (text) => ({ text })],
  ['viberBot', 'text_button', 7000, (text) => ({ text, caption: 'c', action: link })],
];

function refused(
  surface: Surface,
  type: string,
  content: unknown,
  reason: RefusalReason = 'content',
  says = '',
): void {
  assert.throws(
    () => readContent(surface, type, JSON.stringify(content)),
    (error) => error instanceof Refusal && error.reason === reason && error.text.includes(says),
    `${surface} ${type} ${JSON.stringify(content).slice(0, 200)}`,
  );
}

for (const [surface, type, max, make] of edges)
  it(`${surface} ${type} takes ${max} characters of ${Object.keys(make('x') as object).join()} and no more`, () => {
    readContent(surface, type, JSON.stringify(make('x'.repeat(max))));
    // An emoji is one character of a vendor that counts characters.
    readContent(surface, type, JSON.stringify(make('👍'.repeat(max))));
    refused(surface, type, make('x'.repeat(max + 1)), 'content', `${max + 1} characters; at most ${max}`);
    refused(surface, type, make('👍'.repeat(max + 1)), 'content', String(max));
  });

it('an Instagram text is measured in bytes', () => {
  for (const [letter, bytes] of [
    ['x', 1],
    ['é', 2],
    ['漢', 3],
    ['👍', 4],
  ] as const) {
    const most = Math.floor(1000 / bytes);
    readContent('instagram', 'text', JSON.stringify({ text: letter.repeat(most) }));
    refused('instagram', 'text', { text: letter.repeat(most + 1) }, 'content', 'bytes');
    refused('instagram', 'quickReply', { ...choice({}), text: letter.repeat(most + 1) }, 'content', 'bytes');
    const own = {
      text: letter.repeat(most + 1),
      quick_replies: [{ content_type: 'text', title: 'Y', payload: 'y' }],
    };
    refused('instagram', 'quickReply', own, 'content', 'bytes');
  }
});

it('what is in Meta’s own form is counted, and no member of it is refused', () => {
  const many = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);
  const forms: readonly (readonly [number, (count: number) => object])[] = [
    [13, (count) => ({ text: 'x', quick_replies: many(count, { content_type: 'user_email', newer: 1 }) })],
    [3, (count) => own('button', { text: 'x', buttons: many(count, { ...ownButton, newer: 1 }) })],
    [10, (count) => own('generic', { elements: many(count, { title: 'Y', newer: 1 }), sharable: true })],
    [3, (count) => own('generic', { elements: [{ title: 'Y', buttons: many(count, ownButton) }] })],
  ];
  for (const surface of ['messenger', 'instagram'] as const)
    for (const [max, make] of forms) {
      assert.deepEqual(readContent(surface, 'interactive', JSON.stringify(make(max))), make(max));
      refused(surface, 'interactive', make(max + 1), 'content', String(max));
    }
  const typed = { text: 'x', buttons: [{ ...ownButton, title: 'x'.repeat(21) }] };
  refused('messenger', 'buttonTemplate', typed, 'content', '21');
});

it('a blank text, title or body is refused', () => {
  for (const blank of ['', ' ', '\n\t ', '\u00a0\u2003']) {
    for (const surface of ['whatsapp', 'messenger', 'instagram', 'viber', 'viberBot'] as const)
      refused(surface, 'text', { text: blank }, 'text_empty');
    refused('whatsapp', 'interactive', { ...button({}), body: { text: blank } });
    refused('whatsapp', 'interactive', button({ title: blank }));
    refused('whatsapp', 'interactive', list({ title: blank }));
    refused('messenger', 'quickReply', choice({ title: blank }));
    refused('messenger', 'quickReply', { ...choice({}), text: blank }, 'text_empty');
    refused('instagram', 'regularTemplate', card({ title: blank }));
  }
});

it('what an interactive message needs and may not repeat is looked at', () => {
  const rows = Array.from({ length: 11 }, (_, n) => ({ id: String(n), title: `Row ${n}` }));
  const buttons = [1, 2].map((n) => ({ type: 'reply', reply: { id: String(n), title: 'Same' } }));
  const { body: _body, ...bodiless } = button({});
  for (const content of [
    bodiless,
    { ...button({}), action: { buttons } },
    { ...button({}), action: { buttons: [{ type: 'reply' }] } },
    list({}, {}, { sections: [{ rows }] }),
    list({}, {}, { sections: [{ rows: rows.slice(0, 1) }, { rows: rows.slice(1, 2) }] }),
    list({}, {}, { button: undefined }),
    list({}, { header: { type: 'image', image: { link } } }),
    list({ id: undefined }),
  ])
    refused('whatsapp', 'interactive', content);
});

it('a bot’s picture or video whose address goes into the text is measured with it', () => {
  const text = 'x'.repeat(7000 - link.length - 1);
  for (const type of ['text_image', 'text_video']) {
    readContent('viberBot', type, JSON.stringify({ text, link }));
    refused('viberBot', type, { text: `${text}x`, link });
  }
  readContent('viberBot', 'video', JSON.stringify({ link, fileSize: 26 * 1024 * 1024, duration: 180 }));
  refused('viberBot', 'video', { link, fileSize: 26 * 1024 * 1024 + 1 });
  refused('viberBot', 'video', { link, duration: 181 });
});

it('a file of a Viber service has a name of 25 characters with its ending', () => {
  readContent('viber', 'document', JSON.stringify({ link, fileName: `${'é'.repeat(21)}.pdf` }));
  refused('viber', 'document', { link, fileName: `${'é'.repeat(22)}.pdf` }, 'content', '26 characters');
  readContent('viberBot', 'document', JSON.stringify({ link, fileName: `${'é'.repeat(252)}.pdf` }));
});

it('a template of Viber keeps Viber’s limits and not Meta’s', () => {
  const made = (text: string, label: string) => [
    { Type: 'BODY', Text: text },
    { Type: 'BUTTONS', Buttons: [{ Type: 'URL', Text: label, Url: link }] },
  ];
  readComponents('VIBER', 'text_button', made('x'.repeat(7000), 'x'.repeat(30)));
  for (const [text, label] of [
    [7001, 30],
    [7000, 31],
  ] as const)
    assert.throws(
      () => readComponents('VIBER', 'text_button', made('x'.repeat(text), 'x'.repeat(label))),
      (error) => error instanceof Refusal && error.reason === 'template',
    );
});

it('a template keeps Meta’s limits', () => {
  const body = { Type: 'BODY', Text: 'x' };
  const offer = { Type: 'LIMITED_TIME_OFFER', Text: 'x' };
  const cards = (Text: string) => ({
    Type: 'CAROUSEL',
    Cards: [
      {
        CardComponents: [
          { Type: 'HEADER', Format: 'IMAGE', Url: link },
          { Type: 'BODY', Text },
        ],
      },
    ],
  });
  const buttons = (members: object) => ({
    Type: 'BUTTONS',
    Buttons: [{ Type: 'URL', Text: 'Go', Url: link, ...members }],
  });
  const templates: readonly (readonly [number, (text: string) => object[]])[] = [
    [1024, (Text) => [{ Type: 'BODY', Text }]],
    [60, (Text) => [body, { Type: 'HEADER', Format: 'TEXT', Text }]],
    [60, (Text) => [body, { Type: 'FOOTER', Text }]],
    [25, (Text) => [body, buttons({ Text })]],
    [2000, (text) => [body, buttons({ Url: `https://${text}`.slice(0, text.length) })]],
    [16, (Text) => [body, { ...offer, Text }]],
    [600, (Text) => [{ Type: 'BODY', Text }, offer]],
    [160, (Text) => [body, cards(Text)]],
  ];
  const isCreateError = (error: unknown) => error instanceof Refusal && error.reason === 'template';
  for (const [max, make] of templates) {
    readComponents('WHATSAPP', 'MARKETING', make('x'.repeat(max)));
    assert.throws(
      () => readComponents('WHATSAPP', 'MARKETING', make('x'.repeat(max + 1))),
      isCreateError,
      String(max),
    );
  }
  assert.throws(() => readComponents('WHATSAPP', 'UTILITY', [body, offer]), isCreateError);
  assert.throws(
    () => readComponents('WHATSAPP', 'MARKETING', [body, offer, { Type: 'FOOTER', Text: 'x' }]),
    isCreateError,
  );
  assert.throws(() => readComponents('WHATSAPP', 'MARKETING', [{ Type: 'BODY', Text: ' ' }]), isCreateError);
});

it('a place in the header of a template is kept for the messages that name none', () => {
  const header = {
    Type: 'HEADER',
    Format: 'LOCATION',
    Latitude: '28.25',
    Longitude: '120.125',
    LocationName: 'Shop',
    LocationAddress: 'The street',
  };
  const [kept] = readComponents('WHATSAPP', 'UTILITY', [header, { Type: 'BODY', Text: 'x' }]);
  assert.deepEqual(kept, header);
});
