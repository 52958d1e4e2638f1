// Signing in by a company's provider, as a person does it: its own pages, and back to the page that was asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { clientId, clientSecret, openIdentityProvider } from '../support/identity-provider.ts';
import { rootAccount, waitUntil } from '../support/service.ts';
import { openBed, password, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage, phone } from '../browser/chromium.ts';

async function open(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const provider = await openIdentityProvider();
  t.after(() => provider.close());
  const bed = await openBed(t, {
    env: {
      CHASQUI_OIDC_ISSUER: provider.issuer,
      CHASQUI_OIDC_CLIENT_ID: clientId,
      CHASQUI_OIDC_CLIENT_SECRET: clientSecret,
      CHASQUI_OIDC_SCOPES: 'openid profile roles',
      CHASQUI_OIDC_OWNERS: 'chat-owners',
      CHASQUI_OIDC_VIEWERS: 'chat-viewers',
      ...env,
    },
  });
  provider.serve([bed.service.url]);
  provider.people.set('ana', { preferred_username: 'ana@example.com', roles: ['chat-owners'] });
  provider.people.set('eve', { preferred_username: 'eve@example.com', roles: ['others'] });
  const browser = await openBrowser();
  t.after(() => browser.close());
  return { bed, provider, browser };
}

/** Fills the provider's own page in. */
async function signInThere(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}

test('a person signs in with the company account, comes back to the page that was asked for, and signs out', async (t) => {
  const { bed, browser } = await open(t);
  await setUp(bed);
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/channels?type=whatsapp');
  await page.getByRole('button', { name: 'Sign in with your company account' }).click();
  await signInThere(page, 'ana');
  await page.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
  assert.equal(new URL(page.url()).search, '?type=whatsapp');

  await page.goto('/console/settings/me');
  await page.getByText('You sign in with your company account').waitFor();
  assert.equal(await page.getByLabel('New password').count(), 0);
  await page.goto('/console/settings/users');
  const rows = page.getByRole('row');
  const own = rows.filter({ hasText: 'ana@example.com' });
  await own.getByText('Company account').waitFor();
  await rows.filter({ hasText: 'owner' }).filter({ hasText: 'Password' }).first().waitFor();
  await own.getByRole('button', { name: /Delete/ }).click();
  const asked = page.getByRole('dialog').filter({ hasText: 'Whoever still has a role there comes back' });
  await asked.waitFor();
  await asked.getByRole('button', { name: 'Cancel' }).click();
  await asked.waitFor({ state: 'hidden' });
  await own.getByRole('button', { name: /Edit/ }).click();
  await page.getByText('Set by the company at each sign-in.').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: /^ana@example.com · / }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with your company account' }).waitFor();
  assert.deepEqual(faults.list, []);
});

test('a company account is signed in to beside another one, which stays, and who is not let in there is told so', async (t) => {
  const { bed, browser } = await open(t, { CHASQUI_OIDC_ACCOUNT: '77' });
  await setUp(bed);
  await bed.call('POST', '/accounts', { name: 'Works', id: '77' });
  const { page, context, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/channels');
  await signIn(page);
  const menu = page.getByRole('button', { name: /You and your session/ });
  const accounts = page.getByRole('dialog', { name: 'Accounts in this browser' });
  const goToCompany = async (): Promise<void> => {
    await menu.click();
    await page.getByRole('menuitem', { name: 'Switch account …' }).click();
    await accounts.getByRole('button', { name: 'Sign in with your company account' }).click();
  };
  const isIn = async (account: RegExp): Promise<void> => {
    await menu.click();
    await page.getByRole('menu').getByText(account).first().waitFor();
    await page.keyboard.press('Escape');
  };
  const tab = await context.newPage();
  await tab.goto('/console/settings/account');
  await tab.getByText(rootAccount.accountId).first().waitFor();

  await goToCompany();
  await signInThere(page, 'ana');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.equal(new URL(page.url()).search, '');
  await isIn(/Works · 77/);
  await tab.getByText('Works').first().waitFor();
  await tab.close();

  // Back to the first one, which goes on, and to the company as somebody who has no role there.
  await menu.click();
  await page.getByRole('menuitem', { name: 'Switch account …' }).click();
  await accounts.getByRole('button', { name: /^Go to/ }).click();
  await accounts.waitFor({ state: 'detached' });
  await isIn(new RegExp(rootAccount.accountId));
  await context.clearCookies({ domain: '127.0.0.1', name: /^_/ });
  await goToCompany();
  await signInThere(page, 'eve');
  await accounts.getByRole('alert').filter({ hasText: 'Your company account has no role here.' }).waitFor();
  await accounts.getByText('Works').first().waitFor();
  await accounts.getByRole('button', { name: 'Close' }).click();
  await accounts.waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).search, '');
  await isIn(new RegExp(rootAccount.accountId));
  await menu.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const left = (await context.cookies()).map(({ name }) => name).filter((name) => name.includes('chasqui'));
  assert.deepEqual(left, []);
  assert.deepEqual(faults.list, []);
});

test('who is not let in is told why, in both languages and on a phone, and signs in with a password', async (t) => {
  const { bed, provider, browser } = await open(t, { CHASQUI_OIDC_LABEL: 'Example Works' });
  await setUp(bed);
  const { page, faults } = await openPage(browser, bed.service.url, { language: 'zh', viewport: phone });
  await page.goto('/console/queues');
  provider.isDown = true;
  await page.getByRole('button', { name: 'Example Works' }).click();
  await page.getByRole('alert').filter({ hasText: '企业登录没有响应' }).waitFor();
  provider.isDown = false;
  // The provider is asked again once its failure is some seconds old.
  const there = page.getByPlaceholder('Enter any login');
  await waitUntil('the provider is asked again', 60_000, async () => {
    const began = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/session/company'));
    await page.getByRole('button', { name: 'Example Works' }).click();
    return (await began).ok();
  });
  await there.waitFor();
  await signInThere(page, 'eve');
  await page.getByRole('alert').filter({ hasText: '您的企业账号在此没有角色' }).waitFor();
  const { page: english, faults: others } = await openPage(browser, bed.service.url);
  await english.goto('/console/?sign_in=sign_in_no_role');
  await english.getByRole('alert').filter({ hasText: 'Your company account has no role here.' }).waitFor();
  // A code that nobody has, and texts of others, are not shown.
  await english.goto('/console/?sign_in=<b>Call%20us</b>');
  await english.getByRole('alert').filter({ hasText: 'Something went wrong inside.' }).waitFor();
  assert.equal(await english.getByText('Call us').count(), 0);
  await signIn(english);
  assert.deepEqual([...faults.list, ...others.list], []);
});

test('where people sign in by the company alone the other ways stand behind one step', async (t) => {
  const { bed, browser } = await open(t, { CHASQUI_OIDC_ONLY: 'true' });
  await setUp(bed);
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/');
  await page.getByRole('button', { name: 'Sign in with your company account' }).waitFor();
  assert.equal(await page.getByLabel('User name').count(), 0);
  await page.getByRole('button', { name: 'Sign in another way' }).click();
  await page.getByLabel('User name').fill('owner');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Passwords sign nobody in here.' }).waitFor();
  assert.deepEqual(faults.list, []);
});
