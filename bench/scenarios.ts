import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { archive } from './archive.ts';
import { key } from './bed.ts';
import type { Bed } from './bed.ts';
import { cams, sendWay } from './cams.ts';
import { toRate } from './measure.ts';
import type { Load } from './measure.ts';
import { floors } from './floors.ts';
import { nodes } from './nodes.ts';
import { out, watermarks } from './out.ts';
import {
  compare,
  connect,
  drain,
  push,
  readReceiver,
  setDestinations,
  statusUrlOf,
  withBed,
} from './scenario.ts';
import type { Row, Scenario, Seen } from './scenario.ts';
import { tail } from './tail.ts';
import { appSecret } from './secret.ts';

function intake(name: string, batch: number, connections = 64): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
      await setDestinations(bed, { state: 'off' });
      const task = { connections, seconds: size.seconds, phoneNumberIds };
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

/** One signed message of a user, on a channel that is none of WhatsApp's. */
function intakeOf(channel: 'messenger' | 'instagram' | 'viber'): Scenario['run'] {
  return (store, size) =>
    withBed(store, async (bed) => {
      const isViber = channel === 'viber';
      await bed.api('PUT', '/api/v1/channels/bench', {
        type: channel,
        credentials: isViber
          ? { authToken: appSecret }
          : { appSecret, verifyToken: 'v', accessToken: 'none' },
      });
      const path = '/api/v1/channels/bench/senders/200000000';
      const url = statusUrlOf(bed);
      await bed.api('PUT', path, {});
      await bed.api('PUT', `${path}/webhook`, { http: true, queue: true, statusUrl: url, inboundUrl: url });
      await setDestinations(bed, { state: 'off' });
      const task = { connections: 64, seconds: size.seconds, channel };
      const kind = isViber ? 'viber' : 'page';
      const row = await compare(
        `intake ${channel}`,
        'req/s ÷ bare req/s',
        size.rounds,
        () => bed.drive({ ...task, kind }),
        () => bed.drive({ ...task, kind: 'bare', urls: [bed.bareUrl] }),
      );
      const { items } = await bed.api<{ items: unknown[] }>('GET', '/api/v1/receipts?limit=1');
      // A webhook that was kept and gave no receipt is answered 200 as well.
      return [{ ...row, faults: row.faults + (items.length === 1 ? 0 : 1) }];
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

const pushBare: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const [id = ''] = await connect(bed, 1, false, () => statusUrlOf(bed));
    return [
      await compare(
        'push',
        'POST/s ÷ bare undici',
        size.rounds,
        () => push(bed, [id], size.pushes),
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
    await push(bed, [id], size.pushes / 4);
    const before: Load[] = [];
    for (let round = 0; round < size.rounds; round += 1) before.push(await push(bed, [id], size.pushes));
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
        () => push(bed, [id], size.pushes),
        async () => before[round++] ?? (await push(bed, [id], size.pushes)),
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
    const rate = toRate(saturation) / 2;
    const half = await bed.drive({ ...task, seconds: size.seconds * 2, rate });
    await drain(bed);
    const { distinct, unexplained, p50Ms, p99Ms } = await readReceiver(bed);
    const faults = Math.abs(half.count - distinct) + unexplained + half.errors;
    const detail = `at ${Math.round(rate)} a second, half of what it takes in and pushes at most; p50 ${p50Ms} ms`;
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

/** What the disk is given for one event or message, the log, its checkpoints and all indexes included. */
const bytes: Scenario['run'] = (store, size) =>
  withBed(store, async (bed) => {
    const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
    await setDestinations(bed, { state: 'off' });
    await bed.api('PUT', '/api/v1/queues/bench', {});
    const task = { connections: 64, seconds: size.seconds, phoneNumberIds };
    const loads = [
      ['one message of a user', () => bed.drive({ ...task, kind: 'inbound' }), 8],
      ['one status', () => bed.drive({ ...task, kind: 'webhook' }), 8],
      ['one SMQ send of 1 KB', () => bed.drive({ ...task, kind: 'send', queue: 'bench' }), 6],
    ] as const;
    const rows: Row[] = [];
    for (const [what, load, limit] of loads) {
      const before = await bed.bytesWritten();
      const { count, errors } = await load();
      const value = ((await bed.bytesWritten()) - before) / count / 1024;
      rows.push({
        name: `bytes, ${what}`,
        figure: 'KB written to disk',
        value,
        spread: [value, value],
        detail: `${count} of them`,
        limit: `≤ ${limit}`,
        faults: errors,
      });
    }
    return rows;
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

export const scenarios: readonly Scenario[] = [
  { name: 'intake', floor: { sqlite: 0.3, postgres: 0.2 }, run: intake('intake', 1) },
  { name: 'intake-256', run: intake('intake, 256 connections', 1, 256) },
  { name: 'intake-floor', only: 'sqlite', run: floors },
  { name: 'intake-batch', floor: { sqlite: 1.5, postgres: 0.8 }, run: intake('intake batch', 50) },
  {
    name: 'intake-messenger',
    floor: { sqlite: 0.25, postgres: 0.25 },
    run: intakeOf('messenger'),
  },
  {
    name: 'intake-instagram',
    floor: { sqlite: 0.25, postgres: 0.25 },
    run: intakeOf('instagram'),
  },
  { name: 'intake-viber', floor: { sqlite: 0.25, postgres: 0.25 }, run: intakeOf('viber') },
  { name: 'intake-watermarks', floor: { sqlite: 0.25, postgres: 0.25 }, run: watermarks },
  { name: 'out-whatsapp', floor: { sqlite: 0.25, postgres: 0.25 }, run: out('whatsapp') },
  { name: 'out-messenger', floor: { sqlite: 0.25, postgres: 0.25 }, run: out('messenger') },
  { name: 'out-instagram', floor: { sqlite: 0.25, postgres: 0.25 }, run: out('instagram') },
  { name: 'out-viber', floor: { sqlite: 0.25, postgres: 0.25 }, run: out('viber') },
  { name: 'smq-send', floor: { sqlite: 0.33, postgres: 0.22 }, run: smq('smq send', 'send', 1, 32, 1) },
  {
    name: 'smq-cycle',
    floor: { sqlite: 0.45, postgres: 0.35 },
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
    floor: { sqlite: 0.33, postgres: 0.25 },
    run: smq('smq cycle of 1', 'cycle', 1, 64, 3),
  },
  { name: 'push', floor: { sqlite: 0.4, postgres: 0.35 }, run: pushBare },
  { name: 'push-backlog', floor: { sqlite: 0.8, postgres: 0.8 }, run: pushBacklog },
  { name: 'whole-way', ceiling: { sqlite: 40, postgres: 80 }, run: wholeWay },
  { name: 'neighbours', floor: { sqlite: 0.95, postgres: 0.95 }, run: neighbours },
  { name: 'tail', floor: { sqlite: 0.9, postgres: 0.9 }, run: tail },
  { name: 'send', floor: { sqlite: 0.2, postgres: 0.2 }, run: cams('CAMS send', 'cams-send', 1) },
  { name: 'mass', floor: { sqlite: 1, postgres: 1 }, run: cams('CAMS mass send', 'cams-mass', 1000) },
  { name: 'token', floor: { sqlite: 0.2, postgres: 0.2 }, run: cams('CAMS queue token', 'cams-token', 1) },
  { name: 'send-way', run: sendWay },
  { name: 'growth', run: growth },
  { name: 'bytes', only: 'sqlite', run: bytes },
  { name: 'archive', run: archive },
  { name: 'idle', ceiling: { sqlite: 2, postgres: 4 }, run: idle },
  { name: 'nodes', only: 'postgres', run: nodes },
];
