// Who may be written to and with what: recipients, labels, template values.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { CamsApp } from '../../support/cams-app.ts';
import { addViberTemplate, assertBusiness, countMessages, from, goodCalls, open, to } from './bed.ts';

const message = (content: object) => ({
  Type: 'message',
  MessageType: 'text',
  Content: JSON.stringify(content),
});

async function addBot(app: CamsApp): Promise<string> {
  const id = '75346594275468546724';
  await app.store.putChannel(
    app.accountId,
    { id: 'bot', type: 'viber', name: 'Shop', wabaId: null, credentials: { authToken: 'token' } },
    system,
  );
  const made = { id, type: 'viber', name: id, routeId: 'bot' } as const;
  assert.equal(await app.store.putSender(app.accountId, 'bot', made, system), 'created');
  return id;
}

it('a user is written to by every id that a receipt may tell', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['SendChatappMessage'] ?? {};
  const ids = [
    '15550002220',
    'US.13491208655302741918',
    'US.ENT.11815799212886844830',
    `US.ENT.${'a'.repeat(128)}`,
  ];
  for (const id of ids)
    assert.equal((await app.call('SendChatappMessage', { ...good, To: id })).body['Code'], 'OK', id);
  for (const id of ['US.', 'US.ENT.', 'us.ENT.1', 'US.ENT.1.2', `US.ENT.${'a'.repeat(129)}`])
    assertBusiness(
      await app.call('SendChatappMessage', { ...good, To: id }),
      'InvalidParameter.ToOnlyNumeric',
    );
  assert.equal(await countMessages(app), ids.length);
});

it('a Viber bot takes longer texts than a service, and has no labels', async (t) => {
  const app = await open(t);
  const bot = { ChannelType: 'viber', From: await addBot(app), To: '01234567890A==' };
  const service = { ChannelType: 'viber', From: '10001', To: to, Label: 'promotion' };
  const long = (length: number) => message({ text: 'я'.repeat(length) });
  const send = (values: Record<string, string>) => app.call('SendChatappMessage', values);
  assert.equal((await send({ ...bot, ...long(7000) })).body['Code'], 'OK');
  assertBusiness(await send({ ...bot, ...long(7001) }), 'InvalidParameter.ContentError');
  assert.equal((await send({ ...service, ...long(1000) })).body['Code'], 'OK');
  assertBusiness(await send({ ...service, ...long(1001) }), 'InvalidParameter.ContentError');
  assert.equal((await send({ ...service, ...long(1), Label: '' })).body['Code'], 'MissingParameter');
  assertBusiness(
    await send({
      ...service,
      Label: 'session',
      Type: 'message',
      MessageType: 'text_button',
      Content: '{"text":"x","caption":"c","action":"https://a.example/"}',
    }),
    'InvalidParameter.ContentError',
  );
});

it('a template of Viber is measured with its values in it, for a bot and for a service', async (t) => {
  const app = await open(t);
  const bot = { ChannelType: 'viber', From: await addBot(app), To: '01234567890A==' };
  const service = { ChannelType: 'viber', From: '10001', To: to, Label: 'promotion' };
  for (const [sender, most] of [
    [bot, 7000],
    [service, 1000],
  ] as const) {
    const channelId = sender === bot ? 'bot' : 'sandbox';
    const TemplateCode = await addViberTemplate(app, channelId, 'Dear $(name)!');
    const send = (length: number) =>
      app.call('SendChatappMessage', {
        ...sender,
        Type: 'template',
        TemplateCode,
        Language: 'en',
        TemplateParams: JSON.stringify({ name: 'я'.repeat(length) }),
      });
    assert.equal((await send(most - 6)).body['Code'], 'OK');
    const refused = await send(most - 5);
    assertBusiness(refused, 'InvalidParameter.TemplateParamsError');
    assert.match(String(refused.body['Message']), new RegExp(`${most + 1} characters; at most ${most}`));
  }
});

it('what a channel has no place for is refused', async (t) => {
  const app = await open(t);
  const service = {
    ChannelType: 'viber',
    From: '10001',
    To: to,
    Label: 'promotion',
    ...message({ text: 'x' }),
  };
  for (const extra of [{ ContextMessageId: '1' }, { RecipientType: 'group' }]) {
    const { body } = await app.call('SendChatappMessage', { ...service, ...extra });
    assert.equal(body['Code'], 'InvalidParameter', JSON.stringify(extra));
  }
  const good = goodCalls(app.templateCode)['SendChatappMessage'] ?? {};
  const { body } = await app.call('SendChatappMessage', {
    ...good,
    ...message({ text: 'x', previewURLs: true }),
  });
  assertBusiness({ status: 200, body } as never, 'InvalidParameter.ContentError');
  assert.match(String(body['Message']), /previewURLs/);
});

it('a recipient of Messenger may be named by what a plugin or an opt-in gave', async (t) => {
  const app = await open(t);
  const senders = await app.store.listSenders(app.accountId, 'sandbox');
  const idOf = (type: string): string => senders.find((sender) => sender.type === type)?.id ?? '';
  const call = { ChannelType: 'messenger', From: idOf('messenger'), ...message({ text: 'It is back.' }) };
  for (const toToken of ['user_ref', 'notification_messages_token', 'one_time_notif_token']) {
    const sent = { ...call, To: 'UR-1_b.4/x+=', RecipientType: toToken.toUpperCase() };
    const { body } = await app.call('SendChatappMessage', sent);
    assert.equal(body['Code'], 'OK', JSON.stringify(body));
    const [kept] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
    assert.partialDeepStrictEqual(kept, { to: 'UR-1_b.4/x+=', envelope: { toToken } });
    for (const wrong of ['', 'a b', 'ключ', 'x'.repeat(513)])
      assert.notEqual(
        (await app.call('SendChatappMessage', { ...sent, To: wrong })).body['Code'],
        'OK',
        wrong,
      );
    for (const ChannelType of ['whatsapp', 'instagram', 'viber']) {
      const other = { ...sent, ChannelType, From: idOf(ChannelType), Label: 'promotion' };
      const refused = await app.call('SendChatappMessage', other);
      assert.equal(refused.body['Code'], 'InvalidParameter', ChannelType);
      assert.match(String(refused.body['Message']), /is for Messenger/);
    }
  }
  const { body } = await app.call('SendChatappMessage', { ...call, To: 'UR-1' });
  assert.match(String(body['Code']), /ToOnlyNumeric/);
});

it('a value that WhatsApp refuses in a template is refused when the message is taken', async (t) => {
  const app = await open(t);
  const one = {
    ChannelType: 'whatsapp',
    Type: 'template',
    TemplateCode: app.templateCode,
    Language: 'en',
    From: from,
    To: to,
  };
  const { Type: _type, To: _to, ...mass } = one;
  for (const name of ['a\nb', 'a\tb', 'a\r\nb', '     ', 'a     b', ' ', '\u00a0']) {
    const values = { name, p: '1' };
    assertBusiness(
      await app.call('SendChatappMessage', { ...one, TemplateParams: JSON.stringify(values) }),
      'InvalidParameter.TemplateParamsError',
    );
    assertBusiness(
      await app.call('SendChatappMassMessage', {
        ...mass,
        SenderList: JSON.stringify([{ To: to, TemplateParams: values }]),
      }),
      'InvalidParameter.TemplateParamsError',
    );
  }
  assert.equal(await countMessages(app), 0);
  for (const name of ['a    b', ' a ', 'a', 'é 👍']) {
    const { body } = await app.call('SendChatappMessage', {
      ...one,
      TemplateParams: JSON.stringify({ name, p: '1' }),
    });
    assert.equal(body['Code'], 'OK', name);
  }
});
