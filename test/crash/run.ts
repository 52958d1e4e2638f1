// `npm run test:crash -- [kills] [seed] [sqlite | node | database | connections | stall]`: kills under load, with their account
// printed. The last word says on which store, and with PostgreSQL what is broken.
// `npm run test:crash -- torn [variants] [seed]`: tails of the embedded store's log, damaged and opened.
// Without any word it is a few kills on each store, a few of each other break, and some torn tails.
import { openPostgresCluster, openSqliteCluster, victims } from './cluster.ts';
import type { Victim } from './cluster.ts';
import { runKills } from './kill.ts';
import { createRandom } from './random.ts';
import { tearTails } from './torn.ts';

const words = process.argv.slice(2);
const faults = words.length === 0 ? await breakAll() : await breakOne(words);
for (const line of faults.slice(0, 50)) console.log(line);
if (faults.length > 0) process.exitCode = 1;

async function breakAll(): Promise<readonly string[]> {
  const seed = 1;
  const all = [await kill(5, seed, undefined)];
  // A stall takes as long as a hold does.
  for (const victim of victims) all.push(await kill(victim === 'stall' ? 1 : 3, seed, victim));
  all.push(await tear(100, seed));
  return all.flat();
}

function breakOne([first, second, third]: readonly string[]): Promise<readonly string[]> {
  const now = Date.now() % 1_000_000;
  if (first === 'torn') return tear(Number(second ?? 100), Number(third ?? now));
  const victim = victims.find((name) => name === third);
  return kill(Number(first ?? 50), Number(second ?? now), victim);
}

async function tear(count: number, seed: number): Promise<readonly string[]> {
  const { variants, opened, shortened, refused, faults } = await tearTails(count, createRandom(seed));
  console.log(
    `${variants} torn logs, seed ${seed}: opened ${opened}, of which ${shortened} lacked what stood behind the damage, refused ${refused}, faults ${faults.length}`,
  );
  return faults;
}

async function kill(count: number, seed: number, victim: Victim | undefined): Promise<readonly string[]> {
  console.log(`${count} kills, seed ${seed}, ${victim === undefined ? 'SQLite' : `PostgreSQL: ${victim}`}`);
  const cluster = victim === undefined ? await openSqliteCluster() : await openPostgresCluster(victim);
  const report = await runKills(cluster, { kills: count, seed, print: (line) => console.log(line) });
  const { acknowledged, seen, lost, repeated, unexplained, unanswered, durationMs } = report;
  console.log(
    `acknowledged ${acknowledged}, seen ${seen}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}`,
  );
  console.log(`unanswered requests ${unanswered}, ${Math.round(durationMs / 1000)} s`);
  const few = acknowledged > 100 ? [] : [`only ${acknowledged} items were put in`];
  return [...few, ...lost.map((item) => `lost ${item}`), ...unexplained];
}
