// A template's whole life at the simulated WhatsApp, as the service is started: made, passed, deleted, and made again at once,
// while the vendor does not answer the first call that deletes it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as cams from '@alicloud/cams20200606';
import { waitUntil } from '../support/service.ts';
import { openWhatsappService, wabaId } from '../support/whatsapp-service.ts';

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
