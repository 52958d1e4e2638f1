// Templates by their operations, over a real store.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../src/domain/account.ts';
import { openCamsApp } from '../support/cams-app.ts';

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
  const { findTemplates } = store;
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
