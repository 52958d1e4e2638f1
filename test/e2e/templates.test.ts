// Templates at the simulated WhatsApp, as the service is started: one that is made, passes, is deleted and made again at once while
// the vendor does not answer the first call that deletes it; and those that were there before.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as cams from '@alicloud/cams20200606';
import { request } from 'undici';
import { rootAccount, waitUntil } from '../support/service.ts';
import { number, openWhatsappService, wabaId } from '../support/whatsapp-service.ts';

it('deletes at WhatsApp what is deleted here, before one of that name is handed in again', async (t) => {
  let deletions = 0;
  const { sdk, proxy, askGraph } = await openWhatsappService(t, ({ method }) => {
    if (method !== 'DELETE') return undefined;
    deletions += 1;
    return deletions === 1 ? 503 : undefined;
  });
  const create = async () => {
    const { body } = await sdk.createChatappTemplate(
      new cams.CreateChatappTemplateRequest({
        name: 'hello',
        language: 'en',
        category: 'UTILITY',
        templateType: 'WHATSAPP',
        custSpaceId: 'wa',
        components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Hello' })],
      }),
    );
    assert.equal(body?.code, 'OK', body?.message);
    return body.data?.templateCode ?? '';
  };
  /** The ids of the templates that WhatsApp has. */
  const list = async () => {
    const { data } = await askGraph(`/${wabaId}/message_templates?name=hello`);
    return (data as { id: string }[]).map(({ id }) => id);
  };
  const first = await create();
  await waitUntil('it has been handed in', 60_000, async () => (await list()).length === 1);
  const [old] = await list();
  const { body } = await sdk.deleteChatappTemplate(
    new cams.DeleteChatappTemplateRequest({
      templateCode: first,
      templateType: 'WHATSAPP',
      custSpaceId: 'wa',
    }),
  );
  assert.equal(body?.code, 'OK');
  assert.notEqual(await create(), first);
  await waitUntil('the new one stands in its place', 60_000, async () => {
    const ids = await list();
    return ids.length === 1 && ids[0] !== old;
  });
  assert.deepEqual(
    proxy.calls.filter(({ method }) => method !== 'GET').map(({ method }) => method),
    ['POST', 'DELETE', 'DELETE', 'POST'],
  );
});

it('takes over what WhatsApp has when the channel is checked, sends it, and changes none of it', async (t) => {
  const { sdk, proxy, askGraph, simulator, service } = await openWhatsappService(t);
  const bodyOf = (text: string, samples: object) => [{ type: 'BODY', text, example: samples }];
  const plant = (name: string, more: object) =>
    simulator.act('template', { name, language: 'en_US', category: 'UTILITY', ...more });
  await plant('named_one', {
    parameter_format: 'NAMED',
    components: bodyOf('Hello {{first_name}}, {{order}} comes.', {
      body_text_named_params: [
        { param_name: 'first_name', example: 'Ana' },
        { param_name: 'order', example: '4711' },
      ],
    }),
  });
  for (let n = 0; n < 120; n += 1)
    await plant(`numbered_${n}`, { components: bodyOf(`${n} for {{1}}`, { body_text: [['Ana']] }) });
  const before = await askGraph(`/${wabaId}/message_templates?name=named_one`);

  const { keyId, keySecret } = rootAccount;
  const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
  const post = async (path: string, body?: object) => {
    const answer = await request(`${service.url}/api/v1/channels/wa${path}`, {
      method: 'POST',
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(answer.statusCode, 200);
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const { checks } = (await post('/check')) as unknown as { checks: { name: string; params: object }[] };
  assert.deepEqual(checks.find(({ name }) => name === 'templates')?.params, {
    count: 121,
    made: 121,
    changed: 0,
  });
  assert.partialDeepStrictEqual(await post('/templates/import', {}), {
    listed: 121,
    made: 0,
    changed: 0,
    isWhole: true,
  });

  const send = async (templateName: string, templateParams: Record<string, string>) => {
    const { body } = await sdk.sendChatappMessage(
      new cams.SendChatappMessageRequest({
        ...{ channelType: 'whatsapp', type: 'template', from: number, to: '15550002220', custSpaceId: 'wa' },
        ...{ templateName, language: 'en_US', templateParams },
      }),
    );
    return body;
  };
  assert.equal((await send('named_one', { first_name: 'Eve', order: '12' }))?.code, 'OK');
  assert.equal((await send('numbered_119', { 1: 'Eve' }))?.code, 'OK');
  assert.equal(
    (await send('named_one', { first_name: 'Eve' }))?.code,
    'InvalidParameter.TemplateParamsError',
  );
  await waitUntil('both have been taken', 60_000, async () => {
    const taken = (await simulator.act('messages', {})) as readonly object[];
    return taken.length === 2;
  });

  const create = async (text: string) => {
    const { body } = await sdk.createChatappTemplate(
      new cams.CreateChatappTemplateRequest({
        ...{
          name: 'named_one',
          language: 'en_US',
          category: 'UTILITY',
          templateType: 'WHATSAPP',
          custSpaceId: 'wa',
        },
        components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text })],
      }),
    );
    return body;
  };
  const other = await create('Something else, $(first_name)');
  assert.equal(other?.code, 'InvalidParameter.TemplateNameExist');
  assert.match(other?.message ?? '', /BODY\.Text is "Hello \{\{first_name\}\}/);
  assert.equal((await create('Hello $(first_name), $(order) comes.'))?.code, 'OK');
  assert.deepEqual(await askGraph(`/${wabaId}/message_templates?name=named_one`), before);
  const changes = proxy.calls.filter(({ method, path }) => method !== 'GET' && !path.includes('/messages'));
  assert.deepEqual(changes, []);
});

it('leaves alone at WhatsApp what says otherwise than a template that is made, and says what differs', async (t) => {
  const { sdk, askGraph, simulator } = await openWhatsappService(t);
  await simulator.act('template', {
    ...{ name: 'hello', language: 'en', category: 'UTILITY' },
    components: [{ type: 'BODY', text: 'Live words' }],
  });
  const before = await askGraph(`/${wabaId}/message_templates?name=hello`);
  const { body } = await sdk.createChatappTemplate(
    new cams.CreateChatappTemplateRequest({
      ...{ name: 'hello', language: 'en', category: 'UTILITY', templateType: 'WHATSAPP', custSpaceId: 'wa' },
      components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Other words' })],
    }),
  );
  const templateCode = body?.data?.templateCode ?? '';
  const key = { templateCode, language: 'en', templateType: 'WHATSAPP', custSpaceId: 'wa' };
  const detail = async () =>
    (await sdk.getChatappTemplateDetail(new cams.GetChatappTemplateDetailRequest(key))).body?.data;
  await waitUntil('the review has ended', 60_000, async () => (await detail())?.auditStatus === 'fail');
  // The SDK has no member for the reason.
  const { body: deleted } = await sdk.deleteChatappTemplate(new cams.DeleteChatappTemplateRequest(key));
  assert.equal(deleted?.code, 'OK');
  // The service looks for what is to be deleted every second.
  await sdk.createChatappTemplate(
    new cams.CreateChatappTemplateRequest({
      ...{ name: 'after', language: 'en', category: 'UTILITY', templateType: 'WHATSAPP', custSpaceId: 'wa' },
      components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Later' })],
    }),
  );
  await waitUntil('what came later has been handed in', 60_000, async () => {
    const { data } = await askGraph(`/${wabaId}/message_templates?name=after`);
    return (data as object[]).length === 1;
  });
  assert.deepEqual(await askGraph(`/${wabaId}/message_templates?name=hello`), before);
});
