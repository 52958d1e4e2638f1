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

/** A newer version, as the page on upgrading names it. */
const newer = '1.0.0';

/** The block of a page that has these words in it. */
function readBlock(page: string, words: string): string {
  return (
    readBlocks(page).find(({ language, text }) => language === 'sh' && text.includes(words))?.text ??
    assert.fail(`${page} has no commands with ${words}.`)
  );
}

/** What the page has its reader run, up to the service that is started. */
function toSetUp(): string {
  const [unpack, enable] = ['tar -xzf', 'systemctl enable --now chasqui'].map((words) =>
    readBlock('docs/deploy.md', words),
  );
  return `${unpack}\n${enable}`.replaceAll(/chasqui-\d[\w.-]*(?=-linux-x64)/g, `chasqui-${version}`);
}

/** Makes the archive of a version that is newer and has a schema of its own. */
const makeNewer = `
  folder=chasqui-${newer}-linux-x64
  cp -a /opt/chasqui-${version}-linux-x64 $folder
  sed -i 's/"version": ".*"/"version": "${newer}"/' $folder/package.json
  next=$(printf '%03d' $(($(ls $folder/sql/sqlite | wc -l) + 1)))
  echo 'ALTER TABLE account ADD COLUMN trial TEXT;' > $folder/sql/sqlite/\${next}_trial.sql
  tar -czf $folder.tar.gz $folder
`;

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
  const isReady = (which = version): boolean => {
    const { code, stdout } = podman.try(['exec', 'machine', 'chasqui', 'health']);
    return code === 0 && stdout.trim() === `ready, version ${which}`;
  };
  const show = (name: string): string => shell(`systemctl show chasqui --property=${name} --value`);
  /** A command that speaks to the service, with the key of its settings. */
  const call = (words: string): string =>
    shell(
      `. /etc/chasqui/chasqui.env; CHASQUI_KEY_ID=$ROOT_ACCESS_KEY_ID CHASQUI_KEY_SECRET=$ROOT_ACCESS_KEY_SECRET /opt/chasqui/chasqui ${words}`,
    );

  await t.test('is started by the commands of the page, as a user who may do nothing else', async () => {
    shell(toSetUp());
    await waitUntil('the service is ready', 60_000, () => isReady());
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

  await t.test('is made a newer version by the commands of the page, and the older one again', async () => {
    shell(makeNewer);
    shell(readBlock('docs/upgrading.md', 'tar -xzf').replace(/^.*chasqui health$/m, ''));
    await waitUntil('the newer one is ready', 60_000, () => isReady(newer));
    shell(
      readBlock('docs/upgrading.md', 'before-').replaceAll(/chasqui-1\.0\.0-rc\.\d+/g, `chasqui-${version}`),
    );
    await waitUntil('the older one is ready', 60_000, () => isReady(version));
    assert.match(call('tail --json --since 3600 | head -n 1'), /ChatAppInbound/);
  });

  await t.test(
    'is put back from a backup, and lets in who lost every key, by the commands of the pages',
    async () => {
      shell(readBlock('docs/deploy.md', 'CHASQUI_BACKUP_EVERY=6h'));
      const folder = '/backup/chasqui';
      const list = (): string => podman.try(['exec', 'machine', 'ls', folder]).stdout;
      await waitUntil('a backup is there', 60_000, () => /^chasqui-\w+-\w+$/m.test(list()));
      shell('systemctl stop chasqui');
      const restore = 'runuser -u chasqui -- chasqui restore';
      shell(`${restore} ${folder}/${list().trim()} --data-dir /var/lib/chasqui --replace --yes`);
      shell('systemctl start chasqui');
      await waitUntil('it is ready again', 60_000, () => isReady(version));
      assert.match(call('tail --json --since 3600 | head -n 1'), /ChatAppInbound/);
      const key = shell('chasqui keys create --data-dir /var/lib/chasqui --yes');
      const [, id, secret] = /key id +(\S+)\n.*secret +(\S+)/.exec(key) ?? assert.fail('no key');
      assert.match(shell(`CHASQUI_KEY_ID=${id} CHASQUI_KEY_SECRET=${secret} chasqui keys list`), /LTAI/);
    },
  );

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
