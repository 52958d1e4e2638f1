// A torn tail of the write-ahead log: what a disk may leave behind that lost power, or lies.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../src/domain/errors.ts';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import { openSqliteStore } from '../../src/store/sqlite/adapter.ts';
import type { Store } from '../../src/store/store.ts';
import { machineTime } from '../../src/runtime/clock.ts';

interface TornReport {
  readonly variants: number;
  /** Copies that opened, and of those how many lacked something behind the damage. */
  readonly opened: number;
  readonly shortened: number;
  /** Copies that were refused in words. */
  readonly refused: number;
  /** What must not be: a commit before the damage that is missing, one that never was, a failure without words. */
  readonly faults: readonly string[];
}

const accountId = 5;
const queueName = 'orders';
const commits = 120;
/** A frame of the log is a page behind a header of 24 bytes; the log begins with 32 of its own. */
const frameBytes = 24 + 4096;
const headerBytes = 32;

interface Commit {
  readonly body: string;
  /** Bytes of the log once it was acknowledged. */
  readonly end: number;
}

function open(file: string): Promise<Store> {
  return openSqliteStore({ file, masterKey: Buffer.alloc(32, 7), ...machineTime, emit: () => undefined });
}

/** Damages copies of a store in `variants` ways and opens each. The same seed gives the same damage. */
export async function tearTails(variants: number, random: () => number): Promise<TornReport> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-torn-'));
  try {
    const file = join(folder, 'whole', 'chasqui.sqlite');
    const written = await writeCommits(file);
    const log = readFileSync(`${file}-wal`);
    const faults: string[] = [];
    let opened = 0;
    let shortened = 0;
    let refused = 0;
    for (let variant = 0; variant < variants; variant += 1) {
      const copy = join(folder, `v${variant}`, 'chasqui.sqlite');
      mkdirSync(dirname(copy));
      cpSync(file, copy);
      const { damaged, from, how } = damage(log, variant, random);
      writeFileSync(`${copy}-wal`, damaged);
      const owed = written.filter(({ end }) => end <= from).map(({ body }) => body);
      try {
        const found = await readBodies(copy);
        opened += 1;
        if (found.length < written.length) shortened += 1;
        // The commits are a line: what is there is its beginning, and at least what was whole.
        const isBeginning = found.every((body, index) => body === written[index]?.body);
        if (!isBeginning || found.length < owed.length)
          faults.push(`${how}: ${found.length} commits are there, ${owed.length} were whole`);
      } catch (error) {
        if (error instanceof GatewayError) refused += 1;
        else faults.push(`${how}: ${String(error)}`);
      }
      rmSync(dirname(copy), { recursive: true });
    }
    return { variants, opened, shortened, refused, faults };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends messages one commit at a time and leaves the files as a killed process would. */
async function writeCommits(file: string): Promise<Commit[]> {
  const live = `${file}.live`;
  const store = await open(live);
  await store.createFirstAccount({ account: { id: accountId, name: 'A' }, key: { id: 'k', secret: 's' } });
  await store.createQueue(accountId, queueName, defaultQueueAttributes);
  const queue = await store.findQueue(accountId, queueName);
  if (queue === undefined) throw new Error('The queue is not there.');
  const written: Commit[] = [];
  for (let n = 0; n < commits; n += 1) {
    const body = `m${n}`;
    await store.sendMessages(queue, [{ body, priority: 8 }], Date.now());
    written.push({ body, end: statSync(`${live}-wal`).size });
  }
  cpSync(live, file);
  cpSync(`${live}-wal`, `${file}-wal`);
  await store.close();
  if (existsSync(`${live}-wal`)) rmSync(`${live}-wal`);
  return written;
}

async function readBodies(file: string): Promise<string[]> {
  const store = await open(file);
  try {
    const queue = await store.findQueue(accountId, queueName);
    if (queue === undefined) return [];
    const bodies: string[] = [];
    for (;;) {
      const messages = await store.receiveMessages(queue, 16, Date.now());
      if (messages.length === 0) return bodies;
      bodies.push(...messages.map(({ body }) => body));
    }
  } finally {
    await store.close();
  }
}

/** Damages the last frames in one of five ways; `from` is the first byte that is not as it was. */
function damage(
  log: Buffer,
  variant: number,
  random: () => number,
): { damaged: Buffer; from: number; how: string } {
  const frames = Math.floor((log.byteLength - headerBytes) / frameBytes);
  const within = Math.floor(random() * Math.min(frames, 60) * frameBytes);
  const from = log.byteLength - 1 - within;
  const ways = ['cut', 'zeroed', 'garbled', 'one bit', 'cut at a frame'] as const;
  const way = ways[variant % ways.length] ?? 'cut';
  const how = `${way} from byte ${from} of ${log.byteLength}`;
  if (way === 'cut') return { damaged: log.subarray(0, from), from, how };
  if (way === 'cut at a frame') {
    const frame = headerBytes + Math.floor((from - headerBytes) / frameBytes) * frameBytes;
    return { damaged: log.subarray(0, frame), from: frame, how };
  }
  const damaged = Buffer.from(log);
  if (way === 'zeroed') damaged.fill(0, from);
  else if (way === 'one bit') damaged[from] = (damaged[from] ?? 0) ^ (1 << Math.floor(random() * 8));
  else for (let at = from; at < damaged.byteLength; at += 1) damaged[at] = Math.floor(random() * 256);
  return { damaged, from, how };
}
