// Templates at a channel's vendor by the admin API, with a vendor that is played here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Connector, UnreadTemplate } from '../../../src/channels/channel.ts';
import { readListed } from '../../../src/channels/kit/listed-templates.ts';
import { openApiTest } from '../../support/api.ts';

const there = {
  ...{ id: '901', name: 'hello', language: 'en', category: 'UTILITY', status: 'APPROVED' },
  components: [{ type: 'BODY', text: 'Hello {{1}}' }, { type: 'NOVELTY' }],
};

async function open(t: TestContext, refuses = false, unread: UnreadTemplate[] = []) {
  let asked = 0;
  const whatsapp: Connector = {
    verify: () => false,
    parse: () => ({ events: [], remarks: [] }),
    check: async () => [],
    subscribe: async () => null,
    submitTemplate: async () => ({ kind: 'later' }),
    listTemplates: async () => {
      asked += 1;
      if (refuses) return { fault: 'refused', reason: 'Permission is missing.' };
      const found = readListed(there, { by: 'waba', id: '100000000000001' });
      return { templates: found === undefined ? [] : [found], isWhole: unread.length === 0, unread };
    },
  };
  const api = await openApiTest({ connectors: { whatsapp } });
  t.after(() => api.close());
  const credentials = { appSecret: '0'.repeat(32), verifyToken: 'v', accessToken: 'EAAtoken' };
  await api.call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '100000000000001', credentials });
  return { ...api, asked: () => asked };
}

const listOf = async ({ call }: Pick<Awaited<ReturnType<typeof open>>, 'call'>) =>
  (await call('GET', '/templates?channelId=wa')).json['items'] as Record<string, unknown>[];

test('templates are taken over on demand, with what is in them and not known, and by nothing that is only put', async (t) => {
  const api = await open(t);
  assert.deepEqual([await listOf(api), api.asked()], [[], 0]);
  const { status, json } = await api.call('POST', '/channels/wa/templates/import', {});
  assert.equal(status, 200);
  assert.deepEqual(json, {
    ...{ listed: 1, made: 1, changed: 0, isWhole: true, differing: [] },
    unread: [{ name: 'hello', language: 'en', parts: ['component NOVELTY'] }],
  });
  const [template] = await listOf(api);
  assert.partialDeepStrictEqual(template, {
    ...{ name: 'hello', vendorId: '901', status: 'pass', parameterFormat: 'NUMBERED', isEdited: false },
  });
  await api.call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '100000000000001', name: 'Other' });
  assert.equal(api.asked(), 1);
  assert.equal((await api.call('POST', '/channels/vi/templates/import', {})).status, 404);
  await api.call('PUT', '/channels/vi', { type: 'viber', credentials: { authToken: 'token' } });
  assert.equal((await api.call('POST', '/channels/vi/templates/import', {})).status, 400);
});

test('a channel that is subscribed or checked has its templates, and the check tells of them', async (t) => {
  const api = await open(t);
  assert.equal((await api.call('POST', '/channels/wa/subscribe')).status, 204);
  assert.equal((await listOf(api)).length, 1);
  const { json } = await api.call('POST', '/channels/wa/check');
  const checks = json['checks'] as { name: string; code: string; ok: boolean; params: object }[];
  assert.partialDeepStrictEqual(
    checks.find(({ name }) => name === 'templates'),
    { ok: true, code: 'templates_listed', params: { count: 1, made: 0, changed: 0 } },
  );
});

test('a list that cannot be read as a whole is told by the check, and what is in it by the import', async (t) => {
  const odd = { name: 'odd', language: '', parts: ['not taken over, for want of language'] };
  const api = await open(t, false, [odd]);
  const { json } = await api.call('POST', '/channels/wa/check');
  const checks = json['checks'] as { name: string; code: string; ok: boolean }[];
  assert.partialDeepStrictEqual(
    checks.find(({ name }) => name === 'templates'),
    { ok: false, code: 'templates_cut' },
  );
  const imported = await api.call('POST', '/channels/wa/templates/import', {});
  assert.partialDeepStrictEqual(imported.json, { listed: 1, isWhole: false, unread: [odd] });
});

test('one that says otherwise here is told by the check and the import, and replaced when that is asked for', async (t) => {
  const api = await open(t);
  const own = {
    ...{ name: 'hello', language: 'en', category: 'UTILITY' },
    components: [{ Type: 'BODY', Text: 'Good day $(name)' }],
  };
  assert.equal((await api.call('POST', '/channels/wa/templates', own)).status, 201);
  const { json } = await api.call('POST', '/channels/wa/check');
  const checks = json['checks'] as { name: string; code: string; ok: boolean; text: string }[];
  const told = checks.find(({ name }) => name === 'templates');
  assert.deepEqual([told?.ok, told?.code], [false, 'templates_differ']);
  assert.match(told?.text ?? '', /hello \(en\)/);
  const before = await api.call('POST', '/channels/wa/templates/import', {});
  assert.match(
    JSON.stringify(before.json['differing']),
    /Hello \{\{1\}\}.* there and .*Good day \{\{1\}\}.* here/,
  );
  const after = await api.call('POST', '/channels/wa/templates/import', { replace: true });
  assert.deepEqual([after.json['changed'], after.json['differing']], [1, []]);
  const [template] = await listOf(api);
  assert.partialDeepStrictEqual(template, { vendorId: '901', components: [{ Text: 'Hello $(1)' }, {}] });
});

test('what an import would do is told field by field before, and nothing is done by that', async (t) => {
  const api = await open(t);
  const plan = async (body: object = {}) => {
    const { status, json } = await api.call('POST', '/channels/wa/templates/import/plan', body);
    assert.equal(status, 200);
    return json['steps'];
  };
  const hello = { name: 'hello', language: 'en' };
  assert.deepEqual(await plan(), [{ ...hello, kind: 'make', fields: [] }]);
  assert.deepEqual(await listOf(api), []);
  const own = { ...hello, category: 'UTILITY', components: [{ Type: 'BODY', Text: 'Good day $(name)' }] };
  assert.equal((await api.call('POST', '/channels/wa/templates', own)).status, 201);
  const [before] = await listOf(api);
  const said = { field: 'BODY.Text', here: 'Good day {{1}}', there: 'Hello {{1}}' };
  const novelty = { field: 'NOVELTY.', here: '', there: '{"type":"NOVELTY","Type":"NOVELTY"}' };
  assert.deepEqual(await plan(), [{ ...hello, kind: 'keep', fields: [said, novelty] }]);
  const [replaced] = (await plan({ replace: true })) as { kind: string; fields: { field: string }[] }[];
  assert.equal(replaced?.kind, 'change');
  assert.deepEqual(
    replaced?.fields.filter(({ field }) => ['BODY.Text', 'status', 'vendorId'].includes(field)),
    [
      said,
      { field: 'status', here: 'auditing', there: 'pass' },
      { field: 'vendorId', here: '', there: '901' },
    ],
  );
  assert.deepEqual(await listOf(api), [before]);
  await api.call('POST', '/channels/wa/templates/import', { replace: true });
  assert.deepEqual(await plan({ replace: true }), [], 'nothing is left to do');
});

test('that the vendor refuses to list is told in its words', async (t) => {
  const api = await open(t, true);
  const { status, json } = await api.call('POST', '/channels/wa/templates/import', {});
  assert.deepEqual([status, json['code']], [400, 'channel_refused']);
  assert.match(JSON.stringify(json), /Permission is missing/);
  const planned = await api.call('POST', '/channels/wa/templates/import/plan', {});
  assert.deepEqual([planned.status, planned.json['code']], [400, 'channel_refused']);
  const checked = await api.call('POST', '/channels/wa/check');
  assert.match(JSON.stringify(checked.json['checks']), /Permission is missing/);
});
