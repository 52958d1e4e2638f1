// What the tests of the operations share: an account with something of everything, and a good call of each operation.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { toUploadId } from '../../../src/domain/upload.ts';
import type { NewTemplate } from '../../../src/store/templates/port.ts';
import { openCamsApp } from '../../support/cams-app.ts';
import type { CamsAnswer, CamsApp } from '../../support/cams-app.ts';
import { testEpoch } from '../../support/store.ts';

export const from = '15550100001';
export const to = '8613900000000';
const uploadKey = `1000000000000001/sandbox/${'0'.repeat(24)}/a.png`;

export const newTemplate: NewTemplate = {
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
  parameterFormat: 'POSITIONAL',
  isEdited: false,
  offered: [],
  asked: null,
  reviewAt: null,
};

export async function open(t: TestContext): Promise<CamsApp & { readonly templateCode: string }> {
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

/** A template of Viber with this text that may be sent; its code. */
export async function addViberTemplate(app: CamsApp, channelId: string, text: string): Promise<string> {
  const made = await app.store.createTemplate(
    app.accountId,
    {
      ...newTemplate,
      channelId,
      name: `viber_${channelId}`,
      code: (channelId === 'sandbox' ? 'd' : 'e').repeat(32),
      type: 'VIBER',
      category: 'text',
      components: [{ Type: 'BODY', Text: text }],
    },
    system,
  );
  assert.ok(made !== 'exists');
  return made.code;
}

/** The day before and the day after the clock of the tests begins. */
const lately = { Start: String(testEpoch - 86_400_000), End: String(testEpoch + 86_400_000) };

/** A good call of each offered operation. */
export const goodCalls = (templateCode: string): Readonly<Record<string, Record<string, string>>> => ({
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
  EnableWhatsappROIMetric: { CustSpaceId: 'sandbox' },
  ListViberServiceMessage: { CustSpaceId: 'sandbox' },
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

export const optionsOf = (operation: string) =>
  operation === 'QueryTokenForMnsQueue' ? { version: '2017-05-25' } : {};

export function assertBusiness({ status, body }: CamsAnswer, code: string): void {
  assert.deepEqual([status, body['Code'], body['Success']], [200, code, false], JSON.stringify(body));
}

export async function countMessages(app: CamsApp): Promise<number> {
  return (await app.store.listOutbound(app.accountId, {}, { limit: 2000 })).items.length;
}
