// Templates by their operations, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import { assertBusiness, goodCalls, open } from './bed.ts';

it('modifies no template whose review comes in at that moment, and takes back no category that the channel gave it', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { call, store, accountId } = app;
  const made = await call('CreateChatappTemplate', {
    Name: 'hello',
    Language: 'en',
    Category: 'UTILITY',
    TemplateType: 'WHATSAPP',
    CustSpaceId: 'sandbox',
    CategoryChangePaused: 'true',
    MessageSendTtlSeconds: '60',
    Components: JSON.stringify([{ Type: 'BODY', Text: 'one' }]),
  });
  const code = (made.body['Data'] as { TemplateCode: string }).TemplateCode;
  const key = { channelId: 'sandbox', code, language: 'en' };
  // What the operation reads is what stood before the review came in.
  const findTemplates = store.findTemplates.bind(store);
  let comes: Partial<Parameters<typeof store.updateTemplate>[1]> | undefined;
  store.findTemplates = async (...filter) => {
    const found = await findTemplates(...filter);
    if (comes !== undefined) await store.updateTemplate(accountId, { ...key, ...comes }, system);
    comes = undefined;
    return found;
  };
  const modify = (text: string) =>
    call('ModifyChatappTemplate', {
      TemplateCode: code,
      Language: 'en',
      Components: JSON.stringify([{ Type: 'BODY', Text: text }]),
    });
  const find = async () => (await findTemplates(accountId, {}))[0];

  comes = { category: 'MARKETING' };
  assert.equal((await modify('two')).body['Code'], 'OK');
  const changed = await find();
  assert.deepEqual([changed?.category, changed?.components[0]?.['Text']], ['MARKETING', 'two']);
  assert.deepEqual([changed?.ttlSeconds, changed?.categoryChangePaused], [60, true], 'what is not named');

  for (const status of ['pass', 'paused', 'disabled'] as const) {
    await store.updateTemplate(accountId, { ...key, status: 'auditing' }, system);
    comes = { status };
    const { status: http, body } = await modify('three');
    assert.deepEqual([http, body['Code']], [200, 'InvalidParameter.CreateError'], JSON.stringify(body));
    const kept = await find();
    assert.deepEqual([kept?.status, kept?.components[0]?.['Text']], [status, 'two']);
  }
});

it('brings a template through its rules', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['CreateChatappTemplate'] ?? {};
  const refuse = async (components: unknown, code: string, changes: Record<string, string> = {}) =>
    assertBusiness(
      await app.call(
        'CreateChatappTemplate',
        { ...good, ...changes, Components: JSON.stringify(components) },
        { form: true },
      ),
      `InvalidParameter.${code}`,
    );
  const body = { Type: 'BODY', Text: 'x' };
  const buttons = (...list: object[]) => [body, { Type: 'BUTTONS', Buttons: list }];
  const reply = { Type: 'QUICK_REPLY', Text: 'y' };
  const url = { Type: 'URL', Text: 'u', Url: 'https://x/' };
  await refuse([{ Type: 'FOOTER', Text: 'x' }], 'CreateError');
  await refuse([{ Type: 'BODY', Text: 'Hello {{1}}' }], 'MessageInvalid');
  await refuse([body, { Type: 'FOOTER', Text: '$(a)' }], 'FooterHaveVariable');
  await refuse([body, { Type: 'HEADER', Text: '$(a) $(b)' }], 'HeaderMoreVarable');
  await refuse([body, { Type: 'HEADER', Format: 'SMELL' }], 'HeaderTypeNotSupport');
  await refuse(buttons({ ...reply, Text: '$(a)' }), 'ButtonTextHaveVariable');
  await refuse(buttons({ ...url, Url: 'https://x/$(a)/$(b)' }), 'UrlMoreVarable');
  await refuse(buttons({ Type: 'PHONE_NUMBER', Text: 'c', PhoneNumber: 'x' }), 'PhoneNumberError');
  await refuse(buttons(url, reply, url), 'CreateError');
  await refuse(buttons(url, url, url), 'CreateError');
  await refuse(buttons(...Array.from({ length: 11 }, () => reply)), 'CreateError');
  await refuse([{ Type: 'BODY', Text: 'x'.repeat(1025) }], 'CreateError');
  await refuse([body], 'CreateError', { Category: 'AUTHENTICATION' });
  await refuse([body], 'LanguageNotSupport', { Language: 'English' });
  await refuse([body], 'TemplateTypeNotSupport', { TemplateType: 'PIGEON' });
  await refuse([body], 'CreateError', { Name: 'Has Capitals' });
  const made = await app.call('CreateChatappTemplate', good);
  assert.equal(made.body['Code'], 'OK', made.text);
  await refuse([body], 'TemplateNameExist');
  const { TemplateCode } = made.body['Data'] as Record<string, string>;
  const second = await app.call('CreateChatappTemplate', { ...good, Language: 'de' });
  assert.equal((second.body['Data'] as Record<string, string>)['TemplateCode'], TemplateCode);
  const list = await app.call('ListChatappTemplate', { Name: 'other', 'Page.Index': '1', 'Page.Size': '1' });
  assert.equal(list.body['Total'], 2);
  assert.equal((list.body['ListTemplate'] as unknown[]).length, 1);
  assertBusiness(
    await app.call('ListChatappTemplate', { Page: '{"Index":0}' }),
    'InvalidParameter.PageInvalid',
  );
  assertBusiness(
    await app.call('ListChatappTemplate', { AuditStatus: 'maybe' }),
    'InvalidParameter.AuditStatusNotSupport',
  );
  const one = { TemplateCode: TemplateCode ?? '', TemplateType: 'WHATSAPP' };
  assert.equal((await app.call('DeleteChatappTemplate', { ...one, Language: 'de' })).body['Success'], true);
  assert.equal((await app.call('DeleteChatappTemplate', one)).body['Success'], true);
  assertBusiness(await app.call('DeleteChatappTemplate', one), 'DelError.TemplateNotExist');
  assertBusiness(
    await app.call('GetChatappTemplateDetail', { ...one, Language: 'en' }),
    'DetailError.TemplateNotExist',
  );
});

it('puts a template that names no channel where there is no choice', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { CustSpaceId, ...values } = goodCalls('')['CreateChatappTemplate'] ?? {};
  assert.equal(CustSpaceId, 'sandbox');
  const create = async (Name: string) => {
    const { body } = await app.call('CreateChatappTemplate', { ...values, Name });
    const [made] = await app.store.findTemplates(app.accountId, { name: Name });
    return [body['Code'], made?.channelId];
  };
  const add = (id: string) =>
    app.store.putChannel(
      app.accountId,
      { id, type: 'whatsapp', name: id, wabaId: null, credentials: {} },
      system,
    );
  assert.deepEqual(await create('first'), ['OK', 'sandbox'], 'no other channel');
  await add('one');
  assert.deepEqual(await create('second'), ['OK', 'one']);
  await add('two');
  assert.deepEqual(await create('third'), ['MissingParameter', undefined]);
});

it('joins a template that is made to one that was found at the channel and says the same, and tells what differs of another', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { call, store, accountId } = app;
  await store.createTemplate(
    accountId,
    {
      ...{
        channelId: 'sandbox',
        code: 'c1',
        language: 'en',
        name: 'hello',
        type: 'WHATSAPP',
        category: 'UTILITY',
      },
      components: [
        { Type: 'HEADER', Format: 'IMAGE', Url: '$(header_image)' },
        { Type: 'BODY', Text: 'Hello $(1), order $(2)' },
      ],
      ...{ example: {}, status: 'pass', reason: '', allowSend: true, categoryChangePaused: false },
      ...{ ttlSeconds: null, quality: 'GREEN', vendorId: '901', parameterFormat: 'NUMBERED' },
      ...{ isEdited: false, offered: [], asked: null, reviewAt: null },
    },
    system,
  );
  const create = async (text: string, changes: Record<string, string> = {}) => {
    const components = [
      { Type: 'HEADER', Format: 'IMAGE', Url: 'https://a.example/$(pic)' },
      { Type: 'BODY', Text: text },
    ];
    const { body } = await call('CreateChatappTemplate', {
      ...{
        Name: 'hello',
        Language: 'en',
        Category: 'UTILITY',
        TemplateType: 'WHATSAPP',
        CustSpaceId: 'sandbox',
      },
      Components: JSON.stringify(components),
      ...changes,
    });
    return body;
  };
  const other = await create('Hello $(name)');
  assert.equal(other['Code'], 'InvalidParameter.TemplateNameExist');
  assert.match(
    String(other['Message']),
    /BODY\.Text is "Hello \{\{1\}\}, order \{\{2\}\}" there and "Hello \{\{1\}\}" here/,
  );
  assert.match(
    String((await create('Hello $(name), order $(order)', { Category: 'MARKETING' }))['Message']),
    /Category is "UTILITY" there and "MARKETING" here/,
  );
  const same = await create('Hello $(name), order $(order)', { Example: '{"name":"Bob"}' });
  assert.deepEqual([same['Code'], same['Data']], ['OK', { TemplateCode: 'c1', TemplateName: 'hello' }]);
  const [joined] = await store.findTemplates(accountId, {});
  assert.partialDeepStrictEqual(joined, {
    ...{ vendorId: '901', status: 'pass', parameterFormat: 'POSITIONAL', example: { name: 'Bob' } },
    components: [{ Url: 'https://a.example/$(pic)' }, { Text: 'Hello $(name), order $(order)' }],
  });
  assert.equal((await create('Hello $(name), order $(order)'))['Code'], 'OK', 'a call that is made again');
});

for (const [what, text, expected] of [
  ['names that Meta takes', 'Hi $(first_name)', 'NAMED'],
  ['names that it does not take', 'Hi $(firstName)', 'POSITIONAL'],
  ['numbers', '$(2) and $(1)', 'NUMBERED'],
  ['numbers that leave one out', '$(3) and $(1)', 'POSITIONAL'],
  ['none', 'Hi', 'POSITIONAL'],
] as const)
  it(`has the channel know variables with ${what} as ${expected}`, async (t) => {
    const app = await openCamsApp();
    t.after(() => app.close());
    const components = [{ Type: 'BODY', Text: text }];
    const { body } = await app.call('CreateChatappTemplate', {
      ...{
        Name: 'hello',
        Language: 'en',
        Category: 'UTILITY',
        TemplateType: 'WHATSAPP',
        CustSpaceId: 'sandbox',
      },
      Components: JSON.stringify(components),
    });
    assert.equal(body['Code'], 'OK', JSON.stringify(body));
    assert.equal((await app.store.findTemplates(app.accountId, {}))[0]?.parameterFormat, expected);
  });
