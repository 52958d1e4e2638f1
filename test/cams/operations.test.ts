// The operations themselves, each answer walked against the vendor's own table of types.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { offeredOperations } from '../../src/cams/operations.ts';
import { system } from '../../src/domain/account.ts';
import type { SenderVerification } from '../../src/domain/channel.ts';
import type { NewTemplate } from '../../src/store/port/templates.ts';
import { toUploadId } from '../../src/domain/upload.ts';
import { openCamsApp } from '../support/cams-app.ts';
import type { CamsAnswer, CamsApp } from '../support/cams-app.ts';
import { testEpoch } from '../support/store.ts';

const table = new URL('../../../shared/spec/cams-openapi-ops.json', import.meta.url);

interface TypeTable {
  readonly ops: Readonly<
    Record<
      string,
      {
        readonly request: Readonly<Record<string, { readonly required?: boolean }>>;
        readonly response: Readonly<Record<string, { readonly type: unknown }>>;
      }
    >
  >;
}

const from = '15550100001';
const to = '8613900000000';
const uploadKey = `1000000000000001/sandbox/${'0'.repeat(24)}/a.png`;

const newTemplate: NewTemplate = {
  channelId: 'sandbox',
  code: 'c'.repeat(32),
  language: 'en',
  name: 'hello',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [
    { Type: 'BODY', Text: 'Hello $(name)' },
    { Type: 'LIMITED_TIME_OFFER', Text: 'x', HasExpiration: true },
    {
      Type: 'BUTTONS',
      Buttons: [{ Type: 'URL', Text: 'Open', Url: 'https://example.com/$(p)', UrlType: 'dynamic' }],
    },
  ],
  example: { name: 'Bob' },
  status: 'pass',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: 120,
  quality: 'UNKNOWN',
  vendorId: null,
  reviewAt: null,
};

async function open(t: TestContext): Promise<CamsApp & { readonly templateCode: string }> {
  const app = await openCamsApp();
  t.after(() => app.close());
  const made = await app.store.createTemplate(app.accountId, newTemplate, system);
  assert.ok(made !== 'exists');
  await app.store.putChannel(
    app.accountId,
    { id: 'spare', type: 'viber', name: 'Spare', wabaId: null, credentials: {} },
    system,
  );
  await app.store.putUpload({
    accountId: app.accountId,
    id: toUploadId(app.accountId, uploadKey),
    channelId: 'sandbox',
    key: uploadKey,
    mimeType: 'image/png',
    bytes: 1,
    sha256: '',
    createdAt: app.clock.now(),
  });
  return { ...app, templateCode: made.code };
}

/** The day before and the day after the clock of the tests begins. */
const lately = { Start: String(testEpoch - 86_400_000), End: String(testEpoch + 86_400_000) };

/** Sends a message with the template, and has the channel take all that wait. */
async function takeAll({ call, store, accountId, clock, templateCode }: CamsApp & { templateCode: string }) {
  await call('SendChatappMassMessage', goodCalls(templateCode)['SendChatappMassMessage'] ?? {});
  const key = { accountId, channelId: 'sandbox', senderId: from };
  const claim = () => store.claimOutbound({ ...key, limit: 10, now: clock.now(), leaseMs: 1000 });
  for (let claimed = await claim(); claimed.length > 0; claimed = await claim())
    await store.settleOutbound(
      claimed.map(({ message: { id } }) => ({
        accountId,
        id,
        attempt: null,
        next: { kind: 'accepted', channelMessageId: `w${id}`, nextStepAt: null },
      })),
    );
}

/** A good call of each offered operation. */
const goodCalls = (templateCode: string): Readonly<Record<string, Record<string, string>>> => ({
  SendChatappMessage: {
    ChannelType: 'whatsapp',
    Type: 'message',
    MessageType: 'text',
    Content: '{"text":"hello"}',
    From: from,
    To: to,
  },
  SendChatappMassMessage: {
    ChannelType: 'whatsapp',
    From: from,
    Language: 'en',
    TemplateCode: templateCode,
    SenderList: JSON.stringify([{ To: to, TemplateParams: { name: 'Bob', p: 'x' } }]),
  },
  ListChatappMessage: {
    ChannelType: 'WHATSAPP',
    BusinessNumber: from,
    CustSpaceId: 'sandbox',
    Page: '{"Index":1,"Size":10}',
  },
  CreateChatappTemplate: {
    Name: 'other',
    Language: 'en',
    Category: 'UTILITY',
    TemplateType: 'WHATSAPP',
    CustSpaceId: 'sandbox',
    Components: JSON.stringify([{ type: 'body', text: 'Hi $(name)' }]),
  },
  ModifyChatappTemplate: {
    TemplateCode: templateCode,
    Language: 'en',
    Components: JSON.stringify([{ Type: 'BODY', Text: 'Hi' }]),
  },
  DeleteChatappTemplate: { TemplateCode: templateCode, TemplateType: 'WHATSAPP' },
  GetChatappTemplateDetail: { TemplateCode: templateCode, Language: 'en' },
  ListChatappTemplate: { CustSpaceId: 'sandbox' },
  ModifyChatappTemplateProperties: {
    TemplateCode: templateCode,
    Language: 'en',
    CustSpaceId: 'sandbox',
    TemplateType: 'WHATSAPP',
    AllowSend: 'false',
  },
  UpdatePhoneWebhook: { CustSpaceId: 'sandbox', PhoneNumber: from, QueueFlag: 'Y' },
  UpdateAccountWebhook: { CustSpaceId: 'sandbox', QueueFlag: 'Y' },
  QueryChatappPhoneNumbers: { CustSpaceId: 'sandbox' },
  ChatappSyncPhoneNumber: { CustSpaceId: 'sandbox' },
  GetPhoneNumberVerificationStatus: { CustSpaceId: 'sandbox', PhoneNumber: from },
  ListInstance: {},
  QueryInstance: { InstanceId: 'sandbox' },
  CreateInstance: { ChannelType: 'WHATSAPP', InstanceName: 'New' },
  QueryChatappBindWaba: { CustSpaceId: 'sandbox' },
  GetWhatsappHealthStatus: { CustSpaceId: 'sandbox', NodeType: 'phone', PhoneNumber: from },
  GetChatappPhoneNumberMetric: { ...lately, CustSpaceId: 'sandbox', PhoneNumber: from },
  GetChatappTemplateMetric: { ...lately, CustSpaceId: 'sandbox', TemplateCode: templateCode },
  GetChatappOpenStatus: {},
  QueryTokenForMnsQueue: { MessageType: 'ChatAppInbound' },
  OpenChatappService: {},
  UpdateInstance: { InstanceId: 'sandbox', InstanceName: 'Renamed' },
  DeleteInstance: { InstanceId: 'spare' },
  ChatappBindWaba: { WabaId: '123456789' },
  GetChatappUploadAuthorization: { CustSpaceId: 'sandbox' },
  GeneratePresignedUrl: { FilePath: uploadKey },
  GetFbMessengerPages: { InstanceId: 'sandbox', AccessToken: 'token' },
  BindMessengerPage: { InstanceId: 'sandbox', PageId: '77700000001' },
  DeleteMessengerPage: { InstanceId: 'sandbox', PageId: '100000000000001' },
  GetFbInstagramPages: { InstanceId: 'sandbox', AccessToken: 'token' },
  BindInstagramPage: { InstanceId: 'sandbox', PageId: '77700000002' },
  ListInstagramPage: { InstanceId: 'sandbox' },
  DeleteInstagramPage: { InstanceId: 'sandbox', PageId: '17840000000000001' },
});

/** What is needed beside what the table says, where no alternative is given. */
const alsoRequired: Readonly<Record<string, readonly string[]>> = {
  QueryTokenForMnsQueue: ['MessageType'],
  SendChatappMessage: ['MessageType', 'Content'],
  SendChatappMassMessage: ['TemplateCode', 'SenderList'],
  ModifyChatappTemplate: ['TemplateCode'],
  DeleteChatappTemplate: ['TemplateCode'],
  GetChatappTemplateDetail: ['TemplateCode'],
};
/** The vendor has codes of its own for some members that are missing. */
const businessCodes = [
  'TemplateCodeNotEmpty',
  'LanguageNotEmpty',
  'MessageTypeNotEmpty',
  'ContentNotEmpty',
].map((code) => `InvalidParameter.${code}`);

const optionsOf = (operation: string) =>
  operation === 'QueryTokenForMnsQueue' ? { version: '2017-05-25' } : {};

function assertBusiness({ status, body }: CamsAnswer, code: string): void {
  assert.deepEqual([status, body['Code'], body['Success']], [200, code, false], JSON.stringify(body));
}

async function countMessages(app: CamsApp): Promise<number> {
  return (await app.store.listOutbound(app.accountId, {}, { limit: 2000 })).items.length;
}

/** Says what of a value the TypeScript SDK would refuse. */
function findMismatch(value: unknown, type: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (type === 'string') return typeof value === 'string' ? undefined : `${path} is no string`;
  if (type === 'number') return typeof value === 'number' ? undefined : `${path} is no number`;
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : `${path} is no boolean`;
  if (typeof type !== 'object' || type === null) return undefined;
  if ('array' in type) {
    if (!Array.isArray(value)) return `${path} is no array`;
    return value.map((item, n) => findMismatch(item, type.array, `${path}[${n}]`)).find(Boolean);
  }
  if (typeof value !== 'object' || Array.isArray(value)) return `${path} is no object`;
  if (!('object' in type)) return undefined;
  const members = type.object as Readonly<Record<string, { readonly type: unknown }>>;
  return Object.entries(value)
    .map(([name, item]) =>
      name in members
        ? findMismatch(item, members[name]?.type, `${path}.${name}`)
        : `${path}.${name} is not in the table`,
    )
    .find(Boolean);
}

describe('every offered operation', { skip: existsSync(table) ? false : 'the table is not here' }, () => {
  const { ops } = existsSync(table)
    ? (JSON.parse(readFileSync(table, 'utf8')) as TypeTable)
    : { ops: {} as TypeTable['ops'] };

  it('answers what its table of types allows', async (t) => {
    for (const operation of offeredOperations) {
      const app = await open(t);
      const values = goodCalls(app.templateCode)[operation];
      assert.ok(values !== undefined, `${operation} has no call here`);
      // Something to list.
      await app.call('SendChatappMessage', goodCalls(app.templateCode)['SendChatappMessage'] ?? {});
      if (operation === 'ModifyChatappTemplate') {
        const [template] = await app.store.findTemplates(app.accountId, {});
        if (template !== undefined)
          await app.store.updateTemplate(app.accountId, { ...template, status: 'fail' }, system);
      }
      if (operation.endsWith('Metric')) await takeAll(app);
      const { status, body } = await app.call(operation, values, optionsOf(operation));
      if (operation.endsWith('Metric')) assert.notDeepEqual(body['Data'], [], operation);
      assert.deepEqual([status, body['Code']], [200, 'OK'], `${operation}: ${JSON.stringify(body)}`);
      const { response } = ops[operation] ?? { response: undefined };
      if (response === undefined) continue;
      for (const [name, value] of Object.entries(body))
        assert.equal(
          name in response ? findMismatch(value, response[name]?.type, name) : `${name} is not in the table`,
          undefined,
          operation,
        );
    }
  });

  it('says which required parameter is missing, and does nothing', async (t) => {
    const app = await open(t);
    let tried = 0;
    for (const operation of offeredOperations) {
      const values = goodCalls(app.templateCode)[operation] ?? {};
      const required = Object.entries(ops[operation]?.request ?? {})
        .filter(([, { required: isRequired }]) => isRequired === true)
        .map(([name]) => name);
      // The operation of the other service has no row in the table; what the table calls optional is needed here by some.
      required.push(...(alsoRequired[operation] ?? []));
      for (const name of required) {
        assert.ok(name in values, `the call of ${operation} here has no ${name}`);
        const { [name]: _left, ...rest } = values;
        for (const incomplete of [rest, { ...rest, [name]: '' }]) {
          const { status, body } = await app.call(operation, incomplete, optionsOf(operation));
          const isBusiness = businessCodes.includes(String(body['Code']));
          assert.ok(
            isBusiness || body['Code'] === 'MissingParameter',
            `${operation}: ${JSON.stringify(body)}`,
          );
          assert.equal(status, isBusiness ? 200 : 400, `${operation} without ${name}`);
          assert.match(String(body['Message']), new RegExp(name), `${operation} without ${name}`);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 40);
    assert.equal(await countMessages(app), 0);
  });

  it('takes text that cannot be stored, and JSON that is none, for what they are', async (t) => {
    const app = await open(t);
    let tried = 0;
    for (const operation of offeredOperations) {
      const values = goodCalls(app.templateCode)[operation] ?? {};
      for (const name of Object.keys(values))
        for (const bad of [
          '\0',
          'a\0b',
          '{"a":"\\ud800"}',
          '{"text":"\\u0000"}',
          '{',
          '[{}]',
          '+1',
          '-1',
          'x'.repeat(70_000),
        ]) {
          const { status, body } = await app.call(
            operation,
            { ...values, [name]: bad },
            { ...optionsOf(operation), form: true },
          );
          assert.ok(
            status < 500,
            `${operation} with ${name} ${JSON.stringify(bad.slice(0, 20))}: ${JSON.stringify(body)}`,
          );
          tried += 1;
        }
    }
    assert.ok(tried > 300);
  });
});

it('sends a message of every kind that WhatsApp has', async (t) => {
  const app = await open(t);
  const contents: Readonly<Record<string, unknown>> = {
    text: { text: 'hello' },
    image: { Link: 'https://example.com/a.png', Caption: 'c' },
    video: { link: 'https://example.com/a.mp4' },
    audio: { link: 'https://example.com/a.mp3' },
    document: { link: 'https://example.com/a.pdf', filename: 'a.pdf' },
    sticker: { link: 'https://example.com/a.webp', caption: '' },
    location: { longitude: '120.002', latitude: 28.001, name: 'Here' },
    contacts: [{ name: { formatted_name: 'Bob Lee', first_name: 'Bob' }, phones: [{ phone: '+861' }] }],
    reaction: { messageId: 'wamid.1', emoji: '👍' },
    interactive: {
      type: 'button',
      body: { text: 'x' },
      action: { buttons: [{ type: 'reply', reply: { id: '1', title: 'Y' } }] },
    },
  };
  for (const [messageType, content] of Object.entries(contents)) {
    const { body } = await app.call('SendChatappMessage', {
      ChannelType: 'WhatsApp',
      Type: 'message',
      MessageType: messageType.toUpperCase(),
      Content: JSON.stringify(content),
      From: from,
      To: to,
    });
    assert.equal(body['Code'], 'OK', `${messageType}: ${JSON.stringify(body)}`);
    assert.match(String(body['MessageId']), /^\d{21}$/);
  }
  const { items } = await app.store.listOutbound(app.accountId, {}, { limit: 100 });
  assert.deepEqual(items.find(({ envelope }) => envelope.messageType === 'document')?.envelope.content, {
    link: 'https://example.com/a.pdf',
    fileName: 'a.pdf',
  });
});

it('refuses a message with the documented code of what is wrong', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['SendChatappMessage'] ?? {};
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ ChannelType: 'telegraph' }, 'ChannelTypeNotSupport'],
    [{ Type: 'letter' }, 'MessageInvalid'],
    [{ MessageType: '' }, 'MessageTypeNotEmpty'],
    [{ MessageType: 'smell' }, 'MessageTypeNotSupport'],
    [{ Content: '' }, 'ContentNotEmpty'],
    [{ Content: 'hello' }, 'ContentError'],
    [{ Content: '[]' }, 'ContentError'],
    [{ Content: '{}' }, 'TextNotEmpty'],
    [{ Content: JSON.stringify({ text: 'x'.repeat(5000) }) }, 'ContentError'],
    [{ Content: JSON.stringify({ text: 'x'.repeat(66_000) }) }, 'ContentError'],
    [{ MessageType: 'image', Content: '{}' }, 'LinkNotEmpty'],
    [{ MessageType: 'image', Content: '{"link":"ftp://x"}' }, 'ContentError'],
    [{ MessageType: 'document', Content: '{"link":"https://x/a"}' }, 'ContentError'],
    [{ MessageType: 'location', Content: '{"longitude":"200","latitude":"1"}' }, 'ContentError'],
    [{ MessageType: 'contacts', Content: '[{"name":{"formatted_name":"x"}}]' }, 'ContentError'],
    [{ MessageType: 'interactive', Content: '{"type":"button","action":{"buttons":[]}}' }, 'ContentError'],
    [{ MessageType: 'reaction', Content: '{"messageId":"wamid.1"}' }, 'ContentError'],
    [{ MessageType: 'reaction', Content: '{"emoji":"👍"}' }, 'ContentError'],
    [{ From: '+15550100001' }, 'FromOnlyNumeric'],
    [{ From: '999' }, 'FromNotExist'],
    [{ To: '+8613900000000' }, 'ToOnlyNumeric'],
    [{ To: 'somebody' }, 'ToOnlyNumeric'],
    [{ FallBackId: 'S_1', FallBackContent: 'x' }, 'SendSmsNotSupport'],
    [{ Type: 'template' }, 'TemplateCodeNotEmpty'],
    [{ Type: 'template', TemplateCode: 'x' }, 'LanguageNotEmpty'],
    [{ Type: 'template', TemplateCode: 'x', Language: 'en' }, 'TemplateNotExist'],
    [{ Type: 'template', TemplateCode: app.templateCode, Language: 'de' }, 'TemplateNotExist'],
    [{ Type: 'template', TemplateCode: app.templateCode, Language: 'en' }, 'TemplateParamsError'],
  ];
  for (const [changes, code] of cases)
    assertBusiness(
      await app.call('SendChatappMessage', { ...good, ...changes }, { form: true }),
      `InvalidParameter.${code}`,
    );
  assert.equal(await countMessages(app), 0);
});

it('sends a template only while it has passed and may be sent', async (t) => {
  const app = await open(t);
  const values = {
    ChannelType: 'whatsapp',
    Type: 'template',
    TemplateName: 'hello',
    Language: 'en',
    TemplateParams: '{"name":"Zoë & Bob*","p":1}',
    Payload: '["a","b"]',
    From: from,
    To: to,
    TaskId: 'task-1',
  };
  assert.equal((await app.call('SendChatappMessage', values)).body['Code'], 'OK');
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual(message?.envelope, {
    frame: 'template',
    messageType: 'template',
    templateCode: app.templateCode,
    templateName: 'hello',
    language: 'en',
    templateParams: { name: 'Zoë & Bob*', p: '1' },
    payload: ['a', 'b'],
  });
  assert.equal(message.taskId, 'task-1');
  const properties = {
    TemplateCode: app.templateCode,
    Language: 'en',
    CustSpaceId: 'sandbox',
    TemplateType: 'WHATSAPP',
  };
  await app.call('ModifyChatappTemplateProperties', { ...properties, AllowSend: 'false' });
  assertBusiness(await app.call('SendChatappMessage', values), 'InvalidParameter.TemplateNotPass');
  await app.call('ModifyChatappTemplateProperties', { ...properties, AllowSend: 'true' });
  for (const status of ['auditing', 'fail', 'paused', 'disabled'] as const) {
    const [template] = await app.store.findTemplates(app.accountId, {});
    assert.ok(template !== undefined);
    await app.store.updateTemplate(app.accountId, { ...template, status }, system);
    assertBusiness(await app.call('SendChatappMessage', values), 'InvalidParameter.TemplateNotPass');
  }
});

it('takes the flows and products of a template within their bounds', async (t) => {
  const app = await open(t);
  const values = {
    ChannelType: 'whatsapp',
    Type: 'template',
    TemplateCode: app.templateCode,
    Language: 'en',
    TemplateParams: '{"name":"Bob","p":"x"}',
    From: from,
    To: to,
  };
  const section = (count: number) => ({
    Title: 'Fish',
    ProductItems: Array.from({ length: count }, (_, n) => ({ ProductRetailerId: `p${n}` })),
  });
  const good = { ThumbnailProductRetailerId: 'p1', Sections: [section(15), section(15)] };
  const flow = { FlowToken: 't', FlowActionData: { a: 1 } };
  const sent = await app.call(
    'SendChatappMessage',
    { ...values, ProductAction: JSON.stringify(good), FlowAction: JSON.stringify(flow) },
    { form: true },
  );
  assert.equal(sent.body['Code'], 'OK', sent.text);
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual([message?.envelope.productAction, message?.envelope.flowAction], [good, flow]);
  const refused: readonly Record<string, unknown>[] = [
    { ProductAction: { Sections: Array.from({ length: 11 }, () => section(1)) } },
    { ProductAction: { Sections: [section(16), section(15)] } },
    { ProductAction: { Sections: [{ Title: 'x', ProductItems: [{}] }] } },
    { ProductAction: { Sections: {} } },
    { ProductAction: { Sections: ['x'] } },
    { ProductAction: [] },
    { FlowAction: { FlowActionData: 'x' } },
    { FlowAction: { FlowToken: { a: 1 } } },
    { FlowAction: 'x' },
  ];
  for (const action of refused) {
    const changes = Object.fromEntries(
      Object.entries(action).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    const { body, status } = await app.call('SendChatappMessage', { ...values, ...changes }, { form: true });
    assert.deepEqual([status, body['Code']], [400, 'InvalidParameter'], JSON.stringify(action));
  }
  assert.equal(await countMessages(app), 1);
});

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

it('brings a template through its rules', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode)['CreateChatappTemplate'] ?? {};
  const refuse = async (components: unknown, code: string, changes: Record<string, string> = {}) =>
    assertBusiness(
      await app.call(
        'CreateChatappTemplate',
        { ...good, ...changes, Components: JSON.stringify(components) },
        { form: true },
      ),
      `InvalidParameter.${code}`,
    );
  const body = { Type: 'BODY', Text: 'x' };
  const buttons = (...list: object[]) => [body, { Type: 'BUTTONS', Buttons: list }];
  const reply = { Type: 'QUICK_REPLY', Text: 'y' };
  const url = { Type: 'URL', Text: 'u', Url: 'https://x/' };
  await refuse([{ Type: 'FOOTER', Text: 'x' }], 'CreateError');
  await refuse([{ Type: 'BODY', Text: 'Hello {{1}}' }], 'MessageInvalid');
  await refuse([body, { Type: 'FOOTER', Text: '$(a)' }], 'FooterHaveVariable');
  await refuse([body, { Type: 'HEADER', Text: '$(a) $(b)' }], 'HeaderMoreVarable');
  await refuse([body, { Type: 'HEADER', Format: 'SMELL' }], 'HeaderTypeNotSupport');
  await refuse(buttons({ ...reply, Text: '$(a)' }), 'ButtonTextHaveVariable');
  await refuse(buttons({ ...url, Url: 'https://x/$(a)/$(b)' }), 'UrlMoreVarable');
  await refuse(buttons({ Type: 'PHONE_NUMBER', Text: 'c', PhoneNumber: 'x' }), 'PhoneNumberError');
  await refuse(buttons(url, reply, url), 'CreateError');
  await refuse(buttons(url, url, url), 'CreateError');
  await refuse(buttons(...Array.from({ length: 11 }, () => reply)), 'CreateError');
  await refuse([{ Type: 'BODY', Text: 'x'.repeat(1025) }], 'CreateError');
  await refuse([body], 'CreateError', { Category: 'AUTHENTICATION' });
  await refuse([body], 'LanguageNotSupport', { Language: 'English' });
  await refuse([body], 'TemplateTypeNotSupport', { TemplateType: 'PIGEON' });
  await refuse([body], 'CreateError', { Name: 'Has Capitals' });
  const made = await app.call('CreateChatappTemplate', good);
  assert.equal(made.body['Code'], 'OK', made.text);
  await refuse([body], 'TemplateNameExist');
  const { TemplateCode } = made.body['Data'] as Record<string, string>;
  const second = await app.call('CreateChatappTemplate', { ...good, Language: 'de' });
  assert.equal((second.body['Data'] as Record<string, string>)['TemplateCode'], TemplateCode);
  const list = await app.call('ListChatappTemplate', { Name: 'other', 'Page.Index': '1', 'Page.Size': '1' });
  assert.equal(list.body['Total'], 2);
  assert.equal((list.body['ListTemplate'] as unknown[]).length, 1);
  assertBusiness(
    await app.call('ListChatappTemplate', { Page: '{"Index":0}' }),
    'InvalidParameter.PageInvalid',
  );
  assertBusiness(
    await app.call('ListChatappTemplate', { AuditStatus: 'maybe' }),
    'InvalidParameter.AuditStatusNotSupport',
  );
  const one = { TemplateCode: TemplateCode ?? '', TemplateType: 'WHATSAPP' };
  assert.equal((await app.call('DeleteChatappTemplate', { ...one, Language: 'de' })).body['Success'], true);
  assert.equal((await app.call('DeleteChatappTemplate', one)).body['Success'], true);
  assertBusiness(await app.call('DeleteChatappTemplate', one), 'DelError.TemplateNotExist');
  assertBusiness(
    await app.call('GetChatappTemplateDetail', { ...one, Language: 'en' }),
    'DetailError.TemplateNotExist',
  );
});

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

it('gives a token whose times are of GMT+8', async (t) => {
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
  await app.call('QueryTokenForMnsQueue', { MessageType: 'ChatAppAudit' }, { version: '2017-05-25' });
  assert.deepEqual(await find(token), key, 'the one before stays good');
  assert.equal(await app.store.findTemporaryKey(token['AccessKeyId'] ?? ''), undefined, 'nothing is written');
});

it('takes members of nested parameters in keys of any case', async (t) => {
  const app = await open(t);
  const recipient = {
    to: '8613900000001',
    TEMPLATEPARAMS: { name: 'Bob', p: 'x' },
    payload: ['yes'],
  };
  const sent = await app.call('SendChatappMassMessage', {
    ...(goodCalls(app.templateCode)['SendChatappMassMessage'] ?? {}),
    SenderList: JSON.stringify([recipient]),
  });
  assert.equal(sent.body['Code'], 'OK', sent.text);
  const [message] = (await app.store.listOutbound(app.accountId, {}, { limit: 1 })).items;
  assert.deepEqual(
    [message?.to, message?.envelope.templateParams, message?.envelope.payload],
    [recipient.to, { name: 'Bob', p: 'x' }, ['yes']],
  );
  const made = await app.call('CreateChatappTemplate', {
    ...(goodCalls(app.templateCode)['CreateChatappTemplate'] ?? {}),
    Components: JSON.stringify([
      { type: 'body', TEXT: 'Hi' },
      { TYPE: 'Buttons', buttons: [{ type: 'quick_reply', text: 'Yes' }] },
    ]),
  });
  assert.equal(made.body['Code'], 'OK', made.text);
  const [template] = await app.store.findTemplates(app.accountId, { name: 'other' });
  assert.deepEqual(template?.components, [
    { Type: 'BODY', Text: 'Hi' },
    { Type: 'BUTTONS', Buttons: [{ Type: 'QUICK_REPLY', Text: 'Yes' }] },
  ]);
});

it('sends a task to a recipient once where that is set, however often it is asked', async (t) => {
  const settings = { businessErrorStatus: 200, ttlMs: 60_000, hasSmsGateway: false };
  for (const oncePerTask of [true, false]) {
    const app = await openCamsApp({ settings: { ...settings, oncePerTask } });
    t.after(() => app.close());
    const call = async (changes: Record<string, string>) =>
      (await app.call('SendChatappMessage', { ...goodCalls('')['SendChatappMessage'], ...changes })).body[
        'MessageId'
      ];
    const first = await call({ TaskId: 't1' });
    assert.equal((await call({ TaskId: 't1' })) === first, oncePerTask);
    assert.notEqual(await call({ TaskId: 't1', To: '8613900000009' }), first);
    assert.notEqual(await call({ TaskId: 't2' }), first);
    assert.notEqual(await call({}), await call({}));
    assert.equal(await countMessages(app), oncePerTask ? 5 : 6);
  }
});

it('lists messages of both directions, newest first', async (t) => {
  const app = await open(t);
  const good = goodCalls(app.templateCode);
  await app.call('SendChatappMessage', good['SendChatappMessage'] ?? {});
  app.clock.advance(1000);
  const mass = await app.call('SendChatappMassMessage', good['SendChatappMassMessage'] ?? {});
  const query = good['ListChatappMessage'] ?? {};
  const list = async (changes: Record<string, string>) => {
    const { body } = await app.call('ListChatappMessage', { ...query, ...changes });
    assert.equal(body['Code'], 'OK', JSON.stringify(body));
    return body['Data'] as Record<string, string>[];
  };
  const [template, text] = await list({});
  assert.equal(template?.['Message'], 'Hello Bob');
  assert.equal(template?.['MessageId'], mass.body['GroupMessageId']);
  assert.notEqual(template?.['UniqueMessageId'], template?.['MessageId']);
  assert.deepEqual(
    [text?.['MessageStatus'], text?.['EventAction'], text?.['MessageType']],
    ['sending', 'DOWN', 'TEXT'],
  );
  assert.equal((await list({ EventAction: 'UP' })).length, 0);
  assert.equal((await list({ UserNumber: '1' })).length, 0);
  assert.equal((await list({ TemplateCode: app.templateCode })).length, 1);
  assert.equal((await list({ GroupMessageId: String(mass.body['GroupMessageId']) })).length, 1);
  assert.equal((await list({ StartTime: String(app.clock.now()) })).length, 1);
  assert.equal((await list({ EndTimeStr: '2026-11-01 08:00:01' })).length, 1);
  assert.equal((await list({ MessageStatus: 'success' })).length, 0);
  assert.equal((await list({ Page: '{"Index":2,"Size":1}' }))[0]?.['MessageType'], 'TEXT');
});
