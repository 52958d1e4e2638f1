import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  asListed,
  chooseFormat,
  digestContent,
  compareContents,
  findDifferences,
  keepNames,
  orderVariables,
  toMarks,
} from '../../src/domain/template-content.ts';
import { findVariables } from '../../src/domain/template.ts';
import type { ParameterFormat, TemplateComponent } from '../../src/domain/template.ts';

type Content = Parameters<typeof findDifferences>[0];

const body = (words: string): TemplateComponent => ({ Type: 'BODY', Text: words });
const header = (words: string): TemplateComponent => ({ Type: 'HEADER', Format: 'TEXT', Text: words });
const cards = (...words: readonly string[]): TemplateComponent => ({
  Type: 'CAROUSEL',
  Cards: words.map((one) => ({ CardComponents: [body(one)] })),
});
const buttons = (...all: readonly object[]): TemplateComponent => ({ Type: 'BUTTONS', Buttons: all });

const content = (components: readonly TemplateComponent[], given: Partial<Content> = {}): Content => ({
  ...{ category: 'UTILITY', components, parameterFormat: 'POSITIONAL', ttlSeconds: null, ...given },
});

describe('chooseFormat', () => {
  const cases: readonly (readonly [what: string, readonly TemplateComponent[], ParameterFormat])[] = [
    ['no variable at all', [body('Hello')], 'POSITIONAL'],
    ['names that Meta takes', [header('For $(who)'), body('$(order_no) is here')], 'NAMED'],
    ['a name that Meta does not take, anywhere', [header('For $(who)'), body('$(Order)')], 'POSITIONAL'],
    ['numbers from 1 on', [body('$(1) and $(2)')], 'NUMBERED'],
    ['numbers from 1 on in another order', [body('$(2) and $(1)')], 'NUMBERED'],
    ['numbers that leave one out', [body('$(1) and $(3)')], 'POSITIONAL'],
    ['numbers that go on from one text to the next', [header('$(1)'), body('$(2)')], 'POSITIONAL'],
    ['numbers in one text and names in the other', [header('$(1)'), body('$(who)')], 'POSITIONAL'],
    ['names in cards, which have none at Meta', [body('$(who)'), cards('$(what)')], 'POSITIONAL'],
    ['numbers in cards', [body('$(1)'), cards('$(1)', '$(2) $(1)')], 'NUMBERED'],
    ['a footer, which has no variables', [body('$(who)'), { Type: 'FOOTER', Text: '$(X)' }], 'NAMED'],
  ];
  for (const [what, components, format] of cases)
    it(`${what}: ${format}`, () => assert.equal(chooseFormat(components), format));
});

describe('orderVariables', () => {
  it('has them as they appear, each once, unless they are numbered', () => {
    for (const format of ['NAMED', 'POSITIONAL'] as const)
      assert.deepEqual(orderVariables('$(b) $(a) $(b) $(c)', format), ['b', 'a', 'c']);
  });

  it('has numbered ones as numbers, not as words', () => {
    assert.deepEqual(orderVariables('$(10) $(9) $(1) $(9)', 'NUMBERED'), ['1', '9', '10']);
    assert.deepEqual(orderVariables('$(p2) $(p1)', 'NUMBERED'), ['p1', 'p2']);
  });
});

describe('toMarks', () => {
  const words = 'Dear $(b), $(a2) and $(a1); $(b)';
  const cases: readonly (readonly [ParameterFormat, string])[] = [
    ['NAMED', 'Dear {{b}}, {{a2}} and {{a1}}; {{b}}'],
    ['POSITIONAL', 'Dear {{1}}, {{2}} and {{3}}; {{1}}'],
    ['NUMBERED', 'Dear {{0}}, {{2}} and {{1}}; {{0}}'],
  ];
  for (const [format, expected] of cases)
    it(`${format}: ${expected}`, () => assert.equal(toMarks(words, format), expected));

  it('leaves no variable of ours, and a text without one as it is', () => {
    for (const [format] of cases) {
      assert.deepEqual(findVariables(toMarks(words, format)), []);
      assert.equal(toMarks('Costs $5 (or {{1}})', format), 'Costs $5 (or {{1}})');
    }
  });
});

describe('asListed', () => {
  const cases: readonly (readonly [own: ParameterFormat, listed: ParameterFormat, ParameterFormat])[] = [
    ['NAMED', 'NAMED', 'NAMED'],
    ['POSITIONAL', 'NAMED', 'NAMED'],
    ['NUMBERED', 'NAMED', 'NAMED'],
    ['NAMED', 'POSITIONAL', 'POSITIONAL'],
    ['POSITIONAL', 'POSITIONAL', 'POSITIONAL'],
    ['NUMBERED', 'POSITIONAL', 'NUMBERED'],
  ];
  for (const [own, listed, expected] of cases)
    it(`${own} here, ${listed} there: ${expected}`, () => assert.equal(asListed(own, listed), expected));
});

/** Pairs of which each says another thing than the template beside it, and in which words that is told. */
const others: readonly (readonly [Content, Content, string])[] = [
  [content([body('One')]), content([body('Two')]), 'BODY.Text is "Two" there and "One" here'],
  [
    content([header('$(a) $(b)')]),
    content([header('$(b)')]),
    'HEADER.Text is "{{1}}" there and "{{1}} {{2}}" here',
  ],
  [
    content([body('One'), { Type: 'FOOTER', Text: 'Bye' }]),
    content([body('One')]),
    'FOOTER.Text is absent there and "Bye" here',
  ],
  [
    content([buttons({ Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '+1 555 000 1111' })]),
    content([buttons({ Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '15550002222' })]),
    'BUTTONS[0].PhoneNumber is "15550002222" there and "15550001111" here',
  ],
  [
    content([cards('One', 'Two')]),
    content([cards('One', 'Three')]),
    'CAROUSEL[1].BODY.Text is "Three" there and "Two" here',
  ],
  [
    content([{ Type: 'FOOTER', CodeExpirationMinutes: 5 }], { category: 'AUTHENTICATION' }),
    content([{ Type: 'FOOTER', CodeExpirationMinutes: 10 }], { category: 'AUTHENTICATION' }),
    'FOOTER.CodeExpirationMinutes is "10" there and "5" here',
  ],
];

/** Pairs that say the same in other words. */
const same: readonly (readonly [what: string, Content, Content])[] = [
  ['components in another order', content([header('A'), body('B')]), content([body('B'), header('A')])],
  ['ends and line breaks', content([body('A\r\nB ')]), content([body('A\nB')])],
  ['names where places count', content([body('$(who)')]), content([body('$(1)')])],
  [
    'a telephone number written in another way',
    content([buttons({ Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '+1 (555) 000-1111' })]),
    content([buttons({ Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '15550001111' })]),
  ],
  [
    'the texts of codes, which are the channel’s own',
    content([body('Your code'), buttons({ Type: 'OTP', Text: 'Copy' })], { category: 'AUTHENTICATION' }),
    content([body('Ihr Code'), buttons({ Type: 'OTP', Text: 'Kopieren' })], { category: 'AUTHENTICATION' }),
  ],
];

describe('digestContent', () => {
  it('is the same for what says the same, and another for what does not', () => {
    for (const [what, one, other] of same) assert.equal(digestContent(one), digestContent(other), what);
    for (const [one, other, told] of others) assert.notEqual(digestContent(one), digestContent(other), told);
    assert.match(digestContent(content([])), /^[0-9a-f]{32}$/);
  });

  it('counts names where the channel knows them', () => {
    const named = (name: string): string =>
      digestContent(content([body(`$(${name})`)], { parameterFormat: 'NAMED' }));
    assert.equal(named('who'), named('who'));
    assert.notEqual(named('who'), named('whom'));
  });
});

describe('compareContents', () => {
  it('tells each field that differs, whole, with what is absent as empty', () => {
    const long = 'a'.repeat(1000);
    const own = content([header('Hi'), body(long)]);
    const listed = content([body('$(1), hello')], { category: 'MARKETING' });
    assert.deepEqual(compareContents(own, listed), [
      { field: 'HEADER.Format', here: 'TEXT', there: '' },
      { field: 'HEADER.Text', here: 'Hi', there: '' },
      { field: 'BODY.Text', here: long, there: '{{1}}, hello' },
      { field: 'Category', here: 'UTILITY', there: 'MARKETING' },
    ]);
    assert.deepEqual(compareContents(own, own), []);
  });
});

describe('findDifferences', () => {
  for (const [what, one, other] of same)
    it(`none: ${what}`, () => {
      assert.deepEqual(findDifferences(one, other), []);
      assert.deepEqual(findDifferences(other, one), []);
    });

  for (const [own, listed, told] of others)
    it(told, () => {
      assert.deepEqual(findDifferences(own, listed), [told]);
      assert.deepEqual(findDifferences(own, own), []);
      assert.equal(findDifferences(listed, own).length, 1);
    });

  it('tells another category, and another lifetime where one is wanted here', () => {
    const own = content([body('A')], { ttlSeconds: 600 });
    const listed = content([body('A')], { category: 'MARKETING' });
    assert.deepEqual(findDifferences(own, listed), [
      'Category is "MARKETING" there and "UTILITY" here',
      'MessageSendTtlSeconds is "not set" there and "600" here',
    ]);
    assert.deepEqual(
      findDifferences(content([body('A')]), content([body('A')], { ttlSeconds: 600 })),
      [],
      'nobody here asked for one',
    );
  });

  it('counts names where the channel knows them', () => {
    const listed = content([body('$(whom)')], { parameterFormat: 'NAMED' });
    assert.deepEqual(findDifferences(content([body('$(who)')]), listed), [
      'BODY.Text is "{{whom}}" there and "{{who}}" here',
    ]);
  });

  it('shows of a long text no more than a line', () => {
    const [told = ''] = findDifferences(content([body('a'.repeat(1000))]), content([body('b')]));
    assert.ok(told.length < 200, told);
  });
});

describe('keepNames', () => {
  it('gives the variables of the listed template the names that they have here', () => {
    const own = content([header('For $(who)'), body('$(what) on $(day)')]);
    const listed = content([header('To $(1)'), body('$(1): $(2), and once more $(1)')]);
    assert.deepEqual(keepNames(own, listed), [
      header('To $(who)'),
      body('$(what): $(day), and once more $(what)'),
    ]);
  });

  it('goes by the numbers in which names end, where they are numbered', () => {
    const own = content([body('$(p2) $(p1)')], { parameterFormat: 'NUMBERED' });
    assert.deepEqual(keepNames(own, content([body('$(1) $(2)')])), [body('$(p1) $(p2)')]);
  });

  it('keeps what only we know: addresses, names of files, codes of coupons', () => {
    const image = { Type: 'HEADER', Format: 'IMAGE' };
    const own = content([
      { ...image, Url: 'https://shop.example/a.png', FileName: 'a.png' },
      buttons({ Type: 'URL', Text: 'Track', Url: 'https://shop.example/$(order)' }),
      { Type: 'COUPON', CouponCode: '$(coupon)' },
    ]);
    const listed = content([
      { ...image, Url: 'https://meta.example/1' },
      buttons({ Type: 'URL', Text: 'Follow', Url: 'https://shop.example/$(1)' }),
      { Type: 'COUPON', CouponCode: 'SAMPLE' },
    ]);
    assert.deepEqual(keepNames(own, listed), [
      own.components[0],
      buttons({ Type: 'URL', Text: 'Follow', Url: 'https://shop.example/$(order)' }),
      own.components[2],
    ]);
  });

  it('has the names of the channel where it knows them', () => {
    const own = content([body('$(who)')], { parameterFormat: 'NAMED' });
    const listed = content([body('Dear $(whom)')], { parameterFormat: 'NAMED' });
    assert.deepEqual(keepNames(own, listed), listed.components);
  });

  const apart: readonly (readonly [what: string, Content, Content])[] = [
    ['more variables there than here', content([body('$(who)')]), content([body('$(1) $(2)')])],
    ['variables in another order there', content([body('$(a) $(b)')]), content([body('$(2) $(1)')])],
    ['a variable in a part that has none here', content([body('A')]), content([header('$(1)'), body('A')])],
    [
      'names here and places there',
      content([body('$(a)')], { parameterFormat: 'NAMED' }),
      content([body('$(1)')]),
    ],
    ['cards', content([cards('A')]), content([cards('A')])],
  ];
  for (const [what, own, listed] of apart)
    it(`null: ${what}`, () => assert.equal(keepNames(own, listed), null));
});
