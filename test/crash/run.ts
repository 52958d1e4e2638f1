// `npm run test:crash -- [kills] [seed] [sqlite | node | database | connections | stall]`: the long form of the kill test, with its
// account printed. The last word says on which store, and with PostgreSQL what is broken.
// `npm run test:crash -- torn [variants] [seed]`: tails of the embedded store's log, damaged and opened.
import { openPostgresCluster, openSqliteCluster, victims } from './cluster.ts';
import { runKills } from './kill.ts';
import { createRandom } from './random.ts';
import { tearTails } from './torn.ts';

const words = process.argv.slice(2);
const isTorn = words[0] === 'torn';
const [count, seed] = isTorn
  ? [Number(words[1] ?? 100), Number(words[2] ?? Date.now() % 1_000_000)]
  : [Number(words[0] ?? 50), Number(words[1] ?? Date.now() % 1_000_000)];
const faults = isTorn ? await tear() : await kill();
for (const line of faults.slice(0, 50)) console.log(line);
if (faults.length > 0) process.exitCode = 1;

async function tear(): Promise<readonly string[]> {
  const { variants, opened, shortened, refused, faults } = await tearTails(count, createRandom(seed));
  console.log(
    `${variants} torn logs, seed ${seed}: opened ${opened}, of which ${shortened} lacked what stood behind the damage, refused ${refused}, faults ${faults.length}`,
  );
  return faults;
}

async function kill(): Promise<readonly string[]> {
  const victim = victims.find((name) => name === words[2]);
  console.log(`${count} kills, seed ${seed}, ${victim === undefined ? 'SQLite' : `PostgreSQL: ${victim}`}`);
  const cluster = victim === undefined ? await openSqliteCluster() : await openPostgresCluster(victim);
  const report = await runKills(cluster, { kills: count, seed, print: (line) => console.log(line) });
  const { acknowledged, seen, lost, repeated, unexplained, unanswered, durationMs } = report;
  console.log(
    `acknowledged ${acknowledged}, seen ${seen}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}`,
  );
  console.log(`unanswered requests ${unanswered}, ${Math.round(durationMs / 1000)} s`);
  return [...lost.map((item) => `lost ${item}`), ...unexplained];
}
