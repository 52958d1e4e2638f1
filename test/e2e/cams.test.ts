// An application as it was written for the cloud, with its unmodified SDKs, against a service of its own process.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import MnsClient from '@alicloud/mns';
import Cams, * as cams from '@alicloud/cams20200606';
import Dybase from '@alicloud/dybaseapi';
import { Config } from '@alicloud/openapi-client';
import PopCore from '@alicloud/pop-core';
import { request } from 'undici';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const number = '15550100001';
const statusQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;

let service: Service;
let dataDir: string;
let client: Cams.default;

before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'chasqui-cams-'));
  service = await startService({
    dataDir,
    env: { CHASQUI_TEMPLATE_REVIEW_SECONDS: '0', CHASQUI_SEND_RATE: '1000' },
  });
  client = new Cams.default(
    new Config({
      accessKeyId: rootAccount.keyId,
      accessKeySecret: rootAccount.keySecret,
      endpoint: new URL(service.url).host,
      protocol: 'http',
      // This SDK never clears the timer of an answer that came. It shares its sockets with the SMQ SDK, whose answers would be
      // taken for timeouts when the timer runs out; so it runs out after the test.
      readTimeout: 600_000,
    }),
  );
  const hook = new cams.UpdatePhoneWebhookRequest({
    custSpaceId: 'sandbox',
    phoneNumber: number,
    queueFlag: 'Y',
  });
  assert.equal((await client.updatePhoneWebhook(hook)).body?.code, 'OK');
});
after(async () => {
  await service.stop();
  rmSync(dataDir, { recursive: true });
});

interface Status {
  readonly ReceiptId: string;
  readonly Timestamp: number;
  readonly MessageId: string;
  readonly Status: string;
  readonly TaskId: string;
  readonly MsgFrameType: string;
  readonly Type: string;
  readonly To: string;
  readonly TemplateCode?: string;
  readonly ErrorCode?: string;
  readonly GroupMessageId?: string;
}

/** Pulls with the token of the queue, as the vendor's samples do, until `isDone`. */
async function pull(isDone: (statuses: readonly Status[]) => boolean): Promise<Status[]> {
  const dybase = new Dybase({
    accessKeyId: rootAccount.keyId,
    secretAccessKey: rootAccount.keySecret,
    endpoint: service.url,
  }) as unknown as {
    queryTokenForMnsQueue(values: object): Promise<{ MessageTokenDTO: Record<string, string> }>;
  };
  const { MessageTokenDTO: token } = await dybase.queryTokenForMnsQueue({
    MessageType: 'ChatAppStatus',
    QueueName: statusQueue,
  });
  const mns = new MnsClient(rootAccount.accountId, {
    accessKeyId: token['AccessKeyId'] ?? '',
    accessKeySecret: token['AccessKeySecret'] ?? '',
    securityToken: token['SecurityToken'] ?? '',
    endpoint: service.url,
  });
  const statuses = new Map<string, Status>();
  await waitUntil('the statuses are in the queue', 60_000, async () => {
    const { body } = (await mns.batchReceiveMessage(statusQueue, 16).catch(toNothing)) as {
      body: { MessageBody: string; ReceiptHandle: string }[];
    };
    for (const { MessageBody, ReceiptHandle } of body) {
      const status = JSON.parse(Buffer.from(MessageBody, 'base64').toString('utf8')) as Status;
      statuses.set(status.ReceiptId, status);
      await mns.deleteMessage(statusQueue, ReceiptHandle);
    }
    return isDone([...statuses.values()]);
  });
  return [...statuses.values()].toSorted((a, b) => a.Timestamp - b.Timestamp);
}

/** What this SDK throws when a queue is empty is no message; what else it throws stays. */
function toNothing(error: unknown): { body: readonly never[] } {
  if (error instanceof Error && error.name === 'MNSMessageNotExistError') return { body: [] };
  throw error;
}

const send = (values: Record<string, unknown>) =>
  client.sendChatappMessage(
    new cams.SendChatappMessageRequest({ channelType: 'whatsapp', from: number, ...values }),
  );

it('sends a text and pulls its statuses with a token', async () => {
  const { body } = await send({
    type: 'message',
    messageType: 'text',
    to: '8613900000000',
    content: JSON.stringify({ text: 'hello 你好 + 100% *~' }),
    taskId: 'task-1',
  });
  assert.equal(body?.code, 'OK');
  const statuses = await pull((all) => all.length >= 3);
  assert.deepEqual(
    statuses.map(({ Status, MessageId, TaskId, To, MsgFrameType, Type }) => [
      Status,
      MessageId,
      TaskId,
      To,
      MsgFrameType,
      Type,
    ]),
    ['Sent', 'Delivered', 'Read'].map((status) => [
      status,
      body.messageId,
      'task-1',
      '8613900000000',
      'message',
      'none',
    ]),
  );
});

it('has a template reviewed and sends it to many, each after its own digit', async () => {
  const created = await client.createChatappTemplate(
    new cams.CreateChatappTemplateRequest({
      name: 'hello',
      language: 'en',
      category: 'UTILITY',
      templateType: 'WHATSAPP',
      custSpaceId: 'sandbox',
      components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Hello $(name)' })],
      example: { name: 'Bob' },
    }),
  );
  const templateCode = created.body?.data?.templateCode ?? '';
  const detail = new cams.GetChatappTemplateDetailRequest({
    custSpaceId: 'sandbox',
    templateCode,
    language: 'en',
  });
  await waitUntil('the template has passed', 60_000, async () => {
    const { body } = await client.getChatappTemplateDetail(detail);
    return body?.data?.auditStatus === 'pass';
  });
  const ends = ['0', '1', '2', '3', '6'];
  const mass = await client.sendChatappMassMessage(
    new cams.SendChatappMassMessageRequest({
      channelType: 'whatsapp',
      from: number,
      language: 'en',
      templateCode,
      taskId: 'mass-1',
      senderList: ends.map(
        (end) =>
          new cams.SendChatappMassMessageRequestSenderList({
            to: `861390000001${end}`,
            templateParams: { name: 'Bob' },
          }),
      ),
    }),
  );
  assert.equal(mass.body?.code, 'OK');
  // 3 + 2 + 1 + 3 (two are repeats of the same event) + 3.
  const statuses = await pull((all) => all.length >= 12);
  const byEnd = (end: string) => statuses.filter(({ To }) => To.endsWith(end)).map(({ Status }) => Status);
  assert.deepEqual(byEnd('0'), ['Sent', 'Delivered', 'Read']);
  assert.deepEqual(byEnd('1'), ['Sent', 'Delivered']);
  assert.deepEqual(byEnd('2'), ['Failed']);
  assert.deepEqual(byEnd('3'), ['Delivered', 'Sent', 'Read']);
  assert.deepEqual(byEnd('6'), ['Sent', 'Delivered', 'Read']);
  for (const status of statuses) {
    assert.equal(status.TaskId, 'mass-1');
    assert.equal(status.TemplateCode, templateCode);
    assert.equal(status.Type, 'TEMPLATE');
    assert.equal(status.GroupMessageId, mass.body.groupMessageId);
  }
  assert.equal(new Set(statuses.map(({ MessageId }) => MessageId)).size, ends.length);
  assert.equal(statuses.find(({ To }) => To.endsWith('2'))?.ErrorCode, '131026');
});

it('answers operations that the SDK lacks over the older RPC client', async () => {
  const rpc = new PopCore({
    accessKeyId: rootAccount.keyId,
    accessKeySecret: rootAccount.keySecret,
    endpoint: service.url,
    apiVersion: '2020-06-06',
  });
  const page = { Index: 1, Size: 10 };
  const listed = await rpc.request<{ Data: Record<string, string>[] }>(
    'ListChatappMessage',
    {
      ChannelType: 'WHATSAPP',
      BusinessNumber: number,
      CustSpaceId: 'sandbox',
      Page: JSON.stringify(page),
      UserNumber: '8613900000000',
    },
    { method: 'POST' },
  );
  assert.deepEqual(
    listed.Data.map((row) => [row['MessageStatus'], row['ClientReadStatus'], row['MessageTypeName']]),
    [['success', 'success', 'text']],
  );
  const instances = await rpc.request<{ TotalCount: number }>('ListInstance', {});
  assert.equal(instances.TotalCount, 1);
  await assert.rejects(rpc.request('AddChatGroup', {}), { code: 'UnsupportedOperation' });
  await assert.rejects(
    rpc.request('SendChatappMessage', { ChannelType: 'whatsapp', Type: 'message', From: '1', To: '2' }),
    { code: 'InvalidParameter.FromNotExist' },
  );
});

it('says what is wrong as the SDK throws it', async () => {
  const bad = new Cams.default(
    new Config({
      accessKeyId: rootAccount.keyId,
      accessKeySecret: 'wrong',
      endpoint: new URL(service.url).host,
      protocol: 'http',
    }),
  );
  await assert.rejects(bad.listChatappTemplate(new cams.ListChatappTemplateRequest({})), {
    code: 'SignatureDoesNotMatch',
  });
  const { body } = await send({ type: 'message', messageType: 'text', to: '+861', content: '{"text":"x"}' });
  assert.equal(body?.code, 'InvalidParameter.ToOnlyNumeric');
});

it('takes a long address for CAMS, and for nothing else', async () => {
  const target = `/?Action=Nothing&x=${'y'.repeat(150_000)}`;
  const long = await request(`${service.url}${target}`);
  assert.equal(long.statusCode, 400);
  assert.match(await long.body.text(), /MissingParameter/);
  for (const path of [
    `/queues?x=${'y'.repeat(20_000)}`,
    `/api/v1/receipts?x=${'y'.repeat(20_000)}`,
    `/?x=${'y'.repeat(20_000)}`,
  ]) {
    const refused = await request(`${service.url}${path}`);
    assert.equal(refused.statusCode, 431, path.slice(0, 20));
    await refused.body.dump();
  }
  const headers = await request(`${service.url}/?Action=Nothing`, {
    headers: { 'x-long': 'y'.repeat(20_000) },
  });
  assert.equal(headers.statusCode, 431);
  await headers.body.dump();
});

it('answers at the root whoever speaks, each in his own form', async () => {
  const ask = async (head: string): Promise<string> => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.end(`${head}\r\nHost: x\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  };
  const tooLarge = await ask('POST / HTTP/1.1\r\nx-acs-action: X\r\nContent-Length: 5000000');
  assert.match(tooLarge, /^HTTP\/1\.1 413 [^]*application\/json[^]*"Code":"RequestTooLarge"/);
  const close = '\r\nConnection: close';
  const absolute = await ask(`GET http://other.example/?Action=X&Format=JSON HTTP/1.1${close}`);
  assert.match(absolute, /^HTTP\/1\.1 400 [^]*"Message":"Version is required\."/);
  const put = await ask(`PUT / HTTP/1.1\r\nx-acs-action: X\r\nx-acs-version: 1\r\nContent-Length: 0${close}`);
  assert.match(put, /^HTTP\/1\.1 400 [^]*"Code":"IncompleteSignature"/);
  const queues = await ask(`POST /?x HTTP/1.1\r\nAuthorization: MNS a:b\r\nContent-Length: 0${close}`);
  assert.match(queues, /^HTTP\/1\.1 4\d\d [^]*text\/xml[^]*<Error/);
  assert.match(await ask(`GET / HTTP/1.1${close}`), /^HTTP\/1\.1 302 [^]*location: \/console\//);
  assert.match(await ask(`GET //x HTTP/1.1${close}`), /^HTTP\/1\.1 404 /);
});
