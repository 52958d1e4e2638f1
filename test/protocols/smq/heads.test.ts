import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sendHead } from '../../support/heads.ts';
import { openSmqApp } from '../../support/smq-app.ts';

it('a call is refused by its head, before its body is sent', async (t) => {
  const smq = await openSmqApp();
  t.after(() => smq.close());
  const date = new Date(smq.clock.now()).toUTCString();
  const late = new Date(smq.clock.now() - 16 * 60_000).toUTCString();
  const cases = [
    [{ date }, 400, 'MissingAuthorizationHeader'],
    [{ date, authorization: 'MNS nonsense' }, 400, 'InvalidAuthorizationHeader'],
    [{ authorization: 'MNS nobody:AAAA' }, 400, 'MissingDateHeader'],
    [{ date: 'yesterday', authorization: 'MNS testkey:AAAA' }, 400, 'InvalidDateHeader'],
    [{ date: late, authorization: 'MNS testkey:AAAA' }, 408, 'TimeExpired'],
    [{ date, authorization: 'MNS nobody:AAAA' }, 403, 'InvalidAccessKeyId'],
    [{ date, authorization: 'MNS testkey:AAAA' }, 403, 'SignatureDoesNotMatch'],
  ] as const;
  for (const [headers, status, code] of cases)
    for (const target of ['/queues/orders/messages', '/topics/x'])
      for (const more of [{}, { expect: '100-continue' }]) {
        const answer = await sendHead(smq.app, { method: 'POST', target, headers: { ...headers, ...more } });
        assert.equal(answer.status, status, code);
        assert.ok(answer.text.includes(`<Code>${code}</Code>`), answer.text);
        assert.match(answer.text, /connection: close/i);
        assert.match(answer.text, /x-content-type-options: nosniff/i);
      }
});

it('an error says little back of a long name of the host', async (t) => {
  const smq = await openSmqApp();
  t.after(() => smq.close());
  const answer = await smq.app.inject({
    method: 'GET',
    url: '/queues/orders',
    headers: { host: 'h'.repeat(15_000) },
  });
  assert.equal(answer.statusCode, 400);
  assert.ok(answer.body.length < 1000, String(answer.body.length));
});
