import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { signAcs3 } from '../test/support/cams-client.ts';
import { rootAccount } from '../test/support/service.ts';
import { key, openBed, toMicros } from './bed.ts';
import type { Bed, StoreName } from './bed.ts';
import { median, toRate } from './measure.ts';
import type { Load } from './measure.ts';

/** How much of everything; the short form only shows that it runs and loses nothing. */
export interface Size {
  readonly seconds: number;
  readonly rounds: number;
  /** Messages or deliveries of the scenarios with a backlog. */
  readonly backlog: number;
  readonly failingDestinations: number;
  readonly pushes: number;
}

export interface Row {
  readonly name: string;
  readonly figure: string;
  readonly value: number;
  /** Lowest and highest of the rounds. */
  readonly spread: readonly [number, number];
  readonly detail: string;
  /** What the value should be, where it differs from the scenario's own. */
  readonly limit?: string;
  /** Errors, losses and repeats without a cause; has to be 0. */
  readonly faults: number;
}

/** A row with what its value should be, in words. */
export type Result = Row & { readonly limit: string };

export interface Scenario {
  readonly name: string;
  /** What the value should be at least, or at most, on each store; none where it is only reported. */
  readonly floor?: Readonly<Record<StoreName, number>>;
  readonly ceiling?: Readonly<Record<StoreName, number>>;
  readonly only?: StoreName;
  readonly run: (store: StoreName, size: Size) => Promise<readonly Row[]>;
}

const statusUrlOf = (bed: Bed): string => `${bed.receiverUrl}/status`;

/** Connects the WhatsApp channel with its numbers; each has a queue if wanted, and the callback that `toUrl` gives. */
async function connect(
  bed: Bed,
  numbers: number,
  queue: boolean,
  toUrl: (n: number) => string,
): Promise<string[]> {
  await bed.api('PUT', '/api/v1/channels/bench', {
    type: 'whatsapp',
    wabaId: '100000000000001',
    credentials: { appSecret: 'bench-app-secret', verifyToken: 'v', accessToken: 'none' },
  });
  const ids: string[] = [];
  for (let n = 0; n < numbers; n += 1) {
    const phoneNumberId = String(200_000_000 + n);
    const path = `/api/v1/channels/bench/senders/${15_550_000_000 + n}`;
    await bed.api('PUT', path, { phoneNumberId });
    await bed.api('PUT', `${path}/webhook`, { http: true, queue, statusUrl: toUrl(n), inboundUrl: toUrl(n) });
    ids.push(phoneNumberId);
  }
  return ids;
}

async function setDestinations(bed: Bed, settings: Record<string, unknown>, url?: string): Promise<void> {
  const { items } = await bed.api<{ items: { id: number; url: string }[] }>(
    'GET',
    '/api/v1/destinations?limit=500',
  );
  for (const destination of items)
    if (url === undefined || destination.url === url)
      await bed.api('PATCH', `/api/v1/destinations/${destination.id}`, settings);
}

/** Alternates product and baseline and makes a row of the ratios of their rates. */
async function compare(
  name: string,
  figure: string,
  rounds: number,
  product: () => Promise<Load>,
  baseline: () => Promise<Load>,
  factor = 1,
): Promise<Row> {
  const products: Load[] = [];
  const baselines: Load[] = [];
  // The first runs compile; they count for nothing.
  await baseline();
  await product();
  for (let round = 0; round < rounds; round += 1) {
    baselines.push(await baseline());
    products.push(await product());
  }
  const ratios = products.map((load, n) => (toRate(load) * factor) / toRate(baselines[n] ?? load));
  const rate = median(products.map(toRate)) * factor;
  const baseRate = median(baselines.map(toRate));
  const p99 = median(products.map(({ p99Ms }) => p99Ms));
  return {
    name,
    figure,
    value: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    detail: `${Math.round(rate)} ÷ ${Math.round(baseRate)} a second, p99 ${p99.toFixed(1)} ms, processor ${describeMicros(products)} ÷ ${describeMicros(baselines)} us`,
    faults: products.reduce((sum, { errors, unexplained }) => sum + errors + unexplained, 0),
  };
}

function describeMicros(loads: readonly Load[]): string {
  const database = median(loads.map(({ databaseMicros = 0 }) => databaseMicros));
  const service = median(loads.map(({ cpuMicros }) => cpuMicros)).toFixed(1);
  return database > 0 ? `${service} and ${database.toFixed(1)} of the database` : service;
}

async function withBed(
  store: StoreName,
  run: (bed: Bed) => Promise<readonly Row[]>,
  nodes = 1,
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly Row[]> {
  const bed = await openBed(store, nodes, settings);
  try {
    return await run(bed);
  } finally {
    await bed.close();
  }
}

function intake(name: string, batch: number): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
      await setDestinations(bed, { state: 'off' });
      const task = { connections: 64, seconds: size.seconds, phoneNumberIds };
      const figure = batch === 1 ? 'req/s ÷ bare req/s' : 'events/s ÷ bare req/s';
      return [
        await compare(
          name,
          figure,
          size.rounds,
          () => bed.drive({ ...task, kind: 'webhook', batch }),
          () => bed.drive({ ...task, kind: 'bare', urls: [bed.bareUrl] }),
        ),
      ];
    });
}

function smq(
  name: string,
  kind: 'send' | 'cycle',
  batch: number,
  connections: number,
  factor: number,
): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      await bed.api('PUT', '/api/v1/queues/bench', {});
      const task = { connections, seconds: size.seconds };
      return [
        await compare(
          name,
          factor === 3 ? 'cycles/s × 3 ÷ bare req/s' : `${kind === 'send' ? 'req' : 'msg'}/s ÷ bare req/s`,
          size.rounds,
          () => bed.drive({ ...task, kind, batch, queue: 'bench' }),
          () => bed.drive({ ...task, kind: 'bare', urls: [bed.bareUrl] }),
          factor,
        ),
      ];
    });
}

function backlog(name: string, priorities: number): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      await bed.api('PUT', '/api/v1/queues/full', {});
      await bed.api('PUT', '/api/v1/queues/empty', {});
      const fill = { kind: 'fill', batch: 16, connections: 32, priorities, queue: 'full' } as const;
      const filled = await bed.drive({ ...fill, count: Math.ceil(size.backlog / 16) });
      const cycle = { kind: 'cycle', batch: 16, connections: 32, seconds: size.seconds, priorities } as const;
      const row = await compare(
        name,
        `${size.backlog} queued ÷ empty`,
        size.rounds,
        () => bed.drive({ ...cycle, queue: 'full' }),
        () => bed.drive({ ...cycle, queue: 'empty' }),
      );
      return [{ ...row, faults: row.faults + filled.errors }];
    });
}

interface Seen {
  readonly receipts: number;
  readonly distinct: number;
  readonly unexplained: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function readReceiver(bed: Bed): Promise<Seen> {
  const answer = await request(bed.receiverUrl);
  return (await answer.body.json()) as Seen;
}

/** Records `count` receipts for the receiver while it is off, then lets them go; resolves to how that went. */
async function push(bed: Bed, phoneNumberId: string, count: number): Promise<Load> {
  await request(bed.receiverUrl, { method: 'DELETE' });
  await setDestinations(bed, { state: 'off' }, statusUrlOf(bed));
  await bed.drive({
    kind: 'inbound',
    batch: 50,
    count: Math.ceil(count / 50),
    connections: 16,
    phoneNumberIds: [phoneNumberId],
  });
  const startedAt = performance.now();
  const before = await bed.readTicks();
  await setDestinations(bed, { state: 'active', concurrency: 64 }, statusUrlOf(bed));
  let seen = await readReceiver(bed);
  const endAt = startedAt + 120_000;
  while (seen.distinct < count && performance.now() < endAt) {
    await sleep(20);
    seen = await readReceiver(bed);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { distinct, unexplained } = seen;
  const errors = count - distinct;
  const micros = toMicros(before, await bed.readTicks(), distinct);
  return { count: distinct, weight: 1, seconds, p50Ms: 0, p99Ms: 0, errors, unexplained, ...micros };
}

const pushBare: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const [id = ''] = await connect(bed, 1, false, () => statusUrlOf(bed));
    return [
      await compare(
        'push',
        'POST/s ÷ bare undici',
        size.rounds,
        () => push(bed, id, size.pushes),
        () => bed.drive({ kind: 'bare', urls: [bed.receiverUrl], connections: 64, seconds: size.seconds }),
      ),
    ];
  });

const pushBacklog: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    // Nobody listens on port 9; the first number's callback is the receiver.
    const ids = await connect(bed, size.failingDestinations + 1, false, (n) =>
      n === 0 ? statusUrlOf(bed) : `http://127.0.0.1:9/${n}`,
    );
    const [id = '', ...failing] = ids;
    await push(bed, id, size.pushes / 4);
    const before: Load[] = [];
    for (let round = 0; round < size.rounds; round += 1) before.push(await push(bed, id, size.pushes));
    await bed.drive({
      kind: 'inbound',
      batch: 50,
      count: Math.ceil(size.backlog / 50),
      connections: 16,
      phoneNumberIds: failing,
    });
    let round = 0;
    return [
      await compare(
        'push with a backlog',
        `${size.backlog} waiting for ${size.failingDestinations} failing destinations ÷ without`,
        size.rounds,
        () => push(bed, id, size.pushes),
        async () => before[round++] ?? (await push(bed, id, size.pushes)),
      ),
    ];
  });

const wholeWay: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
    await setDestinations(bed, { concurrency: 64 });
    const task = { kind: 'inbound', connections: 64, phoneNumberIds } as const;
    await bed.drive({ ...task, seconds: 2 });
    await drain(bed);
    const saturation = await bed.drive({ ...task, seconds: size.seconds });
    await drain(bed);
    await request(bed.receiverUrl, { method: 'DELETE' });
    const rate = toRate(saturation) / 4;
    const half = await bed.drive({ ...task, seconds: size.seconds * 2, rate });
    await drain(bed);
    const { distinct, unexplained, p50Ms, p99Ms } = await readReceiver(bed);
    const faults = Math.abs(half.count - distinct) + unexplained + half.errors;
    const detail = `at ${Math.round(rate)} a second, a quarter of intake's saturation with nothing pushed; p50 ${p50Ms} ms`;
    return [{ name: 'whole way', figure: 'p99 ms', value: p99Ms, spread: [p99Ms, p99Ms], detail, faults }];
  });

const misbehaving = ['hole', 'fault', 'reset', 'trickle'];

/** A hundred callbacks, four of which misbehave once there is something for them: what do the others notice? */
const neighbours: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const ids = await connect(bed, 100, false, (n) => `${bed.receiverUrl}/${misbehaving[n] ?? `good-${n}`}`);
    const [bad, good] = [ids.slice(0, misbehaving.length), ids.slice(misbehaving.length)];
    const task = { kind: 'inbound', connections: 16, seconds: size.seconds, rate: 400 } as const;
    await bed.drive({ ...task, phoneNumberIds: good });
    const before = await watch(bed, () => bed.drive({ ...task, phoneNumberIds: good }));
    await bed.drive({ kind: 'inbound', batch: 50, count: 20, connections: 4, phoneNumberIds: bad });
    const after = await watch(bed, () => bed.drive({ ...task, phoneNumberIds: good }));
    const ratio = after.distinct / before.distinct;
    const slower = after.p99Ms / Math.max(before.p99Ms, 1);
    const faults = before.unexplained + after.unexplained;
    const detail = `400 a second for 96 callbacks, p99 ${before.p99Ms} and then ${after.p99Ms} ms`;
    return [
      {
        name: 'neighbours',
        figure: 'pushed beside 4 bad ones ÷ alone',
        value: ratio,
        spread: [ratio, ratio],
        detail,
        faults,
      },
      {
        name: 'neighbours, p99',
        figure: 'beside 4 bad ones ÷ alone',
        value: slower,
        spread: [slower, slower],
        detail,
        limit: '≤ 2',
        faults: 0,
      },
    ];
  });

/** What the receiver saw while a load ran and until nothing more came. */
async function watch(bed: Bed, load: () => Promise<Load>): Promise<Seen> {
  await drain(bed);
  await request(bed.receiverUrl, { method: 'DELETE' });
  await load();
  await drain(bed);
  return readReceiver(bed);
}

/** Waits until nothing is left to push. */
async function drain(bed: Bed): Promise<void> {
  for (let last = -1; ;) {
    await sleep(700);
    const { receipts } = await readReceiver(bed);
    if (receipts === last) return;
    last = receipts;
  }
}

const growth: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    await bed.api('PUT', '/api/v1/queues/full', {});
    const count = Math.ceil(size.backlog / 16);
    const filled = await bed.drive({ kind: 'fill', batch: 16, connections: 32, queue: 'full', count });
    const full = await bed.memoryMb();
    const seconds = await bed.restart();
    const detail = `${size.backlog} queued; ${Math.round(await bed.memoryMb())} MB after the start`;
    return [
      {
        name: 'memory',
        figure: 'MB after filling',
        value: full,
        spread: [full, full],
        detail,
        faults: filled.errors,
      },
      {
        name: 'start',
        figure: 's until ready',
        value: seconds,
        spread: [seconds, seconds],
        detail,
        faults: 0,
      },
    ];
  });

const idle: Scenario['run'] = (store) =>
  withBed(store, async (bed) => {
    const { SmqClient } = await import('../test/support/smq-client.ts');
    const client = new SmqClient(bed.urls[0] ?? '', key, 1000);
    const queues = Array.from({ length: 10_000 }, (_, n) => `idle-${n}`);
    for (let n = 0; n < queues.length; n += 50)
      await Promise.all(queues.slice(n, n + 50).map((name) => client.createQueue(name)));
    const polls = queues.slice(0, 1000).map((name) => client.receive(name, 30).catch(() => []));
    await sleep(6000);
    const percent = await bed.cpuPercent(15);
    await client.close();
    await Promise.allSettled(polls);
    const detail = '1,000 long polls, 10,000 queues';
    return [
      {
        name: 'idle',
        figure: '% of one core',
        value: percent,
        spread: [percent, percent],
        detail,
        faults: 0,
      },
    ];
  });

const twoNodes: Scenario['run'] = (store, size) =>
  withBed(
    store,
    async (bed) => {
      const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
      await setDestinations(bed, { state: 'off' });
      const task = { kind: 'webhook', connections: 64, seconds: size.seconds, phoneNumberIds } as const;
      return [
        await compare(
          'two nodes',
          'intake of 2 nodes ÷ 1 node',
          size.rounds,
          () => bed.drive(task),
          () => bed.drive({ ...task, urls: bed.urls.slice(0, 1) }),
        ),
      ];
    },
    2,
  );

/** CAMS calls, from a sandbox sender so that no vendor's answer is in the figure. */
function cams(name: string, kind: 'cams-send' | 'cams-mass' | 'cams-token', batch: number): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
      await bed.api('PUT', '/api/v1/channels/sandbox/senders/15550100001/webhook', { queue: true });
      const templateCode = kind === 'cams-mass' ? await createTemplate(bed) : '';
      const task = { connections: 32, seconds: size.seconds };
      const figure = batch === 1 ? 'req/s ÷ bare req/s' : 'recipients/s ÷ bare req/s';
      return [
        await compare(
          name,
          figure,
          size.rounds,
          () => bed.drive({ ...task, kind, batch, queue, templateCode }),
          () => bed.drive({ ...task, kind: 'bare', urls: [bed.bareUrl] }),
        ),
      ];
    });
}

async function createTemplate(bed: Bed): Promise<string> {
  const call = async (action: string, values: Readonly<Record<string, string>>) => {
    const { method, target, headers, body } = signAcs3(key, action, { CustSpaceId: 'sandbox', ...values });
    const answer = await request(`${bed.urls[0] ?? ''}${target}`, { method, headers, body });
    return answer.body.text();
  };
  const made = await call('CreateChatappTemplate', {
    Name: 'bench',
    Language: 'en',
    Category: 'UTILITY',
    TemplateType: 'WHATSAPP',
    Components: JSON.stringify([{ type: 'BODY', text: 'Hello $(name)' }]),
    Example: '{"name":"Bob"}',
  });
  const templateCode = /"TemplateCode":"([^"]+)"/i.exec(made)?.[1];
  if (templateCode === undefined) throw new Error(`No template was made: ${made}`);
  const detail = { TemplateCode: templateCode, Language: 'en' };
  for (let tries = 0; tries < 100; tries += 1) {
    if (/"AuditStatus":"pass"/i.test(await call('GetChatappTemplateDetail', detail))) return templateCode;
    await sleep(200);
  }
  throw new Error('The template was not passed.');
}

/** From the send call over the sandbox and its first status to the callback; the sandbox waits a little by itself. */
const sendWay: Scenario['run'] = (store, size) =>
  withBed(
    store,
    async (bed) => {
      const url = statusUrlOf(bed);
      const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
      await bed.api('PUT', path, { http: true, queue: false, statusUrl: url, inboundUrl: url });
      await setDestinations(bed, { concurrency: 64 });
      const task = { kind: 'cams-send', connections: 32 } as const;
      await bed.drive({ ...task, seconds: 2 });
      await drain(bed);
      // What a second brings through as a whole: three statuses for each message.
      const startedAt = performance.now();
      await request(bed.receiverUrl, { method: 'DELETE' });
      const burst = await bed.drive({ ...task, count: size.pushes / 4 });
      await drain(bed);
      const rate = burst.count / ((performance.now() - startedAt) / 1000 - 0.7) / 2;
      await request(bed.receiverUrl, { method: 'DELETE' });
      const half = await bed.drive({ ...task, seconds: size.seconds * 2, rate });
      await drain(bed);
      const { distinct, unexplained, p50Ms, p99Ms } = await readReceiver(bed);
      const faults = Math.abs(half.count * 3 - distinct) + unexplained + half.errors;
      const detail = `at ${Math.round(rate)} a second, half of what comes through; all three statuses, which the sandbox plays in its own time; p50 ${p50Ms} ms`;
      return [{ name: 'send way', figure: 'p99 ms', value: p99Ms, spread: [p99Ms, p99Ms], detail, faults }];
    },
    1,
    { CHASQUI_SEND_RATE: '10000', CHASQUI_SEND_CONCURRENCY: '256' },
  );

export const scenarios: readonly Scenario[] = [
  { name: 'intake', floor: { sqlite: 0.35, postgres: 0.25 }, run: intake('intake', 1) },
  { name: 'intake-batch', floor: { sqlite: 1.5, postgres: 0.8 }, run: intake('intake batch', 50) },
  { name: 'smq-send', floor: { sqlite: 0.4, postgres: 0.3 }, run: smq('smq send', 'send', 1, 32, 1) },
  {
    name: 'smq-cycle',
    floor: { sqlite: 0.6, postgres: 0.35 },
    run: smq('smq cycle of 16', 'cycle', 16, 32, 1),
  },
  { name: 'smq-backlog', floor: { sqlite: 0.7, postgres: 0.6 }, run: backlog('smq cycle, one priority', 1) },
  {
    name: 'smq-priorities',
    floor: { sqlite: 0.4, postgres: 0.4 },
    run: backlog('smq cycle, 16 priorities', 16),
  },
  {
    name: 'smq-single',
    floor: { sqlite: 0.3, postgres: 0.25 },
    run: smq('smq cycle of 1', 'cycle', 1, 64, 3),
  },
  { name: 'push', floor: { sqlite: 0.4, postgres: 0.3 }, run: pushBare },
  { name: 'push-backlog', floor: { sqlite: 0.8, postgres: 0.8 }, run: pushBacklog },
  { name: 'whole-way', run: wholeWay },
  { name: 'neighbours', floor: { sqlite: 0.95, postgres: 0.95 }, run: neighbours },
  { name: 'send', floor: { sqlite: 0.2, postgres: 0.15 }, run: cams('CAMS send', 'cams-send', 1) },
  { name: 'mass', floor: { sqlite: 1, postgres: 1 }, run: cams('CAMS mass send', 'cams-mass', 1000) },
  { name: 'token', floor: { sqlite: 0.2, postgres: 0.2 }, run: cams('CAMS queue token', 'cams-token', 1) },
  { name: 'send-way', run: sendWay },
  { name: 'growth', run: growth },
  { name: 'idle', ceiling: { sqlite: 2, postgres: 4 }, run: idle },
  { name: 'two-nodes', only: 'postgres', run: twoNodes },
];
