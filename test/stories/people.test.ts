// People and keys: the second factor, users and what they may do, access keys, and a service that goes away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import * as OTPAuth from 'otpauth';
import { request } from 'undici';
import { callCommand } from '../support/operator-commands.ts';
import { rootAccount } from '../support/service.ts';
import { openBed, password, setUp, signIn } from '../browser/bed.ts';
import type { Bed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

async function open(t: TestContext, path: string) {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const opened = await openPage(browser, bed.service.url);
  await opened.page.goto(`/console${path}`);
  await signIn(opened.page);
  return { bed, browser, ...opened };
}

/** The status that a key gets. */
async function statusOf(
  { service }: Bed,
  key: string,
  method: 'GET' | 'POST',
  path: string,
): Promise<number> {
  const answer = await request(`${service.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(key).toString('base64')}`,
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    },
    body: method === 'POST' ? '{}' : null,
  });
  await answer.body.dump();
  return answer.statusCode;
}

test('a second factor is put on with an app, asked for at the next sign-in, and taken off', async (t) => {
  const { bed, browser, page, faults, moments } = await open(t, '/settings/me');
  const card = page.locator('.ant-card').filter({ hasText: 'Second factor' });
  await card.getByLabel('Password').fill(password);
  await card.getByRole('button', { name: 'Set it up' }).click();
  await card.getByRole('img', { name: 'Code to scan with an authenticator app' }).waitFor();
  const uri = await card.getByRole('link', { name: /Open in an authenticator app/ }).getAttribute('href');
  const app = OTPAuth.URI.parse(uri ?? '');
  assert.ok(app instanceof OTPAuth.TOTP);
  await card.getByText(app.secret.base32).waitFor();
  // A code counts once, and is taken for the thirty seconds before and after its own.
  const at = Date.now();
  await card.getByLabel('Code', { exact: true }).fill(app.generate({ timestamp: at }));
  await card.getByRole('button', { name: 'Turn on' }).click();
  await moments.saying('The second factor is on.');
  const codes = (await card.getByRole('region', { name: 'Recovery codes' }).innerText()).trim().split('\n');
  assert.equal(codes.length, 10);
  await card.getByRole('button', { name: 'I have kept them' }).click();
  await card.getByText('Recovery codes that are left: 10.').waitFor();

  const { page: theirs, context } = await openPage(browser, bed.service.url);
  await theirs.goto('/console/channels');
  await theirs.getByLabel('User name').fill('owner');
  await theirs.getByLabel('Password', { exact: true }).fill(password);
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  const code = theirs.getByLabel('Code', { exact: true });
  await code.fill(app.generate({ timestamp: at + 600_000 }));
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  await theirs.getByRole('alert').filter({ hasText: 'That is not right' }).waitFor();
  await code.fill(app.generate({ timestamp: Math.max(Date.now(), at + 30_000) }));
  const answered = theirs.waitForResponse((answer) => answer.url().endsWith('/api/v1/session'));
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  assert.equal((await answered).status(), 200);
  await theirs.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
  await context.close();

  const { page: later, context: without } = await openPage(browser, bed.service.url);
  await later.goto('/console/channels');
  await later.getByLabel('User name').fill('owner');
  await later.getByLabel('Password', { exact: true }).fill(password);
  await later.getByRole('button', { name: 'Sign in', exact: true }).click();
  await later.getByRole('button', { name: /use a recovery code/ }).click();
  await later.getByLabel('Recovery code').fill(codes[0] ?? '');
  await later.getByRole('button', { name: 'Sign in', exact: true }).click();
  await later.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
  await without.close();
  await page.reload();
  await card.getByText('Recovery codes that are left: 9.').waitFor();
  await page.locator('#totp-codes').getByLabel('Password').fill(password);
  await card.getByRole('button', { name: 'Make new codes' }).click();
  await card.getByRole('region', { name: 'Recovery codes' }).waitFor();
  await card.getByRole('button', { name: 'I have kept them' }).click();

  await page.locator('#totp-remove').getByLabel('Password').fill(password);
  await card.getByRole('button', { name: 'Turn off' }).click();
  await moments.saying('The second factor is off.');
  await card.getByRole('button', { name: 'Set it up' }).waitFor();
  assert.deepEqual(faults.list, []);
});

test('who was given a password for one sign-in chooses another one there', async (t) => {
  const { bed, browser } = await open(t, '/channels');
  const args = ['users', 'reset', 'owner', '--yes', '--json', '--data-dir', bed.dataDir];
  const { stdout } = await callCommand(args);
  const { password: once } = JSON.parse(stdout) as { password: string };
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/channels');
  await page.getByLabel('User name').fill('owner');
  await page.getByLabel('Password', { exact: true }).fill(once);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'Choose a new one' }).waitFor();
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByLabel('Password again').fill('another horse battery');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
  assert.deepEqual(faults.list, []);
});

test('a user is added, becomes an operator, may then do more, and is shut out', async (t) => {
  const { bed, browser, page, faults } = await open(t, '/settings/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const adding = page.getByRole('dialog', { name: 'Add a user' });
  await adding.getByLabel('User name').fill('ana');
  await adding.getByLabel('Password', { exact: true }).fill(password);
  await adding.getByRole('button', { name: 'Add', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'ana' });
  await row.getByText('Viewer').waitFor();

  const { page: theirs, context } = await openPage(browser, bed.service.url);
  await theirs.goto('/console/queues');
  await signIn(theirs, 'ana');
  await theirs.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
  assert.equal(await theirs.getByRole('button', { name: 'Create a queue' }).count(), 0);

  await page.getByRole('button', { name: 'Edit ana' }).click();
  const editing = page.getByRole('dialog', { name: 'ana' });
  await editing.getByLabel('Role').click();
  await page.locator('.ant-select-item-option').filter({ hasText: 'Operator' }).click();
  await editing.getByRole('button', { name: 'Save' }).click();
  await row.getByText('Operator').waitFor();
  // The session that ana has may do more at once.
  await theirs.goto('/console/queues');
  await theirs.getByRole('button', { name: 'Create a queue' }).waitFor();
  assert.equal(await theirs.getByRole('link', { name: 'Users' }).count(), 0);

  await page.getByRole('button', { name: 'Edit ana' }).click();
  await editing.getByRole('switch', { name: 'May sign in' }).click();
  await editing.getByRole('button', { name: 'Save' }).click();
  await row.getByText('Disabled').waitFor();
  await theirs.goto('/console/queues');
  await theirs.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.getByRole('button', { name: 'Delete ana' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row.waitFor({ state: 'detached' });
  await context.close();
  assert.deepEqual(faults.list, []);
});

test('a key is made with what it may do and from where, is rotated, and switched off', async (t) => {
  const { bed, page, faults } = await open(t, '/settings/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const making = page.getByRole('dialog', { name: 'Make a key' });
  await making.getByLabel('Name').fill('puller');
  await making.getByLabel('Rights').click();
  await page.locator('.ant-select-item-option').filter({ hasText: 'Take receipts' }).click();
  await making.getByLabel('From addresses').fill('not an address');
  await making.getByLabel('From addresses').press('Enter');
  await making.getByRole('button', { name: 'Make a key' }).click();
  await making.getByText('Has to be an address').waitFor();
  for (let tag = 0; tag < 3; tag += 1) await making.getByLabel('From addresses').press('Backspace');
  await making.getByLabel('From addresses').fill('127.0.0.0/8');
  await making.getByLabel('From addresses').press('Enter');
  await making.getByLabel('Requests a second').fill('50');
  await making.getByRole('button', { name: 'Make a key' }).click();
  const made = page.getByRole('dialog', { name: 'There is a new key' });
  const readKey = async (): Promise<string> => {
    await made.waitFor();
    const [id, secret] = await made.locator('code').allTextContents();
    await made.getByRole('button', { name: 'Close' }).click();
    await made.waitFor({ state: 'hidden' });
    return `${id ?? ''}:${secret ?? ''}`;
  };
  const first = await readKey();
  const row = page.getByRole('row').filter({ hasText: first.split(':')[0] ?? '' });
  for (const text of ['puller', 'Receive', '127.0.0.0/8', 'Requests a second: 50'])
    await row.getByText(text).waitFor();
  assert.equal(await statusOf(bed, first, 'GET', '/receipts'), 200);
  assert.equal(await statusOf(bed, first, 'POST', '/messages'), 403);

  await row.getByRole('button', { name: 'Rotate' }).click();
  const rotating = page.getByRole('dialog', { name: /^Rotate/ });
  await rotating.getByRole('radio', { name: 'Disable the old one at once' }).check();
  await rotating.getByRole('button', { name: 'Rotate', exact: true }).click();
  const second = await readKey();
  assert.equal(await statusOf(bed, second, 'GET', '/receipts'), 200);
  assert.equal(await statusOf(bed, first, 'GET', '/receipts'), 401);
  await row.getByText('Disabled').waitFor();
  assert.deepEqual(faults.list, []);
});

test('an account is shown what it may use, and how much of it is in use', async (t) => {
  const { bed, page, faults } = await open(t, '/settings/account');
  await page.getByText('0, no limit').first().waitFor();
  await bed.call('PATCH', `/accounts/${rootAccount.accountId}/limits`, { queuedMessages: 5000 });
  await page.reload();
  await page.getByText('0 of 5,000').waitFor();
  assert.deepEqual(faults.list, []);
});

test('a service that goes away is told, and the page goes on once it is back', async (t) => {
  const { page, context } = await open(t, '/queues');
  await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Refresh' }).first().click();
  await page.getByRole('status').filter({ hasText: 'does not answer' }).waitFor();
  await context.setOffline(false);
  await page.getByRole('status').filter({ hasText: 'does not answer' }).waitFor({ state: 'hidden' });
  await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
});

test('a user is called as people are called, in the console and at the machine', async (t) => {
  const { bed, browser, page, faults } = await open(t, '/settings/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog');
  for (const [name, told] of [
    ['李 雷', 'Letters and digits of any language'],
    ['owner', 'There is a user of that name already'],
  ] as const) {
    await dialog.getByLabel('User name').fill(name);
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText(told, { exact: false }).first().waitFor();
  }
  await dialog.getByLabel('User name').fill('李雷 ');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('row').filter({ hasText: '李雷' }).waitFor();
  const reset = ['users', 'reset', '李雷', '--yes', '--json', '--data-dir', bed.dataDir];
  const { code, stdout, stderr } = await callCommand(reset);
  assert.equal(code, 0, stderr);
  const { password: once } = JSON.parse(stdout) as { password: string };
  const { page: theirs, context } = await openPage(browser, bed.service.url);
  await theirs.goto('/console/channels');
  await theirs.getByLabel('User name').fill('李雷');
  await theirs.getByLabel('Password', { exact: true }).fill(once);
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  await theirs.getByLabel('New password').fill('another horse battery');
  await theirs.getByLabel('Password again').fill('another horse battery');
  await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
  await theirs.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
  await theirs.getByRole('button', { name: /李雷/ }).waitFor();
  await context.close();
  await page.goto('/console/settings/log');
  await page.getByText('李雷').first().waitFor();
  assert.deepEqual(faults.list, []);
});
