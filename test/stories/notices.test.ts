// A notice on its way to the operator, by a service that is killed before it is told, and while it is.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiClient } from '../../src/cli/api-client.ts';
import { openReceiver } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';

const fastClock = fileURLToPath(new URL('../support/fast-clock.ts', import.meta.url));
const waitMs = 120_000;

test('a notice reaches the operator however often the service is killed, and a repeat has the same id', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-notices-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  let isHeld = true;
  const receiver = await openReceiver((_call, response) => {
    if (!isHeld) response.end();
  });
  t.after(() => receiver.close());
  const env = { CHASQUI_OPERATOR_URL: receiver.url };
  const start = async (more: Record<string, string> = {}, nodeArgs: readonly string[] = []) => {
    const service = await startService({ dataDir, env: { ...env, ...more }, nodeArgs });
    t.after(() => service.kill());
    return service;
  };
  await (await start()).kill();
  // Noticed at the start: the store has another first account. It is told after ten seconds, which do not go by in this one.
  const held = { CLOCK_SPEED: '0.001', CLOCK_START: String(Date.now()) };
  const first = await start({ ROOT_ACCOUNT_ID: '4242424242424242', ...held }, ['--import', fastClock]);
  const api = new ApiClient({ url: first.url, ...rootAccount });
  const isListed = async (): Promise<boolean> => {
    const { items } = await api.send<{ items: { code: string }[] }>('GET', '/api/v1/notices');
    return items.some(({ code }) => code === 'settings_unheard');
  };
  await waitUntil('the notice is kept', waitMs, isListed);
  await api.close();
  await first.kill();
  assert.equal(receiver.calls.length, 0);
  const second = await start();
  await waitUntil('the notice is sent', waitMs, () => receiver.calls.length >= 1);
  await second.kill();
  isHeld = false;
  const third = await start();
  await waitUntil('the notice is sent again', waitMs, () => receiver.calls.length >= 2);
  const [before, after] = receiver.calls;
  assert.match(String(before?.headers['webhook-id']), /^notice_[0-9a-f]{32}_service_settings_unheard$/);
  assert.equal(after?.headers['webhook-id'], before?.headers['webhook-id']);
  assert.equal(after?.body, before?.body);
  assert.deepEqual(
    [
      before?.headers['chasqui-attempt'],
      after?.headers['chasqui-attempt'],
      after?.headers['chasqui-repeat-cause'],
    ],
    ['1', '2', 'retry'],
  );
  const told = new ApiClient({ url: third.url, ...rootAccount });
  await waitUntil('it is written down', waitMs, async () => {
    const { items } = await told.send<{ items: { waiting: number; toldAt: string | null }[] }>(
      'GET',
      '/api/v1/notice-targets/operator',
    );
    return items[0]?.waiting === 0 && items[0].toldAt !== null;
  });
  await told.close();
});
