// `npm run test:interop`: the official SDKs of other languages against the real service. Each client is installed by its own
// package manager into a cache folder. What cannot be had here is skipped, by name; what fails, fails the run.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { rootAccount, startService } from '../support/service.ts';
import { pullWithJava } from '../support/puller.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = join(here, '..', '..', '.cache', 'interop');
const installLimitMs = 600_000;
const runLimitMs = 180_000;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end, or to its time limit. A program that is not there gives code 127. */
function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; limitMs: number; env?: Record<string, string> },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.limitMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

interface Client {
  readonly name: string;
  /** Fetches the client through its package manager; a text says why it cannot be had here. */
  readonly fetch: () => Promise<string | null>;
  /** Builds our program with it; what goes wrong here is a failure. */
  readonly build?: () => Promise<Ran>;
  readonly round: (env: Record<string, string>) => Promise<Ran>;
}

/** Says why an installation did not work, in its last telling line. */
function toReason(what: string, { code, output }: Ran): string | null {
  if (code === 0) return null;
  const lines = output.split('\n').filter((line) => /[a-z]/i.test(stripVTControlCharacters(line)));
  const telling = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no output';
  return `${what}: ${telling.trim().slice(0, 300)}`;
}

async function copySources(name: string): Promise<string> {
  const folder = join(cache, name);
  await mkdir(folder, { recursive: true });
  await cp(join(here, 'clients', name.split('-')[0] ?? name), folder, { recursive: true });
  return folder;
}

function javaClient(version: string, round: 'Round1' | 'Round2', signature: 'V2' | 'V4'): Client {
  const folder = join(cache, `java-${version}`);
  const settings = [
    '-q',
    '-B',
    `-Dmns.version=${version}`,
    `-Dround=${round}`,
    `-Dmaven.repo.local=${join(cache, 'm2')}`,
  ];
  const mvn = (...goals: string[]): Promise<Ran> =>
    run('mvn', [...settings, ...goals], { cwd: folder, limitMs: installLimitMs });
  return {
    name: `Java aliyun-sdk-mns ${version}, signature ${signature}`,
    fetch: async () => {
      await copySources(`java-${version}`);
      return toReason(
        'mvn',
        await mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
      );
    },
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', 'java -cp "target/classes:$(cat classpath)" Round'], {
        cwd: folder,
        limitMs: runLimitMs,
        env: {
          ...env,
          SMQ_SIGNATURE: signature,
          SMQ_QUEUE: `java-${version.replaceAll('.', '-')}-${signature}`,
        },
      }),
  };
}

const goEnv = { GOPATH: join(cache, 'gopath'), GOFLAGS: '-mod=mod -modcacherw' };

const clients: readonly Client[] = [
  javaClient('2.0.0', 'Round2', 'V2'),
  javaClient('2.0.0', 'Round2', 'V4'),
  javaClient('1.4.0', 'Round1', 'V2'),
  {
    name: 'Python aliyun-mns-sdk',
    fetch: async () => {
      const folder = await copySources('python');
      return toReason(
        'pip',
        await run(
          'python3',
          [
            '-m',
            'pip',
            'install',
            '-q',
            '--upgrade',
            '--target',
            join(folder, 'site'),
            'aliyun-mns-sdk==1.3.0',
          ],
          { cwd: folder, limitMs: installLimitMs },
        ),
      );
    },
    round: (env) =>
      run('python3', ['round.py'], {
        cwd: join(cache, 'python'),
        limitMs: runLimitMs,
        env: { ...env, PYTHONPATH: join(cache, 'python', 'site') },
      }),
  },
  {
    name: 'Go aliyun-mns-go-sdk 1.0.11',
    fetch: async () => {
      const folder = await copySources('go');
      return toReason(
        'go',
        await run('go', ['mod', 'tidy'], { cwd: folder, limitMs: installLimitMs, env: goEnv }),
      );
    },
    build: () =>
      run('go', ['build', '-o', 'round', '.'], {
        cwd: join(cache, 'go'),
        limitMs: installLimitMs,
        env: goEnv,
      }),
    round: (env) => run('./round', [], { cwd: join(cache, 'go'), limitMs: runLimitMs, env }),
  },
];

const counts = { passed: 0, failed: 0, skipped: 0 };

async function main(): Promise<void> {
  await mkdir(cache, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-interop-'));
  const service = await startService({ dataDir });
  const env = {
    SMQ_ENDPOINT: service.url,
    SMQ_KEY_ID: rootAccount.keyId,
    SMQ_KEY_SECRET: rootAccount.keySecret,
    SMQ_ACCOUNT: rootAccount.accountId,
  };
  let hasJava = false;
  try {
    for (const client of clients) {
      const missing = await client.fetch();
      if (missing !== null) {
        counts.skipped += 1;
        console.log(`skipped ${client.name} (${missing})`);
        continue;
      }
      if (client.name.startsWith('Java aliyun-sdk-mns 2')) hasJava = true;
      const built = (await client.build?.()) ?? { code: 0, output: '' };
      const { code, output } = built.code === 0 ? await client.round(env) : built;
      const version = /^version (.*)$/m.exec(output)?.[1];
      const steps = output.match(/^ok .*$/gm)?.length ?? 0;
      const isGood = code === 0 && steps > 0;
      counts[isGood ? 'passed' : 'failed'] += 1;
      console.log(
        `${isGood ? 'passed' : 'FAILED'} ${client.name}${version === undefined ? '' : ` (${version})`}: ${steps} steps`,
      );
      if (!isGood) console.log(output.replace(/^/gm, '  '));
    }
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
  if (!hasJava) {
    counts.skipped += 1;
    console.log('skipped the Java puller loop (no Java client)');
  } else {
    const folder = join(cache, 'java-2.0.0');
    const { isGood, text } = await pullWithJava(folder, 60_000);
    counts[isGood ? 'passed' : 'failed'] += 1;
    console.log(`${isGood ? 'passed' : 'FAILED'} Java puller loop over two restarts: ${text}`);
  }
}

await main();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
