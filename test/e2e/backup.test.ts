// A copy made of a service at work, and a service started on the copy.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import { SmqClient } from '../support/smq-client.ts';
import { bareEnv, rootAccount, startService } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const run = promisify(execFile);

function backUp(folder: string, dataDir: string): Promise<{ stdout: string }> {
  return run(process.execPath, [cli, 'backup', folder, '--data-dir', dataDir, '--json'], {
    env: bareEnv,
  });
}

test('a backup of a service at work holds everything acknowledged before it, and a service starts on it', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'chasqui-backup-'));
  t.after(() => rmSync(base, { recursive: true }));
  const dataDir = join(base, 'data');
  const copy = join(base, 'copy');
  const service = await startService({ dataDir });
  t.after(() => service.kill());
  const smq = new SmqClient(service.url, key);
  t.after(() => smq.close());
  assert.equal((await smq.createQueue('orders')).status, 201);
  const media = join(dataDir, 'media', 'ab');
  mkdirSync(media, { recursive: true });
  writeFileSync(join(media, `ab${'0'.repeat(30)}`), 'a picture');

  // Enough for the copying to take several turns.
  const before = Array.from({ length: 2000 }, (_, n) => `before ${n} ${'x'.repeat(4000)}`);
  await Promise.all(before.map(async (body) => assert.equal((await smq.send('orders', body)).status, 201)));
  let isOver = false;
  let during = 0;
  const sending = (async () => {
    for (; !isOver; during += 1) assert.equal((await smq.send('orders', `during ${during}`)).status, 201);
  })();
  const { stdout } = await backUp(copy, dataDir);
  const sentDuring = during;
  isOver = true;
  await sending;
  const report = JSON.parse(stdout) as { storeBytes: number; mediaFiles: number };
  assert.ok(report.storeBytes > 8_000_000);
  assert.equal(report.mediaFiles, 1);
  assert.ok(sentDuring > 0, 'nothing was sent while the copy was made');
  assert.deepEqual(readdirSync(copy).toSorted(), ['backup.json', 'chasqui.sqlite', 'media']);

  await assert.rejects(backUp(copy, dataDir), /is not empty/);
  assert.equal((await request(`${service.url}/health/ready`)).statusCode, 200);

  copyFileSync(join(dataDir, 'master.key'), join(copy, 'master.key'));
  const restored = await startService({ dataDir: copy });
  t.after(() => restored.kill());
  const client = new SmqClient(restored.url, key);
  t.after(() => client.close());
  const bodies = new Set<string>();
  for (;;) {
    const messages = await client.receive('orders', 0);
    if (messages.length === 0) break;
    for (const { body } of messages) bodies.add(body);
  }
  assert.deepEqual(
    before.filter((body) => !bodies.has(body)),
    [],
  );
  assert.equal(readFileSync(join(copy, 'media', 'ab', `ab${'0'.repeat(30)}`), 'utf8'), 'a picture');
  assert.equal(await restored.stop(), 0);
  assert.equal(await service.stop(), 0);
});

test('a backup needs a service that runs on the folder', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-backup-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  await assert.rejects(backUp(join(dataDir, 'copy'), dataDir), /No service answers for/);
});
