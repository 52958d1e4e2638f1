// `npm run test:crash -- [kills] [seed]`: the long form of the kill test, with its account printed.
import { runKills } from './kill.ts';

const kills = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
console.log(`${kills} kills, seed ${seed}`);
const report = await runKills({ kills, seed, print: (line) => console.log(line) });
const { acknowledged, seen, lost, repeated, unexplained, unanswered, durationMs } = report;
console.log(
  `acknowledged ${acknowledged}, seen ${seen}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}`,
);
console.log(`unanswered requests ${unanswered}, ${Math.round(durationMs / 1000)} s`);
for (const line of [...lost.map((item) => `lost ${item}`), ...unexplained].slice(0, 50)) console.log(line);
if (lost.length + unexplained.length > 0) process.exitCode = 1;
