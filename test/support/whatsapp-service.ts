import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Cams from '@alicloud/cams20200606';
import { Config } from '@alicloud/openapi-client';
import { request } from 'undici';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Simulator } from '../../src/simulators/simulator.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { findFreePort, rootAccount, startService } from './service.ts';
import type { Service } from './service.ts';
import { openVendorProxy } from './vendor-proxy.ts';
import type { PassedCall, VendorProxy } from './vendor-proxy.ts';
import { openLocalClient } from './client.ts';

export const wabaId = '100000000000001';
export const number = '15550001111';

interface WhatsappService {
  readonly service: Service;
  readonly simulator: Simulator;
  readonly proxy: VendorProxy;
  /** The SDK, with the first account's key. */
  readonly sdk: Cams.default;
  /** Asks the simulated Graph API as the business's own app would. */
  readonly askGraph: (path: string) => Promise<Record<string, unknown>>;
}

/** The service as it is started, with channel `wa` at the simulated WhatsApp and what it asks of it noted. Ends with the test. */
export async function openWhatsappService(
  t: TestContext,
  intercept?: (call: PassedCall) => number | undefined,
): Promise<WhatsappService> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-whatsapp-'));
  const client = openLocalClient();
  const appSecret = '0123456789abcdef0123456789abcdef';
  const accessToken = 'EAAsimulatedAccessToken';
  const options = { 'app-secret': appSecret };
  const simulator = await openSimulator(whatsapp, { client, speed: 30, options });
  const proxy = await openVendorProxy(simulator.address, intercept);
  const port = await findFreePort();
  const env = { CHASQUI_GRAPH_URL: proxy.url, PUBLIC_URL: `http://127.0.0.1:${port}` };
  const service = await startService({ dataDir, port, env });
  t.after(async () => {
    await service.stop();
    await proxy.close();
    await simulator.close();
    await client.close();
    rmSync(dataDir, { recursive: true });
  });
  const { keyId, keySecret } = rootAccount;
  const put = async (path: string, body: object): Promise<void> => {
    const authorization = `Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`;
    const answer = await request(`${service.url}/api/v1${path}`, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(answer.statusCode, 201, await answer.body.text());
  };
  const credentials = { appSecret, verifyToken: 'verify', accessToken };
  await put('/channels/wa', { type: 'whatsapp', wabaId, credentials });
  await put(`/channels/wa/senders/${number}`, { phoneNumberId: '200000000000001' });
  return {
    service,
    simulator,
    proxy,
    sdk: new Cams.default(
      new Config({
        accessKeyId: keyId,
        accessKeySecret: keySecret,
        endpoint: new URL(service.url).host,
        protocol: 'http',
      }),
    ),
    askGraph: async (path) => {
      const { body } = await request(`${simulator.address}/v25.0${path}`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      return (await body.json()) as Record<string, unknown>;
    },
  };
}
