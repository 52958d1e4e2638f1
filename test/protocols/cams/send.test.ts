// SendChatappMessage: what it takes, and what it refuses with which code.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import { assertBusiness, countMessages, from, goodCalls, open, to } from './bed.ts';

it('sends a message of every kind that WhatsApp has', async (t) => {
  const app = await open(t);
  const contents: Readonly<Record<string, unknown>> = {
    text: { text: 'hello' },
    image: { Link: 'https://example.com/a.png', Caption: 'c' },
    video: { link: 'https://example.com/a.mp4' },
    audio: { link: 'https://example.com/a.mp3' },
    document: { link: 'https://example.com/a.pdf', filename: 'a.pdf' },
    sticker: { link: 'https://example.com/a.webp', caption: '' },
    location: { longitude: '120.002', latitude: 28.001, name: 'Here' },
    contacts: [{ name: { formatted_name: 'Bob Lee', first_name: 'Bob' }, phones: [{ phone: '+861' }] }],
    reaction: { messageId: 'wamid.1', emoji: '👍' },
    interactive: {
      type: 'button',
      body: { text: 'x' },
      action: { buttons: [{ type: 'reply', reply: { id: '1', title: 'Y' } }] },
    },
  };
  for (const [messageType, content] of Object.entries(contents)) {
    const { body } = await app.call('SendChatappMessage', {
      ChannelType: 'WhatsApp',
      Type: 'message',
      MessageType: messageType.toUpperCase(),
      Content: JSON.stringify(content),
      From: from,
      To: to,
    });
    assert.equal(body['Code'], 'OK', `${messageType}: ${JSON.stringify(body)}`);
    assert.match(String(body['MessageId']), /^\d{21}$/);
  }
  const { items } = await app.store.listOutbound(app.accountId, {}, { limit: 100 });
  assert.deepEqual(items.find(({ envelope }) => envelope.messageType === 'document')?.envelope.content, {
    link: 'https://example.com/a.pdf',
    fileName: 'a.pdf',
  });
});

it('refuses a message with the documented code of what is wrong', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['SendChatappMessage'] ?? {};
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ ChannelType: 'telegraph' }, 'ChannelTypeNotSupport'],
    [{ Type: 'letter' }, 'MessageInvalid'],
    [{ MessageType: '' }, 'MessageTypeNotEmpty'],
    [{ MessageType: 'smell' }, 'MessageTypeNotSupport'],
    [{ Content: '' }, 'ContentNotEmpty'],
    [{ Content: 'hello' }, 'ContentError'],
    [{ Content: '[]' }, 'ContentError'],
    [{ Content: '{}' }, 'TextNotEmpty'],
    [{ Content: JSON.stringify({ text: 'x'.repeat(5000) }) }, 'ContentError'],
    [{ Content: JSON.stringify({ text: 'x'.repeat(66_000) }) }, 'ContentError'],
    [{ MessageType: 'image', Content: '{}' }, 'LinkNotEmpty'],
    [{ MessageType: 'image', Content: '{"link":"ftp://x"}' }, 'ContentError'],
    [{ MessageType: 'document', Content: '{"link":"https://x/a"}' }, 'ContentError'],
    [{ MessageType: 'location', Content: '{"longitude":"200","latitude":"1"}' }, 'ContentError'],
    [{ MessageType: 'contacts', Content: '[{"name":{"formatted_name":"x"}}]' }, 'ContentError'],
    [{ MessageType: 'interactive', Content: '{"type":"button","action":{"buttons":[]}}' }, 'ContentError'],
    [{ MessageType: 'reaction', Content: '{"messageId":"wamid.1"}' }, 'ContentError'],
    [{ MessageType: 'reaction', Content: '{"emoji":"👍"}' }, 'ContentError'],
    [{ From: '+15550100001' }, 'FromOnlyNumeric'],
    [{ From: '999' }, 'FromNotExist'],
    [{ To: '+8613900000000' }, 'ToOnlyNumeric'],
    [{ To: 'somebody' }, 'ToOnlyNumeric'],
    [{ FallBackId: 'S_1', FallBackContent: 'x' }, 'SendSmsNotSupport'],
    [{ Type: 'template' }, 'TemplateCodeNotEmpty'],
    [{ Type: 'template', TemplateCode: 'x' }, 'LanguageNotEmpty'],
    [{ Type: 'template', TemplateCode: 'x', Language: 'en' }, 'TemplateNotExist'],
    [{ Type: 'template', TemplateCode: app.templateCode, Language: 'de' }, 'TemplateNotExist'],
    [{ Type: 'template', TemplateCode: app.templateCode, Language: 'en' }, 'TemplateParamsError'],
  ];
  for (const [changes, code] of cases)
    assertBusiness(
      await app.call('SendChatappMessage', { ...good, ...changes }, { form: true }),
      `InvalidParameter.${code}`,
    );
  assert.equal(await countMessages(app), 0);
});

it('sends a template only while it has passed and may be sent', async (t) => {
  const app = await open(t);
  const values = {
    ChannelType: 'whatsapp',
    Type: 'template',
    TemplateName: 'hello',
    Language: 'en',
    TemplateParams: '{"name":"Zoë & Bob*","p":1}',
    Payload: '["a","b"]',
    From: from,
    To: to,
    TaskId: 'task-1',
  };
  assert.equal((await app.call('SendChatappMessage', values)).body['Code'], 'OK');
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual(message?.envelope, {
    frame: 'template',
    messageType: 'template',
    templateCode: app.templateCode,
    templateName: 'hello',
    language: 'en',
    templateParams: { name: 'Zoë & Bob*', p: '1' },
    payload: ['a', 'b'],
  });
  assert.equal(message.taskId, 'task-1');
  const properties = {
    TemplateCode: app.templateCode,
    Language: 'en',
    CustSpaceId: 'sandbox',
    TemplateType: 'WHATSAPP',
  };
  await app.call('ModifyChatappTemplateProperties', { ...properties, AllowSend: 'false' });
  assertBusiness(await app.call('SendChatappMessage', values), 'InvalidParameter.TemplateNotPass');
  await app.call('ModifyChatappTemplateProperties', { ...properties, AllowSend: 'true' });
  for (const status of ['auditing', 'fail', 'paused', 'disabled'] as const) {
    const [template] = await app.store.findTemplates(app.accountId, {});
    assert.ok(template !== undefined);
    await app.store.updateTemplate(app.accountId, { ...template, status }, system);
    assertBusiness(await app.call('SendChatappMessage', values), 'InvalidParameter.TemplateNotPass');
  }
});

it('takes the flows and products of a template within their bounds', async (t) => {
  const app = await open(t);
  const values = {
    ChannelType: 'whatsapp',
    Type: 'template',
    TemplateCode: app.templateCode,
    Language: 'en',
    TemplateParams: '{"name":"Bob","p":"x"}',
    From: from,
    To: to,
  };
  const section = (count: number) => ({
    Title: 'Fish',
    ProductItems: Array.from({ length: count }, (_, n) => ({ ProductRetailerId: `p${n}` })),
  });
  const good = { ThumbnailProductRetailerId: 'p1', Sections: [section(15), section(15)] };
  const flow = { FlowToken: 't', FlowActionData: { a: 1 } };
  const sent = await app.call(
    'SendChatappMessage',
    { ...values, ProductAction: JSON.stringify(good), FlowAction: JSON.stringify(flow) },
    { form: true },
  );
  assert.equal(sent.body['Code'], 'OK', sent.text);
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual([message?.envelope.productAction, message?.envelope.flowAction], [good, flow]);
  const refused: readonly Record<string, unknown>[] = [
    { ProductAction: { Sections: Array.from({ length: 11 }, () => section(1)) } },
    { ProductAction: { Sections: [section(16), section(15)] } },
    { ProductAction: { Sections: [{ Title: 'x', ProductItems: [{}] }] } },
    { ProductAction: { Sections: {} } },
    { ProductAction: { Sections: ['x'] } },
    { ProductAction: [] },
    { FlowAction: { FlowActionData: 'x' } },
    { FlowAction: { FlowToken: { a: 1 } } },
    { FlowAction: 'x' },
  ];
  for (const action of refused) {
    const changes = Object.fromEntries(
      Object.entries(action).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    const { body, status } = await app.call('SendChatappMessage', { ...values, ...changes }, { form: true });
    assert.deepEqual([status, body['Code']], [400, 'InvalidParameter'], JSON.stringify(action));
  }
  assert.equal(await countMessages(app), 1);
});

it('sends a task to a recipient once where that is set for the account, however often it is asked', async (t) => {
  const settings = { businessErrorStatus: 200, ttlMs: 60_000, hasSmsGateway: false };
  for (const [oncePerTask, isOnce] of [
    [true, true],
    [false, false],
    [[7, 1_000_000_000_000_001], true],
    [[7], false],
  ] as const) {
    const app = await openCamsApp({ settings: { ...settings, oncePerTask } });
    t.after(() => app.close());
    assert.equal(app.accountId, 1_000_000_000_000_001);
    const call = async (changes: Record<string, string>) =>
      (await app.call('SendChatappMessage', { ...goodCalls('')['SendChatappMessage'], ...changes })).body[
        'MessageId'
      ];
    const first = await call({ TaskId: 't1' });
    assert.equal((await call({ TaskId: 't1' })) === first, isOnce);
    assert.notEqual(await call({ TaskId: 't1', To: '8613900000009' }), first);
    assert.notEqual(await call({ TaskId: 't2' }), first);
    assert.notEqual(await call({}), await call({}));
    assert.equal(await countMessages(app), isOnce ? 5 : 6);
  }
});

it('sends to a group by an id that is one', async (t) => {
  const app = await open(t);
  const good = { ...goodCalls('')['SendChatappMessage'], RecipientType: 'group' };
  for (const id of ['two words', 'x'.repeat(257), 'größer']) {
    const { body } = await app.call('SendChatappMessage', { ...good, To: id });
    assert.equal(body['Code'], 'InvalidParameter', id);
  }
  assert.equal(
    (await app.call('SendChatappMessage', { ...good, To: 'Y2FwaV9ncm91cDox==' })).body['Code'],
    'OK',
  );
  const { items } = await app.store.listOutbound(app.accountId, {}, { limit: 10 });
  assert.deepEqual(
    items.map(({ to: group, envelope }) => [group, envelope.toGroup]),
    [['Y2FwaV9ncm91cDox==', true]],
  );
});
