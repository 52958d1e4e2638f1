// The packages of a release as a stranger takes them: unpacked into an empty folder, run by another user with an empty home.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { version } from '../../src/runtime/release.ts';
import { findFreePort, rootAccount } from '../support/service.ts';
import { openBareRoot, tellNoBareRoot, toBareCommand } from './bare-root.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const player = join(import.meta.dirname, 'player.ts');
const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
/** Bytes that a package may take on a disk. */
const maxBytes = { npm: 30e6, linux: 150e6 };
/** Whom root runs it as. */
const stranger = userInfo().uid === 0 ? { uid: 65534, gid: 65534 } : {};

let folder = '';
let home = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'chasqui-package-'));
  chmodSync(folder, 0o755);
  home = join(folder, 'home');
  mkdirSync(home);
  run(process.execPath, [join(checkout, 'packaging', 'run.ts'), folder]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the npm package', () => {
  it('is installed into an empty folder without a network, and hands a message on', async () => {
    const place = join(folder, 'npm');
    mkdirSync(place);
    const npmFolder = join(folder, 'npm-own');
    const env = { npm_config_cache: npmFolder, npm_config_update_notifier: 'false', HOME: npmFolder };
    run('npm', ['install', '--offline', '--no-audit', join(folder, `chasqui-${version}.tgz`)], {
      cwd: place,
      env,
    });
    assert.ok(measure(place) < maxBytes.npm, `${measure(place)} bytes`);
    comparePage('chasqui-<version>.tgz', join(place, 'node_modules'), join(folder, `chasqui-${version}.tgz`));
    assert.deepEqual(
      readdirSync(join(place, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['chasqui'],
    );
    await play(join(place, 'node_modules', '.bin', 'chasqui'));
  });

  it('says in words what it needs where Node is too old', () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });";
    const bin = join(folder, 'npm', 'node_modules', 'chasqui', 'bin', 'chasqui.js');
    const words = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, bin, 'version'];
    const ran = spawnSync(process.execPath, words, { encoding: 'utf8' });
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /needs Node 24\.15 or newer; this is 20\.20\.2\./);
  });
});

describe('the package for Linux', () => {
  let program = '';

  before(() => {
    const place = join(folder, 'linux');
    mkdirSync(place);
    run('tar', ['-xzf', join(folder, `chasqui-${version}-linux-x64.tar.gz`), '-C', place]);
    program = join(place, `chasqui-${version}-linux-x64`);
  });

  it('is one folder of a size to carry, whose command tells its version', () => {
    assert.deepEqual(readdirSync(dirname(program)), [`chasqui-${version}-linux-x64`]);
    assert.ok(measure(program) < maxBytes.linux, `${measure(program)} bytes`);
    const archive = join(folder, `chasqui-${version}-linux-x64.tar.gz`);
    comparePage('chasqui-<version>-linux-x64.tar.gz', program, archive);
    assert.equal(run(join(program, 'chasqui'), ['version']), `${version}\n`);
    const examples = readdirSync(join(program, 'deploy'), { withFileTypes: true });
    assert.ok(examples.some(({ name }) => name === 'systemd'));
    assert.deepEqual(
      examples.filter((entry) => !entry.isDirectory()),
      [],
      'what is for a checkout alone, and secrets beside it',
    );
  });

  it('hands a message on', () => play(join(program, 'chasqui')));

  const reason = tellNoBareRoot();
  it(
    'hands a message on where there is nothing else: no Node, no network, a root that is only read',
    { skip: reason },
    async (t) => {
      const root = await openBareRoot().catch((error: Error) => t.skip(error.message));
      if (root === undefined) return;
      const env = { ...toSettings(8080), DATA_DIR: '/opt/data', HOME: '/nonexistent', PATH: '/usr/bin:/bin' };
      const words = toBareCommand(root, program, env, ['/opt/chasqui/chasqui', 'start']);
      const [file = '', ...rest] = words;
      const service = spawn(file, rest, { env: { PATH: path }, stdio: ['ignore', 'pipe', 'inherit'] });
      await use(service, 8080, ['nsenter', `--net=/proc/${String(service.pid)}/ns/net`]);
    },
  );
});

/** Runs the service by its command as a stranger, has a message sent and delivered, and stops it. Nothing is left in its home. */
async function play(command: string): Promise<void> {
  const port = await findFreePort();
  const data = mkdtempSync(join(folder, 'data-'));
  for (const own of [data, home]) if (stranger.uid !== undefined) chownSync(own, stranger.uid, stranger.gid);
  const env = { ...toSettings(port), DATA_DIR: data, HOME: home, PATH: path };
  const service = spawn(command, ['start'], {
    cwd: data,
    env,
    ...stranger,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await use(service, port);
  assert.deepEqual(readdirSync(home), []);
}

/** Plays with a service that was started; `way` is put before the player where it has to be led to it. */
async function use(service: ChildProcess, port: number, way: readonly string[] = []): Promise<void> {
  const ended = once(service, 'exit');
  try {
    await waitForStart(service);
    const [file = '', ...words] = [...way, process.execPath, player, `http://127.0.0.1:${port}`];
    const played = spawn(file, words, {
      cwd: checkout,
      env: { PATH: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = await Promise.race([readAll(played), ended.then(() => 'The service ended.')]);
    assert.equal(told, 'Delivered\n');
  } finally {
    service.kill('SIGTERM');
    await ended;
  }
  assert.equal(service.exitCode, 0);
}

/** Resolves once the service has logged that it was started; throws with what it printed when it ends before. */
async function waitForStart({ stdout }: ChildProcess): Promise<void> {
  assert.ok(stdout !== null);
  let printed = '';
  for await (const chunk of stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes('service.started')) return void stdout.resume();
  }
  throw new Error(`The service ended before it was started:\n${printed}`);
}

async function readAll({ stdout }: ChildProcess): Promise<string> {
  assert.ok(stdout !== null);
  return (await stdout.setEncoding('utf8').toArray()).join('');
}

function toSettings(port: number): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    ROOT_ACCOUNT_ID: rootAccount.accountId,
    ROOT_ACCESS_KEY_ID: rootAccount.keyId,
    ROOT_ACCESS_KEY_SECRET: rootAccount.keySecret,
  };
}

/** Runs a command to its end and returns what it printed; throws with all of it when it fails. */
function run(
  file: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const env = { PATH: path, HOME: home, TMPDIR: folder, ...options.env };
  const ran = spawnSync(file, words, { cwd: options.cwd ?? folder, env, encoding: 'utf8' });
  assert.equal(ran.status, 0, `${file} ${words.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** Compares what the page on deploying says of a package, in whole MB, with what it takes unpacked and packed. */
function comparePage(name: string, unpacked: string, archive: string): void {
  const page = readFileSync(join(checkout, 'docs', 'deploy.md'), 'utf8');
  const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
  const told = /(\d+) MB unpacked, (\d+) MB packed/.exec(row)?.slice(1).map(Number) ?? assert.fail(row);
  const real = [measure(unpacked), statSync(archive).size].map((bytes) => bytes / 1e6);
  for (const [index, size] of real.entries())
    assert.ok(Math.abs(size - (told[index] ?? 0)) < 1, `${row}: ${size}`);
}

/** Bytes of all files of a folder. */
function measure(of: string): number {
  return readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
