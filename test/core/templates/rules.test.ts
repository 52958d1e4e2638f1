import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  readCategory,
  readLanguage,
  readTemplateType,
  requireName,
  requireRoom,
  requireTtl,
  requireTemplateType,
} from '../../../src/core/templates/rules.ts';
import type { ChannelType } from '../../../src/domain/channel.ts';
import type { RefusalReason } from '../../../src/domain/refusal.ts';
import type { TemplateType } from '../../../src/domain/template.ts';

type Told = readonly [reason: RefusalReason, text: RegExp] | null;

/** Holds a rule to what it lets through (null) and what it says of the rest. */
function hold(rule: () => unknown, told: Told, label: string): void {
  if (told === null) assert.doesNotThrow(rule, label);
  else assert.throws(rule, { name: 'Refusal', reason: told[0], text: told[1] }, label);
}

test('a name has at most 512 characters, on WhatsApp of a few kinds', () => {
  const letters: Told = ['template', /^Name has to be lower-case letters, digits and underscores\.$/];
  const cases: [type: TemplateType, name: string, told: Told][] = [
    ['WHATSAPP', 'order_shipped_2', null],
    ['WHATSAPP', 'a'.repeat(512), null],
    ['WHATSAPP', 'a'.repeat(513), letters],
    ['WHATSAPP', 'Order', letters],
    ['WHATSAPP', 'order shipped', letters],
    ['WHATSAPP', 'straße', letters],
    ['VIBER', 'Order shipped: ✓', null],
    ['VIBER', 'A'.repeat(512), null],
    ['VIBER', 'A'.repeat(513), ['template', /^Name is longer than 512 characters\.$/]],
  ];
  for (const [type, name, told] of cases)
    hold(() => requireName(type, name), told, `${type} ${name.slice(0, 20)} ${name.length}`);
});

test('a language is written as the vendor writes it', () => {
  for (const language of ['en', 'fil', 'pt_BR', 'zh_HKG']) assert.equal(readLanguage(language), language);
  for (const language of ['EN', 'en-US', 'en_us', 'e', 'english', 'en_', ' en', 'en\0'])
    hold(() => readLanguage(language), ['language', / is no language code such as en or pt_BR\.$/], language);
});

test('a type is taken in any case', () => {
  assert.equal(readTemplateType('whatsapp'), 'WHATSAPP');
  assert.equal(readTemplateType('Viber'), 'VIBER');
  for (const given of ['', 'SMS'])
    hold(() => readTemplateType(given), ['template_type', /one of WHATSAPP, VIBER\.$/], given);
});

test('a category is one of its type, in any case', () => {
  const cases: [type: TemplateType, given: string, category: string | null][] = [
    ['WHATSAPP', 'utility', 'UTILITY'],
    ['WHATSAPP', 'Marketing', 'MARKETING'],
    ['WHATSAPP', 'AUTHENTICATION', 'AUTHENTICATION'],
    ['WHATSAPP', 'text', null],
    ['VIBER', 'TEXT_IMAGE', 'text_image'],
    ['VIBER', 'document', 'document'],
    ['VIBER', 'UTILITY', null],
  ];
  for (const [type, given, category] of cases)
    if (category === null)
      hold(() => readCategory(type, given), ['parameter_invalid', /^Category has to be one of /], given);
    else assert.equal(readCategory(type, given), category);
});

test('a time to live is within the bounds of the category', () => {
  const bounds: [category: string, min: number, max: number][] = [
    ['AUTHENTICATION', 30, 900],
    ['UTILITY', 30, 43_200],
    ['MARKETING', 30, 2_592_000],
    ['text', 30, 2_592_000],
  ];
  for (const [category, min, max] of bounds) {
    for (const seconds of [null, min, max]) hold(() => requireTtl(category, seconds), null, category);
    const said = `MessageSendTtlSeconds has to be a whole number from ${min} to ${max}.`;
    for (const seconds of [min - 1, max + 1, 60.5, Number.NaN, -60])
      hold(() => requireTtl(category, seconds), ['parameter_invalid', new RegExp(said)], `${seconds}`);
  }
});

test('a channel has room for 6,000', () => {
  hold(() => requireRoom(5999), null, '5999');
  hold(() => requireRoom(6000), ['template', /has 6000 templates already; delete some\.$/], '6000');
});

test('a channel takes templates of its own type, and a sandbox all', () => {
  const cases: [channel: ChannelType, type: TemplateType, isTaken: boolean][] = [
    ['whatsapp', 'WHATSAPP', true],
    ['whatsapp', 'VIBER', false],
    ['viber', 'VIBER', true],
    ['viber', 'WHATSAPP', false],
    ['sandbox', 'WHATSAPP', true],
    ['sandbox', 'VIBER', true],
  ];
  for (const [channel, type, isTaken] of cases)
    hold(
      () => requireTemplateType({ id: 'shop', type: channel }, type),
      isTaken ? null : ['template_type', new RegExp(`^shop is a channel of ${channel}\\.$`)],
      `${channel} ${type}`,
    );
});
