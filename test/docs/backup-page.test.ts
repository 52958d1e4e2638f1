// The commands of "Backup and restore" in the page on operations, run as they stand there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBlocks, runScript } from '../support/page.ts';
import { bareEnv, findFreePort, waitUntil } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

it('what the page on operations says of backups and restoring works as it stands there', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'chasqui-page-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const [dataDir, backups] = [join(base, 'chasqui'), join(base, 'backup')];
  // The command as a package has it, and the reader's folders.
  mkdirSync(join(base, 'bin'));
  writeFileSync(join(base, 'bin', 'chasqui'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, {
    mode: 0o755,
  });
  const toOwn = (text: string): string =>
    text
      .replaceAll('npx chasqui', 'chasqui')
      .replaceAll('/var/lib/chasqui', dataDir)
      .replaceAll(/ \/backup\b/g, ` ${backups}`);
  const env = {
    ...bareEnv,
    PATH: `${join(base, 'bin')}:${bareEnv['PATH'] ?? ''}`,
    PORT: String(await findFreePort()),
    CHASQUI_LOG_LEVEL: 'warn',
  };
  const blocks = readBlocks('docs/operations.md')
    .filter(({ language, text }) => language === 'sh' && /^npx chasqui (start|backup|restore)/.test(text))
    .map(({ text }) => toOwn(text));
  const [start = '', backUp = '', restore = ''] = blocks;
  assert.deepEqual(blocks.length, 3);

  const service = spawn('sh', ['-c', `exec ${start}`], { cwd: base, env, stdio: 'ignore' });
  const ended = once(service, 'exit');
  t.after(async () => {
    service.kill('SIGKILL');
    await ended;
  });
  await waitUntil('it is backed up by itself', 60_000, () =>
    existsSync(backups) ? readdirSync(backups).some((name) => /^chasqui-\w{8}-\w{16}$/.test(name)) : false,
  );
  const ran = await runScript(backUp, base, env);
  assert.equal(ran.code, 0, ran.output);
  service.kill('SIGTERM');
  await ended;
  const restored = await runScript(restore, base, env);
  assert.equal(restored.code, 0, restored.output);
  assert.match(restored.output, /It is whole and fits[^]*Restored .*2026-11-24 to/);
  const checked = execFileSync(process.execPath, [cli, 'check', '--data-dir', dataDir], { env: bareEnv });
  assert.match(checked.toString(), /^The store is whole/);
});
