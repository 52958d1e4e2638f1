// A callback URL whose receiver asks to be left alone: every place where an operator looks tells until when and why.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import { bareEnv, rootAccount, waitUntil } from '../support/service.ts';
import { openBed, say, sender, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const limitMs = 60_000;

test('a pause that a receiver asks for is told by the command line, the metrics and the console, and ended by a person', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  let isFull = true;
  const receiver = await openReceiver((_call, response) => {
    response.writeHead(isFull ? 429 : 200, isFull ? { 'retry-after': '3600' } : {}).end('{"code":0}');
  });
  t.after(() => receiver.close());
  await bed.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    http: true,
    inboundUrl: `${receiver.url}/full`,
  });
  await say(bed, 'One');
  const find = async () =>
    ((await bed.call('GET', '/destinations')) as { items: { id: number; url: string; pause: unknown }[] })
      .items[0];
  await waitUntil('it is paused', limitMs, async () => (await find())?.pause !== null);

  await t.test('on the command line', async () => {
    const env = {
      ...bareEnv,
      CHASQUI_URL: bed.service.url,
      CHASQUI_KEY_ID: rootAccount.keyId,
      CHASQUI_KEY_SECRET: rootAccount.keySecret,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'destinations', 'list'], { env });
    assert.match(stdout, /PAUSED UNTIL/);
    assert.match(stdout, /^1 +active +\d{4}-\d\d-\d\dT\S+Z +1 /m);
  });

  await t.test('by the metrics', async () => {
    const text = await (await request(`${bed.service.url}/metrics`)).body.text();
    assert.match(text, /^chasqui_destination_pause_seconds\{account="\d+",destination="1"\} 3[56]\d\d/m);
  });

  const browser = await openBrowser();
  t.after(() => browser.close());

  await t.test('in the console, in both languages', async () => {
    const { page } = await openPage(browser, bed.service.url, { language: 'zh' });
    await page.goto('/console/deliveries');
    await page.getByRole('textbox').first().fill('owner');
    await page.locator('input[type=password]').fill('correct horse battery');
    await page.locator('button[type=submit]').click();
    await page.getByText('对方返回 429，要求等待 3600 秒。').waitFor();
    await page.getByText('暂停推送至').waitFor();
  });

  await t.test('until an operator has it pushed to', async () => {
    const { page, faults } = await openPage(browser, bed.service.url);
    await page.goto('/console/destinations/1');
    await signIn(page);
    await page.getByText('Paused until').waitFor();
    await page.getByText('It answered 429 and asked for a pause of 3600 s.').waitFor();
    isFull = false;
    await page.getByRole('button', { name: 'Push now' }).click();
    await waitUntil('it is pushed', limitMs, () => receiver.calls.length === 2);
    await page.getByText('Paused until').waitFor({ state: 'detached' });
    assert.equal((await find())?.pause, null);
    assert.deepEqual(faults.list, []);
  });
});
