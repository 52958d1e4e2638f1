// SMS fallbacks of the service as it is started: a gateway that is down at first, and what the API says of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import PopCore from '@alicloud/pop-core';
import { request } from 'undici';
import { toHeaders } from '../../src/core/deliveries/signature.ts';
import { openReceiver } from '../support/receiver.ts';
import type { ReceivedCall } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';

const number = '15550100001';
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

it('hands a failed message to the SMS gateway, signed, until it takes it, and tells so', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-fallback-'));
  const taken: ReceivedCall[] = [];
  let refusals = 1;
  const gateway = await openReceiver((call, response) => {
    if (refusals > 0) response.statusCode = 503;
    else taken.push(call);
    refusals -= 1;
    response.end();
  });
  const service = await startService({
    dataDir,
    env: { CHASQUI_SMS_GATEWAY_URL: gateway.url, CHASQUI_SMS_GATEWAY_SECRET: secret },
  });
  t.after(async () => {
    await service.stop();
    await gateway.close();
    rmSync(dataDir, { recursive: true });
  });
  const rpc = new PopCore({
    accessKeyId: rootAccount.keyId,
    accessKeySecret: rootAccount.keySecret,
    endpoint: service.url,
    apiVersion: '2020-06-06',
  });
  const send = async (to: string, values: Record<string, string> = {}) =>
    (
      await rpc.request<{ MessageId: string }>(
        'SendChatappMessage',
        {
          ChannelType: 'whatsapp',
          Type: 'message',
          MessageType: 'text',
          Content: '{"text":"hello"}',
          From: number,
          To: to,
          FallBackId: 'S_000001',
          FallBackContent: 'Your code is 1.',
          ...values,
        },
        { method: 'POST' },
      )
    ).MessageId;
  // By their last digit the first is delivered, the second fails; the third is refused by the template's rules.
  const delivered = await send('8613900000001');
  const failed = await send('8613900000012', { TaskId: 'task-1' });
  const refused = await send('8613900000020', {
    Type: 'template',
    TemplateCode: 'none',
    Language: 'en',
    FallBackRule: 'sentFailed',
  });
  await assert.rejects(send('8613900000030', { Type: 'template', TemplateCode: 'none', Language: 'en' }), {
    code: 'InvalidParameter.TemplateNotExist',
  });
  await waitUntil('the gateway has taken both', 60_000, () => taken.length >= 2);
  const posts = taken.map(({ body }) => JSON.parse(body) as Record<string, string>);
  assert.deepEqual(posts.map(({ MessageId }) => MessageId).toSorted(), [failed, refused].toSorted());
  const post = posts.find(({ MessageId }) => MessageId === failed);
  assert.deepEqual(
    [post?.['Type'], post?.['TaskId'], post?.['From'], post?.['To'], post?.['FallBackId'], post?.['Reason']],
    ['fallback', 'task-1', number, '8613900000012', 'S_000001', 'failed'],
  );
  assert.equal(post?.['FallBackContent'], 'Your code is 1.');
  for (const { headers, body } of gateway.calls) {
    const at = Number(headers['webhook-timestamp']) * 1000;
    const id = String(headers['webhook-id']);
    const secrets = [{ secret, expiresAt: null }];
    assert.equal(
      headers['webhook-signature'],
      toHeaders({ id, at, body, secrets, attempt: 1, cause: null })['webhook-signature'],
    );
  }
  const tell = async () => {
    const { keyId, keySecret } = rootAccount;
    const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
    const url = `${service.url}/api/v1/messages/${failed}`;
    const { events, reasons } = (await (await request(url, { headers: { authorization } })).body.json()) as {
      events: { kind: string; ref: Record<string, unknown> }[];
      reasons: { code: string }[];
    };
    const fallback = events.filter(({ kind }) => kind.startsWith('fallback'));
    return [fallback.at(-2)?.ref['outcome'], fallback.at(-1)?.kind, reasons.map(({ code }) => code)];
  };
  const told = ['accepted', 'fallback_taken', ['refused_by_channel', 'no_subscription', 'fallback_taken']];
  // The gateway has the post before its answer is on record here.
  await waitUntil('the timeline tells it', 60_000, async () => (await tell())[1] === 'fallback_taken');
  assert.deepEqual(await tell(), told);
  const list = async () =>
    (
      await rpc.request<{ Data: Record<string, string>[] }>('ListChatappMessage', {
        ChannelType: 'WHATSAPP',
        BusinessNumber: number,
        CustSpaceId: 'sandbox',
        Page: '{"Index":1,"Size":10}',
      })
    ).Data.map((row) => [row['MessageId'], row['FailBackFlag'], row['FailBackContent']]);
  assert.deepEqual(await list(), [
    [refused, 'Y', 'Your code is 1.'],
    [failed, 'Y', 'Your code is 1.'],
    [delivered, 'N', ''],
  ]);
});
