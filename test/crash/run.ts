// `npm run test:crash -- [kills] [seed] [sqlite | node | database | connections]`: the long form of the kill test, with its
// account printed. The last word says on which store, and with PostgreSQL what is broken.
import { openPostgresCluster, openSqliteCluster, victims } from './cluster.ts';
import { runKills } from './kill.ts';

const kills = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const victim = victims.find((name) => name === process.argv[4]);
console.log(`${kills} kills, seed ${seed}, ${victim === undefined ? 'SQLite' : `PostgreSQL: ${victim}`}`);
const cluster = victim === undefined ? await openSqliteCluster() : await openPostgresCluster(victim);
const report = await runKills(cluster, { kills, seed, print: (line) => console.log(line) });
const { acknowledged, seen, lost, repeated, unexplained, unanswered, durationMs } = report;
console.log(
  `acknowledged ${acknowledged}, seen ${seen}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}`,
);
console.log(`unanswered requests ${unanswered}, ${Math.round(durationMs / 1000)} s`);
for (const line of [...lost.map((item) => `lost ${item}`), ...unexplained].slice(0, 50)) console.log(line);
if (lost.length + unexplained.length > 0) process.exitCode = 1;
