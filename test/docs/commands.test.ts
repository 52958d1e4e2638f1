// The commands of "Move from CAMS" and of the README, run as they stand there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { readBlocks, runScript } from '../support/page.ts';
import { bareEnv, findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder as a reader's, in which the packages that the page names have been installed. */
function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-page-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

it('every command of the page on moving works, from the start to the receipts', async (t) => {
  const folder = openFolder(t);
  const port = await findFreePort();
  // npm writes logs and what it compiled.
  const env: Record<string, string | undefined> = {
    ...bareEnv,
    HOME: folder,
    TMPDIR: folder,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    CHASQUI_LOG_LEVEL: 'warn',
  };
  const blocks = readBlocks('docs/move-from-cams.md');
  const [values, ...rest] = blocks;
  // The reader's own values; the port is another so that several may run.
  const exports = /^export (.*)$/m.exec(values?.text ?? '')?.[1] ?? '';
  for (const pair of exports.split(' ')) {
    const at = pair.indexOf('=');
    env[pair.slice(0, at)] = pair.slice(at + 1).replace(':8080', `:${port}`);
  }
  const start = rest.find(({ name }) => name === 'start');
  assert.ok(start !== undefined);
  const service = spawn('sh', ['-c', `exec env ${start.text}`], { cwd: root, env, detached: true });
  const ended = once(service, 'exit');
  t.after(async () => {
    if (service.exitCode === null && service.pid !== undefined) process.kill(-service.pid, 'SIGTERM');
    await ended;
  });
  let output = '';
  service.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  service.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitUntil('the service is ready', 60_000, async () => {
    const answer = await request(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  }).catch((error: unknown) => assert.fail(`${String(error)}\n${output}`));

  let ran = '';
  for (const { language, name, text } of rest.filter((block) => block !== start)) {
    if (language === 'js') writeFileSync(join(folder, name), text);
    if (language !== 'sh') continue;
    const { code, output: said } = await runScript(text, folder, env);
    assert.equal(code, 0, `${text}\n${said}`);
    ran += `${said}\n`;
  }
  assert.match(ran, /^sent OK \d{21}$/m);
  assert.match(ran, /^receipt order-17 Sent$/m);
});

it("the README's program sends a message and prints what becomes of it", async (t) => {
  const folder = openFolder(t);
  const service = await startService({ dataDir: join(folder, 'data') });
  t.after(() => service.stop());
  const env = {
    ...bareEnv,
    CHASQUI: service.url,
    ACCOUNT: rootAccount.accountId,
    KEY_ID: rootAccount.keyId,
    KEY_SECRET: rootAccount.keySecret,
  };
  const blocks = readBlocks('README.md');
  const setUp = blocks.find(({ language, text }) => language === 'sh' && text.includes('curl'));
  const program = blocks.find(({ language }) => language === 'js');
  assert.ok(setUp !== undefined && program !== undefined);
  assert.equal((await runScript(setUp.text, folder, env)).code, 0);
  writeFileSync(join(folder, program.name), program.text);
  const { code, output } = await runScript(`node ${program.name}`, folder, env);
  assert.deepEqual([code, output], [0, 'Sent\nDelivered\nRead\n']);
});

it('the page on deploying shows by its commands that a service works', async (t) => {
  const folder = openFolder(t);
  const service = await startService({ dataDir: join(folder, 'data') });
  t.after(() => service.stop());
  const block = readBlocks('docs/deploy.md').find(({ text }) => text.includes('/api/v1/messages'));
  assert.ok(block !== undefined);
  const settings = join(folder, 'chasqui.env');
  const { keyId, keySecret } = rootAccount;
  writeFileSync(
    settings,
    `PUBLIC_URL=${service.url}\nROOT_ACCESS_KEY_ID=${keyId}\nROOT_ACCESS_KEY_SECRET=${keySecret}\n`,
  );
  const script = block.text
    .replace('/etc/chasqui/chasqui.env', settings)
    .replace('http://127.0.0.1:8080', service.url);
  const { code, output } = await runScript(script, folder, bareEnv);
  assert.equal(code, 0, output);
  assert.match(output, /"status":"ready".*"status":"read".*404\s*$/s);
});

it('a service that npm started ends with npm', async (t) => {
  const folder = openFolder(t);
  const port = await findFreePort();
  const env = {
    ...bareEnv,
    HOME: folder,
    TMPDIR: folder,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
  };
  const npm = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: 'ignore' });
  const ended = once(npm, 'exit');
  const isServed = async (): Promise<boolean> => {
    const answer = await request(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  };
  t.after(async () => {
    try {
      if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left, as it should be.
    }
    await ended;
  });
  await waitUntil('the service is live', 60_000, isServed);
  // To npm alone, as a supervisor does that knows no more than what it started.
  npm.kill('SIGTERM');
  await ended;
  await waitUntil('the service has ended', 30_000, async () => !(await isServed()));
});
