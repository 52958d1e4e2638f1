// The world outside of the console: the service as it was started, the vendors as their simulators play them, and the systems of
// the business.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { instagram, messenger } from '../../../src/simulators/messaging/vendor.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import type { Simulator, Vendor } from '../../../src/simulators/simulator.ts';
import { viberBot } from '../../../src/simulators/viber/bot.ts';
import { viberBusiness } from '../../../src/simulators/viber/business.ts';
import { whatsapp } from '../../../src/simulators/whatsapp/vendor.ts';
import { openLocalClient } from '../../support/client.ts';
import { readBlocks } from '../../support/page.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { bareEnv, findFreePort, startService, waitUntil } from '../../support/service.ts';
import type { Service } from '../../support/service.ts';
import { openVendorProxy } from '../../support/vendor-proxy.ts';

export type Product = 'whatsapp' | 'messenger' | 'instagram' | 'viber-bot' | 'viber-business';

/** What each vendor gave the business at its desk. */
export const given = {
  appSecret: '0123456789abcdef0123456789abcdef',
  verifyToken: 'verify-me',
  accessTokens: {
    whatsapp: 'EAAtokenOfWhatsApp',
    messenger: 'EAAtokenOfMessenger',
    instagram: 'EAAtokenOfInstagram',
  },
  authToken: 'bot-token',
  pathSecret: 'a-secret-in-the-path',
} as const;

/** How much faster than in the world the vendors' clocks go: a review of half a minute takes half a second. */
const speed = 60;

export interface Town {
  readonly service: Service;
  /** Has a user of a product write to the business. */
  readonly userWrites: (product: Product, text: string) => Promise<unknown>;
  /** What is done at Meta's App Dashboard: the app posts its events to this address from now on. */
  readonly pointApp: (product: 'messenger' | 'instagram', address: string) => Promise<void>;
  /** The order system: answers with an error of its database until it is mended. */
  readonly orders: Receiver & { readonly mend: () => void };
}

/** Nothing goes wrong at the vendor's; what does is the matter of other tests. */
function withoutFaults({ faults }: Vendor): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));
}

const dashboards = { messenger: 'messenger', instagram: 'instagram' } as const;

export async function openTown(t: TestContext): Promise<Town> {
  const client = openLocalClient();
  t.after(() => client.close());
  const port = await findFreePort();
  const hook = `http://127.0.0.1:${port}/hooks/viber/viber-business/${given.pathSecret}`;
  const open = async (vendor: Vendor, options: Readonly<Record<string, string>>): Promise<Simulator> => {
    const faults = withoutFaults(vendor);
    const simulator = await openSimulator(vendor, { client, seed: '1', speed, faults, options });
    t.after(() => simulator.close());
    return simulator;
  };
  const meta = { 'app-secret': given.appSecret, reads: '1' };
  const vendors: Readonly<Record<Product, Simulator>> = {
    whatsapp: await open(whatsapp, { ...meta, 'access-token': given.accessTokens.whatsapp }),
    messenger: await open(messenger, { ...meta, 'access-token': given.accessTokens.messenger }),
    instagram: await open(instagram, { ...meta, 'access-token': given.accessTokens.instagram }),
    'viber-bot': await open(viberBot, { 'auth-token': given.authToken }),
    'viber-business': await open(viberBusiness, { 'status-url': hook }),
  };
  // Meta has one address for its three products; who calls is told by the token.
  const graph = await openVendorProxy(({ authorization }) => {
    const product = (['messenger', 'instagram'] as const).find((one) =>
      authorization.includes(given.accessTokens[one]),
    );
    return vendors[product ?? 'whatsapp'].address;
  });
  t.after(() => graph.close());
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-first-week-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const service = await startService({
    dataDir,
    port,
    env: {
      CHASQUI_GRAPH_URL: graph.url,
      CHASQUI_VIBER_BOT_URL: vendors['viber-bot'].address,
      CHASQUI_VIBER_BUSINESS_URL: vendors['viber-business'].address,
    },
  });
  t.after(() => service.stop());
  const orders = await openOrders();
  t.after(() => orders.close());
  return {
    service,
    orders,
    userWrites: (product, text) => write(vendors[product], product, text),
    pointApp: (product, address) => pointApp(vendors[dashboards[product]], product, address),
  };
}

/** Users as the simulators have them. */
export const users: Readonly<Record<Product, string>> = {
  whatsapp: '15550002222',
  messenger: '6210000000000010',
  instagram: '9110000000000010',
  'viber-bot': '',
  'viber-business': '15552000003',
};

async function write(vendor: Simulator, product: Product, text: string): Promise<unknown> {
  const from = users[product];
  switch (product) {
    case 'whatsapp':
      return vendor.act('message', { from, text: { body: text } });
    case 'messenger':
    case 'instagram':
      return vendor.act('say', { from, text });
    case 'viber-bot': {
      const [user] = (await vendor.act('users', {})) as { id: string }[];
      return vendor.act('message', { user: user?.id, text });
    }
    case 'viber-business':
      return vendor.act('message', { user: from, text });
  }
}

async function pointApp(
  vendor: Simulator,
  product: 'messenger' | 'instagram',
  address: string,
): Promise<void> {
  const answer = await request(`${vendor.address}/v25.0/app/subscriptions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${given.accessTokens[product]}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ callback_url: address, verify_token: given.verifyToken }),
  });
  assert.equal(answer.statusCode, 200, await answer.body.text());
}

/** What the order system says as long as it is broken. */
export const ordersFault = 'column "user" does not exist';

async function openOrders(): Promise<Town['orders']> {
  let isMended = false;
  const receiver = await openReceiver((_call, response) => {
    response.statusCode = isMended ? 200 : 500;
    response.end(isMended ? 'ok' : ordersFault);
  });
  return {
    ...receiver,
    mend: () => {
      isMended = true;
    },
  };
}

/** The receiver of the README, as its reader would run it. */
export async function runReceiverOfReadme(
  t: TestContext,
): Promise<{ readonly url: string; readonly untilItPrints: (text: string) => Promise<void> }> {
  const program = readBlocks('README.md').find(({ name }) => name === 'receiver.mjs');
  assert.ok(program);
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-receiver-'));
  await writeFile(join(folder, program.name), program.text);
  const port = await findFreePort();
  const child = spawn(process.execPath, [program.name], {
    cwd: folder,
    env: { ...bareEnv, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const url = `http://127.0.0.1:${port}/`;
  await waitUntil('the receiver listens', 60_000, () =>
    request(url).then(
      async ({ body }) => body.dump().then(() => true),
      () => false,
    ),
  );
  return {
    url,
    untilItPrints: (text) => waitUntil(`it prints ${text}`, 60_000, () => printed.includes(text)),
  };
}

/** The order system as a client of the admin API, with the key that it was given. */
export async function callWithKey({ service }: Town, id: string, secret: string): Promise<number> {
  const answer = await request(`${service.url}/api/v1/receipts`, {
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
  });
  await answer.body.dump();
  return answer.statusCode;
}
