// What a day is played on: the service as it is started, a simulated vendor, and a business that takes receipts and notes them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Simulator } from '../../src/simulators/simulator.ts';
import { signAcs3 } from '../support/cams-client.ts';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { openLocalClient } from '../support/client.ts';
import { openBalancer } from './balancer.ts';
import type { DayChannel } from './channels.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };

export type Receipt = Readonly<Record<string, string>>;
type Answer = Readonly<Record<string, unknown>>;

/** What the business has been handed. */
interface Taken {
  /** Each receipt once, in the order of their first coming. */
  readonly receipts: readonly Receipt[];
  /** Repeats by their cause; `none` when nothing said that it was one. */
  readonly repeats: ReadonlyMap<string, number>;
  /** Pushes that hold no receipts. */
  readonly strange: readonly string[];
}

export interface Bed {
  /** Where the service is reached. */
  readonly url: string;
  readonly simulator: Simulator;
  /** Where the business's callbacks are. */
  readonly businessUrl: string;
  readonly taken: Taken;
  /** Asks the admin API; throws for anything but a success. */
  readonly api: (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => Promise<Answer>;
  /** Asks CAMS; undefined when the connection broke or the service was away, so that nobody knows whether it was taken. */
  readonly cams: (action: string, values: Readonly<Record<string, string>>) => Promise<Answer | undefined>;
  /** Ends one of the nodes as a power cut would, and starts it again. */
  readonly killOne: () => Promise<void>;
  readonly output: () => string;
  readonly close: () => Promise<void>;
}

/** One process on an SQLite file, or two nodes on a PostgreSQL database, whose address is `databaseUrl`. */
export async function openBed(
  channel: DayChannel,
  { count, seed, databaseUrl }: { count: number; seed: string; databaseUrl?: string },
): Promise<Bed> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-day-'));
  const client = openLocalClient();
  const ports = [await findFreePort(), ...(databaseUrl === undefined ? [] : [await findFreePort()])];
  const balancer = await openBalancer(ports);
  const hookUrl = `${balancer.url}/hooks/${channel.type}/shop`;
  const simulator = await openSimulator(channel.vendor, {
    client,
    seed,
    speed: channel.speed,
    options: channel.options(hookUrl, count),
    faults: channel.faults(count),
  });
  const env = {
    PUBLIC_URL: balancer.url,
    CHASQUI_SEND_RATE: '2000',
    CHASQUI_STATUS_HOLD_SECONDS: '5',
    // Where webhooks will tell of a message whose answer was lost, they may be slow to; elsewhere there is nothing to wait for.
    CHASQUI_SEND_UNKNOWN_SECONDS: channel.knowsItsOwn ? '120' : '10',
    ...channel.env(simulator.address),
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl, MASTER_KEY: '5c'.repeat(32) }),
  };
  const start = (port: number): Promise<Service> => startService({ dataDir, port, env });
  const nodes: Service[] = [];
  for (const port of ports) nodes.push(await start(port));

  const seen = new Set<string>();
  const receipts: Receipt[] = [];
  const repeats = new Map<string, number>();
  const strange: string[] = [];
  const business = await openReceiver((call, response, { method = '' }) => {
    const pushed = readPush(call.body);
    if (pushed === undefined) {
      // What is signed is ours. Others may be calling here for whoever had this port before.
      if (call.headers['webhook-id'] !== undefined)
        strange.push(`${method} ${call.path} ${JSON.stringify(call.headers)} ${call.body.slice(0, 200)}`);
      response.writeHead(400).end();
      return;
    }
    const cause = String(call.headers['chasqui-repeat-cause'] ?? 'none');
    for (const receipt of pushed) {
      const id = receipt['ReceiptId'] ?? '';
      if (seen.has(id)) repeats.set(cause, (repeats.get(cause) ?? 0) + 1);
      else receipts.push(receipt);
      seen.add(id);
    }
    response.setHeader('content-type', 'application/json').end('{"code":0,"msg":"ok"}');
  });

  return {
    url: balancer.url,
    simulator,
    businessUrl: business.url,
    taken: { receipts, repeats, strange },
    api: async (method, path, body) => {
      const answer = await request(`${balancer.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Answer);
    },
    cams: async (action, values) => {
      const call = signAcs3(key, action, values, { host: new URL(balancer.url).host, form: true });
      const { method, headers, body } = call;
      const text = await request(balancer.url + call.target, { method, headers, body })
        .then((answer) => answer.body.text())
        .catch(() => undefined);
      if (text === undefined) return undefined;
      const json = JSON.parse(text) as Answer;
      // Said while a node is on its way down or up; whether the message was taken is not known then.
      if (json['Code'] === 'ServiceUnavailable') return undefined;
      assert.equal(json['Code'], 'OK', text);
      return json;
    },
    killOne: async () => {
      await nodes[0]?.kill();
      nodes[0] = await start(ports[0] ?? 0);
    },
    output: () => nodes.map((node) => node.output()).join('\n'),
    close: async () => {
      for (const node of nodes) await node.stop();
      await simulator.close();
      await business.close();
      await balancer.close();
      await client.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

function readPush(body: string): readonly Receipt[] | undefined {
  try {
    return JSON.parse(body) as Receipt[];
  } catch {
    // Told as strange.
    return undefined;
  }
}
