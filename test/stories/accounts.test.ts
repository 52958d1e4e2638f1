// Somebody who has two accounts, in one browser with two tabs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';
import { rootAccount } from '../support/service.ts';

test('one goes from account to account without signing in anew, and no tab is left in the wrong one', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const { key } = (await bed.call('POST', '/accounts', { name: 'Second shop', id: '77' })) as {
    key: { id: string; secret: string };
  };
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/channels');
  await signIn(page);
  const menu = page.getByRole('button', { name: /You and your session/ });
  const accounts = page.getByRole('dialog', { name: 'Accounts in this browser' });
  const openAccounts = async (): Promise<void> => {
    await menu.click();
    await page.getByRole('menuitem', { name: 'Switch account …' }).click();
    await accounts.waitFor();
  };
  const isIn = async (name: string): Promise<void> => {
    await menu.click();
    await page.getByRole('menu').getByText(name).first().waitFor();
    await page.keyboard.press('Escape');
  };

  await t.test('a second account is signed in to beside the first', async () => {
    await openAccounts();
    await accounts.getByText('Access key', { exact: true }).click();
    await accounts.getByLabel('Access key ID').fill(key.id);
    await accounts.getByLabel(/secret/i).fill(key.secret);
    await accounts.getByRole('button', { name: 'Sign in', exact: true }).click();
    await accounts.waitFor({ state: 'detached' });
    await isIn('Second shop · 77');
  });

  await t.test('another tab follows when one goes back', async () => {
    const tab = await context.newPage();
    await tab.goto('/console/settings/account');
    await tab.getByText('Second shop').first().waitFor();
    await openAccounts();
    await accounts.getByRole('button', { name: /^Go to/ }).click();
    await accounts.waitFor({ state: 'detached' });
    await isIn(rootAccount.accountId);
    await tab.getByText('Second shop').first().waitFor({ state: 'detached' });
    await tab.close();
  });

  await t.test('signing out ends both', async () => {
    await menu.click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await context.cookies(), []);
  });
  assert.deepEqual(faults.list, []);
});
