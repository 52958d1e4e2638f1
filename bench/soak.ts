// `npm run bench -- soak [minutes] [sqlite | postgres]`: a fixed rate for a long time. What comes in takes the place of what
// grows too old, so that everything should stay as it is; docs/soak-<store>.svg shows whether it does.
import { stat } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { request } from 'undici';
import { SmqClient } from '../test/support/smq-client.ts';
import { connectArchive, fill } from './archive.ts';
import { key, openBed } from './bed.ts';
import type { Bed, Place, StoreName } from './bed.ts';
import { toSvg } from './chart.ts';
import { readReceiver, setDestinations, statusUrlOf } from './scenario.ts';

const megabyte = 1024 * 1024;
/** Webhooks a second, each a user's message for a queue and a callback; half as many queue messages go round besides. */
const rate = Number(process.env['BENCH_RATE'] ?? 200);
/** What nobody pulls from the receipt queue is thrown away after this. */
const retentionSeconds = 60;
/** A message takes the place of a status, which has no content and no traces: its raw event makes up for them. */
const rawBytes = 490;
/** The least that is allowed for receipts. */
const retentionDays = 8;
const retention = {
  CHASQUI_RAW_RETENTION_DAYS: String(retentionDays),
  CHASQUI_RECEIPT_RETENTION_DAYS: String(retentionDays),
  CHASQUI_ATTEMPT_RETENTION_DAYS: String(retentionDays),
};

interface Sample {
  readonly minute: number;
  readonly rssMb: number;
  readonly walMb: number;
  readonly storeMb: number;
  /** Rows of PostgreSQL's tables that are dead and not vacuumed yet. */
  readonly deadRows: number;
  readonly intakeP50Ms: number;
  readonly intakeP99Ms: number;
  readonly wayP50Ms: number;
  readonly wayP99Ms: number;
  readonly sweptRows: number;
  /** How long a step of the last sweep held the store at most. */
  readonly sweepMs: number;
  /** Transactions so far, and those of them that held the store for more than 25 ms. */
  readonly commits: number;
  readonly slowCommits: number;
  readonly faults: number;
}

/** Runs for so many minutes, prints a line for each sample and writes them down with their picture. Resolves to the faults. */
export async function soak(store: StoreName, minutes: number): Promise<number> {
  const bed = await openBed(store, 1, retention);
  try {
    const destinationId = await connectArchive(bed);
    const seconds = minutes * 60;
    const from = Date.now() - retentionDays * 24 * 60 * 60 * 1000;
    let place: Place | undefined;
    // As much comes of age each second as comes in.
    const span = { count: rate * seconds, from, until: from + seconds * 1000, rawBytes };
    await bed.whileStopped(async (stopped) => {
      place = stopped;
      await fill(stopped, destinationId, span);
    });
    if (place === undefined) throw new Error('A bed has a place.');
    await setDestinations(bed, { state: 'active', concurrency: 64 }, statusUrlOf(bed));
    const smq = new SmqClient(bed.urls[0] ?? '', key);
    await smq.createQueue('bench');
    const inbound = { kind: 'inbound', connections: 16, rate, phoneNumberIds: ['200000000'] } as const;
    await bed.drive({ ...inbound, count: 1 });
    const { items } = await bed.api<{ items: { name: string }[] }>('GET', '/api/v1/queues');
    for (const { name } of items)
      await smq.call(
        'PUT',
        `/queues/${name}?metaoverride=true`,
        `<Queue><MessageRetentionPeriod>${retentionSeconds}</MessageRetentionPeriod></Queue>`,
      );
    const samples: Sample[] = [];
    const slice = Math.max(5, seconds / 60);
    const startedAt = performance.now();
    while (performance.now() - startedAt < seconds * 1000) {
      await request(bed.receiverUrl, { method: 'DELETE' });
      const [taken, moved] = await Promise.all([
        bed.drive({ ...inbound, seconds: slice }),
        bed.drive({ kind: 'cycle', queue: 'bench', connections: 4, rate: rate / 2, seconds: slice }),
      ]);
      const { p50Ms, p99Ms, unexplained } = await readReceiver(bed);
      const sample = {
        minute: (performance.now() - startedAt) / 60_000,
        ...(await measure(bed, place)),
        intakeP50Ms: taken.p50Ms,
        intakeP99Ms: taken.p99Ms,
        wayP50Ms: p50Ms,
        wayP99Ms: p99Ms,
        faults: taken.errors + moved.errors + moved.unexplained + unexplained,
      };
      samples.push(sample);
      console.log(
        Object.entries(sample)
          .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
          .join(', '),
      );
    }
    await smq.close();
    write(store, minutes, samples);
    return samples.reduce((sum, { faults }) => sum + faults, 0);
  } finally {
    await bed.close();
  }
}

async function measure(bed: Bed, { dataDir, databaseUrl }: Place) {
  const answer = await request(`${bed.urls[0] ?? ''}/metrics`);
  const metrics = await answer.body.text();
  const lines = metrics.split('\n');
  const read = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
  const commits = read('chasqui_store_commit_duration_seconds_count');
  return {
    rssMb: await bed.memoryMb(),
    sweptRows: read('chasqui_store_swept_rows_total'),
    sweepMs: read('chasqui_store_sweep_longest_seconds') * 1000,
    commits,
    slowCommits: commits - read('chasqui_store_commit_duration_seconds_bucket{le="0.025"}'),
    ...(databaseUrl === undefined ? await measureFiles(dataDir) : await measureDatabase(databaseUrl)),
  };
}

async function measureFiles(dataDir: string) {
  const sizeOf = async (name: string): Promise<number> =>
    (await stat(join(dataDir, name)).catch(() => ({ size: 0 }))).size / megabyte;
  return {
    walMb: await sizeOf('chasqui.sqlite-wal'),
    storeMb: await sizeOf('chasqui.sqlite'),
    deadRows: 0,
  };
}

async function measureDatabase(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ tables: string; dead: string; log: string }>(
    `SELECT sum(pg_total_relation_size(relid)) AS tables, sum(n_dead_tup) AS dead,
       (SELECT sum(size) FROM pg_ls_waldir()) AS log FROM pg_stat_user_tables`,
  );
  await client.end();
  const [row] = rows;
  return {
    walMb: Number(row?.log ?? 0) / megabyte,
    storeMb: Number(row?.tables ?? 0) / megabyte,
    deadRows: Number(row?.dead ?? 0),
  };
}

function write(store: StoreName, minutes: number, samples: readonly Sample[]): void {
  const line = (name: string, field: keyof Sample) => ({ name, values: samples.map((one) => one[field]) });
  const panels = [
    { title: 'Memory of the process, MB', top: 200, lines: [line('resident', 'rssMb')] },
    {
      title: store === 'sqlite' ? 'Files, MB' : 'Tables and log, MB',
      top: 10,
      lines: [line('store', 'storeMb'), line('log', 'walMb')],
    },
    ...(store === 'sqlite'
      ? []
      : [{ title: 'Dead rows not vacuumed yet', top: 1000, lines: [line('rows', 'deadRows')] }]),
    {
      title: 'Time to answer a webhook, ms',
      top: 20,
      lines: [line('p50', 'intakeP50Ms'), line('p99', 'intakeP99Ms')],
    },
    {
      title: 'Webhook to callback, ms',
      top: 20,
      lines: [line('p50', 'wayP50Ms'), line('p99', 'wayP99Ms')],
    },
    { title: 'Longest step of a sweep, ms', top: 20, lines: [line('longest', 'sweepMs')] },
  ];
  const at = `${rate} webhooks and ${rate / 2} queue messages a second for ${minutes} minutes`;
  const toFile = (ending: string): URL => new URL(`../docs/soak-${store}.${ending}`, import.meta.url);
  writeFileSync(
    toFile('svg'),
    toSvg(
      at,
      samples.map(({ minute }) => minute),
      panels,
    ),
  );
  const longest = Math.max(...samples.map(({ sweepMs }) => sweepMs));
  writeFileSync(toFile('json'), `${JSON.stringify({ store, minutes, rate, samples }, null, 1)}\n`);
  console.log(`longest step of a sweep ${longest.toFixed(1)} ms; written to docs/soak-${store}.svg`);
}
