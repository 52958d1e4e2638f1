// What every scenario is made of: a bed, a load on the product and on the baseline in turns, a row.
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { openBed, toMicros } from './bed.ts';
import type { Bed, StoreName } from './bed.ts';
import { median, sum, toRate } from './measure.ts';
import type { Load } from './measure.ts';
import { appSecret } from './secret.ts';

/** How much of everything; the short form only shows that it runs and loses nothing. */
export interface Size {
  readonly seconds: number;
  readonly rounds: number;
  /** Messages or deliveries of the scenarios with a backlog. */
  readonly backlog: number;
  readonly failingDestinations: number;
  readonly pushes: number;
  /** Receipts held by the store that is asked. */
  readonly archive: number;
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

/** The receiver's well-behaved callback. */
export const statusUrlOf = (bed: Bed): string => `${bed.receiverUrl}/status`;

/** Connects the WhatsApp channel with its numbers; each has a queue if wanted, and the callback that `toUrl` gives. */
export async function connect(
  bed: Bed,
  numbers: number,
  queue: boolean,
  toUrl: (n: number) => string,
): Promise<string[]> {
  await bed.api('PUT', '/api/v1/channels/bench', {
    type: 'whatsapp',
    wabaId: '100000000000001',
    credentials: { appSecret, verifyToken: 'v', accessToken: 'none' },
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

/** Changes the settings of all destinations, or of those whose URL begins so. */
export async function setDestinations(
  bed: Bed,
  settings: Record<string, unknown>,
  begin = '',
): Promise<void> {
  const { items } = await bed.api<{ items: { id: number; url: string }[] }>(
    'GET',
    '/api/v1/destinations?limit=500',
  );
  for (const destination of items)
    if (destination.url.startsWith(begin))
      await bed.api('PATCH', `/api/v1/destinations/${destination.id}`, settings);
}

/** Loads of the product and of a baseline, in turns. */
export interface Turns<T = Load> {
  readonly products: readonly T[];
  readonly baselines: readonly T[];
}

/** Alternates baseline and product; the first runs compile, and count for nothing. */
export async function takeTurns<T>(
  rounds: number,
  product: () => Promise<T>,
  baseline: () => Promise<T>,
): Promise<Turns<T>> {
  const products: T[] = [];
  const baselines: T[] = [];
  await baseline();
  await product();
  for (let round = 0; round < rounds; round += 1) {
    baselines.push(await baseline());
    products.push(await product());
  }
  return { products, baselines };
}

/** Alternates product and baseline and makes a row of the ratios of their rates. */
export async function compare(
  name: string,
  figure: string,
  rounds: number,
  product: () => Promise<Load>,
  baseline: () => Promise<Load>,
  factor = 1,
): Promise<Row> {
  const turns = await takeTurns(rounds, product, baseline);
  return {
    name,
    figure,
    ...toSpread(toRateRatios(turns).map((ratio) => ratio * factor)),
    detail: describeTurns(turns, factor),
    faults: countFaults(turns.products),
  };
}

/** Product ÷ baseline, of each round. */
export function toRateRatios({ products, baselines }: Turns): number[] {
  return products.map((load, n) => toRate(load) / toRate(baselines[n] ?? load));
}

/** Processor time of the baseline ÷ the product's, of each round. */
export function toCostRatios({ products, baselines }: Turns): number[] {
  return products.map((load, n) => (baselines[n] ?? load).cpuMicros / load.cpuMicros);
}

export function toSpread(ratios: readonly number[]): Pick<Row, 'value' | 'spread'> {
  return { value: median(ratios), spread: [Math.min(...ratios), Math.max(...ratios)] };
}

export function countFaults(loads: readonly Load[]): number {
  return sum(loads.map(({ errors, unexplained }) => errors + unexplained));
}

/** Rates, latency and processor time of either side. */
export function describeTurns({ products, baselines }: Turns, factor = 1): string {
  const rate = median(products.map(toRate)) * factor;
  const p99 = median(products.map(({ p99Ms }) => p99Ms));
  return `${Math.round(rate)} ÷ ${Math.round(median(baselines.map(toRate)))} a second, p99 ${p99.toFixed(1)} ms, processor ${describeMicros(products)} ÷ ${describeMicros(baselines)} us`;
}

function describeMicros(loads: readonly Load[]): string {
  const database = median(loads.map(({ databaseMicros = 0 }) => databaseMicros));
  const service = median(loads.map(({ cpuMicros }) => cpuMicros)).toFixed(1);
  const threads = (['main', 'own', 'helpers'] as const).map((kind) =>
    median(loads.map(({ threadMicros }) => threadMicros?.[kind] ?? 0)).toFixed(1),
  );
  const all = `${service} (${threads.join(' + ')})`;
  return database > 0 ? `${all} and ${database.toFixed(1)} of the database` : all;
}

/** Runs on a bed of its own, which is closed at the end. */
export async function withBed<T>(
  store: StoreName,
  run: (bed: Bed) => Promise<T>,
  nodes = 1,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const bed = await openBed(store, nodes, settings);
  try {
    return await run(bed);
  } finally {
    await bed.close();
  }
}

/** What the receiver has seen. */
export interface Seen {
  readonly receipts: number;
  readonly distinct: number;
  readonly unexplained: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Asks the receiver. */
export async function readReceiver(bed: Bed): Promise<Seen> {
  const answer = await request(bed.receiverUrl);
  return (await answer.body.json()) as Seen;
}

/** Waits until nothing is left to push. */
export async function drain(bed: Bed): Promise<void> {
  for (let last = -1; ;) {
    await sleep(700);
    const { receipts } = await readReceiver(bed);
    if (receipts === last) return;
    last = receipts;
  }
}

/** Records `count` receipts for the receiver, whatever its callbacks, while they are off, then lets them go; resolves to how that went. */
export async function push(bed: Bed, phoneNumberIds: readonly string[], count: number): Promise<Load> {
  await request(bed.receiverUrl, { method: 'DELETE' });
  await setDestinations(bed, { state: 'off' }, statusUrlOf(bed));
  await bed.drive({
    kind: 'inbound',
    batch: 50,
    count: Math.ceil(count / 50),
    connections: 16,
    phoneNumberIds,
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
