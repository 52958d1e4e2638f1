// deploy/compose.yaml as it is run, on podman: with the image that is there and with this machine's Caddy in an image of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, rootAccount } from '../support/service.ts';
import { findRunner } from './compose-reader.ts';
import { findProgram } from './podman.ts';
import type { Podman } from './podman.ts';

const given = fileURLToPath(new URL('../../deploy', import.meta.url));

/** Why it cannot be run here; undefined where it can. */
export function tellNoCompose(): string | undefined {
  if (findRunner() === undefined) return 'podman-compose is not in .cache (npm run test:compose makes it)';
  if (findProgram('caddy') === undefined) return 'caddy is not installed';
  // Which netavark calls, and of which it says that there is no such file.
  const needed = ['../lib/podman/netavark', '../lib/podman/aardvark-dns', 'iptables'];
  const isThere = needed.every((name) => findProgram(name));
  return isThere ? undefined : 'netavark, aardvark-dns or iptables is not installed';
}

interface ComposeProject {
  /** Where Caddy listens. */
  readonly origin: string;
  /** Runs a command of Compose to its end. Throws with what it printed when it fails. */
  readonly run: (...words: readonly string[]) => void;
}

/** A copy of the files with the settings that an operator puts in: a name, the first key, images, a port that is free. */
export async function openProject(podman: Podman): Promise<ComposeProject> {
  const folder = join(podman.folder, 'project');
  cpSync(given, join(folder, 'deploy'), { recursive: true });
  makeCaddy(podman, join(folder, 'caddy'));
  const port = await findFreePort();
  const own: readonly [file: string, from: string, to: string][] = [
    ['compose.env', 'chasqui.example.com', 'localhost'],
    ['compose.env', '10.0.0.0/8', '0.0.0.0/0'],
    ['compose.yaml', "['80:80', '443:443', '443:443/udp']", `['127.0.0.1:${port}:443']`],
  ];
  for (const [file, from, to] of own) {
    const text = readFileSync(join(folder, 'deploy', file), 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(join(folder, 'deploy', file), text.replace(from, to));
  }
  const settings = [
    readFileSync(join(folder, 'deploy', 'compose.env'), 'utf8'),
    `ROOT_ACCESS_KEY_ID=${rootAccount.keyId}`,
    `ROOT_ACCESS_KEY_SECRET=${rootAccount.keySecret}`,
    'CHASQUI_IMAGE=localhost/chasqui',
    'CADDY_IMAGE=localhost/caddy',
  ];
  writeFileSync(join(folder, 'deploy', '.env'), settings.join('\n'));
  return { origin: `https://localhost:${port}`, run: toRunner(podman, join(folder, 'deploy')) };
}

function toRunner(podman: Podman, folder: string): ComposeProject['run'] {
  const modules = findRunner() ?? '';
  const env = {
    PATH: `${podman.toProgram()}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    PYTHONPATH: modules,
    HOME: podman.folder,
    TMPDIR: podman.folder,
  };
  return (...words) => {
    const program = [join(modules, 'bin', 'podman-compose'), '--profile=sqlite', ...words];
    const ran = spawnSync('python3', program, { cwd: folder, env, encoding: 'utf8', timeout: 300_000 });
    assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
  };
}

/** As the image of Caddy's makers has it: what it runs, and where it keeps what. */
function makeCaddy(podman: Podman, folder: string): void {
  mkdirSync(folder);
  cpSync(findProgram('caddy') ?? '', join(folder, 'caddy'));
  const steps = [
    'FROM localhost/base',
    'COPY caddy /usr/local/bin/caddy',
    'ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data',
    'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]',
  ];
  writeFileSync(join(folder, 'Dockerfile'), steps.join('\n'));
  podman.run(['build', '--quiet', '--isolation=chroot', '--tag=caddy', folder]);
}
