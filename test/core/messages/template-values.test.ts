import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GivenTemplateName, GivenValues } from '../../../src/core/messages/given-message.ts';
import {
  findSendableTemplate,
  requireNamed,
  toTemplateMembers,
} from '../../../src/core/messages/template-values.ts';
import type { Sender } from '../../../src/domain/channel.ts';
import type { RefusalReason } from '../../../src/domain/refusal.ts';
import type { Template } from '../../../src/domain/template.ts';

type Told = readonly [reason: RefusalReason, text: RegExp];

const template = {
  code: 'c1',
  name: 'order_shipped',
  language: 'en',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'Order $(order) for $(name).' }],
  status: 'pass',
  allowSend: true,
} as unknown as Template;
const sender = { channelId: 'shop' } as Sender;

/** Knows one template, by its code and its name. */
const directoryOf = (known: Template) => ({
  template: async (_account: number, _channel: string, codeOrName: string, language: string) =>
    [known.code, known.name].includes(codeOrName) && language === known.language ? known : undefined,
});

const place = { surface: 'whatsapp', at: '' } as const;

test('a template is sent that is named, there, and has passed', async () => {
  const cases: [named: GivenTemplateName, change: Partial<Template>, told: Told | null][] = [
    [{ code: 'c1', language: 'en' }, {}, null],
    [{ name: 'order_shipped', language: 'en' }, {}, null],
    [{ code: 'c1', name: 'order_shipped', language: 'en' }, {}, null],
    [
      { code: 'c1', name: 'other', language: 'en' },
      {},
      ['template_not_found', /^shop has no template c1 in en\.$/],
    ],
    [{ code: 'c2', language: 'en' }, {}, ['template_not_found', /c2 in en/]],
    [{ code: 'c1', language: 'de' }, {}, ['template_not_found', /c1 in de/]],
    [{ language: 'en' }, {}, ['template_code_empty', /^TemplateCode or TemplateName is required\.$/]],
    [{ code: 'c1' }, {}, ['language_empty', /^Language is required for a template\.$/]],
    [
      { code: 'c'.repeat(513), language: 'en' },
      {},
      ['parameter_invalid', /^TemplateCode is longer than 512/],
    ],
    [{ code: 'c1', language: 'en' }, { status: 'auditing' }, ['template_not_passed', /stands at auditing/]],
    [{ code: 'c1', language: 'en' }, { allowSend: false }, ['template_not_passed', /switched off/]],
  ];
  for (const [named, change, told] of cases) {
    const known = { ...template, ...change };
    const found = findSendableTemplate(directoryOf(known), 1, sender, named);
    if (told === null) assert.equal(await found, known);
    else await assert.rejects(found, { reason: told[0], text: told[1] }, JSON.stringify(named).slice(0, 80));
  }
});

test('a template is named by its code or name and its language', () => {
  requireNamed({ code: 'c', language: 'en' });
  requireNamed({ name: 'n', language: 'en' });
  assert.throws(() => requireNamed({ language: 'en' }), { reason: 'template_code_empty' });
  assert.throws(() => requireNamed({ code: 'c' }), {
    reason: 'language_empty',
    text: 'Language is required.',
  });
});

test('a message gives every variable a value that the vendor takes', () => {
  const good = { order: 4711, name: 'Ada' };
  const values = (name: unknown): GivenValues => ({ templateParams: { ...good, name } });
  const blank: Told = ['template_values', /^TemplateParams gives no value for name\.$/];
  const cases: [given: GivenValues, change: Partial<Template>, told: Told | null][] = [
    [{ templateParams: good }, {}, null],
    [{ templateParams: { ...good, more: 'x\ny' } }, {}, null],
    [values(true), {}, null],
    [values(null), {}, blank],
    [values(''), {}, blank],
    [{}, {}, ['template_values', /no value for order, name\.$/]],
    [values({}), {}, ['parameter_invalid', /^TemplateParams has to hold text under name\.$/]],
    [values('  '), {}, ['template_values', /^TemplateParams: name is blank, which WhatsApp refuses/]],
    [values('a\tb'), {}, ['template_values', /name holds a line break or a tab/]],
    [values('a\nb'), {}, ['template_values', /name holds a line break or a tab/]],
    [values('a    b'), {}, null],
    [values('a     b'), {}, ['template_values', /name holds more than four spaces on end/]],
    [values('a\nb'), { type: 'VIBER' }, null],
    [
      { templateParams: { code: ' ' } },
      { category: 'AUTHENTICATION', components: [{ Type: 'BODY' }] },
      ['template_values', /code is blank/],
    ],
    [{ templateParams: good, payload: ['a', 'b'.repeat(1024)] }, {}, null],
    [
      { templateParams: good, payload: ['b'.repeat(1025)] },
      {},
      ['parameter_invalid', /^Payload has to hold/],
    ],
    [{ templateParams: good, payload: [1] }, {}, ['parameter_invalid', /texts of up to 1,024 characters\.$/]],
    [{ templateParams: good, flowAction: { FlowActionData: 1 } }, {}, ['parameter_invalid', /^FlowAction /]],
    [{ templateParams: good, productAction: { Sections: 1 } }, {}, ['parameter_invalid', /^ProductAction\./]],
  ];
  for (const [given, change, told] of cases) {
    const read = () => toTemplateMembers({ ...template, ...change }, given, place);
    const label = JSON.stringify(given).slice(0, 120);
    if (told === null) assert.doesNotThrow(read, label);
    else assert.throws(read, { reason: told[0], text: told[1] }, label);
  }
});

test('what is carried is in texts, and what is not given is not there', () => {
  assert.deepEqual(
    toTemplateMembers(template, { templateParams: { order: 1, name: 'Ada' }, payload: ['a'] }, place),
    {
      templateCode: 'c1',
      templateName: 'order_shipped',
      language: 'en',
      templateParams: { order: '1', name: 'Ada' },
      payload: ['a'],
    },
  );
  assert.throws(() => toTemplateMembers(template, {}, { ...place, at: 'SenderList.2.' }), {
    text: /^SenderList\.2\.TemplateParams gives no value/,
  });
});

test('a text of Viber is measured with its values in it, and a bot’s with the address that it goes with', () => {
  const url = 'https://shop.example/p.jpg';
  const viber = {
    ...template,
    type: 'VIBER',
    components: [
      { Type: 'HEADER', Format: 'IMAGE', Url: url },
      { Type: 'BODY', Text: '$(text)' },
    ],
  } as unknown as Template;
  const room = 7000 - url.length - 1;
  for (const [surface, category, length, isTaken] of [
    ['viberBot', 'text_image', room, true],
    ['viberBot', 'text_image', room + 1, false],
    ['viberBot', 'text_video_button', room + 1, false],
    ['viberBot', 'text', 7000, true],
    ['viberBot', 'text', 7001, false],
    ['viber', 'text_image', 1000, true],
    ['viber', 'text_image', 1001, false],
  ] as const) {
    const read = () =>
      toTemplateMembers(
        { ...viber, category },
        { templateParams: { text: 'x'.repeat(length) } },
        { surface, at: '' },
      );
    const label = `${surface} ${category} ${length}`;
    if (isTaken) assert.doesNotThrow(read, label);
    else assert.throws(read, { reason: 'template_values', text: /7000|1000/ }, label);
  }
});
