// How a service ends that is told to before all of it has started.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bareEnv, findFreePort } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

async function isReached(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('a service that is told to end as soon as it is reached ends well', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-ending-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const port = await findFreePort();
  const child = spawn(process.execPath, [cli, 'start'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...bareEnv, DATA_DIR: dataDir, PORT: String(port) },
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  // Without a pause: what is tested is over in a moment.
  const limit = AbortSignal.timeout(60_000);
  while (!(await isReached(port))) limit.throwIfAborted();
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
