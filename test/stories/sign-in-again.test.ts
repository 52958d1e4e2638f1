// A session ends while somebody is at a form: what was typed is there after signing in again, and nobody else finds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBed, password, setUp, signIn, subscribe } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** Signs in where the page was, behind what a save that is refused brings up. */
async function signInAgain(page: Page, name: string): Promise<void> {
  const again = page.getByRole('dialog', { name: 'Sign in' });
  await again.getByText('The session of owner has ended.').waitFor();
  // Not by closing it, either.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await again.getByLabel('User name').fill(name);
  await again.getByLabel('Password', { exact: true }).fill(password);
  await again.getByRole('button', { name: 'Sign in', exact: true }).click();
  await again.waitFor({ state: 'detached' });
}

test('a session that ends over a form takes nothing of it along', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  await bed.call('POST', '/users', { name: 'operator', role: 'operator', password });
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/destinations/1');
  await signIn(page);
  const size = page.getByLabel('Receipts in one POST');
  const push = page.locator('form').filter({ has: size });

  await t.test('going elsewhere asks about how a callback URL is pushed to', async () => {
    await size.fill('7');
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep editing' }).click();
    assert.equal(await size.inputValue(), '7');
  });

  await t.test('who signs in again goes on where the session ended', async () => {
    await context.clearCookies();
    await push.getByRole('button', { name: 'Save' }).click();
    await signInAgain(page, 'owner');
    assert.equal(await size.inputValue(), '7');
    await push.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: false }).first().waitFor();
    assert.equal((await bed.call('GET', '/destinations/1'))['batchSize'], 7);
  });

  await t.test('so does a dialog', async () => {
    await page.goto('/console/settings/keys');
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByLabel('Name').fill('puller');
    await context.clearCookies();
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    await signInAgain(page, 'owner');
    assert.equal(await dialog.getByLabel('Name').inputValue(), 'puller');
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    await page
      .getByRole('dialog')
      .getByText('puller')
      .or(page.getByRole('row', { name: /puller/ }))
      .first()
      .waitFor();
  });

  await t.test('somebody else begins anew', async () => {
    await page.goto('/console/destinations/1');
    await size.fill('9');
    await context.clearCookies();
    await push.getByRole('button', { name: 'Save' }).click();
    await signInAgain(page, 'operator');
    await page.getByRole('button', { name: /^operator/ }).waitFor();
    await size.waitFor();
    assert.equal(await size.inputValue(), '7');
  });
  assert.deepEqual(faults.list, []);
});
