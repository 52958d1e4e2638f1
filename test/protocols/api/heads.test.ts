import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openApiTest } from '../../support/api.ts';
import { sendHead } from '../../support/heads.ts';

const json = { 'content-type': 'application/json' };

it('a call is refused by its head, before its body is sent', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const basic = (secret: string) => `Basic ${Buffer.from(`${api.key.id}:${secret}`).toString('base64')}`;
  const known = { ...json, authorization: basic(api.key.secret) };
  const cases = [
    ['POST', '/messages', json, 401],
    ['POST', '/messages', { ...json, authorization: basic('wrong') }, 401],
    ['POST', '/messages', { ...json, authorization: 'Basic %%%' }, 401],
    ['POST', '/messages', { ...json, cookie: 'chasqui=1.nonsense' }, 401],
    ['POST', '/messages', { ...known, 'content-type': 'image/png' }, 415],
    ['POST', '/messages', { ...known, 'content-type': 'text/plain' }, 415],
    ['POST', '/messages', known, 413],
    ['PATCH', '/messages', known, 405],
    ['POST', '/nowhere', json, 404],
    ['POST', '/session', json, 413],
  ] as const;
  for (const [method, path, headers, status] of cases)
    for (const more of [{}, { expect: '100-continue' }]) {
      const target = `/api/v1${path}`;
      const answer = await sendHead(api.app, { method, target, headers: { ...headers, ...more } });
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      assert.match(answer.text, /connection: close/i);
      assert.match(answer.text, /x-content-type-options: nosniff/i);
      assert.match(answer.text, /content-type: application\/problem\+json/i);
    }
});

it('a body that is nested too deep is refused in words, by every route', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const authorization = `Basic ${Buffer.from(`${api.key.id}:${api.key.secret}`).toString('base64')}`;
  const list = '['.repeat(15_000) + ']'.repeat(15_000);
  const deep = [list, `{"content":${list}}`, `{"type":"text","text":${list}}`];
  for (const route of api.routes) {
    const [method = '', url = ''] = route.split(' ');
    if (!['POST', 'PUT', 'PATCH'].includes(method)) continue;
    for (const payload of deep) {
      const answer = await api.app.inject({
        method: method as 'POST',
        url: url.replace(/:\w+/g, 'x'),
        headers: { ...json, authorization },
        payload,
      });
      assert.ok(
        answer.statusCode >= 400 && answer.statusCode < 500,
        `${route}: ${answer.body.slice(0, 300)}`,
      );
      assert.ok(answer.body.length < 6000);
    }
  }
  assert.deepEqual(
    api.events.filter(({ name }) => name === 'unit.crashed'),
    [],
  );
});
