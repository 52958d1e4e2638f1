// The same 600 bytes through the product and through a peer, in turns: `npm run bench -- peers --peer NAME=URL …`.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Bed } from '../bed.ts';
import { median, toRate } from '../measure.ts';
import type { Load } from '../measure.ts';
import { readUsage } from '../processes.ts';
import type { Processes } from '../processes.ts';
import {
  connect,
  countFaults,
  readReceiver,
  setDestinations,
  takeTurns,
  toSpread,
  withBed,
} from '../scenario.ts';
import type { Row, Scenario, Seen, Size, Turns } from '../scenario.ts';
import { isEventPeer, isQueuePeer } from './address.ts';
import type { EventPeerName, PeerAddress, PeerOptions, QueuePeerName } from './address.ts';
import { prepare } from './event-peers.ts';
import { openQueuePeer } from './queue-peers.ts';

const bytes = 600;
const batch = 10;
const backlog = 100_000;
/** How long nothing has to arrive until what is missing counts as lost. */
const quietMs = 15_000;

/** Microseconds of processor time; undefined where it is not known. */
interface Cost {
  readonly service: number | undefined;
  readonly database: number | undefined;
}

interface Run {
  readonly load: Load;
  /** Of an event or message. */
  readonly cost: Cost;
}

/** Events that a side took and handed on. */
interface Delivery extends Run {
  readonly seen: Seen;
  /** From the first that was sent to the last that arrived. */
  readonly seconds: number;
}

/** One side of a row, in megabytes. */
interface Memory {
  readonly service: number | undefined;
  readonly database: number | undefined;
}

/** Rows of each peer, on a store of their own. */
export function comparePeers({ peers, rate }: PeerOptions): Scenario['run'] {
  return async (store, size) => {
    const rows: Row[] = [];
    for (const { address, processes } of peers) {
      rows.push(
        ...(await withBed(store, (bed) => {
          if (isEventPeer(address)) return compareEvents(bed, size, address, processes, rate);
          if (isQueuePeer(address)) return compareQueues(bed, size, address, processes);
          throw new Error(`${address.name} takes neither events nor messages.`);
        })),
      );
    }
    return rows;
  };
}

async function compareEvents(
  bed: Bed,
  { rounds, seconds }: Size,
  peer: PeerAddress<EventPeerName>,
  processes: Processes,
  givenRate: number | undefined,
): Promise<Row[]> {
  const callback = `${bed.receiverUrl}/marked`;
  const phoneNumberIds = await connect(bed, 1, false, () => callback);
  await setDestinations(bed, { concurrency: 64 });
  const prepared = await prepare(peer, callback, `bench-${process.pid}`);
  try {
    const idle = await readBoth(bed, processes);
    const task = { connections: 64, seconds, bytes };
    const run = (rate?: number) => {
      const paced = rate === undefined ? task : { ...task, rate };
      return takeTurns<Delivery>(
        rounds,
        () => deliver(bed, bed.processes, () => bed.drive({ ...paced, kind: 'inbound', phoneNumberIds })),
        () =>
          deliver(bed, processes, () =>
            bed.drive({ ...paced, kind: 'peer-event', envelope: prepared.envelope, urls: [peer.url] }),
          ),
      );
    };
    const most = await run();
    const slower = Math.min(
      median(most.products.map(toDeliveryRate)),
      median(most.baselines.map(toDeliveryRate)),
    );
    const rate = givenRate ?? Math.max(1, Math.floor(slower / 2));
    const paced = await run(rate);
    return [
      ...toRateRows(`${peer.name}, intake`, 'events', peer, most, ' and delivery'),
      toDeliveryRow(peer, most),
      toPacedRow(peer, rate, paced),
      toMemoryRow(peer, idle, await readBoth(bed, processes)),
    ];
  } finally {
    await prepared.remove();
  }
}

/** Drives a load and waits for all that was taken to arrive. */
async function deliver(bed: Bed, processes: Processes, drive: () => Promise<Load>): Promise<Delivery> {
  await request(bed.receiverUrl, { method: 'DELETE' });
  const startedAt = performance.now();
  let lastAt = startedAt;
  const { load, cost } = await measure(processes, async () => {
    const done = await drive();
    let { distinct } = await readReceiver(bed);
    lastAt = performance.now();
    while (distinct < done.count && performance.now() < lastAt + quietMs) {
      await sleep(20);
      const now = await readReceiver(bed);
      if (now.distinct > distinct) lastAt = performance.now();
      distinct = now.distinct;
    }
    return done;
  });
  return { load, cost, seen: await readReceiver(bed), seconds: (lastAt - startedAt) / 1000 };
}

async function compareQueues(
  bed: Bed,
  { rounds, seconds, backlog: most }: Size,
  peer: PeerAddress<QueuePeerName>,
  processes: Processes,
): Promise<Row[]> {
  const run = `bench_${process.pid}`;
  const [sent, cycled, full] = [`${run}_sent`, `${run}_cycled`, `${run}_full`];
  const queue = openQueuePeer(peer, 1);
  // SMQ's names have no underscore.
  const toOwn = (name: string): string => name.replaceAll('_', '-');
  const takeQueueTurns = (task: Omit<Parameters<Bed['drive']>[0], 'connections'>, of: string) => {
    const both = { connections: 32, bytes, ...task };
    return takeTurns<Run>(
      rounds,
      () => measure(bed.processes, () => bed.drive({ ...both, queue: toOwn(of) })),
      () => measure(processes, () => bed.drive({ ...both, queue: of, peer })),
    );
  };
  const queued = Math.min(most, backlog);
  try {
    for (const name of [sent, cycled, full]) {
      await bed.api('PUT', `/api/v1/queues/${toOwn(name)}`, {});
      await queue.create(name);
    }
    const idle = await readBoth(bed, processes);
    const sends = await takeQueueTurns({ kind: 'send', seconds }, sent);
    const cycles = await takeQueueTurns({ kind: 'cycle', seconds, batch }, cycled);
    const fill = { kind: 'fill', connections: 32, bytes, batch, count: Math.ceil(queued / batch) } as const;
    const fills = [
      await bed.drive({ ...fill, queue: toOwn(full) }),
      await bed.drive({ ...fill, queue: full, peer }),
    ];
    const fullCycles = await takeQueueTurns({ kind: 'cycle', seconds, batch }, full);
    const rows = [
      ...toRateRows(`${peer.name}, queue send`, 'messages', peer, sends),
      ...toRateRows(`${peer.name}, cycle of ${batch}`, 'messages', peer, cycles),
      ...toRateRows(`${peer.name}, cycle of ${batch}, ${queued} queued`, 'messages', peer, fullCycles),
      toMemoryRow(peer, idle, await readBoth(bed, processes)),
    ];
    return rows.map((row) =>
      row.name.endsWith(' queued') ? { ...row, faults: row.faults + countFaults(fills) } : row,
    );
  } finally {
    for (const name of [sent, cycled, full]) await queue.remove(name).catch(() => undefined);
    await queue.close();
  }
}

/** Processor time that processes use while something is driven. */
async function measure(processes: Processes, drive: () => Promise<Load>): Promise<Run> {
  const before = await readTicks(processes);
  const load = await drive();
  const after = await readTicks(processes);
  const each = (part: keyof Cost): number | undefined => {
    const [from, to] = [before[part], after[part]];
    // A tick is a hundredth of a second.
    return from === undefined || to === undefined
      ? undefined
      : ((to - from) * 10_000) / (load.count * load.weight);
  };
  return { load, cost: { service: each('service'), database: each('database') } };
}

async function readTicks({ service, database }: Processes) {
  return {
    service: service && (await readUsage(service))?.ticks,
    database: database && (await readUsage(database))?.ticks,
  };
}

async function readBoth(bed: Bed, processes: Processes) {
  return { product: await readMemory(bed.processes), peer: await readMemory(processes) };
}

async function readMemory({ service, database }: Processes): Promise<Memory> {
  return {
    service: service && (await readUsage(service))?.memoryMb,
    database: database && (await readUsage(database))?.memoryMb,
  };
}

const toDeliveryRate = ({ seen, seconds }: Delivery): number => seen.distinct / seconds;
const toTotal = ({ service, database }: Cost | Memory): number | undefined =>
  service === undefined || database === undefined ? undefined : service + database;

/** Product ÷ peer, of each round. */
function toRatios<T>({ products, baselines }: Turns<T>, read: (run: T) => number): number[] {
  return products.map((run, n) => read(run) / read(baselines[n] ?? run));
}

/** A row of the rates and, where it is known of both, one of the processor time. */
function toRateRows(name: string, what: string, peer: PeerAddress, turns: Turns<Run>, besides = ''): Row[] {
  const { products, baselines } = turns;
  if (baselines.some(({ load }) => load.count === 0))
    throw new Error(`${peer.name} has taken nothing at ${peer.url}.`);
  const tell = (runs: readonly Run[]): string =>
    `${Math.round(median(runs.map(({ load }) => toRate(load))))}`;
  const peerFaults = countFaults(baselines.map(({ load }) => load));
  const detail =
    `${tell(products)} ÷ ${tell(baselines)} a second, processor ${describeCost(products)} ÷ ${describeCost(baselines)}` +
    `; ${peerFaults} faults of ${peer.name}`;
  const faults = countFaults(products.map(({ load }) => load));
  const rateRow = {
    name,
    figure: `${what}/s ÷ ${peer.name}`,
    ...toSpread(toRatios(turns, ({ load }) => toRate(load))),
    detail,
    faults,
  };
  const totals = toRatios(turns, ({ cost }) => toTotal(cost) ?? NaN).map((ratio) => 1 / ratio);
  if (totals.some(Number.isNaN)) return [rateRow];
  const costRow = {
    name: `${name}${besides}, processor`,
    figure: `processor time of ${peer.name} ÷ ours`,
    ...toSpread(totals),
    detail,
    faults: 0,
  };
  return [rateRow, costRow];
}

function toDeliveryRow(peer: PeerAddress, turns: Turns<Delivery>): Row {
  return {
    name: `${peer.name}, delivery`,
    figure: `events/s arrived ÷ ${peer.name}`,
    ...toSpread(toRatios(turns, toDeliveryRate)),
    detail: describeDeliveries(turns),
    faults: countDeliveryFaults(turns.products),
  };
}

function toPacedRow(peer: PeerAddress, rate: number, turns: Turns<Delivery>): Row {
  // The receiver's clock tells whole milliseconds.
  const ratios = toRatios(turns, ({ seen }) => Math.max(seen.p99Ms, 1));
  return {
    name: `${peer.name}, fixed rate`,
    figure: `p99 ms ÷ ${peer.name}`,
    ...toSpread(ratios),
    detail: `at ${rate} a second; ${describeDeliveries(turns)}`,
    faults: countDeliveryFaults(turns.products) + countFaults(turns.products.map(({ load }) => load)),
  };
}

const countLost = ({ load, seen }: Delivery): number => Math.max(0, load.count - seen.distinct);

/** Lost, or twice without a cause. */
function countDeliveryFaults(runs: readonly Delivery[]): number {
  return runs.reduce((all, run) => all + countLost(run) + run.seen.unexplained, 0);
}

function describeDeliveries({ products, baselines }: Turns<Delivery>): string {
  const tell = (runs: readonly Delivery[]): string => {
    const add = (read: (run: Delivery) => number): number => runs.reduce((all, run) => all + read(run), 0);
    const p50 = median(runs.map(({ seen }) => seen.p50Ms));
    const p99 = median(runs.map(({ seen }) => seen.p99Ms));
    return (
      `${Math.round(median(runs.map(toDeliveryRate)))} a second, p50 ${p50} and p99 ${p99} ms, ` +
      `${add(({ seen }) => seen.distinct)} arrived, ${add(({ seen }) => seen.receipts - seen.distinct)} doubled, ` +
      `${add(countLost)} lost`
    );
  };
  return `${tell(products)} ÷ ${tell(baselines)}`;
}

function describeCost(runs: readonly Run[]): string {
  const tell = (part: keyof Cost): string => {
    const values = runs.flatMap(({ cost }) => cost[part] ?? []);
    return values.length < runs.length ? 'unknown' : `${median(values).toFixed(1)} us`;
  };
  const database = tell('database');
  return database === '0.0 us' ? tell('service') : `${tell('service')} and ${database} of the database`;
}

type Memories = Awaited<ReturnType<typeof readBoth>>;

/** The product's own megabytes where those of the peer are not known. */
function toMemoryRow(peer: PeerAddress, idle: Memories, after: Memories): Row {
  const [ours = NaN, theirs] = [toTotal(after.product), toTotal(after.peer)];
  const value = ours / (theirs ?? 1);
  const tell = (of: keyof Memories): string =>
    `${describeMemory(idle[of])} idle and ${describeMemory(after[of])} after`;
  return {
    name: `${peer.name}, memory`,
    figure: theirs === undefined ? 'MB after all, ours alone' : `MB after all ÷ ${peer.name}`,
    value,
    spread: [value, value],
    detail: `${tell('product')} ÷ ${tell('peer')}`,
    faults: 0,
  };
}

function describeMemory(memory: Memory): string {
  const tell = (value: number | undefined): string =>
    value === undefined ? 'unknown' : `${Math.round(value)} MB`;
  return memory.database === 0
    ? tell(memory.service)
    : `${tell(memory.service)} and ${tell(memory.database)} of the database`;
}
