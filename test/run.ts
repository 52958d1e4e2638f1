// `npm test [-- option … file …]`: the tests, all of them when no file is named, in an empty temporary folder and an empty home.
// What they leave there, file or process, fails the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unpackBrowser } from './browser/chromium.ts';
import { openSandbox } from './support/sandbox.ts';

const words = process.argv.slice(2);
const options = words.filter((word) => word.startsWith('-'));
const named = words.filter((word) => !word.startsWith('-'));
const files = named.length > 0 ? named : ['test/**/*.test.ts'];
// Whichever test asks first would unpack it while others wait for it.
if (named.length === 0) await unpackBrowser();

const { env, close } = openSandbox();
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...options, ...files], {
  stdio: 'inherit',
  env: { ...process.env, ...env },
});
// An interruption reaches it as well; the folders are removed once it has ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'exit')) as [number | null];
const left = await close();
if (left.length > 0) console.error(`The tests left behind:\n${left.map((line) => `  ${line}\n`).join('')}`);
process.exitCode = left.length > 0 ? 1 : (code ?? 1);
