// A machine that has nothing: the smallest Debian, on which no Node, no compiler and no network is, and nothing can be written
// but the service's data.
import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { unpackOnce } from '../support/unpack.ts';

const release = 'bookworm';
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Why there can be none here; undefined where there can. */
export function tellNoBareRoot(): string | undefined {
  if (userInfo().uid !== 0) return 'only root may change its root';
  const missing = ['debootstrap', 'unshare', 'nsenter', 'ip'].filter(
    (program) => spawnSync('which', [program], { env: { PATH: path } }).status !== 0,
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const { status } = spawnSync('unshare', ['--mount', '--net', 'true'], { env: { PATH: path } });
  return status === 0 ? undefined : 'this machine gives no namespaces of its own';
}

/** The folder of one, or of one with some packages; made once and kept. Rejects with what debootstrap said where it cannot be downloaded. */
export async function openBareRoot(packages: readonly string[] = []): Promise<string> {
  return unpackOnce(['bare-root', ...packages].join('-'), release, (folder) => {
    const more = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
    const words = [
      '--variant=minbase',
      ...more,
      release,
      join(folder, 'root'),
      'http://deb.debian.org/debian',
    ];
    const made = spawnSync('debootstrap', words, { encoding: 'utf8', env: { PATH: path } });
    if (made.status !== 0) throw new Error(`debootstrap: ${made.stdout.slice(-500)}${made.stderr}`);
  });
}

/**
 * The words that run `command` in there as nobody, with `program` at `/opt/chasqui` and an `/opt/data` that is gone afterwards. The process
 * that is started by them is the command itself.
 */
export function toBareCommand(
  folder: string,
  program: string,
  env: Readonly<Record<string, string>>,
  command: readonly string[],
): readonly string[] {
  const root = join(folder, 'root');
  const steps = [
    'set -e',
    'ip link set lo up',
    `mount --bind ${root} ${root}`,
    `mount -t tmpfs tmpfs ${root}/opt`,
    `mkdir ${root}/opt/chasqui ${root}/opt/data`,
    `mount --bind ${program} ${root}/opt/chasqui`,
    `mount -t tmpfs -o uid=65534,gid=65534,mode=700 tmpfs ${root}/opt/data`,
    ...[root, `${root}/opt`, `${root}/opt/chasqui`].map((at) => `mount -o remount,bind,ro ${at}`),
    `mount -t proc proc ${root}/proc`,
    `exec chroot --userspec=65534:65534 ${root} /usr/bin/env -i "$@"`,
  ];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const shell = ['sh', '-c', steps.join('\n'), 'sh'];
  return ['unshare', '--mount', '--net', ...shell, ...variables, ...command];
}
