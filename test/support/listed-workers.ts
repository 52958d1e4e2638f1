import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/sources.ts';
import { start } from '../../src/main.ts';
import { openLocalClient } from './client.ts';

interface ListedWorker {
  readonly name: string;
  readonly state: string;
}

/** Starts the service with all that it can do, and resolves to what it says that runs by itself, by name. */
export async function listWorkers(
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ListedWorker[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-workers-'));
  const whole = {
    DATA_DIR: dataDir,
    PORT: '0',
    CHASQUI_LOG_LEVEL: 'silent',
    ROOT_ACCESS_KEY_ID: 'workers',
    ROOT_ACCESS_KEY_SECRET: 'secret-for-the-list',
    CHASQUI_SMS_GATEWAY_URL: 'https://sms.example/',
    ...env,
  };
  const running = await start(loadSettings({ options: {}, env: whole }).settings);
  const client = openLocalClient();
  try {
    const authorization = `Basic ${Buffer.from('workers:secret-for-the-list').toString('base64')}`;
    const answer = await client.request(`${running.adminAddress}/api/v1/workers`, {
      method: 'GET',
      headers: { authorization },
      timeoutMs: 10_000,
      maxBytes: 100_000,
    });
    if (!('body' in answer)) throw new Error('The service did not say what runs by itself.');
    const { items } = JSON.parse(answer.body.toString()) as { items: ListedWorker[] };
    return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await client.close();
    await running.stop('test');
    rmSync(dataDir, { recursive: true, force: true });
  }
}
