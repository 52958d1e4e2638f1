// A session ends while somebody is at a form: what was typed is there after signing in again, and nobody else finds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { openBed, password, setUp, signIn, subscribe } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/**
 * Presses a button that changes something just as the session ends, and signs in where the page was, behind what that brings up. The
 * session ends with the change itself: the page asks by itself as well how things stand, and would now and then be told before it.
 */
async function signInAgain(page: Page, button: Locator, name: string): Promise<void> {
  const calls = '**/api/v1/**';
  await page.route(calls, async (route) => {
    if (route.request().method() !== 'GET') await page.context().clearCookies();
    await route.continue();
  });
  await button.click();
  const again = page.getByRole('dialog', { name: 'Sign in' });
  await again.getByText('The session of owner has ended.').waitFor();
  await page.unroute(calls);
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
  const { page, faults, moments } = await openPage(browser, bed.service.url);
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
    await signInAgain(page, push.getByRole('button', { name: 'Save' }), 'owner');
    assert.equal(await size.inputValue(), '7');
    await push.getByRole('button', { name: 'Save' }).click();
    await moments.saying('Saved.');
    assert.equal((await bed.call('GET', '/destinations/1'))['batchSize'], 7);
  });

  await t.test('so does a dialog', async () => {
    await page.goto('/console/settings/keys');
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByLabel('Name').fill('puller');
    await signInAgain(page, dialog.getByRole('button', { name: 'Make a key' }), 'owner');
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
    await signInAgain(page, push.getByRole('button', { name: 'Save' }), 'operator');
    await page.getByRole('button', { name: /^operator/ }).waitFor();
    await size.waitFor();
    assert.equal(await size.inputValue(), '7');
  });
  assert.deepEqual(faults.list, []);
});
