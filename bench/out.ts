// Messages on their way out: how many a second reach the simulated vendor of a channel, against a bare client posting the same.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, request } from 'undici';
import { signAcs3 } from '../test/support/cams-client.ts';
import { rootAccount } from '../test/support/service.ts';
import { key, startProcess, toMicros } from './bed.ts';
import type { Bed } from './bed.ts';
import type { Load } from './measure.ts';
import { compare, setDestinations, statusUrlOf, withBed } from './scenario.ts';
import type { Row, Scenario } from './scenario.ts';
import { appSecret } from './secret.ts';

type ChannelName = 'whatsapp' | 'messenger' | 'instagram' | 'viber';

const connections = 64;
const token = 'bench-access-token';
/** The Page or professional account that the driver's webhooks are of. */
const account = '200000000';
const bot = '75346594275468546724';
const settings = { CHASQUI_SEND_RATE: '10000', CHASQUI_SEND_CONCURRENCY: String(connections) };

interface Way {
  readonly senderId: string;
  /** What the vendor is started with. */
  readonly options: Readonly<Record<string, string>>;
  /** The setting of the service that says where the vendor is. */
  readonly env: string;
  readonly toCredentials: (token: string) => object;
  readonly sender: object;
  readonly toUser: (n: number) => string;
  /** The vendor's request for a message, with `{n}` where the number of its user stands. */
  readonly post: { readonly path: string; readonly headers: object; readonly body: object };
  /** How the vendor's ledger counts what it took. */
  readonly counted: string;
}

/** A user's number by the running number of a message: each is another one, so that no limit of a pair bites. */
const digits = (prefix: string) => (n: number) => `${prefix}${String(n % 10_000_000).padStart(7, '0')}`;
const bearer = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const metaCredentials = (accessToken: string) => ({ appSecret, verifyToken: 'v', accessToken });

function messaging(type: 'messenger' | 'instagram'): Way {
  const body = { recipient: { id: '2411{n}' }, messaging_type: 'RESPONSE', message: { text: 'hello' } };
  return {
    senderId: account,
    options: {
      'app-secret': appSecret,
      'access-token': token,
      'account-id': account,
      'account-rate': '1000000',
      reads: '0',
    },
    env: 'CHASQUI_GRAPH_URL',
    toCredentials: metaCredentials,
    sender: {},
    toUser: digits('2411'),
    post: {
      path: `/v25.0/${account}/messages`,
      headers: bearer,
      body: type === 'messenger' ? body : { recipient: body.recipient, message: body.message },
    },
    counted: 'called 200',
  };
}

const ways: Readonly<Record<ChannelName, Way>> = {
  whatsapp: {
    senderId: '15550001111',
    options: { 'app-secret': appSecret, 'access-token': token, 'number-rate': '1000000' },
    env: 'CHASQUI_GRAPH_URL',
    toCredentials: metaCredentials,
    sender: { phoneNumberId: '200000000000001' },
    toUser: digits('1777'),
    post: {
      path: '/v25.0/200000000000001/messages',
      headers: bearer,
      body: { messaging_product: 'whatsapp', to: '1777{n}', type: 'text', text: { body: 'hello' } },
    },
    counted: 'called 200',
  },
  messenger: messaging('messenger'),
  instagram: messaging('instagram'),
  viber: {
    senderId: bot,
    options: { 'auth-token': token, users: '10000' },
    env: 'CHASQUI_VIBER_BOT_URL',
    toCredentials: (authToken) => ({ authToken }),
    sender: { name: 'Bench' },
    toUser: () => '',
    post: {
      path: '/pa/send_message',
      headers: { 'x-viber-auth-token': token, 'content-type': 'application/json' },
      body: { receiver: '{n}', sender: { name: 'Bench' }, type: 'text', text: 'hello' },
    },
    counted: 'called 0',
  },
};

/** Messages of one sender a second, as its vendor takes them. */
export function out(channel: ChannelName): Scenario['run'] {
  const way = ways[channel];
  return (store, size) =>
    withVendor(channel, (vendorUrl) =>
      withBed(
        store,
        async (bed) => {
          const rounds = size.rounds + 1;
          const users = await readUsers(bed, channel, vendorUrl, size.pushes * rounds);
          // They wait for minutes, and so would what is written to the same users.
          const stoppers = users.splice(-rounds);
          let next = 0;
          const row = await compare(
            `out ${channel}`,
            'msg/s ÷ bare undici',
            size.rounds,
            async () => {
              await stopSender(bed, channel, vendorUrl, stoppers.pop() ?? '');
              const some = users.slice(next, next + size.pushes);
              next += size.pushes;
              return release(bed, channel, vendorUrl, some);
            },
            () => postBare(vendorUrl, way, users.slice(0, size.pushes)),
          );
          return [row];
        },
        1,
        { ...settings, [way.env]: vendorUrl },
      ),
    );
}

const openMessages = 100;

/** Reads of threads with a hundred open messages each: what a watermark means is looked for, and told, message by message. */
export const watermarks: Scenario['run'] = (store, size) =>
  withVendor('messenger', (vendorUrl) =>
    withBed(
      store,
      async (bed): Promise<readonly Row[]> => {
        const way = ways.messenger;
        const threads = Math.max(4, Math.floor(size.pushes / openMessages / 4));
        await connect(bed, 'messenger', token);
        const url = statusUrlOf(bed);
        const path = `/api/v1/channels/bench/senders/${way.senderId}/webhook`;
        await bed.api('PUT', path, { http: true, queue: true, statusUrl: url });
        await setDestinations(bed, { state: 'off' });
        let next = 0;
        const read = async (): Promise<Load> => {
          const users = Array.from({ length: threads * openMessages }, (_, n) =>
            way.toUser(next + (n % threads)),
          );
          const before = await readTaken(vendorUrl, way);
          await queue(bed, 'messenger', users);
          await waitForTaken(vendorUrl, way, before + users.length);
          await sleep(500);
          const depth = await readDepth(bed);
          const load = await bed.drive({
            kind: 'watermark',
            connections: 16,
            count: threads,
            from: next,
            batch: openMessages,
          });
          // A mark that means nothing is answered 200 as well.
          const told = (await readDepth(bed)) - depth;
          next += threads;
          return { ...load, errors: load.errors + users.length - told };
        };
        return [
          await compare('intake messenger watermarks', 'receipts/s ÷ bare req/s', size.rounds, read, () =>
            bed.drive({ kind: 'bare', urls: [bed.bareUrl], connections, seconds: size.seconds }),
          ),
        ];
      },
      1,
      { ...settings, [ways.messenger.env]: vendorUrl },
    ),
  );

async function readDepth(bed: Bed): Promise<number> {
  const name = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
  return (await bed.api<{ active: number }>('GET', `/api/v1/queues/${name}`)).active;
}

async function withVendor(
  channel: ChannelName,
  run: (vendorUrl: string) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const vendor = await startProcess('vendor.ts', { channel, options: ways[channel].options });
  try {
    return await run(vendor.url);
  } finally {
    vendor.child.kill('SIGKILL');
  }
}

async function connect(bed: Bed, channel: ChannelName, secret: string): Promise<void> {
  const way = ways[channel];
  const waba = channel === 'whatsapp' ? { wabaId: '100000000000001' } : {};
  const credentials = way.toCredentials(secret);
  await bed.api('PUT', '/api/v1/channels/bench', { type: channel, ...waba, credentials });
  await bed.api('PUT', `/api/v1/channels/bench/senders/${way.senderId}`, way.sender);
}

/** Users at the end of the list who are written to once at most. */
const spareUsers = 10;

/** Whom to write to. A bot writes to the users it has, and needs a webhook, which here gets no statuses. */
async function readUsers(
  bed: Bed,
  channel: ChannelName,
  vendorUrl: string,
  count: number,
): Promise<string[]> {
  const all = count + spareUsers;
  if (channel !== 'viber') return Array.from({ length: all }, (_, n) => ways[channel].toUser(n));
  await request(`${vendorUrl}/pa/set_webhook`, {
    method: 'POST',
    headers: { 'x-viber-auth-token': token },
    body: JSON.stringify({ url: bed.bareUrl, event_types: [] }),
  });
  const answer = await request(`${vendorUrl}/_simulator/users`, { method: 'POST', body: '{}' });
  const { result } = (await answer.body.json()) as { result: { id: string }[] };
  const spare = result.splice(-spareUsers);
  const some = Array.from({ length: count }, (_, n) => result[n % result.length] ?? { id: '' });
  return [...some, ...spare].map(({ id }) => id);
}

/** One message that is refused for its token stops the sender; what comes after it waits. */
async function stopSender(bed: Bed, channel: ChannelName, vendorUrl: string, user: string): Promise<void> {
  const way = ways[channel];
  const { refused } = await readLedger(vendorUrl, way);
  await connect(bed, channel, 'not-the-token');
  await queue(bed, channel, [user]);
  const endAt = performance.now() + 30_000;
  while ((await readLedger(vendorUrl, way)).refused === refused && performance.now() < endAt) await sleep(20);
  // What came of the call is written down.
  await sleep(500);
}

/** Lets messages wait for a stopped sender, then gives it its token; resolves to how they went. */
async function release(
  bed: Bed,
  channel: ChannelName,
  vendorUrl: string,
  users: readonly string[],
): Promise<Load> {
  const way = ways[channel];
  await queue(bed, channel, users);
  const taken = await readTaken(vendorUrl, way);
  const before = await bed.readTicks();
  const startedAt = performance.now();
  await connect(bed, channel, token);
  await waitForTaken(vendorUrl, way, taken + users.length);
  const seconds = (performance.now() - startedAt) / 1000;
  const micros = toMicros(before, await bed.readTicks(), users.length);
  const errors = Math.max(0, taken + users.length - (await readTaken(vendorUrl, way)));
  const load = { count: users.length, weight: 1, seconds, p50Ms: 0, p99Ms: 0, unexplained: 0 };
  return { ...load, errors, ...micros };
}

async function queue(bed: Bed, channel: ChannelName, users: readonly string[]): Promise<void> {
  const pool = new Pool(bed.urls[0] ?? '', { connections });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < users.length) {
      const call = signAcs3(key, 'SendChatappMessage', {
        ChannelType: channel,
        Type: 'message',
        MessageType: 'text',
        From: ways[channel].senderId,
        To: users[next++] ?? '',
        Content: '{"text":"hello"}',
        ...(channel === 'viber' ? { Label: 'promotion' } : {}),
      });
      const { method, target, headers, body } = call;
      const answer = await pool.request({ method, path: target, headers, body });
      const text = await answer.body.text();
      if (!text.includes('"OK"')) throw new Error(`A message was not taken: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await pool.close();
}

/** The baseline: undici posting the same requests to the same vendor, on as many connections. */
async function postBare(vendorUrl: string, way: Way, users: readonly string[]): Promise<Load> {
  const pool = new Pool(vendorUrl, { connections });
  const text = JSON.stringify(way.post.body);
  const isWhole = text.includes('"{n}"');
  const startedAt = performance.now();
  let next = 0;
  let errors = 0;
  const work = async (): Promise<void> => {
    while (next < users.length) {
      const user = users[next++] ?? '';
      const body = text.replace('{n}', isWhole ? user : user.slice(4));
      const headers = { ...way.post.headers };
      const answer = await pool.request({ method: 'POST', path: way.post.path, headers, body });
      if (answer.statusCode !== 200) errors += 1;
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  return {
    count: users.length - errors,
    weight: 1,
    seconds,
    p50Ms: 0,
    p99Ms: 0,
    errors,
    unexplained: 0,
    cpuMicros: 0,
  };
}

/** How many messages the vendor took, and how many calls it refused for their token. */
async function readLedger(vendorUrl: string, way: Way): Promise<{ taken: number; refused: number }> {
  const answer = await request(`${vendorUrl}/_simulator/ledger?limit=1`);
  const { counts } = (await answer.body.json()) as { counts: Readonly<Record<string, number>> };
  return {
    taken: counts[way.counted] ?? 0,
    refused: (counts['called 401'] ?? 0) + (counts['called 2'] ?? 0),
  };
}

async function readTaken(vendorUrl: string, way: Way): Promise<number> {
  return (await readLedger(vendorUrl, way)).taken;
}

async function waitForTaken(vendorUrl: string, way: Way, wanted: number): Promise<void> {
  const endAt = performance.now() + 120_000;
  while ((await readTaken(vendorUrl, way)) < wanted && performance.now() < endAt) await sleep(10);
}
