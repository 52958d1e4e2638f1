// `npm run test:hostile [-- file ...]`: strangers, liars and damage in their long form, over both stores, and again with TLS on and
// the admin listener apart. CHASQUI_HOSTILE_TIMES repeats it all, for a longer siege.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openPostgres } from '../support/postgres.ts';

const files = process.argv.slice(2);
const times = Number(process.env['CHASQUI_HOSTILE_TIMES'] ?? '1');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(name: string, env: Record<string, string>): Promise<boolean> {
  say(`\n${name}`);
  const tests = files.length > 0 ? files : ['test/hostile/*.test.ts'];
  const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...tests], {
    stdio: 'inherit',
    env: { ...process.env, CHASQUI_HOSTILE: 'long', ...env },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

const hasTls = spawnSync('openssl', ['version']).status === 0;
const postgres = await openPostgres();
const databases = { CHASQUI_HOSTILE_DATABASES: postgres.url('postgres') };
const forms: [string, Record<string, string>][] = [
  ['embedded store, one listener', {}],
  ['PostgreSQL, one listener', databases],
];
const apart: [string, Record<string, string>][] = [
  ['embedded store, TLS, admin listener apart', { CHASQUI_HOSTILE_APART: '1' }],
  ['PostgreSQL, TLS, admin listener apart', { ...databases, CHASQUI_HOSTILE_APART: '1' }],
];
if (!hasTls) say('openssl is not installed: the forms with TLS are left out.');
const results: string[] = [];
try {
  for (let time = 0; time < times; time += 1)
    for (const [name, env] of hasTls ? [...forms, ...apart] : forms)
      results.push(`${(await run(name, env)) ? 'passed' : 'FAILED'}  ${name}`);
} finally {
  await postgres.close();
}
const failed = results.filter((result) => result.startsWith('FAILED')).length;
say(`\n${results.join('\n')}\n${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
