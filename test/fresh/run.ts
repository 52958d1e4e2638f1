// `node test/fresh/run.ts script …`: installs a copy of the checkout and runs npm scripts in it as someone who never did: with an
// empty home and an empty temporary folder, and as a user other than root where root may choose. Fails with the first script that
// does, and when any of them leaves something in home, temporary folder or checkout. Ends with how many tests ran.
import { openStranger } from './stranger.ts';

const names = ['pass', 'fail', 'skipped'] as const;
const sums = { pass: 0, fail: 0, skipped: 0 };

const stranger = openStranger();
console.log(`As ${stranger.user}, in ${stranger.checkout}`);
try {
  await play(['ci', '--prefer-offline']);
  for (const script of process.argv.slice(2)) if (process.exitCode === undefined) await play(['run', script]);
} finally {
  stranger.close();
}
console.log(`${sums.pass} passed, ${sums.fail} failed, ${sums.skipped} skipped`);

async function play(words: readonly string[]): Promise<void> {
  console.log(`\n$ npm ${words.join(' ')}`);
  const { code, output } = await stranger.npm(words);
  for (const name of names)
    for (const [, count] of output.matchAll(new RegExp(`^(?:ℹ|#) ${name} (\\d+)$`, 'gm')))
      sums[name] += Number(count);
  const left = stranger.listLeft();
  if (left.length > 0) console.error(`npm ${words.join(' ')} left behind:\n  ${left.join('\n  ')}`);
  if (code !== 0) console.error(`npm ${words.join(' ')} ended with ${String(code)}.`);
  if (code !== 0 || left.length > 0) process.exitCode = 1;
}
