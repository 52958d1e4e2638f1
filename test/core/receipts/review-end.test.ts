import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { Template } from '../../../src/domain/template.ts';
import type { NewTemplate } from '../../../src/store/store.ts';
import { openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
});
afterEach(() => hooks.close());

const toNew = (changes: Partial<NewTemplate>): NewTemplate => ({
  channelId: 'wa',
  code: 'c'.repeat(32),
  language: 'en',
  name: 'hello',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'Hello' }],
  example: {},
  status: 'auditing',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: null,
  quality: 'UNKNOWN',
  vendorId: null,
  parameterFormat: 'POSITIONAL',
  isEdited: false,
  offered: [],
  asked: null,
  reviewAt: null,
  ...changes,
});

/** What WhatsApp tells of the template that it knows by `id`. */
async function tell(id: number, event: string, reason = 'NONE'): Promise<void> {
  const value = {
    event,
    message_template_id: id,
    message_template_name: 'hello',
    message_template_language: 'en',
    reason,
  };
  const changes = [{ field: 'message_template_status_update', value }];
  const entry = [{ id: '100000000000001', time: 1_780_000_000, changes }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  assert.equal(await hooks.post(body), 200);
}

async function find(): Promise<Template | undefined> {
  hooks.clock.advance(60_000);
  return (await hooks.store.findTemplates(hooks.accountId, {}))[0];
}

it("a review's end is told under our own code and changes the template", async () => {
  await hooks.store.createTemplate(hooks.accountId, toNew({ vendorId: '901' }), system);
  await tell(901, 'REJECTED', 'INCORRECT_CATEGORY');
  const template = await find();
  assert.deepEqual([template?.status, template?.reason], ['fail', 'INCORRECT_CATEGORY']);
  const [receipt] = await hooks.drain('ChatAppAudit');
  assert.deepEqual([receipt?.['TemplateCode'], receipt?.['AuditStatus']], ['c'.repeat(32), 'fail']);
  assert.deepEqual([receipt?.['ChannelTemplateCode'], receipt?.['TemplateName']], ['901', 'hello']);
});

it("a review's end that overtakes the answer to the submission is of the template all the same", async () => {
  await hooks.store.createTemplate(hooks.accountId, toNew({}), system);
  await tell(901, 'APPROVED');
  assert.equal((await find())?.status, 'pass');
});

it('a verdict on what a template said before it was changed leaves it in review', async () => {
  const { store, accountId, clock } = hooks;
  const made = toNew({ vendorId: '901' });
  await store.createTemplate(accountId, made, system);
  clock.advance(1000);
  const components = [{ Type: 'BODY', Text: 'Hi' }];
  const { channelId, code, language } = made;
  const change = { channelId, code, language, components, vendorId: null, reviewAt: clock.now() };
  await store.updateTemplate(accountId, change, system);
  await tell(901, 'APPROVED');
  const [waiting] = await store.claimReviews({ accountId, channelId }, 10, clock.now(), 1000);
  assert.deepEqual([waiting?.status, waiting?.components], ['auditing', components]);
  assert.ok(waiting !== undefined);
  await store.planReview(waiting, { vendorId: '901', reviewAt: null });
  clock.advance(1000);
  await tell(901, 'REJECTED');
  assert.equal((await find())?.status, 'fail', 'once it is handed in it is the one that is spoken of');
});

it('what is told late of a template that was deleted leaves the newer one of its name alone', async () => {
  await hooks.store.createTemplate(hooks.accountId, toNew({}), system);
  await tell(901, 'DELETED');
  assert.equal((await find())?.status, 'auditing', 'before the newer one is handed in');
  const template = await find();
  assert.ok(template !== undefined);
  await hooks.store.planReview(template, { vendorId: '902', reviewAt: null });
  hooks.clock.advance(60_000);
  await tell(901, 'REJECTED');
  assert.equal((await find())?.status, 'auditing', 'after that');
  await tell(902, 'APPROVED');
  assert.equal((await find())?.status, 'pass');
  const receipts = await hooks.drain('ChatAppAudit');
  assert.deepEqual(
    receipts.map((receipt) => receipt['TemplateCode']),
    ['901', '901', 'c'.repeat(32)],
  );
});
