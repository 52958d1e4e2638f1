// Settings that are set while the service runs, the log of changes, and notices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, setUp, signIn } from './bed.ts';
import { openBrowser, openPage } from './chromium.ts';

test('an owner sets a setting, reads in the log who did, and undoes it', async (t) => {
  const bed = await openBed(t, { env: { CHASQUI_RAW_RETENTION_DAYS: '40' } });
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/retention');
  await signIn(page);
  await page.getByText('From the environment (CHASQUI_RAW_RETENTION_DAYS), which wins').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Edit rawRetentionDays' }).count(), 0);

  await page.getByRole('button', { name: 'Edit receiptRetentionDays' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('spinbutton').fill('7');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const field = dialog.getByRole('spinbutton');
  await dialog.getByText('Give a whole number from 8 to 3650.').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true', 'it is said at the field');
  await dialog.getByRole('spinbutton').fill('180');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Set by owner').waitFor();
  await page.getByText('180 days').waitFor();

  await page.goto('/console/settings/log?subject=setting');
  await page.getByText('owner changed the setting receiptRetentionDays from 90 to 180').waitFor();

  await page.goto('/console/settings/retention');
  await page.getByRole('button', { name: 'Back to 90 receiptRetentionDays' }).click();
  await page.getByText('Set by owner').waitFor({ state: 'detached' });
  await page.getByText('90 days').waitFor();

  await page.goto('/console/settings/notices');
  await page.getByText('Nothing is wrong that the service knows of.').waitFor();
  assert.deepEqual(faults.list, []);
});

test('what is wrong with one of several addresses is said at their field', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/keys');
  await signIn(page);
  await page.getByRole('button', { name: 'Make a key' }).first().click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('From addresses');
  await field.fill('10.0.0.0/99');
  await field.press('Enter');
  await dialog
    .locator('.ant-modal-footer, form')
    .getByRole('button', { name: /Make|Create|Save/ })
    .last()
    .click();
  await dialog.getByText('Has to be an address or a CIDR range such as 192.0.2.0/24.').waitFor();
  assert.equal(await dialog.getByRole('alert').filter({ hasText: 'addresses' }).count(), 0);
  assert.deepEqual(faults.list, []);
});
