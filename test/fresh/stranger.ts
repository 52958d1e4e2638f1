// A user who has never run this, on a machine where it has never run.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

type Env = Readonly<Record<string, string | undefined>>;

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

interface Stranger {
  readonly user: string;
  readonly checkout: string;
  /** Runs npm in the checkout; its output is passed on as it comes. */
  readonly npm: (words: readonly string[]) => Promise<Ran>;
  /** What is in the home and in the temporary folder, and what has changed in the checkout. */
  readonly listLeft: () => readonly string[];
  readonly close: () => void;
}

/** Copies what git knows of the checkout, and the folder of fixtures beside it where there is one. */
export function openStranger(): Stranger {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-fresh-'));
  chmodSync(folder, 0o755);
  const [checkout, home, temporary] = ['chasqui', 'home', 'tmp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [checkout, home, temporary]) mkdirSync(path);
  const { name, identity } = findUser();
  const env: Env = {
    ...toBareEnv(),
    ...toNpmEnv(folder),
    HOME: home,
    TMPDIR: temporary,
    USER: name,
    LOGNAME: name,
  };
  copyCheckout(checkout);
  const shared = join(root, '..', 'shared');
  if (existsSync(shared)) cpSync(shared, join(folder, 'shared'), { recursive: true, dereference: true });
  if (identity.uid !== undefined) {
    run('chown', ['-R', `${identity.uid}:${identity.gid ?? identity.uid}`, folder], {});
    run('chmod', ['-R', 'u+rwX', folder], {});
  }
  const inCheckout = { cwd: checkout, env, ...identity };
  const git = (...words: string[]): string => run('git', words, inCheckout);
  git('init', '-q');
  git('add', '-A');
  git(
    '-c',
    'user.name=nobody',
    '-c',
    'user.email=nobody@localhost',
    'commit',
    '-q',
    '-m',
    'All that there is',
  );
  return {
    user: name,
    checkout,
    npm: (words) => pass('npm', words, inCheckout),
    listLeft: () => [
      ...readdirSync(home).map((entry) => `$HOME/${entry}`),
      ...readdirSync(temporary)
        // npm's own, where Node keeps what it compiled.
        .filter((entry) => entry !== 'node-compile-cache')
        .map((entry) => `$TMPDIR/${entry}`),
      ...git('status', '--porcelain')
        .split('\n')
        .filter((line) => line !== ''),
    ],
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Nobody, when we are root and may run npm as another; otherwise ourselves. */
function findUser(): { name: string; identity: Identity } {
  const own = { name: userInfo().username, identity: {} };
  if (process.getuid?.() !== 0) return own;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [name, , uid, gid] = line?.split(':') ?? [];
  if (name === undefined || uid === undefined) return own;
  const identity = { uid: Number(uid), gid: Number(gid) };
  return spawnSync('npm', ['--version'], { ...identity, cwd: '/' }).status === 0 ? { name, identity } : own;
}

/** Our environment without what npm has put into it, and without folders of ours. */
function toBareEnv(): Env {
  const isOurs = (name: string): boolean =>
    /^(npm_(lifecycle|package|execpath|node_execpath|command)|XDG_|INIT_CWD$|NODE$)/.test(name);
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.startsWith(root));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name))),
    PATH: path.join(delimiter),
  };
}

/** Where npm gets packages from, also when that is told in our own home, and a copy of what it has got already. */
function toNpmEnv(folder: string): Env {
  const cache = join(folder, 'npm');
  const old = join(run('npm', ['config', 'get', 'cache'], { cwd: root }).trim(), '_cacache');
  if (existsSync(old)) cpSync(old, join(cache, '_cacache'), { recursive: true });
  const settings = ['registry', 'proxy', 'https-proxy'].flatMap((name) => {
    const value = run('npm', ['config', 'get', name], { cwd: root }).trim();
    return value === 'null' || value === '' ? [] : [[`npm_config_${name.replaceAll('-', '_')}`, value]];
  });
  return {
    ...(Object.fromEntries(settings) as Record<string, string>),
    npm_config_cache: cache,
    npm_config_userconfig: join(folder, 'npmrc'),
    npm_config_update_notifier: 'false',
  };
}

/** Copies what is tracked, and what would be: the rest is made by an install or a run. */
function copyCheckout(checkout: string): void {
  const words = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = run('git', words, { cwd: root }).split('\0');
  for (const file of files) {
    // Tracked, and deleted since.
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(root, file), join(checkout, file));
  }
}

interface Options extends Identity {
  readonly cwd?: string;
  readonly env?: Env;
}

function run(program: string, words: readonly string[], options: Options): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}${String(error ?? '')}`);
  return stdout;
}

function pass(program: string, words: readonly string[], options: Options): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
