// What becomes of messages whose sender is deleted, in the service as it is started, through a kill right after the answer.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import PopCore from '@alicloud/pop-core';
import { request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const { keyId, keySecret } = rootAccount;
const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;

it('fails each message that waits for a deleted sender once, tells the business of it, and fires its fallback', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-deleted-'));
  const business = await openReceiver();
  const gateway = await openReceiver();
  const options = {
    dataDir,
    port: await findFreePort(),
    env: {
      // Nobody is there, so that every send call is tried again later.
      CHASQUI_GRAPH_URL: `http://127.0.0.1:${await findFreePort()}`,
      CHASQUI_SMS_GATEWAY_URL: gateway.url,
    },
  };
  let service = await startService(options);
  t.after(async () => {
    await service.stop();
    await business.close();
    await gateway.close();
    rmSync(dataDir, { recursive: true });
  });
  const call = async (method: 'PUT' | 'DELETE', path: string, body?: object): Promise<void> => {
    const answer = await request(`${service.url}/api/v1${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(answer.statusCode < 300, await answer.body.text());
  };
  const find = async (id: string) => {
    const answer = await request(`${service.url}/api/v1/messages/${id}`, { headers: { authorization } });
    return (await answer.body.json()) as { message: { state: string; status: string } };
  };
  const credentials = { appSecret: '0123456789abcdef', verifyToken: 'v', accessToken: 'token' };
  await call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  for (const [number, phoneNumberId] of [
    ['15550001111', '7001'],
    ['15550002222', '7002'],
  ] as const) {
    await call('PUT', `/channels/wa/senders/${number}`, { phoneNumberId });
    const webhook = { http: true, statusUrl: business.url, types: ['ChatAppStatus'] };
    await call('PUT', `/channels/wa/senders/${number}/webhook`, webhook);
  }
  const rpc = new PopCore({
    accessKeyId: keyId,
    accessKeySecret: keySecret,
    endpoint: service.url,
    apiVersion: '2020-06-06',
  });
  const send = async (from: string, to: string) =>
    (
      await rpc.request<{ MessageId: string }>(
        'SendChatappMessage',
        {
          ChannelType: 'whatsapp',
          Type: 'message',
          MessageType: 'text',
          Content: '{"text":"hello"}',
          CustSpaceId: 'wa',
          From: from,
          To: to,
          FallBackContent: 'instead',
          FallBackId: 'S_1',
        },
        { method: 'POST' },
      )
    ).MessageId;
  // The second waits behind the first.
  const first = [await send('15550001111', '8613900000001'), await send('15550001111', '8613900000001')];
  const second = [await send('15550002222', '8613900000002')];
  await call('DELETE', '/channels/wa/senders/15550001111');
  const told = () =>
    business.calls.flatMap(({ body }) =>
      (JSON.parse(body) as Record<string, string>[]).map(({ MessageId, Status, ErrorCode, From }) => ({
        MessageId,
        Status,
        ErrorCode,
        From,
      })),
    );
  await waitUntil('the business has heard of both', 120_000, () => told().length >= 2);
  assert.deepEqual(
    told(),
    first.map((MessageId) => ({
      MessageId,
      Status: 'Failed',
      ErrorCode: 'sender_deleted',
      From: '15550001111',
    })),
  );
  assert.equal((await find(second[0] ?? '')).message.state, 'queued');
  await call('DELETE', '/channels/wa');
  await service.kill();
  service = await startService(options);
  await waitUntil('the business has heard of the other', 120_000, () =>
    told().some(({ MessageId }) => MessageId === second[0]),
  );
  const codes = new Set(told().map(({ MessageId, ErrorCode }) => `${MessageId}/${ErrorCode}`));
  assert.equal(codes.size, 3, 'each message has one outcome');
  assert.equal((await find(second[0] ?? '')).message.status, 'failed');
  const replaced = () =>
    gateway.calls.map(({ body }) => (JSON.parse(body) as { MessageId: string }).MessageId);
  await waitUntil('the fallbacks have fired', 120_000, () => new Set(replaced()).size === 3);
  assert.deepEqual([...new Set(replaced())].toSorted(), [...first, ...second].toSorted());
});
