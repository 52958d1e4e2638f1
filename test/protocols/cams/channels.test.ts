// Numbers, webhook settings and queue tokens by their operations.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { SenderVerification } from '../../../src/domain/channel.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import { assertBusiness, from, open } from './bed.ts';

it('tells of a number what its channel last said of its verification', async (t) => {
  const number = { id: '15559990001', type: 'whatsapp', name: 'Shop', routeId: '7001' } as const;
  const found = { ...number, verification: 'pending' as SenderVerification };
  const app = await openCamsApp({ findSenders: async () => [found] });
  t.after(() => app.close());
  const channel = { id: 'wa', type: 'whatsapp', name: 'WA', wabaId: '501', credentials: {} } as const;
  await app.store.putChannel(app.accountId, channel, system);
  await app.store.putSender(app.accountId, 'wa', number, system);
  const own = { CustSpaceId: 'wa', PhoneNumber: number.id };
  const ask = async () =>
    (await app.call('GetPhoneNumberVerificationStatus', own)).body['Data'] as Record<string, unknown>;
  const set = async () => (await app.call('UpdatePhoneWebhook', { ...own, QueueFlag: 'Y' })).body['Code'];
  const sickness = async () => {
    const { body } = await app.call('GetWhatsappHealthStatus', { ...own, NodeType: 'phone' });
    const { Entities } = body['Data'] as { Entities: { Errors: { ErrorCode: string }[] }[] };
    return Entities.flatMap(({ Errors }) => Errors.map(({ ErrorCode }) => ErrorCode));
  };
  assert.deepEqual(await ask(), { Id: '7001', PhoneNumber: number.id });
  assert.equal(await set(), 'OK', 'what the channel was never asked is not held against a number');
  const others = await sickness();
  for (const [verification, word] of [
    ['pending', 'MORE_INFORMATION_REQUESTED'],
    ['failed', 'REVOKED'],
    ['verified', 'VERIFIED'],
  ] as const) {
    found.verification = verification;
    const { body } = await app.call('ChatappSyncPhoneNumber', { CustSpaceId: 'wa' });
    const [listed] = body['PhoneNumbers'] as Record<string, unknown>[];
    assert.equal(listed?.['CodeVerificationStatus'], word);
    assert.equal((await ask())['CodeVerificationStatus'], word);
    const isVerified = verification === 'verified';
    assert.equal(await set(), isVerified ? 'OK' : 'InvalidParameter.PhoneNumberError');
    assert.deepEqual(await sickness(), [...others, ...(isVerified ? [] : ['PhoneNumberNotVerified'])]);
  }
});

for (const [callbackTries, tries] of [
  ['long', 11],
  ['cloud', 3],
] as const) {
  it(`makes callback URLs that are judged as the cloud does and tried ${tries} times: ${callbackTries}`, async (t) => {
    const settings = { businessErrorStatus: 200, ttlMs: 60_000, oncePerTask: false, hasSmsGateway: false };
    const app = await openCamsApp({ settings: { ...settings, callbackTries } });
    t.after(() => app.close());
    const number = { CustSpaceId: 'sandbox', PhoneNumber: from };
    const url = 'https://a.example/s';
    await app.call('UpdatePhoneWebhook', { ...number, StatusCallbackUrl: url, HttpFlag: 'Y' });
    const destination = await app.store.findDestinationByUrl(app.accountId, url);
    const { preset, timeoutMs, scheduleMs } = destination?.settings ?? {};
    assert.deepEqual([preset, timeoutMs, scheduleMs?.length], ['cams', 3000, tries]);
  });
}

it('sets where receipts go, and leaves what is not named as it is', async (t) => {
  const app = await open(t);
  const number = { CustSpaceId: 'sandbox', PhoneNumber: from };
  const urls = { StatusCallbackUrl: 'https://a.example/s', UpCallbackUrl: 'https://a.example/u' };
  assert.equal(
    (await app.call('UpdatePhoneWebhook', { ...number, ...urls, HttpFlag: 'Y' })).body['Code'],
    'OK',
  );
  assert.equal((await app.call('UpdatePhoneWebhook', { ...number, QueueFlag: 'Y' })).body['Code'], 'OK');
  const { body } = await app.call('QueryChatappPhoneNumbers', { CustSpaceId: 'sandbox' });
  const [first] = body['PhoneNumbers'] as Record<string, string>[];
  assert.deepEqual(
    [first?.['StatusCallbackUrl'], first?.['UpCallbackUrl'], first?.['StatusQueue']],
    [urls.StatusCallbackUrl, urls.UpCallbackUrl, `Alicom-Queue-${app.accountId}-ChatAppStatus`],
  );
  assert.ok(
    (await app.store.findQueue(app.accountId, `Alicom-Queue-${app.accountId}-ChatAppInbound`)) !== undefined,
  );
  const bad = await app.call('UpdatePhoneWebhook', { ...number, StatusCallbackUrl: 'nonsense' });
  assert.deepEqual([bad.status, bad.body['Code']], [400, 'InvalidParameter']);
  assert.equal((await app.call('UpdatePhoneWebhook', { ...number, HttpFlag: 'maybe' })).status, 400);
  assertBusiness(
    await app.call('UpdatePhoneWebhook', { ...number, PhoneNumber: '1' }),
    'InvalidParameter.PhoneNumberError',
  );
  assert.equal(
    (await app.call('UpdateAccountWebhook', { CustSpaceId: 'sandbox', HttpFlag: 'Y' })).body['Code'],
    'MissingParameter',
  );
});

it('gives a token whose times are of GMT+8, and that outlives them as read in any zone', async (t) => {
  const app = await open(t);
  const { body } = await app.call(
    'QueryTokenForMnsQueue',
    { MessageType: 'ChatAppAudit' },
    { version: '2017-05-25' },
  );
  const token = body['MessageTokenDTO'] as Record<string, string>;
  assert.equal(token['CreateTime'], '2026-11-01 08:00:00');
  assert.equal(token['ExpireTime'], '2026-11-01 09:00:00');
  const find = (values: Record<string, string>) =>
    app.temporaryKeys.find(values['AccessKeyId'] ?? '', values['SecurityToken'] ?? '');
  const key = await find(token);
  assert.equal(key?.secret, token['AccessKeySecret']);
  assert.equal(key?.queueName, `Alicom-Queue-${app.accountId}-ChatAppAudit`);
  // Whoever takes the text for UTC, or for the time of any other zone, comes back before this.
  for (const zone of ['-12:00', 'Z', '+08:00', '+14:00']) {
    const readAs = Date.parse(`${(token['ExpireTime'] ?? '').replace(' ', 'T')}${zone}`);
    assert.ok((key?.expiresAt ?? 0) > readAs, zone);
  }
  assert.equal(key?.expiresAt, app.clock.now() + 25 * 3_600_000);
  await app.call('QueryTokenForMnsQueue', { MessageType: 'ChatAppAudit' }, { version: '2017-05-25' });
  assert.deepEqual(await find(token), key, 'the one before stays good');
  assert.equal(await app.store.findTemporaryKey(token['AccessKeyId'] ?? ''), undefined, 'nothing is written');
});

it('lists the Viber services of a channel, and no other senders', async (t) => {
  const app = await open(t);
  const service = { id: '10777', type: 'viber', name: 'Shop', routeId: '10777' } as const;
  await app.store.putSender(app.accountId, 'spare', service, system);
  const list = async (CustSpaceId: string) =>
    (await app.call('ListViberServiceMessage', { CustSpaceId })).body['Data'];
  assert.deepEqual(await list('spare'), [{ ServiceId: '10777', BusinessAccountName: 'Shop' }]);
  const senders = await app.store.listSenders(app.accountId, 'sandbox');
  const own = senders.filter(({ type }) => type === 'viber').map(({ id }) => id);
  assert.ok(own.length < senders.length);
  assert.deepEqual(
    ((await list('sandbox')) as { ServiceId: string }[]).map(({ ServiceId }) => ServiceId),
    own,
  );
});

it('makes channels without credentials, which the operations have no parameters for', async (t) => {
  const added: string[] = [];
  const app = await openCamsApp({ onRouteAdded: (type, { by, id }) => added.push(`${type} ${by} ${id}`) });
  t.after(() => app.close());
  const made = await app.call('CreateInstance', { ChannelType: 'WHATSAPP', InstanceName: 'Shop' });
  const { InstanceId, SubmitTime } = made.body['Data'] as Record<string, string>;
  assert.match(InstanceId ?? '', /^cams-[0-9a-f]{16}$/);
  assert.equal(SubmitTime, '2026-11-01 08:00:00');
  const bound = await app.call('ChatappBindWaba', { WabaId: '123456789' });
  const { CustSpaceId } = bound.body['Data'] as Record<string, string>;
  for (const [id = '', wabaId] of [
    [InstanceId, null],
    [CustSpaceId, '123456789'],
  ] as const) {
    const channel = await app.store.findChannel(id);
    assert.deepEqual([channel?.type, channel?.wabaId, channel?.credentials], ['whatsapp', wabaId, {}]);
  }
  const again = await app.call('ChatappBindWaba', { WabaId: '123456789' });
  assert.equal((again.body['Data'] as Record<string, string>)['CustSpaceId'], CustSpaceId);
  assert.deepEqual(added, ['whatsapp waba 123456789'], 'what waited for the WABA is read at once');
  const twins = await Promise.all(
    ['987654321', '987654321'].map((WabaId) => app.call('ChatappBindWaba', { WabaId })),
  );
  assert.equal(
    new Set(twins.map(({ body }) => (body['Data'] as { CustSpaceId: string }).CustSpaceId)).size,
    1,
  );
  const health = await app.call('GetWhatsappHealthStatus', {
    CustSpaceId: String(CustSpaceId),
    NodeType: 'waba',
  });
  const { CanSendMessage, Entities } = health.body['Data'] as {
    CanSendMessage: string;
    Entities: { Errors: { ErrorCode: string }[] }[];
  };
  assert.equal(CanSendMessage, 'BLOCKED');
  assert.deepEqual(
    Entities.flatMap(({ Errors }) => Errors.map(({ ErrorCode }) => ErrorCode)),
    ['NoPhoneNumber', 'NoAccessToken'],
  );
});

it('tells what the rules of channels refuse by its own names and codes', async (t) => {
  const app = await open(t);
  const { store, accountId } = app;
  const page = { id: '77700000001', type: 'messenger', name: 'Page', routeId: '77700000001' } as const;
  for (const id of ['pages', 'others'])
    await store.putChannel(accountId, { id, type: 'messenger', name: id }, system);
  await store.putSender(accountId, 'pages', page, system);
  await store.setSenderVerification(accountId, 'sandbox', from, 'pending');
  const number = { CustSpaceId: 'sandbox', PhoneNumber: from };
  const rows: readonly [string, Record<string, string>, number, string, string][] = [
    [
      'CreateInstance',
      { ChannelType: 'VIBER', InstanceName: 'two\nlines' },
      400,
      'InvalidParameter',
      'InstanceName: holds a line break or another control character.',
    ],
    [
      'UpdateInstance',
      { InstanceId: 'spare', InstanceName: 'a\tb' },
      400,
      'InvalidParameter',
      'InstanceName: holds a line break or another control character.',
    ],
    [
      'BindMessengerPage',
      { InstanceId: 'others', PageId: page.id },
      400,
      'InvalidParameter',
      'PageId is bound to another channel already.',
    ],
    [
      'BindInstagramPage',
      { InstanceId: 'others', PageId: page.id },
      200,
      'InvalidParameter.ChannelTypeNotSupport',
      'others is a channel of messenger, not of instagram.',
    ],
    [
      'UpdateAccountWebhook',
      { CustSpaceId: 'sandbox', HttpFlag: 'Y' },
      400,
      'MissingParameter',
      'HttpFlag Y needs StatusCallbackUrl.',
    ],
    [
      'UpdateAccountWebhook',
      { CustSpaceId: 'sandbox', StatusCallbackUrl: 'nonsense' },
      400,
      'InvalidParameter',
      'StatusCallbackUrl: It is not a URL.',
    ],
    [
      'UpdatePhoneWebhook',
      { ...number, QueueFlag: 'Y' },
      200,
      'InvalidParameter.PhoneNumberError',
      `WhatsApp has not verified ${from}. Verify it there, then call ChatappSyncPhoneNumber; its settings open once it is verified.`,
    ],
  ];
  for (const [operation, values, status, code, message] of rows) {
    const { status: answered, body } = await app.call(operation, values);
    assert.deepEqual([answered, body['Code'], body['Message']], [status, code, message], operation);
  }
  await store.setSenderVerification(accountId, 'sandbox', from, 'verified');
  for (const name of ['StatusCallbackUrl', 'UpCallbackUrl']) {
    const { body } = await app.call('UpdatePhoneWebhook', { ...number, [name]: 'nonsense' });
    assert.equal(body['Message'], `${name}: It is not a URL.`);
  }
  const nowhere = await app.call('UpdatePhoneWebhook', { ...number, HttpFlag: 'Y' });
  assert.equal(nowhere.body['Message'], 'HttpFlag Y needs StatusCallbackUrl or UpCallbackUrl.');
});

it('reads what waited for a Page or a number once it is bound', async (t) => {
  const added: string[] = [];
  const number = { id: '15559990001', type: 'whatsapp', name: 'Shop', routeId: '7001' } as const;
  const app = await openCamsApp({
    findSenders: async () => [number],
    onRouteAdded: (type, { by, id }) => added.push(`${type} ${by} ${id}`),
  });
  t.after(() => app.close());
  await app.store.putChannel(app.accountId, { id: 'wa', type: 'whatsapp', wabaId: '501' }, system);
  for (const time of [1, 2]) {
    const { body } = await app.call('ChatappSyncPhoneNumber', { CustSpaceId: 'wa' });
    assert.equal(body['Code'], 'OK', `time ${time}`);
  }
  await app.call('BindMessengerPage', { InstanceId: 'sandbox', PageId: '77700000001' });
  assert.deepEqual(added, ['whatsapp sender 7001', 'messenger sender 77700000001']);
});
