import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openCamsApp } from '../../support/cams-app.ts';
import { signAcs3, signRpc } from '../../support/cams-client.ts';
import type { SignedCall } from '../../support/cams-client.ts';
import { goodCalls, open } from './bed.ts';
import { sendHead } from '../../support/heads.ts';

it('a call is refused by its head, before its body is sent', async (t) => {
  const cams = await openCamsApp();
  t.after(() => cams.close());
  const { key } = cams;
  const time = cams.clock.now();
  const late = time - 16 * 60_000;
  const nobody = { id: 'nobody', secret: 's' };
  const form = { form: true, time };
  const good = signAcs3(key, 'ListChatappTemplate', {}, form);
  const rpc = (of: { id: string; secret: string }, at: number): SignedCall => ({
    ...signRpc(of, 'ListChatappTemplate', {}, { time: at }),
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const cases: readonly (readonly [SignedCall, string])[] = [
    [signAcs3(nobody, 'ListChatappTemplate', {}, form), 'InvalidAccessKeyId.NotFound'],
    [signAcs3({ ...key, secret: 'wrong' }, 'ListChatappTemplate', {}, form), 'SignatureDoesNotMatch'],
    [signAcs3(key, 'ListChatappTemplate', {}, { form: true, time: late }), 'InvalidTimeStamp.Expired'],
    [{ ...good, headers: { ...good.headers, authorization: 'ACS3-HMAC-SHA256 x' } }, 'IncompleteSignature'],
    [{ ...good, headers: { ...good.headers, 'x-acs-action': '' } }, 'MissingParameter'],
    [rpc(nobody, time), 'InvalidAccessKeyId.NotFound'],
    [rpc(key, late), 'InvalidTimeStamp.Expired'],
    // Without a form there is nothing of the scheme in the body.
    [
      { ...rpc(key, time), headers: { 'content-type': 'application/json' }, target: '/?Action=X&Version=1' },
      'IncompleteSignature',
    ],
  ];
  for (const [{ method, target, headers }, code] of cases) {
    const answer = await sendHead(cams.app, { method, target, headers });
    assert.ok(answer.text.includes(code), `${code}: ${answer.text}`);
    assert.match(answer.text, /connection: close/i);
    assert.match(answer.text, /x-content-type-options: nosniff/i);
  }
});

it('a body that is not the signed one is refused', async (t) => {
  const cams = await openCamsApp();
  t.after(() => cams.close());
  const call = signAcs3(
    cams.key,
    'ListChatappTemplate',
    { Language: 'en' },
    { form: true, time: cams.clock.now() },
  );
  const forged = await cams.send({ ...call, body: call.body.replace('en', 'de') });
  assert.equal(forged.body['Code'], 'SignatureDoesNotMatch');
  // The nonce was not used up by it.
  assert.equal((await cams.send(call)).status, 200);
});

it('a signature error says no more than 4 KiB of the string to sign', async (t) => {
  const cams = await openCamsApp();
  t.after(() => cams.close());
  const wrong = { ...cams.key, secret: 'wrong' };
  const values = { Content: 'x'.repeat(3_000_000) };
  const answer = await cams.callRpc('SendChatappMessage', values, { form: true, key: wrong });
  assert.equal(answer.body['Code'], 'SignatureDoesNotMatch');
  assert.ok(answer.text.length < 6000, String(answer.text.length));
  assert.match(answer.text, /server string to sign is:POST&%2F&/);
  assert.match(answer.text, /cut; \d+ characters in all/);
});

it('parameters that are nested too deep are refused in words, by every operation', async (t) => {
  const cams = await open(t);
  const list = '['.repeat(15_000) + ']'.repeat(15_000);
  const object = '{"a":'.repeat(15_000) + '1' + '}'.repeat(15_000);
  const deep = [
    list,
    object,
    `[${object}]`,
    `{"text":${list}}`,
    `[{"To":"8613900000000","TemplateParams":${object}}]`,
  ];
  for (const [action, values] of Object.entries(goodCalls(cams.templateCode)))
    for (const name of new Set([
      ...Object.keys(values).filter((key) => /^[[{]/.test(values[key] ?? '')),
      'Example',
    ]))
      for (const value of deep) {
        const answer = await cams.call(action, { ...values, [name]: value }, { form: true });
        const { Code: code } = answer.body;
        assert.notEqual(code, 'InternalError', `${action} ${name}: ${answer.text.slice(0, 300)}`);
        assert.ok(
          answer.text.length < 60_000,
          `${action} ${name} says ${answer.text.length} characters back`,
        );
      }
  const sent = { ...goodCalls('')['SendChatappMessage'], Content: `{"text":${list}}` };
  const { body } = await cams.call('SendChatappMessage', sent, { form: true });
  assert.equal(body['Code'], 'InvalidParameter.ContentError');
  assert.match(String(body['Message']), /nested too deeply/);
});
