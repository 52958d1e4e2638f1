// What is printed into a disk that is full: told in a line by a command, and no end of a service.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { bareEnv, findFreePort, waitUntil } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const options = { skip: !existsSync('/dev/full') };

function start(t: TestContext, args: readonly string[], env: Record<string, string> = {}) {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', full, 'pipe'],
    env: { ...bareEnv, ...env },
  });
  closeSync(full);
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, ended, said: child.stderr === null ? '' : text(child.stderr) };
}

test('a command that cannot print says so in a line', options, async (t) => {
  for (const args of [['version'], ['config'], ['config', '--json']]) {
    const { ended, said } = start(t, args);
    assert.deepEqual([await ended, await said], [1, 'What this prints cannot be written: ENOSPC.\n']);
  }
});

test('a service that cannot print goes on, and ends when it is told to', options, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-full-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const port = await findFreePort();
  const { child, ended, said } = start(t, ['start'], { DATA_DIR: dataDir, PORT: String(port) });
  await waitUntil('the service is ready', 60_000, async () => {
    assert.equal(child.exitCode, null, 'it goes on');
    const answer = await request(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  });
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.match(await said, /^The log cannot be written \(ENOSPC\)/m);
});
