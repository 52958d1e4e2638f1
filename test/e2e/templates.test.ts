// A template's whole life at the simulated WhatsApp, as the service is started: made, passed, deleted, and made again at once,
// while the vendor does not answer the first call that deletes it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import Cams, * as cams from '@alicloud/cams20200606';
import { Config } from '@alicloud/openapi-client';
import { request } from 'undici';
import { openClient } from '../../src/http/client.ts';
import { openSimulator } from '../../src/simulators/core.ts';
import { whatsapp } from '../../src/simulators/whatsapp.ts';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const wabaId = '100000000000001';
const accessToken = 'EAAsimulatedAccessToken';
const appSecret = '0123456789abcdef0123456789abcdef';

it('deletes at WhatsApp what is deleted here, before one of that name is handed in again', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-templates-'));
  const client = openClient({ egressAllow: ['127.0.0.0/8'] });
  const port = await findFreePort();
  const simulator = await openSimulator(whatsapp, {
    client,
    speed: 30,
    options: { 'app-secret': appSecret },
  });
  // Stands between the two, and answers the first deletion with a fault.
  const asked: string[] = [];
  const graph = await openReceiver((call, response, { method = 'GET' }) => {
    const isDeletion = method === 'DELETE';
    const isTemplate = /message_templates|^\/v[\d.]+\/\d+$/.test(call.path);
    if (isTemplate && method !== 'GET') asked.push(method);
    if (isDeletion && asked.filter((name) => name === 'DELETE').length === 1) {
      response.writeHead(503).end();
      return;
    }
    const { authorization = '', 'content-type': type = 'application/json' } = call.headers;
    void request(`${simulator.address}${call.path}`, {
      method: method as 'GET',
      headers: { authorization: String(authorization), 'content-type': String(type) },
      body: call.body === '' ? null : call.body,
    }).then(async ({ statusCode, body }) =>
      response.writeHead(statusCode, { 'content-type': 'application/json' }).end(await body.text()),
    );
  });
  const service = await startService({
    dataDir,
    port,
    env: { CHASQUI_GRAPH_URL: graph.url, PUBLIC_URL: `http://127.0.0.1:${port}` },
  });
  t.after(async () => {
    await service.stop();
    await graph.close();
    await simulator.close();
    await client.close();
    rmSync(dataDir, { recursive: true });
  });
  const { keyId, keySecret } = rootAccount;
  const put = await request(`${service.url}/api/v1/channels/wa`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      type: 'whatsapp',
      wabaId,
      credentials: { appSecret, verifyToken: 'verify', accessToken },
    }),
  });
  assert.equal(put.statusCode, 201, await put.body.text());
  const sdk = new Cams.default(
    new Config({
      accessKeyId: keyId,
      accessKeySecret: keySecret,
      endpoint: new URL(service.url).host,
      protocol: 'http',
    }),
  );
  const create = async () => {
    const { body } = await sdk.createChatappTemplate(
      new cams.CreateChatappTemplateRequest({
        name: 'hello',
        language: 'en',
        category: 'UTILITY',
        templateType: 'WHATSAPP',
        custSpaceId: 'wa',
        components: [new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Hello' })],
      }),
    );
    assert.equal(body?.code, 'OK', body?.message);
    return body.data?.templateCode ?? '';
  };
  /** The templates that WhatsApp has. */
  const list = async () => {
    const { body } = await request(`${simulator.address}/v25.0/${wabaId}/message_templates?name=hello`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    return ((await body.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  const first = await create();
  await waitUntil('it has been handed in', 20_000, async () => (await list()).length === 1);
  const [old] = await list();
  const deleted = await sdk.deleteChatappTemplate(
    new cams.DeleteChatappTemplateRequest({
      templateCode: first,
      templateType: 'WHATSAPP',
      custSpaceId: 'wa',
    }),
  );
  assert.equal(deleted.body?.code, 'OK');
  assert.notEqual(await create(), first);
  await waitUntil('the new one stands in its place', 40_000, async () => {
    const ids = await list();
    return ids.length === 1 && ids[0] !== old;
  });
  assert.deepEqual(asked, ['POST', 'DELETE', 'DELETE', 'POST']);
});
