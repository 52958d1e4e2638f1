// `npm run test:ha -- [rounds] [seed]`: a database that fails over under load, with the account of what was acknowledged and what came
// out. Each round breaks the next of the faults; how long nodes took nothing is told and never judged. Skipped, in words, where Patroni,
// etcd, HAProxy or PostgreSQL are not to be had.
import { runKills } from '../crash/kill.ts';
import { faults, openHaCluster, ways } from './cluster.ts';
import type { Outage } from './cluster.ts';
import { findPrograms } from './programs.ts';

const [rounds = '20', seed = '1'] = process.argv.slice(2);
const programs = await findPrograms();
if ('site' in programs) {
  const cluster = await openHaCluster(programs, (line) => console.log(line));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cluster.close().finally(() => process.exit(1)));
  const report = await runKills(cluster, { kills: Number(rounds), seed: Number(seed), slowness: 8 });
  const { acknowledged, seen, lost, repeated, unexplained, unanswered, durationMs } = report;
  console.log(
    `acknowledged ${acknowledged}, seen ${seen}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}`,
  );
  console.log(
    `unanswered requests ${unanswered}, ${cluster.outages.length} rounds, ${Math.round(durationMs / 1000)} s`,
  );
  for (const line of toTable(cluster.outages)) console.log(line);
  const few = acknowledged > 100 ? [] : [`only ${acknowledged} items were put in`];
  const wrong = [...few, ...lost.map((item) => `lost ${item}`), ...unexplained];
  for (const line of wrong.slice(0, 50)) console.log(line);
  if (wrong.length > 0) process.exitCode = 1;
} else {
  console.log(`Skipped, as not to be had here: ${programs.join('; ')}.`);
}

/** The shortest, middle and longest time in which nodes took nothing, by fault and way, in the form of docs/durability.md. */
function toTable(outages: readonly Outage[]): readonly string[] {
  const rows = faults.map((fault) => {
    const cells = ways.map((way) => {
      const sorted = outages
        .filter((outage) => outage.fault === fault)
        .map(({ seconds }) => seconds[way])
        .toSorted((a, b) => a - b);
      const shown = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
      return sorted.length === 0 ? '–' : shown.map((value) => (value ?? 0).toFixed(1)).join(' / ');
    });
    return `| ${fault} | ${cells.join(' | ')} |`;
  });
  return [`| what happens | ${ways.join(' | ')} |`, '|---|---|---|', ...rows];
}
