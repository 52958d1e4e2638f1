import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openSandbox } from './sandbox.ts';

test('a run that leaves nothing is told of nothing, and its folders go', async () => {
  const { env, close } = openSandbox();
  assert.deepEqual(await close(), []);
  assert.equal(existsSync(dirname(env.TMPDIR)), false);
});

test(
  'files and processes that were left behind are told and removed',
  { skip: !existsSync('/proc/self') },
  async () => {
    const { env, close } = openSandbox({ endingMs: 0 });
    mkdirSync(join(env.TMPDIR, 'chasqui-data'));
    writeFileSync(join(env.TMPDIR, 'chasqui-data', 'file'), '');
    writeFileSync(join(env.HOME, '.cache'), '');
    const child = spawn('sleep', ['600'], { env: { ...process.env, ...env } });
    await once(child, 'spawn');
    const ended = once(child, 'exit');
    assert.deepEqual((await close()).toSorted(), [
      '$HOME/.cache',
      '$TMPDIR/chasqui-data',
      `process ${child.pid ?? 0}: sleep 600 `,
    ]);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.equal(existsSync(dirname(env.TMPDIR)), false);
  },
);
