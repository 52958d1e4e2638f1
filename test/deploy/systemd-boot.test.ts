// The unit of deploy/ under a real systemd, put there by the very commands of docs/deploy.md: a Debian that was booted in a container.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { version } from '../../src/runtime/release.ts';
import { openBareRoot } from '../package/bare-root.ts';
import { readBlocks } from '../support/page.ts';
import { waitUntil } from '../support/service.ts';
import { Podman, tellNoPodman } from './podman.ts';

const packaging = fileURLToPath(new URL('../../packaging/run.ts', import.meta.url));
const dropIns = '/etc/systemd/system/chasqui.service.d';

/** What the page has its reader run, up to the service that is started. */
function toSetUp(): string {
  const blocks = readBlocks('docs/deploy.md').filter(({ language }) => language === 'sh');
  const unpack = blocks.find(({ text }) => text.startsWith('tar '));
  const enable = blocks.find(({ text }) => text.includes('systemctl enable --now chasqui'));
  assert.ok(unpack !== undefined && enable !== undefined);
  return `${unpack.text}\n${enable.text}`.replaceAll(
    /chasqui-\d[\w.-]*(?=-linux-x64)/g,
    `chasqui-${version}`,
  );
}

/** A Debian with systemd that has been booted, and what a shell in it prints. */
async function boot(podman: Podman): Promise<(script: string) => string> {
  const root = join(podman.folder, 'machine');
  cpSync(join(await openBareRoot(['systemd', 'openssl']), 'root'), root, {
    recursive: true,
    verbatimSymlinks: true,
  });
  const packages = join(root, 'root');
  const made = spawnSync(process.execPath, [packaging, packages], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  // A root that is itself confined may allow no more open files than it has.
  mkdirSync(join(root, dropIns));
  const hard = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout.trim();
  const files = Math.min(65_536, Number(hard) || 65_536);
  podman.run([
    ...['run', '--detach', '--name=machine', '--systemd=always', '--network=none', '--rootfs', root],
    '/lib/systemd/systemd',
  ]);
  const shell = (script: string): string =>
    podman.run(['exec', '--workdir=/root', 'machine', 'sh', '-euc', script]);
  await waitUntil('systemd has started what it starts', 60_000, () => {
    const { stdout } = podman.try(['exec', 'machine', 'systemctl', 'is-system-running']);
    return ['running', 'degraded'].includes(stdout.trim());
  });
  shell(`printf '[Service]\\nLimitNOFILE=${files}\\n' > ${dropIns}/files.conf`);
  return shell;
}

test('the unit of deploy/ under systemd', { skip: tellNoPodman() ?? false }, async (t) => {
  const podman = new Podman(t);
  t.after(() => rmSync(join(podman.folder, 'machine'), { recursive: true, force: true }));
  const shell = await boot(podman);
  const isReady = (): boolean => podman.try(['exec', 'machine', '/opt/chasqui/chasqui', 'health']).code === 0;
  const show = (name: string): string => shell(`systemctl show chasqui --property=${name} --value`);
  /** A command that speaks to the service, with the key of its settings. */
  const call = (words: string): string =>
    shell(
      `. /etc/chasqui/chasqui.env; CHASQUI_KEY_ID=$ROOT_ACCESS_KEY_ID CHASQUI_KEY_SECRET=$ROOT_ACCESS_KEY_SECRET /opt/chasqui/chasqui ${words}`,
    );

  await t.test('is started by the commands of the page, as a user who may do nothing else', async () => {
    shell(toSetUp());
    await waitUntil('the service is ready', 60_000, isReady);
    const status = shell(`cat /proc/${show('MainPID')}/status`);
    assert.match(status, /^CapEff:\t0+$/m);
    assert.match(status, /^CapBnd:\t0+$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(shell(`id -nu $(stat -c %u /proc/${show('MainPID')})`), /^chasqui$/);
    assert.equal(shell('stat -c "%U %a" /var/lib/chasqui'), 'chasqui 700');
    assert.equal(shell('stat -c "%U %a" /etc/chasqui/chasqui.env'), 'root 600');
  });

  await t.test('works under its guards, and prints no key that was given', () => {
    call('simulate burst --count 300');
    assert.doesNotMatch(shell('journalctl --unit=chasqui'), /access key secret {2}\w/);
  });

  await t.test('is started again when it was killed, with what it had', async () => {
    const before = show('MainPID');
    shell(`kill -KILL ${before}`);
    await waitUntil('another is ready', 60_000, () => show('MainPID') !== before && isReady());
    assert.equal(show('NRestarts'), '1');
    assert.match(call('tail --json --since 3600 | head -n 1'), /ChatAppInbound/);
  });

  await t.test('ends well when it is told to', () => {
    shell('systemctl stop chasqui');
    assert.equal(show('Result'), 'success');
    assert.equal(show('ExecMainStatus'), '0');
  });

  await t.test('could not work under the guard that is left out', async () => {
    shell(`printf '[Service]\\nMemoryDenyWriteExecute=yes\\nRestart=no\\n' > ${dropIns}/deny.conf`);
    shell('systemctl daemon-reload; systemctl start chasqui');
    await waitUntil('it has failed', 60_000, () => show('ActiveState') === 'failed');
  });
});
