import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendUnchanging, toUnchanging } from '../../src/http/fixed-answer.ts';
import { listen } from '../support/listener.ts';

test('what never changes is sent in the coding that is taken, and not again to whoever has it', async (t) => {
  const answer = toUnchanging('text/plain', Buffer.from('as it is'), [
    ['br', Buffer.from('brotli')],
    ['gzip', Buffer.from('zip')],
  ]);
  const { app } = await listen(t, {}, (routes) => {
    routes.get('/same', (request, reply) => sendUnchanging(request, reply, answer));
  });
  const codings = [
    ['br, gzip', 'brotli'],
    ['gzip', 'zip'],
    ['gzip;q=0.5, br; q=0', 'zip'],
    ['gzip;q=0, BR', 'brotli'],
    ['identity', 'as it is'],
    ['*', 'as it is'],
    ['', 'as it is'],
  ] as const;
  for (const [accepted, body] of codings) {
    const sent = await app.inject({ url: '/same', headers: { 'accept-encoding': accepted } });
    assert.equal(sent.body, body, accepted);
    assert.equal(sent.headers.vary, 'accept-encoding');
    assert.equal(sent.headers.etag, answer.etag);
  }
  for (const known of [answer.etag, `"other", ${answer.etag}`, answer.etag.slice(2), '*']) {
    const sent = await app.inject({ url: '/same', headers: { 'if-none-match': known } });
    assert.equal(sent.statusCode, 304, known);
    assert.equal(sent.body, '');
  }
  assert.equal((await app.inject({ url: '/same', headers: { 'if-none-match': '"other"' } })).statusCode, 200);
  const head = await app.inject({ method: 'HEAD', url: '/same' });
  assert.equal(head.headers['content-length'], '8');
  assert.equal(head.body, '');
});

test('no file left to open is told as such, to be tried again, and is no crash', async (t) => {
  for (const code of ['EMFILE', 'ENFILE']) {
    const { app, events } = await listen(t, {}, (routes) => {
      routes.get('/file', () => {
        throw Object.assign(new Error('too many open files'), { code });
      });
    });
    const answer = await app.inject('/file');
    assert.equal(answer.statusCode, 503);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.deepEqual(events, []);
  }
});
