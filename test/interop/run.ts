// `npm run test:interop`: the official SDKs of other languages against the real service. Each client is installed by its own
// package manager into a cache folder. What cannot be had here is skipped, by name; what fails, fails the run.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rootAccount, startService } from '../support/service.ts';
import { pullWithJava, pullWithNode, pullWithTokens } from '../support/puller.ts';
import type { PullerRun } from '../support/puller.ts';
import { SmqClient } from '../support/smq-client.ts';
import { fuzzApi } from './fuzz.ts';
import { compilePuller, playJava, playPython } from './hello.ts';
import { runSnippets } from './snippets.ts';

const sources = fileURLToPath(new URL('clients', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/interop', import.meta.url));
const installLimitMs = 600_000;
const runLimitMs = 180_000;
const pullMs = 60_000;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

type Env = Readonly<Record<string, string>>;

/** Runs a program to its end, or to its time limit. A program that is not there gives code 127. */
function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; limitMs: number; env?: Env },
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
    child.on('close', (code, signal) =>
      resolve({ code, output: signal === null ? output : `${output}\nEnded after ${options.limitMs} ms.` }),
    );
  });
}

interface Client {
  readonly name: string;
  /** Where its sources are copied to, is built and run. */
  readonly folder: string;
  readonly source: string;
  /** Fetches the SDK through its package manager; what goes wrong here means that it cannot be had. */
  readonly fetch: () => Promise<Ran>;
  /** Builds our program with it; what goes wrong here is a failure. */
  readonly build?: () => Promise<Ran>;
  readonly round: (env: Env) => Promise<Ran>;
}

function javaClient(version: string, signature: 'V2' | 'V4'): Client {
  const folder = join(cache, `java-${version}`);
  const settings = [
    '-q',
    '-B',
    `-Dmns.version=${version}`,
    `-Dclients=clients${version.charAt(0)}`,
    `-Dmaven.repo.local=${join(cache, 'm2')}`,
  ];
  const mvn = (...goals: string[]) =>
    run('mvn', [...settings, ...goals], { cwd: folder, limitMs: installLimitMs });
  return {
    name: `Java aliyun-sdk-mns ${version}, signature ${signature}`,
    folder,
    source: 'java',
    fetch: () =>
      mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', 'exec java -cp "target/classes:$(cat classpath)" Round'], {
        cwd: folder,
        limitMs: runLimitMs,
        env: { ...env, SMQ_SIGNATURE: signature },
      }),
  };
}

function pythonClient(version: string): Client {
  const folder = join(cache, `python-${version}`);
  const site = join(folder, 'site');
  const install = ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, `aliyun-mns-sdk==${version}`];
  return {
    name: `Python aliyun-mns-sdk ${version}`,
    folder,
    source: 'python',
    fetch: () => run('python3', install, { cwd: folder, limitMs: installLimitMs }),
    round: (env) =>
      run('python3', ['round.py'], { cwd: folder, limitMs: runLimitMs, env: { ...env, PYTHONPATH: site } }),
  };
}

/** The version is in go.mod: tags above 1 are no versions to Go, as the module's path does not name them. */
function goClient(version: string): Client {
  const folder = join(cache, `go-${version}`);
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: folder,
      limitMs: installLimitMs,
      env: { GOPATH: join(cache, 'gopath'), GOFLAGS: '-modcacherw' },
    });
  return {
    name: `Go aliyun-mns-go-sdk ${version}`,
    folder,
    source: 'go',
    fetch: () => go('mod', 'download'),
    build: () => go('build', '-o', 'round', '.'),
    round: (env) => run('./round', [], { cwd: folder, limitMs: runLimitMs, env }),
  };
}

/** The SDKs of CAMS and Dybase for Python. */
function camsPythonClient(): Client {
  const folder = join(cache, 'cams-python');
  const site = join(folder, 'site');
  const packages = [
    'alibabacloud_cams20200606==5.3.1',
    'aliyun-python-sdk-dybaseapi==1.0.8',
    'aliyun-mns-sdk==1.3.0',
  ];
  return {
    name: 'Python alibabacloud_cams20200606 5.3.1 and aliyun-python-sdk-dybaseapi',
    folder,
    source: 'cams-python',
    fetch: () =>
      run('python3', ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, ...packages], {
        cwd: folder,
        limitMs: installLimitMs,
      }),
    round: (env) =>
      run('python3', ['cams_round.py'], {
        cwd: folder,
        limitMs: runLimitMs,
        env: { ...env, PYTHONPATH: site },
      }),
  };
}

/** The cores that the SDKs of CAMS and Dybase for Java are made of, which sign and send for them. */
function camsJavaClient(): Client {
  const folder = join(cache, 'cams-java');
  const mvn = (...goals: string[]) =>
    run('mvn', ['-q', '-B', `-Dmaven.repo.local=${join(cache, 'm2')}`, ...goals], {
      cwd: folder,
      limitMs: installLimitMs,
    });
  return {
    name: 'Java tea-openapi 0.3.8 (the core of cams20200606) and aliyun-java-sdk-core (that of dybaseapi)',
    folder,
    source: 'cams-java',
    fetch: () =>
      mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', 'exec java -cp "target/classes:$(cat classpath)" CamsRound'], {
        cwd: folder,
        limitMs: runLimitMs,
        env,
      }),
  };
}

/** The core that the SDK of CAMS for Go is made of. */
function camsGoClient(): Client {
  const folder = join(cache, 'cams-go');
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: folder,
      limitMs: installLimitMs,
      env: { GOPATH: join(cache, 'gopath'), GOFLAGS: '-modcacherw' },
    });
  return {
    name: 'Go darabonba-openapi 2.1.7 (the core of cams-20200606)',
    folder,
    source: 'cams-go',
    fetch: () => go('mod', 'download'),
    build: () => go('build', '-o', 'round', '.'),
    round: (env) => run('./round', [], { cwd: folder, limitMs: runLimitMs, env }),
  };
}

const pullingJava = javaClient('2.0.0', 'V4');
const camsPython = camsPythonClient();
const camsJava = camsJavaClient();
const clients: readonly Client[] = [
  javaClient('2.0.0', 'V2'),
  pullingJava,
  javaClient('1.4.0', 'V2'),
  pythonClient('1.3.0'),
  goClient('1.0.11'),
  camsPython,
  camsJava,
  camsGoClient(),
];

const counts = { passed: 0, failed: 0, skipped: 0 };

function report(outcome: keyof typeof counts, text: string): void {
  counts[outcome] += 1;
  console.log(`${outcome === 'failed' ? 'FAILED' : outcome} ${text}`);
}

/** The line of a failed installation that tells most. */
function toReason({ output }: Ran): string {
  // eslint-disable-next-line no-control-regex -- Maven colours its output even into a pipe
  const lines = output.split('\n').filter((line) => /[a-z]/i.test(line.replace(/\u001b\[[0-9;]*m/g, '')));
  const telling = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no output';
  return telling.trim().slice(0, 300);
}

/** Runs one client's round; resolves to whether its SDK could be had and its program was built. */
async function play(client: Client, env: Env): Promise<boolean> {
  await mkdir(client.folder, { recursive: true });
  await cp(join(sources, client.source), client.folder, { recursive: true });
  const fetched = await client.fetch();
  if (fetched.code !== 0) {
    report('skipped', `${client.name}: it cannot be had here (${toReason(fetched)})`);
    return false;
  }
  const built = await client.build?.();
  if (built !== undefined && built.code !== 0) {
    report('failed', `${client.name}: it does not build\n${built.output.replace(/^/gm, '  ')}`);
    return false;
  }
  const { code, output } = await client.round(env);
  const version = /^version (.*)$/m.exec(output)?.[1] ?? 'unknown version';
  const steps = output.match(/^ok .*$/gm)?.length ?? 0;
  if (code === 0 && steps > 0) report('passed', `${client.name} (${version}): ${steps} steps`);
  else report('failed', `${client.name} (${version}): ${steps} steps\n${output.replace(/^/gm, '  ')}`);
  return true;
}

/** Plays all rounds against one service; resolves to the clients that could be had. */
async function playRounds(): Promise<ReadonlySet<Client>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-interop-'));
  const service = await startService({
    dataDir,
    env: { CHASQUI_TEMPLATE_REVIEW_SECONDS: '0', CHASQUI_SEND_RATE: '1000' },
  });
  const built = new Set<Client>();
  try {
    for (const [index, client] of clients.entries()) {
      const isBuilt = await play(client, {
        SMQ_ENDPOINT: service.url,
        SMQ_KEY_ID: rootAccount.keyId,
        SMQ_KEY_SECRET: rootAccount.keySecret,
        SMQ_QUEUE: `round-${index}`,
        CHASQUI: service.url,
        ACCOUNT: rootAccount.accountId,
        KEY_ID: rootAccount.keyId,
        KEY_SECRET: rootAccount.keySecret,
      });
      if (isBuilt) built.add(client);
    }
    if (built.has(camsPython))
      await playHello('Python', () => playPython(camsPython.folder, service.url, run));
    if (built.has(camsJava)) {
      await clearStatuses(service.url);
      await playHello('Java', () => playJava(camsJava.folder, service.url, run));
    }
    const code = await service.stop();
    if (code !== 0) report('failed', `the service's end: code ${String(code)}\n${service.output()}`);
  } finally {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
  return built;
}

/** Takes away what programs before have left in the queue of statuses, until none has come for five seconds. */
async function clearStatuses(url: string): Promise<void> {
  const smq = new SmqClient(url, { id: rootAccount.keyId, secret: rootAccount.keySecret });
  const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
  for (let left = await smq.receive(queue, 5); left.length > 0; left = await smq.receive(queue, 5))
    for (const { handle } of left) await smq.delete(queue, handle);
  await smq.close();
}

/** Runs the README's program of a language. */
async function playHello(language: string, play: () => Promise<Ran>): Promise<void> {
  const { code, output } = await play();
  const isGood = code === 0 && /^sent .*\d{21}/m.test(output) && /^receipt .*\d{21}.*Sent/m.test(output);
  report(isGood ? 'passed' : 'failed', `${language} program of the README${isGood ? '' : `\n${output}`}`);
}

async function playPuller(name: string, pulling: Promise<PullerRun>): Promise<void> {
  const { isGood, text } = await pulling.catch((error: unknown) => ({ isGood: false, text: String(error) }));
  report(isGood ? 'passed' : 'failed', `${name} puller over two restarts: ${text}`);
}

await mkdir(cache, { recursive: true });
for (const { name, outcome, text } of await runSnippets(cache, run))
  report(outcome, `${name} snippet that verifies a callback: ${text}`);
const fuzzed = await fuzzApi(cache, run);
report(fuzzed.outcome, `Schemathesis on the document of /api/v1: ${fuzzed.text}`);
const built = await playRounds();
if (built.has(pullingJava)) {
  const { code, output } = await compilePuller(pullingJava.folder, run);
  report(
    code === 0 ? 'passed' : 'failed',
    `Java puller of docs/smq.md compiles${code === 0 ? '' : `\n${output}`}`,
  );
}
for (const name of ['Java com.aliyun:cams20200606', 'Go alibabacloud-go/cams-20200606'])
  report(
    'skipped',
    `${name}: there is no round of its typed calls; the core that it is generated upon has played`,
  );
const hasJava = built.has(pullingJava);
const hasTokens = built.has(camsJava);
await Promise.all([
  playPuller('Node', pullWithNode(pullMs, 3_000)),
  hasJava && playPuller('Java', pullWithJava(pullMs, pullingJava.folder)),
]);
if (hasTokens) await playPuller('Java token', pullWithTokens(pullMs, camsJava.folder));
else report('skipped', 'Java token puller: its SDKs cannot be had here');
if (!hasJava) report('skipped', 'Java puller: its SDK cannot be had here');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
