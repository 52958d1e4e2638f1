// SendChatappMassMessage: all recipients or none, in one commit, within bounds.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import { countMessages, goodCalls, newTemplate, open } from './bed.ts';

it('takes a mass send as a whole or not at all', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['SendChatappMassMessage'] ?? {};
  const list = (count: number, last: object = {}) =>
    JSON.stringify(
      Array.from({ length: count }, (_, n) => ({
        To: String(8_613_900_000_000 + n),
        TemplateParams: { name: `Bob ${n}`, p: 'x' },
        ...(n === count - 1 ? last : {}),
      })),
    );
  const { body } = await app.call('SendChatappMassMessage', { ...good, SenderList: list(1000), TaskId: 't' });
  assert.equal(body['Code'], 'OK');
  const groupId = String(body['GroupMessageId']);
  const { items } = await app.store.listOutbound(app.accountId, { groupId }, { limit: 2000 });
  assert.equal(items.length, 1000);
  assert.equal(new Set(items.map(({ messageId }) => messageId)).size, 1000);
  const refused = [
    list(1001),
    list(10, { To: '' }),
    list(10, { To: '+86139' }),
    list(10, { TemplateParams: { name: 'x' } }),
    list(10, { Payload: 'yes' }),
    '[]',
    '{}',
    '[1]',
  ];
  for (const SenderList of refused) {
    const answer = await app.call('SendChatappMassMessage', { ...good, SenderList }, { form: true });
    assert.notEqual(answer.body['Code'], 'OK', SenderList.slice(0, 80));
    assert.ok(answer.status < 500);
  }
  assert.equal(await countMessages(app), 1000);
  // Flattened, as a public client sends it.
  const { SenderList, ...rest } = good;
  assert.ok(SenderList !== undefined);
  const flat = await app.callRpc('SendChatappMassMessage', {
    ...rest,
    'SenderList.1.To': '8613900000001',
    'SenderList.1.TemplateParams.name': 'Bob',
    'SenderList.1.TemplateParams.p': 'x',
    'SenderList.2.To': '8613900000002',
    'SenderList.2.TemplateParams.name': 'Eve',
    'SenderList.2.TemplateParams.p': 'y',
  });
  assert.equal(flat.body['Code'], 'OK', flat.text);
  assert.equal(await countMessages(app), 1002);
});

it('writes a mass send in one commit, however many recipients it has', async (t) => {
  let commits: number[] = [];
  const app = await openCamsApp({
    emit: (name, event) => {
      if (name === 'store.committed' && 'calls' in event) commits.push(event.calls);
    },
  });
  t.after(() => app.close());
  await app.store.createTemplate(app.accountId, newTemplate, system);
  const good = goodCalls(newTemplate.code)['SendChatappMassMessage'] ?? {};
  const countWrites = async (recipients: number): Promise<number> => {
    await app.store.probe();
    commits = [];
    const SenderList = JSON.stringify(
      Array.from({ length: recipients }, (_, n) => ({
        To: String(8_613_900_000_000 + n),
        TemplateParams: { name: 'Bob', p: 'x' },
      })),
    );
    const { body } = await app.call('SendChatappMassMessage', { ...good, SenderList }, { form: true });
    assert.equal(body['Code'], 'OK', JSON.stringify(body).slice(0, 300));
    return commits.reduce((sum, calls) => sum + calls, 0);
  };
  const forOne = await countWrites(1);
  assert.ok(forOne > 0);
  assert.equal(await countWrites(1000), forOne);
  assert.equal(await countMessages(app), 1001);
});

it('bounds what a mass send writes once for each recipient', async (t) => {
  const settings = { businessErrorStatus: 200, ttlMs: 60_000, oncePerTask: false, hasSmsGateway: true };
  const app = await openCamsApp({ settings });
  t.after(() => app.close());
  await app.store.createTemplate(app.accountId, newTemplate, system);
  const good = {
    ...goodCalls(newTemplate.code)['SendChatappMassMessage'],
    FallBackContent: 'x',
    FallBackRule: 'sentFailed',
  };
  const longest: Readonly<Record<string, number>> = {
    TaskId: 128,
    FallBackId: 128,
    FallBackContent: 2000,
    Tag: 256,
    TrackingData: 4000,
  };
  for (const [name, length] of Object.entries(longest)) {
    const call = (value: string) =>
      app.call('SendChatappMassMessage', { ...good, [name]: value }, { form: true });
    assert.equal((await call('x'.repeat(length))).body['Code'], 'OK', name);
    assert.equal((await call('x'.repeat(length + 1))).body['Code'], 'InvalidParameter', name);
  }
  for (const name of ['TemplateCode', 'TemplateName', 'Language']) {
    const long = { ...good, [name]: 'x'.repeat(513) };
    const { body } = await app.call('SendChatappMassMessage', long, { form: true });
    assert.equal(body['Code'], 'InvalidParameter', name);
  }
  assert.equal(await countMessages(app), Object.keys(longest).length);
});
