// Signals that come when a service is reached already and not all of it has started.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { bareEnv, findFreePort, isReached, waitUntil } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

/** Starts a service and gives it a signal as soon as it is reached. */
async function signalAtOnce(t: TestContext, signal: NodeJS.Signals, env: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-signal-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const port = await findFreePort();
  const child = spawn(process.execPath, [cli, 'start'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...bareEnv, DATA_DIR: dataDir, PORT: String(port), ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  // Without a pause: what is tested is over in a moment.
  const limit = AbortSignal.timeout(60_000);
  while (!(await isReached(port))) limit.throwIfAborted();
  child.kill(signal);
  return { child, ended, port };
}

test('a service that is told to end as soon as it is reached ends well', async (t) => {
  const { ended } = await signalAtOnce(t, 'SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a service that is told to open its log anew as soon as it is reached goes on', async (t) => {
  const logFolder = mkdtempSync(join(tmpdir(), 'chasqui-signal-log-'));
  t.after(() => rmSync(logFolder, { recursive: true }));
  const { child, ended, port } = await signalAtOnce(t, 'SIGHUP', {
    CHASQUI_LOG_FILE: join(logFolder, 'chasqui.log'),
  });
  await waitUntil('it is ready', 60_000, async () => {
    assert.equal(child.signalCode, null, 'it goes on');
    const answer = await request(`http://127.0.0.1:${port}/health/ready`);
    await answer.body.dump();
    return answer.statusCode === 200;
  });
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
