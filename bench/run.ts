// `npm run bench -- [short | full] [sqlite | postgres] [scenario …]`: prints a table and writes bench/output/<store>.json.
// `npm run bench -- soak [minutes] [sqlite | postgres]` runs at a fixed rate instead (soak.ts).
// `npm run bench -- peers --peer NAME=URL …` compares with others that were started before (peers/) and writes <store>-<mode>-peers.json.
// What earlier runs of other scenarios left in that file stays. Each figure is a ratio within one run, product and baseline alternating; machines differ, ratios hardly.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { stores } from './bed.ts';
import { parsePeerOptions } from './peers/address.ts';
import { comparePeers } from './peers/comparison.ts';
import { scenarios } from './scenarios.ts';
import { soak } from './soak.ts';
import type { Result, Scenario, Size } from './scenario.ts';

const sizes: Readonly<Record<string, Size>> = {
  short: { seconds: 2, rounds: 1, backlog: 5000, failingDestinations: 20, pushes: 2000, archive: 20_000 },
  full: {
    seconds: 6,
    rounds: 3,
    backlog: 1_000_000,
    failingDestinations: 1000,
    pushes: 20_000,
    // BENCH_RECEIPTS: fewer, where there is no room for some 10 GB.
    archive: Number(process.env['BENCH_RECEIPTS'] ?? 10_000_000),
  },
};

const several = { type: 'string', multiple: true } as const;
const { positionals: words, values } = parseArgs({
  allowPositionals: true,
  options: { peer: several, pid: several, 'database-pid': several, rate: { type: 'string' } },
});
if (words.includes('soak')) {
  const minutes = Number(words.find((word) => /^\d+$/.test(word)) ?? 30);
  const faults = await soak(words.includes('postgres') ? 'postgres' : 'sqlite', minutes);
  console.log(`${faults} faults`);
  process.exit(faults > 0 ? 1 : 0);
}
const mode = words.find((word) => word in sizes) ?? 'short';
const store = stores.find((name) => words.includes(name)) ?? 'sqlite';
const names = words.filter((word) => word !== mode && word !== store);
const size = sizes[mode];
const peerOptions = await parsePeerOptions(values, process.env);
const isOfPeers = peerOptions.peers.length > 0;
if (words.includes('peers') && !isOfPeers) throw new Error('Which peers? Name them by --peer NAME=URL.');
const known: readonly Scenario[] = isOfPeers
  ? [{ name: 'peers', run: comparePeers(peerOptions) }]
  : scenarios;
const chosen = known.filter(
  ({ name, only }) => (names.length === 0 || names.includes(name)) && (only === undefined || only === store),
);
const unknown = names.filter((name) => !known.some((scenario) => scenario.name === name));
if (size === undefined || unknown.length > 0)
  throw new Error(`Unknown: ${unknown.join(', ')}. There are ${known.map(({ name }) => name).join(', ')}.`);

console.log(
  `${mode}, ${store}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
);
const folder = new URL('output/', import.meta.url);
const file = new URL(`${store}-${mode}${isOfPeers ? '-peers' : ''}.json`, folder);
mkdirSync(folder, { recursive: true });
const rows: Result[] = [];
for (const scenario of chosen) {
  for (const row of await scenario.run(store, size)) {
    const limit = row.limit ?? toLimit(scenario);
    rows.push({ ...row, limit });
    const spread = row.spread.map((value) => value.toFixed(2)).join('–');
    console.log(
      `${row.name.padEnd(26)} ${row.value.toFixed(2).padStart(8)} ${`(${spread})`.padEnd(16)} ${limit.padEnd(7)} ${row.figure}; ${row.detail}; faults ${row.faults}`,
    );
  }
  keep(rows);
}

/** Writes the rows down, at their old places where they were there before. */
function keep(fresh: readonly Result[]): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
  const byName = new Map([...before, ...fresh].map((row) => [row.name, row]));
  writeFileSync(file, `${JSON.stringify([...byName.values()], null, 2)}\n`);
}

function toLimit({ floor, ceiling }: Scenario): string {
  if (floor !== undefined) return `≥ ${floor[store]}`;
  return ceiling === undefined ? '' : `≤ ${ceiling[store]}`;
}

const faults = rows.reduce((sum, row) => sum + row.faults, 0);
console.log(`${rows.length} rows, ${faults} faults`);
if (faults > 0) process.exitCode = 1;
