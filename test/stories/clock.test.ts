// A clock in doubt: an owner is asked in the console, and his word ends it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../support/service.ts';
import { zh } from '../../web/src/i18n/zh.ts';
import { openBed, password, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const skewedClock = fileURLToPath(new URL('../support/skewed-clock.ts', import.meta.url));
const limitMs = 60_000;
const day = 24 * 60 * 60_000;

test('an owner takes a clock that was set for right, in either language, after he was told what is wrong', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-clock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'clock');
  writeFileSync(file, '0');
  const bed = await openBed(t, { env: { CLOCK_FILE: file }, nodeArgs: ['--import', skewedClock] });
  await setUp(bed);
  const clock = async () => (await bed.call('GET', '/clock'))['doubt'];
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/');
  await signIn(page);
  const button = page.getByRole('button', { name: 'Clock', exact: true });
  assert.equal(await button.count(), 0);

  writeFileSync(file, String(9 * day));
  await waitUntil('it is in doubt', limitMs, async () => (await clock()) !== null);
  await button.first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/was set 9 days ahead/).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.notEqual(await clock(), null, 'he only looked');
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByText('简体中文').click();
  await page
    .getByRole('button', { name: /^时\s?钟$/ })
    .first()
    .click();
  await dialog.getByRole('button', { name: '时钟正确' }).click();
  await waitUntil('it is believed', limitMs, async () => (await clock()) === null);
  // By the clock that is right now his session is long over; what he looked at is there again after he has signed in.
  await page.getByLabel(zh['user.name']).fill('owner');
  await page.getByLabel(zh['user.password'], { exact: true }).fill(password);
  await page.getByRole('button', { name: zh['sign_in.do'], exact: true }).click();
  await page.getByRole('heading', { level: 1, name: zh['nav.overview'] }).waitFor();
  await page
    .getByRole('button', { name: /^时\s?钟$/ })
    .first()
    .waitFor({ state: 'detached' });
  assert.deepEqual(faults.list, []);
});
