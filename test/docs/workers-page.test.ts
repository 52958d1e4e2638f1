import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { start } from '../../src/main.ts';
import { loadSettings } from '../../src/config/sources.ts';
import { openClient } from '../../src/http/client.ts';
import { kinds } from '../support/workers.ts';

it('what runs by itself is what docs/workers.md and the contract of workers name', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-workers-'));
  const env = {
    DATA_DIR: dataDir,
    PORT: '0',
    CHASQUI_LOG_LEVEL: 'silent',
    ROOT_ACCESS_KEY_ID: 'workers',
    ROOT_ACCESS_KEY_SECRET: 'secret-for-the-list',
    CHASQUI_SMS_GATEWAY_URL: 'https://sms.example/',
  };
  const running = await start(loadSettings({ options: {}, env }).settings);
  const client = openClient({ egressAllow: ['127.0.0.0/8'] });
  t.after(async () => {
    await client.close();
    await running.stop('test');
    rmSync(dataDir, { recursive: true, force: true });
  });
  const authorization = `Basic ${Buffer.from('workers:secret-for-the-list').toString('base64')}`;
  const answer = await client.request(`${running.adminAddress}/api/v1/workers`, {
    method: 'GET',
    headers: { authorization },
    timeoutMs: 10_000,
    maxBytes: 100_000,
  });
  assert.ok('body' in answer);
  const { items } = JSON.parse(answer.body.toString()) as { items: { name: string; state: string }[] };
  const names = items.map(({ name }) => name).toSorted();
  const page = readFileSync(new URL('../../docs/workers.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name = '']) => name).toSorted();
  assert.deepEqual(documented, names);
  assert.deepEqual([...kinds.keys()].toSorted(), names);
  assert.ok(items.every(({ state }) => state === 'idle' || state === 'running'));
});
