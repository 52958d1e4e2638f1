// Whose keys may do what: every operation with another account's key, with keys that may not do everything, and with a key of a queue.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { offeredOperations } from '../../../src/protocols/cams/operations.ts';
import { keyRoles, system } from '../../../src/domain/account.ts';
import type { KeyRole } from '../../../src/domain/account.ts';
import { formatOutboundId } from '../../../src/domain/ids.ts';
import { toUploadId } from '../../../src/domain/upload.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import type { CamsApp } from '../../support/cams-app.ts';

/** What the first account has, in words that a stranger cannot come upon by himself. */
const owned = {
  channel: 'own-whatsapp',
  pages: 'own-messenger',
  number: '15559990001',
  page: '88800000000001',
  template: 'd'.repeat(32),
  templateName: 'own_template',
  upload: `1000000000000001/own-whatsapp/${'0'.repeat(24)}/own-file.png`,
  to: '8613977770000',
  text: 'own words',
} as const;
const stranger = { accountId: 1_000_000_000_000_009, id: 'stranger', secret: 'stranger-secret' };
/** The stranger's own channel and number: those of the sandbox, which plays the same ones for everyone. */
const strange = { channel: `sandbox-${stranger.accountId}`, number: '15550100001' };

type Values = Readonly<Record<string, string>>;

interface Row {
  /** Calls of the stranger that name what is not his, each with the code that answers it; `OK` tells him of his own alone. */
  readonly strange: readonly (readonly [Values, string])[];
  /** The keys that may call it, beside those that may do everything. */
  readonly roles: readonly KeyRole[];
}

const notTheirs = 'Unknown.ResourceOwnerId';
const of = (CustSpaceId: string): Values => ({ CustSpaceId });
const text = {
  ChannelType: 'whatsapp',
  Type: 'message',
  MessageType: 'text',
  Content: '{"text":"hello"}',
  To: '8613900000000',
};
const template = { TemplateCode: owned.template, Language: 'en' };
const templateCall = { ChannelType: 'whatsapp', Type: 'template', To: '8613900000000', ...template };
const components = JSON.stringify([{ Type: 'BODY', Text: 'Hi' }]);
const list = { ChannelType: 'WHATSAPP', Page: '{"Index":1,"Size":10}' };
const picture = {
  MessageType: 'image',
  Content: JSON.stringify({ link: `http://localhost/uploads/${owned.upload}` }),
};
const mass = { ChannelType: 'whatsapp', ...template, SenderList: '[{"To":"8613900000000"}]' };

const rows: Readonly<Record<string, Row>> = {
  SendChatappMessage: {
    strange: [
      [{ ...text, From: owned.number }, 'InvalidParameter.FromNotExist'],
      [{ ...text, From: owned.number, ...of(owned.channel) }, notTheirs],
      [{ ...templateCall, From: strange.number }, 'InvalidParameter.TemplateNotExist'],
      [{ ...text, ...picture, From: strange.number }, 'InvalidParameter.ContentError'],
    ],
    roles: ['send'],
  },
  SendChatappMassMessage: {
    strange: [
      [{ ...mass, From: owned.number }, 'InvalidParameter.FromNotExist'],
      [{ ...mass, From: owned.number, ...of(owned.channel) }, notTheirs],
      [{ ...mass, From: strange.number }, 'InvalidParameter.TemplateNotExist'],
    ],
    roles: ['send'],
  },
  ListChatappMessage: {
    strange: [
      [{ ...list, BusinessNumber: owned.number, ...of(owned.channel) }, notTheirs],
      [{ ...list, BusinessNumber: owned.number }, 'OK'],
      [{ ...list, BusinessNumber: owned.number, ...of(strange.channel) }, 'OK'],
      [{ ...list, BusinessNumber: owned.number, UserNumber: owned.to, ...of(strange.channel) }, 'OK'],
    ],
    roles: ['read'],
  },
  CreateChatappTemplate: {
    strange: [
      [
        {
          Name: 'taken',
          Language: 'en',
          Category: 'UTILITY',
          TemplateType: 'WHATSAPP',
          Components: components,
          ...of(owned.channel),
        },
        notTheirs,
      ],
    ],
    roles: [],
  },
  ModifyChatappTemplate: {
    strange: [
      [{ ...template, Components: components }, 'DetailError.TemplateNotExist'],
      [{ ...template, Components: components, ...of(owned.channel) }, notTheirs],
      [
        { TemplateName: owned.templateName, Language: 'en', Components: components },
        'DetailError.TemplateNotExist',
      ],
    ],
    roles: [],
  },
  DeleteChatappTemplate: {
    strange: [
      [{ ...template, TemplateType: 'WHATSAPP' }, 'DelError.TemplateNotExist'],
      [{ ...template, TemplateType: 'WHATSAPP', ...of(owned.channel) }, notTheirs],
      [{ TemplateName: owned.templateName, TemplateType: 'WHATSAPP' }, 'DelError.TemplateNotExist'],
    ],
    roles: [],
  },
  GetChatappTemplateDetail: {
    strange: [
      [template, 'DetailError.TemplateNotExist'],
      [{ ...template, ...of(owned.channel) }, notTheirs],
    ],
    roles: ['read'],
  },
  ListChatappTemplate: {
    strange: [
      [{}, 'OK'],
      [{ Code: owned.template }, 'OK'],
      [of(owned.channel), notTheirs],
    ],
    roles: ['read'],
  },
  ModifyChatappTemplateProperties: {
    strange: [
      [{ ...template, TemplateType: 'WHATSAPP', AllowSend: 'false', ...of(owned.channel) }, notTheirs],
      [
        { ...template, TemplateType: 'WHATSAPP', AllowSend: 'false', ...of(strange.channel) },
        'DetailError.TemplateNotExist',
      ],
    ],
    roles: [],
  },
  UpdatePhoneWebhook: {
    strange: [
      [{ ...of(owned.channel), PhoneNumber: owned.number, QueueFlag: 'N' }, notTheirs],
      [
        { ...of(strange.channel), PhoneNumber: owned.number, QueueFlag: 'N' },
        'InvalidParameter.PhoneNumberError',
      ],
    ],
    roles: [],
  },
  UpdateAccountWebhook: { strange: [[{ ...of(owned.channel), QueueFlag: 'N' }, notTheirs]], roles: [] },
  QueryChatappPhoneNumbers: {
    strange: [
      [{}, 'OK'],
      [of(owned.channel), notTheirs],
    ],
    roles: ['read'],
  },
  ChatappSyncPhoneNumber: { strange: [[of(owned.channel), notTheirs]], roles: [] },
  GetPhoneNumberVerificationStatus: {
    strange: [
      [{ ...of(owned.channel), PhoneNumber: owned.number }, notTheirs],
      [{ ...of(strange.channel), PhoneNumber: owned.number }, 'InvalidParameter.PhoneNumberError'],
    ],
    roles: ['read'],
  },
  ListInstance: {
    strange: [
      [{}, 'OK'],
      [{ InstanceId: owned.channel }, 'OK'],
    ],
    roles: ['read'],
  },
  QueryInstance: { strange: [[{ InstanceId: owned.channel }, notTheirs]], roles: ['read'] },
  CreateInstance: { strange: [[{ ChannelType: 'WHATSAPP', InstanceName: 'New' }, 'OK']], roles: [] },
  UpdateInstance: {
    strange: [[{ InstanceId: owned.channel, InstanceName: 'Taken' }, notTheirs]],
    roles: [],
  },
  DeleteInstance: { strange: [[{ InstanceId: owned.channel }, notTheirs]], roles: [] },
  ChatappBindWaba: { strange: [[{ WabaId: '100000000000077' }, 'OK']], roles: [] },
  QueryChatappBindWaba: {
    strange: [
      [of(owned.channel), notTheirs],
      [of(strange.channel), 'OK'],
    ],
    roles: ['read'],
  },
  GetWhatsappHealthStatus: {
    strange: [
      [{ ...of(owned.channel), NodeType: 'waba' }, notTheirs],
      [
        { ...of(strange.channel), NodeType: 'phone', PhoneNumber: owned.number },
        'InvalidParameter.PhoneNumberError',
      ],
      [{ ...of(strange.channel), NodeType: 'template', ...template }, 'DetailError.TemplateNotExist'],
    ],
    roles: ['read'],
  },
  GetChatappPhoneNumberMetric: {
    strange: [
      [{ Start: '1', End: '2' }, 'OK'],
      [{ Start: '1', End: '2', ...of(owned.channel) }, notTheirs],
      [{ Start: '1', End: '2', PhoneNumber: owned.number }, 'InvalidParameter.PhoneNumberError'],
    ],
    roles: ['read'],
  },
  EnableWhatsappROIMetric: {
    strange: [
      [{}, 'OK'],
      [of(owned.channel), notTheirs],
    ],
    roles: [],
  },
  ListViberServiceMessage: { strange: [[of(owned.channel), notTheirs]], roles: ['read'] },
  GetChatappTemplateMetric: {
    strange: [
      [{ Start: '1', End: '2', TemplateCode: owned.template }, 'DetailError.TemplateNotExist'],
      [{ Start: '1', End: '2', TemplateCode: owned.template, ...of(owned.channel) }, notTheirs],
    ],
    roles: ['read'],
  },
  GetChatappOpenStatus: { strange: [[{}, 'OK']], roles: ['read'] },
  OpenChatappService: { strange: [[{}, 'OK']], roles: [] },
  GetChatappUploadAuthorization: { strange: [[of(owned.channel), notTheirs]], roles: ['send'] },
  GeneratePresignedUrl: { strange: [[{ FilePath: owned.upload }, 'InvalidParameter']], roles: ['send'] },
  GetFbMessengerPages: {
    strange: [[{ InstanceId: owned.pages, AccessToken: 'token' }, notTheirs]],
    roles: ['read'],
  },
  BindMessengerPage: {
    strange: [[{ InstanceId: owned.pages, PageId: '77700000001' }, notTheirs]],
    roles: [],
  },
  DeleteMessengerPage: {
    strange: [[{ InstanceId: owned.pages, PageId: owned.page }, notTheirs]],
    roles: [],
  },
  GetFbInstagramPages: {
    strange: [[{ InstanceId: owned.pages, AccessToken: 'token' }, notTheirs]],
    roles: ['read'],
  },
  BindInstagramPage: {
    strange: [[{ InstanceId: owned.pages, PageId: '77700000002' }, notTheirs]],
    roles: [],
  },
  ListInstagramPage: { strange: [[{ InstanceId: owned.pages }, notTheirs]], roles: ['read'] },
  DeleteInstagramPage: {
    strange: [[{ InstanceId: owned.pages, PageId: owned.page }, notTheirs]],
    roles: [],
  },
  QueryTokenForMnsQueue: {
    strange: [
      [{ MessageType: 'ChatAppStatus' }, 'OK'],
      [
        { MessageType: 'ChatAppStatus', QueueName: 'Alicom-Queue-1000000000000001-ChatAppStatus' },
        'InvalidParameter',
      ],
    ],
    roles: ['receive'],
  },
};

const optionsOf = (operation: string) =>
  operation === 'QueryTokenForMnsQueue' ? { version: '2017-05-25' } : {};

/** An account that has something of everything, and another. */
async function open(t: TestContext): Promise<CamsApp> {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { store, accountId, clock } = app;
  const channel = { name: owned.channel, wabaId: '100000000000001', credentials: {} };
  await store.putChannel(accountId, { ...channel, id: owned.channel, type: 'whatsapp' }, system);
  await store.putChannel(accountId, { ...channel, id: owned.pages, type: 'messenger', wabaId: null }, system);
  const sender = { routeId: owned.number, name: owned.channel };
  await store.putSender(accountId, owned.channel, { ...sender, id: owned.number, type: 'whatsapp' }, system);
  await store.putSender(accountId, owned.pages, { ...sender, id: owned.page, type: 'messenger' }, system);
  await store.createTemplate(
    accountId,
    {
      channelId: owned.channel,
      code: owned.template,
      language: 'en',
      name: owned.templateName,
      type: 'WHATSAPP',
      category: 'UTILITY',
      components: [{ Type: 'BODY', Text: owned.text }],
      example: {},
      status: 'pass',
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
    },
    system,
  );
  await store.putUpload({
    accountId,
    id: toUploadId(accountId, owned.upload),
    channelId: owned.channel,
    key: owned.upload,
    mimeType: 'image/png',
    bytes: 1,
    sha256: '',
    createdAt: clock.now(),
  });
  const sent = await app.call('SendChatappMessage', {
    ...text,
    Content: JSON.stringify({ text: owned.text }),
    From: owned.number,
    To: owned.to,
  });
  assert.equal(sent.body['Code'], 'OK', sent.text);
  await store.createAccount({ id: stranger.accountId, name: 'Stranger' }, system);
  await store.createKey({ ...stranger }, system);
  return app;
}

/** All that operations can change of an account. */
async function read({ store }: CamsApp, accountId: number): Promise<string> {
  const channels = await store.listChannels(accountId);
  const senders = await Promise.all(channels.map(({ id }) => store.listSenders(accountId, id)));
  return JSON.stringify([
    channels,
    senders,
    await store.findTemplates(accountId, {}),
    (await store.listOutbound(accountId, {}, { limit: 100 })).items,
    await store.listQueues(accountId, '', '', 100),
    (await store.listChanges(accountId, { limit: 500 })).items.length,
    await store.findUpload(accountId, toUploadId(accountId, owned.upload)),
  ]);
}

it('has every operation that is offered in its table', () => {
  assert.deepEqual(Object.keys(rows).toSorted(), [...offeredOperations].toSorted());
});

it("lets another account's key see and change nothing, in any operation", async (t) => {
  const app = await open(t);
  const before = await read(app, app.accountId);
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  const secrets = [...Object.values(owned), formatOutboundId(message?.id ?? 0), String(app.accountId)];
  let asked = 0;
  for (const [operation, { strange: calls }] of Object.entries(rows))
    for (const [values, code] of calls) {
      const name = `${operation} ${JSON.stringify(values)}`;
      const {
        body,
        text: answer,
        status,
      } = await app.call(operation, values, {
        ...optionsOf(operation),
        key: stranger,
      });
      assert.equal(body['Code'], code, `${name}: ${answer}`);
      assert.ok(status < 500, name);
      // An error may repeat what was asked; an answer tells nothing that was not.
      const given = code === 'OK' ? '' : Object.values(values).join(' ');
      for (const secret of secrets)
        assert.ok(!answer.includes(secret) || given.includes(secret), `${name} tells ${secret}: ${answer}`);
      asked += 1;
    }
  assert.ok(asked >= offeredOperations.length);
  assert.equal(await read(app, app.accountId), before);
});

it('lets a key do what its role allows, in any operation, and nothing else', async (t) => {
  for (const role of keyRoles) {
    const app = await open(t);
    const key = { id: `key-${role}`, secret: 'secret' };
    await app.store.createKey({ ...key, accountId: app.accountId, role }, system);
    const before = await read(app, app.accountId);
    for (const [operation, { roles }] of Object.entries(rows)) {
      const isAllowed = role === 'full' || roles.includes(role);
      const { body, status } = await app.call(operation, {}, { ...optionsOf(operation), key });
      const isRefused = body['Code'] === 'NoPermission';
      assert.equal(isRefused, !isAllowed, `${role}: ${operation} ${JSON.stringify(body)}`);
      if (isRefused) assert.equal(status, 403);
    }
    assert.equal(await read(app, app.accountId), before, role);
  }
});

it('opens nothing to a key by its name: what is not offered is told as such to every role', async (t) => {
  const app = await open(t);
  for (const role of keyRoles) {
    const key = { id: `key-${role}`, secret: 'secret' };
    await app.store.createKey({ ...key, accountId: app.accountId, role }, system);
    for (const operation of ['ListFlow', 'SendMessage', 'DeleteFlow', 'QueryMMLActive'])
      assert.equal((await app.call(operation, {}, { key })).body['Code'], 'UnsupportedOperation', operation);
  }
});

it('lets the key of a queue call no operation', async (t) => {
  const app = await open(t);
  const asked = await app.call(
    'QueryTokenForMnsQueue',
    { MessageType: 'ChatAppStatus' },
    { version: '2017-05-25' },
  );
  const token = asked.body['MessageTokenDTO'] as Record<string, string>;
  const key = { id: token['AccessKeyId'] ?? '', secret: token['AccessKeySecret'] ?? '' };
  const withToken = { SecurityToken: token['SecurityToken'] ?? '' };
  for (const operation of offeredOperations) {
    const options = { ...optionsOf(operation), key };
    assert.equal((await app.callRpc(operation, withToken, options)).body['Code'], 'NoPermission', operation);
    // Without its token it is no key at all.
    const bare = (await app.call(operation, {}, options)).body['Code'];
    assert.equal(bare, 'InvalidAccessKeyId.NotFound', operation);
  }
});
