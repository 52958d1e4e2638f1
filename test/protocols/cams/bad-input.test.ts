// What callers get wrong, each answered with its documented code in the right envelope, and nothing stored of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import type { CamsAnswer, CamsApp } from '../../support/cams-app.ts';

const from = '15550100001';
const message = {
  ChannelType: 'whatsapp',
  Type: 'message',
  MessageType: 'text',
  Content: '{"text":"hello"}',
  From: from,
  To: '8613900000000',
};
const template = {
  Name: 'hello',
  Language: 'en',
  Category: 'MARKETING',
  TemplateType: 'WHATSAPP',
  CustSpaceId: 'sandbox',
  Components: '[{"Type":"BODY","Text":"Hi $(name)"}]',
};
const mass = {
  ChannelType: 'whatsapp',
  From: from,
  Language: 'en',
  TemplateCode: 'none',
  SenderList: '[{"To":"8613900000000"}]',
};
const list = {
  ChannelType: 'WHATSAPP',
  BusinessNumber: from,
  CustSpaceId: 'sandbox',
  Page: '{"Index":1,"Size":10}',
};

async function open(t: TestContext): Promise<CamsApp> {
  const app = await openCamsApp();
  t.after(() => app.close());
  return app;
}

/** Business errors have status 200 and a `Success` that says no; those of the gateway 4xx and a host. */
function assertCode({ status, body }: CamsAnswer, code: string, why: string): void {
  assert.equal(body['Code'], code, `${why}: ${JSON.stringify(body)}`);
  assert.match(String(body['RequestId']), /^[0-9A-F-]{36}$/, why);
  assert.ok(String(body['Message']).length > 10, why);
  const isBusiness = /^(InvalidParameter|DetailError|DelError)\./.test(code);
  assert.ok(isBusiness ? status === 200 && body['Success'] === false : status >= 400 && status < 500, why);
}

const card = (button: object, format = 'IMAGE') => ({
  CardComponents: [
    { Type: 'HEADER', Format: format, Url: 'https://example.com/a.png' },
    { Type: 'BODY', Text: 'x' },
    { Type: 'BUTTONS', Buttons: [button] },
  ],
});
const quick = { Type: 'QUICK_REPLY', Text: 'Yes' };
const link = { Type: 'URL', Text: 'Open', Url: 'https://example.com' };
const phone = { Type: 'PHONE_NUMBER', Text: 'Call', PhoneNumber: '8613900000000' };
const body = { Type: 'BODY', Text: 'Hello' };
const buttons = (...list: object[]) => [body, { Type: 'BUTTONS', Buttons: list }];
const many = (count: number, item: object) => Array.from({ length: count }, () => item);

/** Components, the code, and the category where it is another than MARKETING. */
const badComponents: readonly (readonly [readonly unknown[], string, string?])[] = [
  [[{ Type: 'BODY', Text: 'Hi {{1}}' }], 'MessageInvalid'],
  [[{ Type: 'BODY', Text: 'x'.repeat(1025) }], 'CreateError'],
  [[{ Type: 'TAIL', Text: 'x' }], 'CreateError'],
  [[{ Type: 'FOOTER', Text: 'x' }], 'CreateError'],
  [[body, body], 'CreateError'],
  [['x'], 'CreateError'],
  [[body, { Type: 'FOOTER', Text: 'by $(name)' }], 'FooterHaveVariable'],
  [[body, { Type: 'FOOTER', Text: 'x'.repeat(61) }], 'CreateError'],
  [[body, { Type: 'HEADER', Format: 'TEXT', Text: '$(a) $(b)' }], 'HeaderMoreVarable'],
  [[body, { Type: 'HEADER', Format: 'TEXT', Text: 'x'.repeat(61) }], 'CreateError'],
  [[body, { Type: 'HEADER', Format: 'SMELL' }], 'HeaderTypeNotSupport'],
  [[body, { Type: 'HEADER', Format: 'VIDEO', Url: 'https://x', Duration: 601 }], 'CreateError'],
  [buttons(), 'CreateError'],
  [buttons(...many(11, quick)), 'CreateError'],
  [buttons({ Type: 'QUICK_REPLY', Text: '$(x)' }), 'ButtonTextHaveVariable'],
  [buttons({ Type: 'QUICK_REPLY', Text: 'x'.repeat(26) }), 'CreateError'],
  [buttons({ Type: 'QUICK_REPLY' }), 'CreateError'],
  [buttons({ Type: 'SMELL', Text: 'x' }), 'CreateError'],
  [buttons({ ...link, Url: 'https://example.com/$(a)/$(b)' }), 'UrlMoreVarable'],
  [buttons({ ...link, Url: 'https://example.com/{{1}}' }), 'MessageInvalid'],
  [buttons({ Type: 'URL', Text: 'Open' }), 'CreateError'],
  [buttons({ ...link, UrlType: 'elastic' }), 'CreateError'],
  [buttons({ ...phone, PhoneNumber: 'call me' }), 'PhoneNumberError'],
  [buttons(phone, phone), 'CreateError'],
  [buttons(link, link, link), 'CreateError'],
  [buttons(quick, link, quick), 'CreateError'],
  [buttons({ ...quick, IsOptOut: true }), 'CreateError', 'UTILITY'],
  [buttons({ ...quick, IsOptOut: 'perhaps' }), 'CreateError'],
  [buttons({ Type: 'FLOW', Text: 'x' }), 'CreateError'],
  [buttons({ Type: 'FLOW', Text: 'x', FlowId: '1', FlowAction: 'NAVIGATE' }), 'CreateError'],
  [buttons({ Type: 'FLOW', Text: 'x', FlowId: '1', FlowAction: 'SWIM' }), 'CreateError'],
  [buttons({ Type: 'COPY_CODE', CouponCode: 'no spaces' }), 'CreateError'],
  [buttons({ Type: 'ONE_TAP', SupportedApps: [{ PackageName: 'a', SignatureHash: 'b' }] }), 'CreateError'],
  [[body, { Type: 'CAROUSEL', Cards: [] }], 'CreateError'],
  [[body, { Type: 'CAROUSEL', Cards: many(11, card(quick)) }], 'CreateError'],
  [[body, { Type: 'CAROUSEL', Cards: [card(quick), card(link)] }], 'CreateError'],
  [[body, { Type: 'CAROUSEL', Cards: [card(quick), card(quick, 'VIDEO')] }], 'CreateError'],
  [[body, { Type: 'CAROUSEL', Cards: [card(quick, 'DOCUMENT')] }], 'HeaderTypeNotSupport'],
  [[body, { Type: 'CAROUSEL', Cards: [card({ Type: 'COPY_CODE' })] }], 'CreateError'],
  [buttons({ Type: 'COPY_CODE' }), 'CreateError', 'AUTHENTICATION'],
  [[{ Type: 'BODY' }], 'CreateError', 'AUTHENTICATION'],
  [[{ Type: 'BODY' }, { Type: 'BUTTONS', Buttons: [quick] }], 'CreateError', 'AUTHENTICATION'],
  [
    [
      { Type: 'BODY' },
      { Type: 'FOOTER', CodeExpirationMinutes: 91 },
      { Type: 'BUTTONS', Buttons: [{ Type: 'COPY_CODE' }] },
    ],
    'CreateError',
    'AUTHENTICATION',
  ],
  [
    [{ Type: 'BODY' }, { Type: 'FOOTER', Text: 'x' }, { Type: 'BUTTONS', Buttons: [{ Type: 'COPY_CODE' }] }],
    'CreateError',
    'AUTHENTICATION',
  ],
  [[{ Type: 'BODY' }, { Type: 'BUTTONS', Buttons: [{ Type: 'ONE_TAP' }] }], 'CreateError', 'AUTHENTICATION'],
];

it('refuses each broken rule of templates with its own code', async (t) => {
  const app = await open(t);
  for (const [components, code, category = 'MARKETING'] of badComponents) {
    const values = { ...template, Category: category, Components: JSON.stringify(components) };
    const answer = await app.call('CreateChatappTemplate', values, { form: true });
    assertCode(answer, `InvalidParameter.${code}`, JSON.stringify(components).slice(0, 200));
  }
  const viber = { ...template, TemplateType: 'VIBER', Category: 'text_button', Name: 'v' };
  for (const components of [buttons(link, link), buttons(quick), [{ Type: 'FOOTER', Text: 'x' }]])
    assertCode(
      await app.call('CreateChatappTemplate', { ...viber, Components: JSON.stringify(components) }),
      'InvalidParameter.CreateError',
      JSON.stringify(components),
    );
  for (const [type, values] of [
    ['whatsapp', viber],
    ['viber', template],
  ] as const) {
    const channel = { id: `of-${type}`, type, name: type, wabaId: null, credentials: {} };
    await app.store.putChannel(app.accountId, channel, system);
    assertCode(
      await app.call('CreateChatappTemplate', { ...values, CustSpaceId: channel.id }),
      'InvalidParameter.TemplateTypeNotSupport',
      `a template of another channel on ${type}`,
    );
  }
  assert.equal((await app.store.findTemplates(app.accountId, {})).length, 0);
});

it('answers each violated enumeration, number and document with its code', async (t) => {
  const time = { Start: '1', End: '2' };
  const app = await open(t);
  const cases: readonly (readonly [string, Record<string, string>, Record<string, string>, string])[] = [
    ['SendChatappMessage', message, { ChannelType: 'telegram' }, 'InvalidParameter.ChannelTypeNotSupport'],
    ['SendChatappMessage', message, { Type: 'x' }, 'InvalidParameter.MessageInvalid'],
    ['SendChatappMessage', message, { MessageType: 'x' }, 'InvalidParameter.MessageTypeNotSupport'],
    ['SendChatappMessage', message, { RecipientType: 'crowd' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { FallBackRule: 'never' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { FallBackDuration: '+60' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { Ttl: '+60' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { Ttl: '29' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { Ttl: '1209601' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { Ttl: '6e1' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { TaskId: 'x'.repeat(129) }, 'InvalidParameter'],
    [
      'SendChatappMessage',
      message,
      { Content: '{"text":"x","caption":"y"}' },
      'InvalidParameter.ContentError',
    ],
    ['SendChatappMessage', message, { Content: '{"text":"\\ud800"}' }, 'InvalidParameter.ContentError'],
    ['SendChatappMessage', message, { Content: '{"text":"a\\u0000b"}' }, 'InvalidParameter.ContentError'],
    [
      'SendChatappMessage',
      message,
      { Content: `{"text":"${'x'.repeat(66_000)}"}` },
      'InvalidParameter.ContentError',
    ],
    ['SendChatappMessage', message, { To: '\0' }, 'InvalidParameter'],
    ['SendChatappMessage', message, { To: '+8613900000000' }, 'InvalidParameter.ToOnlyNumeric'],
    ['SendChatappMessage', message, { CustSpaceId: 'not-mine' }, 'Unknown.ResourceOwnerId'],
    [
      'SendChatappMessage',
      { ...message, ChannelType: 'viber', From: '10001' },
      { Label: 'x' },
      'InvalidParameter',
    ],
    ['SendChatappMessage', { ...message, ChannelType: 'viber', From: '10001' }, {}, 'MissingParameter'],
    [
      'SendChatappMessage',
      { ...message, ChannelType: 'viber', From: '10001', Label: 'transaction', MessageType: 'image' },
      { Content: '{"link":"https://example.com/a.png"}' },
      'InvalidParameter.ContentError',
    ],
    [
      'SendChatappMessage',
      { ...message, ChannelType: 'viber', From: '10001', Label: 'promotion', MessageType: 'document' },
      { Content: '{"link":"https://example.com/a","fileName":"a.exe"}' },
      'InvalidParameter.ContentError',
    ],
    ['SendChatappMassMessage', mass, { SenderList: '[' }, 'InvalidParameter'],
    ['SendChatappMassMessage', mass, { SenderList: '[]' }, 'MissingParameter'],
    [
      'SendChatappMassMessage',
      mass,
      { SenderList: JSON.stringify(many(1001, { To: '8613900000000' })) },
      'InvalidParameter',
    ],
    ['CreateChatappTemplate', template, { Category: 'x' }, 'InvalidParameter'],
    ['CreateChatappTemplate', template, { TemplateType: 'x' }, 'InvalidParameter.TemplateTypeNotSupport'],
    ['CreateChatappTemplate', template, { Language: 'english' }, 'InvalidParameter.LanguageNotSupport'],
    ['CreateChatappTemplate', template, { Name: 'Hello World' }, 'InvalidParameter.CreateError'],
    ['CreateChatappTemplate', template, { Components: '{}' }, 'InvalidParameter'],
    ['CreateChatappTemplate', template, { Example: '[]' }, 'InvalidParameter'],
    ['CreateChatappTemplate', template, { MessageSendTtlSeconds: '+5' }, 'InvalidParameter'],
    ['CreateChatappTemplate', template, { CategoryChangePaused: 'maybe' }, 'InvalidParameter'],
    ['ListChatappTemplate', {}, { AuditStatus: 'x' }, 'InvalidParameter.AuditStatusNotSupport'],
    ['ListChatappTemplate', {}, { Page: 'x' }, 'InvalidParameter.PageInvalid'],
    ['ListChatappTemplate', {}, { Page: '{"Index":0,"Size":1}' }, 'InvalidParameter.PageInvalid'],
    ['ListChatappTemplate', {}, { Page: '{"Index":"+1","Size":1}' }, 'InvalidParameter.PageInvalid'],
    ['GetChatappTemplateDetail', { Language: 'en' }, { TemplateCode: 'x' }, 'DetailError.TemplateNotExist'],
    [
      'DeleteChatappTemplate',
      { TemplateType: 'WHATSAPP' },
      { TemplateCode: 'x' },
      'DelError.TemplateNotExist',
    ],
    ['ListChatappMessage', list, { ChannelType: 'x' }, 'InvalidParameter.ChannelTypeNotSupport'],
    ['ListChatappMessage', list, { EventAction: 'SIDEWAYS' }, 'InvalidParameter'],
    ['ListChatappMessage', list, { StartTime: '+1' }, 'InvalidParameter'],
    ['ListChatappMessage', list, { StartTimeStr: 'yesterday' }, 'InvalidParameter'],
    ['ListChatappMessage', list, { Page: '{"Index":1000,"Size":100}' }, 'InvalidParameter.PageInvalid'],
    [
      'UpdatePhoneWebhook',
      { CustSpaceId: 'sandbox', PhoneNumber: from },
      { QueueFlag: 'yes' },
      'InvalidParameter',
    ],
    [
      'UpdatePhoneWebhook',
      { CustSpaceId: 'sandbox', PhoneNumber: from },
      { StatusCallbackUrl: 'mailto:x' },
      'InvalidParameter',
    ],
    [
      'UpdatePhoneWebhook',
      { CustSpaceId: 'sandbox' },
      { PhoneNumber: '999' },
      'InvalidParameter.PhoneNumberError',
    ],
    ['ListChatappMessage', list, { MessageStatus: 'delivered' }, 'InvalidParameter'],
    ['ListChatappMessage', list, { ClientAcceptStatus: 'x' }, 'InvalidParameter'],
    ['ListInstance', {}, { ChannelType: 'EMAIL' }, 'InvalidParameter.ChannelTypeNotSupport'],
    ['QueryChatappPhoneNumbers', {}, { Status: 'x' }, 'InvalidParameter'],
    ...(
      [
        ['ListChatappTemplate', {}],
        ['GetChatappTemplateDetail', { TemplateCode: 'x', Language: 'en' }],
        ['DeleteChatappTemplate', { TemplateCode: 'x' }],
        ['ModifyChatappTemplate', { TemplateCode: 'x', Language: 'en', Components: template.Components }],
        [
          'ModifyChatappTemplateProperties',
          { TemplateCode: 'x', Language: 'en', CustSpaceId: 'sandbox', AllowSend: 'true' },
        ],
      ] as const
    ).map(
      ([operation, good]) =>
        [operation, { ...good }, { TemplateType: 'SMS' }, 'InvalidParameter.TemplateTypeNotSupport'] as const,
    ),
    ['UpdateAccountWebhook', { CustSpaceId: 'sandbox' }, { HttpFlag: 'yes' }, 'InvalidParameter'],
    ['UpdateAccountWebhook', { CustSpaceId: 'sandbox' }, { HttpFlag: 'Y' }, 'MissingParameter'],
    ['UpdateAccountWebhook', {}, { CustSpaceId: 'not-mine' }, 'Unknown.ResourceOwnerId'],
    [
      'CreateInstance',
      { InstanceName: 'x' },
      { ChannelType: 'SANDBOX' },
      'InvalidParameter.ChannelTypeNotSupport',
    ],
    ['DeleteInstance', {}, { InstanceId: 'sandbox' }, 'InvalidParameter.ChannelTypeNotSupport'],
    ['GetWhatsappHealthStatus', { CustSpaceId: 'sandbox' }, { NodeType: 'x' }, 'InvalidParameter'],
    ['GetChatappPhoneNumberMetric', time, { Granularity: 'HOURLY' }, 'InvalidParameter'],
    ['GetChatappPhoneNumberMetric', time, { Start: '+1' }, 'InvalidParameter'],
    ['GetChatappPhoneNumberMetric', time, { End: '0' }, 'InvalidParameter'],
    ['GetChatappPhoneNumberMetric', time, { End: '99999999999999' }, 'InvalidParameter'],
    ['GetChatappPhoneNumberMetric', time, { PhoneNumber: '1' }, 'InvalidParameter.PhoneNumberError'],
    ['GetChatappTemplateMetric', { ...time, TemplateCode: 'x' }, {}, 'DetailError.TemplateNotExist'],
    [
      'GetChatappTemplateMetric',
      { ...time, TemplateCode: 'x' },
      { Granularity: 'HALF_HOUR' },
      'InvalidParameter',
    ],
    ['GetChatappTemplateMetric', { ...time, TemplateCode: 'x' }, { TemplateType: 'SMS' }, 'InvalidParameter'],
    ['GeneratePresignedUrl', {}, { FilePath: '../etc/passwd' }, 'InvalidParameter'],
    ['BindMessengerPage', { InstanceId: 'sandbox' }, { PageId: 'x' }, 'InvalidParameter'],
    ['QueryTokenForMnsQueue', {}, { MessageType: 'x' }, 'InvalidParameter'],
    ['QueryTokenForMnsQueue', { MessageType: 'ChatAppStatus' }, { QueueName: 'other' }, 'InvalidParameter'],
  ];
  for (const [operation, good, bad, code] of cases) {
    const version = operation === 'QueryTokenForMnsQueue' ? { version: '2017-05-25' } : {};
    const values = { ...good, ...bad };
    const why = `${operation} with ${JSON.stringify(bad).slice(0, 120)}`;
    assertCode(await app.call(operation, values, { ...version, form: true }), code, why);
    assertCode(await app.callRpc(operation, values, { ...version, method: 'POST', form: true }), code, why);
  }
  assert.equal((await app.store.listOutbound(app.accountId, {}, { limit: 10 })).items.length, 0);
  assert.equal((await app.store.findTemplates(app.accountId, {})).length, 0);
  assert.equal((await app.store.listChannels(app.accountId)).length, 1);
  const [sender] = await app.store.listSenders(app.accountId, 'sandbox');
  assert.deepEqual(
    [sender?.webhook.http, sender?.webhook.queue, sender?.webhook.statusUrl],
    [false, false, null],
  );
});

it('finds messages by their status however many others came after', async (t) => {
  const app = await open(t);
  const sent = await app.call('SendChatappMessage', { ...message, To: '8613900000001' });
  const { accountId, store, clock } = app;
  const [first] = (await store.listOutbound(accountId, {}, { limit: 1 })).items;
  assert.ok(first !== undefined);
  await store.settleOutbound([
    {
      accountId,
      id: first.id,
      attempt: null,
      next: { kind: 'accepted', channelMessageId: 'c1', nextStepAt: null },
    },
  ]);
  for (let n = 0; n < 60; n += 1) {
    clock.advance(1);
    await app.call('SendChatappMessage', { ...message, To: `86139000000${10 + n}` });
  }
  const rows = async (changes: Record<string, string>) =>
    (await app.call('ListChatappMessage', { ...list, Page: '{"Index":1,"Size":5}', ...changes })).body[
      'Data'
    ] as Record<string, string>[];
  assert.equal((await rows({ MessageStatus: 'sending' })).length, 5);
  assert.deepEqual(
    (await rows({ UserNumber: '8613900000001' })).map((row) => row['MessageId']),
    [sent.body['MessageId']],
  );
  assert.equal((await rows({ MessageStatus: 'fail' })).length, 0);
});
