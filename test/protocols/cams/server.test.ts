import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { knownOperations } from '../../../src/protocols/cams/known-operations.ts';
import { offeredOperations } from '../../../src/protocols/cams/operations.ts';
import { system } from '../../../src/domain/account.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import type { CamsAnswer } from '../../support/cams-app.ts';
import { signAcs3, signRpc } from '../../support/cams-client.ts';

const minute = 60_000;

async function open(t: TestContext, options: Parameters<typeof openCamsApp>[0] = {}) {
  const app = await openCamsApp(options);
  t.after(() => app.close());
  return app;
}

function assertError({ status, body, headers }: CamsAnswer, expectedStatus: number, code: string): void {
  assert.deepEqual([status, body['Code']], [expectedStatus, code], JSON.stringify(body));
  assert.match(String(body['RequestId']), /^[0-9A-F-]{36}$/);
  assert.equal(headers['x-acs-request-id'], body['RequestId']);
  assert.ok(String(body['Message']).length > 10);
}

it('is understood in both schemes, in query and form, by GET and POST', async (t) => {
  const app = await open(t);
  const answers = [
    await app.call('GetChatappOpenStatus', {}),
    await app.call('GetChatappOpenStatus', { OwnerId: '1' }, { form: true }),
    await app.call('GetChatappOpenStatus', {}, { method: 'GET' }),
    await app.callRpc('GetChatappOpenStatus', {}),
    await app.callRpc('GetChatappOpenStatus', {}, { form: true }),
    await app.callRpc('GetChatappOpenStatus', {}, { method: 'POST' }),
  ];
  for (const { status, body, headers } of answers) {
    assert.equal(status, 200);
    assert.deepEqual([body['Code'], body['Message'], body['OpenStatus']], ['OK', 'OK', true]);
    assert.equal(headers['content-type'], 'application/json;charset=utf-8');
    assert.equal(headers['x-acs-request-id'], body['RequestId']);
  }
});

it('answers older clients in XML when they ask for it, or for nothing', async (t) => {
  const app = await open(t);
  const asked = await app.callRpc('ListChatappTemplate', {}, { format: 'XML' });
  assert.equal(asked.headers['content-type'], 'text/xml;charset=utf-8');
  assert.match(asked.text, /^<\?xml .*<ListChatappTemplateResponse><RequestId>.*<Total>0<\/Total>/);
  const silent = await app.callRpc('Nonsense', {}, { format: null });
  assert.equal(silent.status, 404);
  assert.match(silent.text, /<Error><RequestId>.*<Code>InvalidApi\.NotFound<\/Code><Message>/);
  assertError(
    await app.callRpc('ListChatappTemplate', {}, { format: 'YAML' }),
    400,
    'InvalidParameter.Format',
  );
});

it('answers an SDK of today in JSON also where it brings credentials of another kind', async (t) => {
  const app = await open(t);
  const headers = { 'x-acs-action': 'GetChatappOpenStatus', 'x-acs-version': '2020-06-06' };
  const bearer = { ...headers, 'x-acs-bearer-token': 'token' };
  const call = { method: 'POST', body: '' } as const;
  assertError(
    await app.send({ ...call, target: '/?SignatureType=BEARERTOKEN', headers: bearer }),
    400,
    'InvalidSignatureMethod',
  );
  assertError(await app.send({ ...call, target: '/', headers }), 400, 'IncompleteSignature');
});

it('knows every operation of the API, and says which it does not offer', async (t) => {
  const app = await open(t);
  const others = [...knownOperations].filter((name) => !offeredOperations.includes(name));
  assert.ok(others.length > 100);
  for (const name of others) assertError(await app.call(name, {}), 400, 'UnsupportedOperation');
  assertError(await app.call('NoSuchThing', {}), 404, 'InvalidApi.NotFound');
  assertError(await app.call('constructor', {}), 404, 'InvalidApi.NotFound');
  assertError(await app.call('sendchatappmessage', {}), 404, 'InvalidApi.NotFound');
  assertError(await app.call('SendChatappMessage', {}, { version: '2019-01-01' }), 400, 'NoSuchVersion');
  assertError(
    await app.call('SendChatappMessage', {}, { version: '2017-05-25' }),
    404,
    'InvalidApi.NotFound',
  );
});

it('asks for a good signature before it says anything else', async (t) => {
  const app = await open(t);
  const { key } = app;
  const time = app.clock.now();
  const wrong = { ...key, secret: 'wrong' };
  for (const name of ['SendChatappMessage', 'AddChatGroup', 'NoSuchThing']) {
    assertError(await app.call(name, {}, { key: wrong }), 400, 'SignatureDoesNotMatch');
    assertError(await app.callRpc(name, {}, { key: wrong }), 400, 'SignatureDoesNotMatch');
  }
  assertError(
    await app.call('GetChatappOpenStatus', {}, { key: { id: 'none', secret: 'x' } }),
    404,
    'InvalidAccessKeyId.NotFound',
  );
  const { headers, ...rest } = signAcs3(key, 'GetChatappOpenStatus', {}, { time });
  const send = (changes: Record<string, string | undefined>) => {
    const changed = Object.fromEntries(
      Object.entries({ ...headers, ...changes }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    return app.send({ ...rest, headers: changed });
  };
  assertError(await send({ authorization: 'ACS3-HMAC-SHA256 nonsense' }), 400, 'IncompleteSignature');
  assertError(
    await send({ authorization: 'ACS3-RSA-SHA256 Credential=a,SignedHeaders=host,Signature=00' }),
    400,
    'InvalidSignatureMethod',
  );
  assertError(await send({ 'x-acs-date': undefined }), 400, 'IncompleteSignature');
  assertError(await send({ 'x-acs-extra': 'unsigned' }), 400, 'IncompleteSignature');
  assertError(await app.send({ ...rest, headers, body: 'other=body' }), 400, 'SignatureDoesNotMatch');
  const old = signRpc(key, 'GetChatappOpenStatus', {}, { time });
  const without = (name: string) => ({
    ...old,
    target: old.target.replace(new RegExp(`&${name}=[^&]*`), ''),
  });
  assertError(await app.send(without('Signature')), 400, 'IncompleteSignature');
  assertError(await app.send(without('Timestamp')), 400, 'IllegalTimestamp');
  assertError(await app.send(without('SignatureNonce')), 400, 'MissingParameter');
  assertError(
    await app.send({ ...old, target: old.target.replace('HMAC-SHA1', 'MD5') }),
    400,
    'InvalidSignatureMethod',
  );
});

it('refuses a signature that states another time, and one that was used', async (t) => {
  const app = await open(t);
  const now = app.clock.now();
  for (const time of [now - 16 * minute, now + 16 * minute])
    for (const answer of [
      await app.call('GetChatappOpenStatus', {}, { time }),
      await app.callRpc('GetChatappOpenStatus', {}, { time }),
    ])
      assertError(answer, 400, 'InvalidTimeStamp.Expired');
  const { headers, ...rest } = signAcs3(app.key, 'GetChatappOpenStatus', {}, { time: now });
  const late = await app.send({ ...rest, headers: { ...headers, 'x-acs-date': 'yesterday' } });
  assertError(late, 400, 'InvalidTimeStamp.Format');
  for (const call of [
    signAcs3(app.key, 'GetChatappOpenStatus', {}, { time: now, nonce: 'n1' }),
    signRpc(app.key, 'GetChatappOpenStatus', {}, { time: now, nonce: 'n2' }),
  ]) {
    assert.equal((await app.send(call)).status, 200);
    assertError(await app.send(call), 400, 'SignatureNonceUsed');
  }
  // A forged request uses no nonce up.
  const nonce = 'n3';
  await app.call('GetChatappOpenStatus', {}, { nonce, key: { ...app.key, secret: 'wrong' } });
  assert.equal((await app.call('GetChatappOpenStatus', {}, { nonce })).status, 200);
});

it('lets a disabled key and a key for a queue do nothing', async (t) => {
  const app = await open(t);
  const { body } = await app.call(
    'QueryTokenForMnsQueue',
    { MessageType: 'ChatAppStatus' },
    { version: '2017-05-25' },
  );
  const token = body['MessageTokenDTO'] as Record<string, string>;
  const id = token['AccessKeyId'] ?? '';
  const key = { id, secret: token['AccessKeySecret'] ?? '' };
  const rpc = (securityToken: string) =>
    app.callRpc('ListChatappTemplate', { SecurityToken: securityToken }, { key });
  assertError(await rpc(token['SecurityToken'] ?? ''), 403, 'NoPermission');
  assertError(await rpc('made up'), 400, 'InvalidSecurityToken.Malformed');
  // A day beyond the hour that it says.
  app.clock.advance(25 * 60 * minute + minute);
  assertError(await rpc(token['SecurityToken'] ?? ''), 400, 'InvalidSecurityToken.Expired');
  await app.store.createKey(
    { id: 'second', accountId: app.accountId, secret: 's' },
    { kind: 'system', id: 't' },
  );
  await app.store.setKeyState(app.accountId, 'second', 'disabled', { kind: 'system', id: 't' });
  assertError(
    await app.call('GetChatappOpenStatus', {}, { key: { id: 'second', secret: 's' } }),
    400,
    'InvalidAccessKeyId.Inactive',
  );
});

it('keeps the documented rates when it is told to, and says when to come back', async (t) => {
  const app = await open(t, { throttles: true });
  for (let n = 0; n < 5; n += 1) assert.equal((await app.call('ListChatappTemplate', {})).status, 200);
  const refused = await app.call('ListChatappTemplate', {});
  assertError(refused, 429, 'Throttling.User');
  assert.match(String(refused.headers['x-acs-retry-after']), /^\d{1,4}$/);
  assert.equal((await app.call('ListInstance', {})).status, 200);
  const key = { id: 'other', secret: 'other-secret' };
  await app.store.createAccount({ id: 9, name: 'Other' }, system);
  await app.store.createKey({ ...key, accountId: 9 }, system);
  assert.equal((await app.call('ListChatappTemplate', {}, { key })).status, 200, 'each account by itself');
  app.clock.advance(1000);
  assert.equal((await app.call('ListChatappTemplate', {})).status, 200);
});

it('answers XML in every shape that answers have, and tells JSON clients nothing of it', async (t) => {
  const app = await open(t);
  const numbers = await app.callRpc('QueryChatappPhoneNumbers', {}, { format: 'XML' });
  assert.match(
    numbers.text,
    /<PhoneNumbers><PhoneNumber>15550100001<\/PhoneNumber><VerifiedName>[^]*<\/PhoneNumbers>/,
  );
  const health = { CustSpaceId: 'sandbox', NodeType: 'waba' };
  const nested = await app.callRpc('GetWhatsappHealthStatus', health, { format: 'xml' });
  assert.match(nested.text, /<Data><CanSendMessage>AVAILABLE<\/CanSendMessage><Entities><EntityType>WABA</);
  const name = { ChannelType: 'WHATSAPP', InstanceName: 'Fish & <Chips>' };
  await app.callRpc('CreateInstance', name);
  const listed = await app.callRpc('ListInstance', {}, { format: 'XML' });
  assert.match(listed.text, /<InstanceName>Fish &amp; &lt;Chips&gt;<\/InstanceName>/);
});

it('answers what is no UTF-8, and parameters without end, in its own form', async (t) => {
  const app = await open(t);
  assertError(
    await app.send({ ...signRpc(app.key, 'X', {}), target: '/?Action=X&a=%FF' }),
    400,
    'InvalidParameter',
  );
  const many = `/?${Array.from({ length: 30_000 }, (_, n) => `a${n}=`).join('&')}`;
  const answer = await app.send({ method: 'GET', target: many, headers: {}, body: '' });
  assertError(answer, 413, 'RequestTooLarge');
});
