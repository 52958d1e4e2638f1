// Who is told of notices, over the admin API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { noticed } from '../../../src/domain/findings.ts';
import type { NoticeTarget } from '../../../src/domain/notice-target.ts';
import type { ApiRoutesDeps } from '../../../src/protocols/api/server.ts';
import { openApiTest } from '../../support/api.ts';

const operator: NoticeTarget = {
  accountId: null,
  id: 'slack',
  name: '',
  kind: 'slack',
  language: 'en',
  severity: 'info',
  codes: [],
  state: 'active',
  url: 'https://hooks.example/hush',
  mail: [],
  secret: null,
  createdAt: 0,
  updatedAt: 0,
};

async function open(t: TestContext, notices: Partial<ApiRoutesDeps['notices']> = {}) {
  const api = await openApiTest({
    notices: {
      operatorTargets: [operator],
      hasMail: true,
      sendTest: async () => ({ kind: 'later', reason: 'It answered 500.' }),
      ...notices,
    },
  });
  t.after(() => api.close());
  return api;
}

const webhook = { name: ' On call ', kind: 'webhook', url: 'HTTPS://ops.example:443/hush?key=1' };

test('a target is made with a secret that is told once, read with its host alone, changed and taken away', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/notice-targets', webhook);
  assert.equal(made.status, 201, made.body);
  assert.match(String(made.json['secret']), /^whsec_/);
  const path = `/notice-targets/${String(made.json['id'])}`;
  const read = await api.call('GET', path);
  assert.deepEqual(
    [read.json['name'], read.json['to'], read.json['hasSecret'], read.json['severity'], read.json['codes']],
    ['On call', ['ops.example'], true, 'info', []],
  );
  assert.doesNotMatch(read.body, /hush|whsec/);
  const change = { severity: 'error', language: 'zh', codes: ['destination_off'], state: 'off' };
  const changed = await api.call('PATCH', path, change, undefined, {
    'if-match': String(read.headers['etag']),
  });
  assert.equal(changed.status, 200, changed.body);
  assert.deepEqual(
    [changed.json['severity'], changed.json['language'], changed.json['state']],
    ['error', 'zh', 'off'],
  );
  const late = await api.call('PATCH', path, { name: 'B' }, undefined, {
    'if-match': String(read.headers['etag']),
  });
  assert.deepEqual([late.status, late.json['code']], [412, 'changed_meanwhile']);
  assert.equal((await api.call('DELETE', path)).status, 204);
  assert.equal((await api.call('GET', path)).status, 404);
  const log = await api.call('GET', '/changes');
  assert.doesNotMatch(log.body, /hush|whsec/);
});

test('each kind has what it needs and nothing else, and an address that may be reached', async (t) => {
  const api = await open(t);
  const good = [
    { name: 'a', kind: 'email', addresses: ['ops@example.com', 'ops@example.com'] },
    { name: 'b', kind: 'slack', url: 'https://hooks.example/1' },
    { name: 'c', kind: 'dingtalk', url: 'https://oapi.example/robot', secret: 'SEC1' },
    { name: 'd', kind: 'teams', url: 'https://flow.example/1' },
    { name: 'e', kind: 'pagerduty', secret: 'R0UTING' },
  ];
  for (const body of good) {
    const { status, json } = await api.call('POST', '/notice-targets', body);
    assert.equal(status, 201, body.kind);
    assert.equal(json['secret'], undefined, body.kind);
  }
  const listed = await api.call('GET', '/notice-targets');
  assert.deepEqual(
    (listed.json['items'] as { kind: string; to: string[] }[])
      .map(({ kind, to }) => `${kind} ${to.join()}`)
      .toSorted(),
    [
      'dingtalk oapi.example',
      'email ops@example.com',
      'pagerduty ',
      'slack hooks.example',
      'teams flow.example',
    ],
  );
  const bad = [
    [{ name: 'a', kind: 'email' }, 'addresses'],
    [{ name: 'a', kind: 'email', addresses: ['a@b.example\r\nBcc: c@d.example'] }, 'addresses'],
    [{ name: 'a', kind: 'email', addresses: ['a@b.example'], url: 'https://b.example/' }, 'url'],
    [{ name: 'a', kind: 'slack' }, 'url'],
    [{ name: 'a', kind: 'slack', url: 'https://inside.example/' }, 'url'],
    [{ name: 'a', kind: 'slack', url: 'https://a.example/', secret: 's' }, 'secret'],
    [{ name: 'a', kind: 'pagerduty' }, 'secret'],
    [{ name: 'a', kind: 'webhook', url: 'https://a.example/', secret: 'short' }, 'secret'],
    [{ name: ' \n', kind: 'teams', url: 'https://a.example/' }, 'name'],
  ] as const;
  for (const [body, field] of bad) {
    const { status, json } = await api.call('POST', '/notice-targets', body);
    assert.deepEqual([status, json['field']], [400, field], JSON.stringify(body));
  }
});

test('e-mail without a mail server is refused, and so is one target too many', async (t) => {
  const api = await open(t, { hasMail: false });
  const mail = await api.call('POST', '/notice-targets', {
    name: 'a',
    kind: 'email',
    addresses: ['a@b.example'],
  });
  assert.deepEqual([mail.status, mail.json['code']], [409, 'wrong_state']);
  for (let count = 0; count < 20; count += 1) await api.call('POST', '/notice-targets', webhook);
  const more = await api.call('POST', '/notice-targets', webhook);
  assert.deepEqual([more.status, more.json['code']], [409, 'limit_reached']);
});

test('how telling goes is listed, of the operator for the first account alone', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/notice-targets', webhook);
  const notice = { subject: 'destination/1', ...noticed('destination_off', { host: 'a.example' }) };
  await api.store.recordNotice({ accountId: api.accountId, ...notice }, ['slack']);
  api.clock.advance(10_000);
  for (const telling of await api.store.claimTellings(10, 60_000))
    await api.store.settleTelling(telling, {
      kind: 'retry',
      dueAt: api.clock.now() + 1,
      error: 'It answered 500.',
    });
  const { json } = await api.call('GET', `/notice-targets/${String(made.json['id'])}`);
  assert.deepEqual(
    [json['waiting'], json['lastError'], json['failingSince'], json['toldAt']],
    [1, 'It answered 500.', new Date(api.clock.now()).toISOString(), null],
  );
  const { json: ofOperator, body } = await api.call('GET', '/notice-targets/operator');
  assert.deepEqual(
    (ofOperator['items'] as { id: string; waiting: number; to: string[] }[]).map(({ id, waiting, to }) => [
      id,
      waiting,
      to,
    ]),
    [['slack', 1, ['hooks.example']]],
  );
  assert.doesNotMatch(body, /hush/);
  const other = await api.addAccount(2_000_000_000_000_002);
  assert.equal((await api.call('GET', '/notice-targets/operator', undefined, other)).status, 403);
  assert.equal(
    (await api.call('GET', `/notice-targets/${String(made.json['id'])}`, undefined, other)).status,
    404,
  );
  assert.deepEqual((await api.call('GET', '/notice-targets', undefined, other)).json['items'], []);
});

test('a test says what came of it', async (t) => {
  const sent: string[] = [];
  const api = await open(t, {
    sendTest: async ({ kind }) => {
      sent.push(kind);
      return sent.length > 1 ? { kind: 'told' } : { kind: 'later', reason: 'It answered 500.' };
    },
  });
  const made = await api.call('POST', '/notice-targets', webhook);
  const first = await api.call('POST', `/notice-targets/${String(made.json['id'])}/test`);
  assert.deepEqual(first.json, { outcome: 'later', reason: 'It answered 500.' });
  const second = await api.call('POST', '/notice-targets/operator/slack/test');
  assert.deepEqual(second.json, { outcome: 'told', reason: '' });
  assert.deepEqual(sent, ['webhook', 'slack']);
  assert.equal((await api.call('POST', '/notice-targets/operator/none/test')).status, 404);
});
