// Intake beside the least that a Node server must do for the same promise (floor.ts).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Bed } from './bed.ts';
import type { FloorTask } from './floor.ts';
import {
  connect,
  countFaults,
  describeTurns,
  setDestinations,
  statusUrlOf,
  takeTurns,
  toCostRatios,
  toRateRatios,
  toSpread,
  withBed,
} from './scenario.ts';
import type { Row, Scenario, Size } from './scenario.ts';
import { appSecret } from './secret.ts';

interface Groups {
  readonly count: number;
  readonly calls: number;
}

interface Case {
  readonly form: FloorTask['form'];
  readonly connections: number;
  readonly batch: number;
  /** What is wanted of the processor time of the floor ÷ ours. */
  readonly limit: string;
}

const cases: readonly Case[] = [
  { form: 'commit', connections: 64, batch: 1, limit: '≥ 0.75' },
  { form: 'commit', connections: 256, batch: 1, limit: '' },
  { form: 'commit', connections: 64, batch: 50, limit: '≥ 0.65' },
  { form: 'journal', connections: 64, batch: 1, limit: '' },
  { form: 'journal', connections: 256, batch: 1, limit: '' },
  { form: 'journal', connections: 64, batch: 50, limit: '' },
];

/** A row for each form of the floor, at 64 and at 256 connections and in webhooks of 50 events. */
export const floors: Scenario['run'] = async (store, size) => {
  const rows: Row[] = [];
  for (const each of cases) rows.push(await withBed(store, (bed) => runCase(bed, size, each)));
  return rows;
};

async function runCase(bed: Bed, size: Size, { form, connections, batch, limit }: Case): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-floor-'));
  try {
    const phoneNumberIds = await connect(bed, 1, true, () => statusUrlOf(bed));
    await setDestinations(bed, { state: 'off' });
    const task: FloorTask = { form, folder, appSecret };
    const floorUrl = await bed.startBeside('floor.ts', task);
    const load = { kind: 'webhook', connections, seconds: size.seconds, batch, phoneNumberIds } as const;
    const turns = await takeTurns(
      size.rounds,
      () => bed.drive(load),
      () => bed.drive({ ...load, urls: [floorUrl] }),
    );
    const rate = toSpread(toRateRatios(turns)).value.toFixed(2);
    const groups = `calls a group ${toMean(await readGroups(bed))} ÷ ${toMean(await readFloorGroups(floorUrl))}`;
    return {
      name: `intake, floor by ${form}, ${connections} connections${batch === 1 ? '' : `, ${batch} events each`}`,
      figure: 'processor time of the floor ÷ ours',
      ...toSpread(toCostRatios(turns)),
      detail: `rate ${rate}; ${groups}; ${describeTurns(turns)}`,
      limit,
      faults: countFaults([...turns.products, ...turns.baselines]),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const toMean = ({ count, calls }: Groups): string => (calls / Math.max(count, 1)).toFixed(1);

async function readFloorGroups(url: string): Promise<Groups> {
  return (await (await request(url)).body.json()) as Groups;
}

/** Of all transactions of the first node so far. */
async function readGroups(bed: Bed): Promise<Groups> {
  const text = await (await request(`${bed.urls[0] ?? ''}/metrics`)).body.text();
  const read = (name: string): number =>
    Number(new RegExp(`^chasqui_store_commit_calls_${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { count: read('count'), calls: read('sum') };
}
