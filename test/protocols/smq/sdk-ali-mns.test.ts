// The full round with the unmodified community SDK for Node. Its host is built in, so it runs behind HTTP_PROXY and sends
// its targets in absolute form.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bareEnv } from '../../support/service.ts';
import { openSmqApp } from '../../support/smq-app.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const program = fileURLToPath(new URL('ali-mns-client.cjs', import.meta.url));

test('ali-mns 2.6.8 does the full round through a proxy setting', { timeout: 600_000 }, async () => {
  const smq = await openSmqApp({
    clock: { now: Date.now, monotonic: monotonicNow, advance: () => undefined },
  });
  try {
    const url = await smq.listen();
    const env = { ...bareEnv, HTTP_PROXY: url, http_proxy: url, NODE_NO_WARNINGS: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, [program, smq.key.id, smq.key.secret], {
      env,
      timeout: 600_000,
    });
    assert.match(
      stdout,
      /^done: create; list; send; peek; receive, reserve, delete; batch; long poll; attributes; wrong key; delete queue/m,
    );
  } finally {
    await smq.close();
  }
});
