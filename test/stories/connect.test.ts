// What becomes of a channel after it was connected; connecting itself is of the first week.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSimulator } from '../../src/simulators/simulator.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { openBed, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';
import { openLocalClient } from '../support/client.ts';

const appSecret = '0123456789abcdef0123456789abcdef';

test('the webhook settings of a number are closed while Meta does not have it as verified', async (t) => {
  const client = openLocalClient();
  t.after(() => client.close());
  const simulator = await openSimulator(whatsapp, { client, options: { 'app-secret': appSecret } });
  t.after(() => simulator.close());
  const bed = await openBed(t, { env: { CHASQUI_GRAPH_URL: simulator.address } });
  await setUp(bed);
  const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'EAAsimulatedAccessToken' };
  await bed.call('PUT', '/channels/shop', { type: 'whatsapp', wabaId: '100000000000001', credentials });
  await bed.call('PUT', '/channels/shop/senders/15550001111', { phoneNumberId: '200000000000001' });
  await bed.call('POST', '/channels/shop/check');
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/channels/shop/senders');
  await signIn(page);
  const row = page.getByRole('row').filter({ hasText: '15550001111' }).first();
  await row.getByText('Verified', { exact: true }).waitFor();
  await row.getByRole('link', { name: 'Channel Webhook Settings 15550001111' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor();
  await page.route('**/api/v1/channels/shop/senders', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('"verified"', '"pending"') });
  });
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'once the number is verified' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
  assert.equal(await page.getByRole('switch', { name: 'Push over HTTP' }).isDisabled(), true);
  assert.deepEqual(faults.list, []);
});

test('all that was given at connecting shows again, and is changed and taken away later', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  const save = async (): Promise<void> => {
    const answered = page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.equal((await answered).status(), 200);
  };

  await bed.call('PUT', '/channels/bot', {
    type: 'viber',
    credentials: { authToken: 'a-token', authTokenPrevious: 'an-older', welcomeText: 'Hello' },
    options: { clientStatus: true },
  });
  await page.goto('/console/channels/bot/connection');
  await signIn(page);
  const welcome = page.getByLabel('Welcome', { exact: true });
  assert.equal(await welcome.inputValue(), 'Hello');
  const device = page.getByRole('switch', { name: 'Receipts of what devices tell' });
  assert.equal(await device.getAttribute('aria-checked'), 'true');
  await welcome.fill('');
  await device.click();
  await page.getByText('Previous secrets that are still accepted').click();
  const until = page.getByLabel('Previous authentication token, accepted until');
  await until.fill('2027-03-01 10:00');
  await until.press('Enter');
  await save();
  await page.getByText('Hello', { exact: true }).waitFor({ state: 'detached' });
  const changed = await bed.call('GET', '/channels/bot');
  assert.deepEqual(changed['options'], {});
  assert.deepEqual(Object.keys(changed['openCredentials'] as object), ['authTokenPreviousUntil']);
  assert.deepEqual(changed['credentials'], ['authToken', 'authTokenPrevious', 'authTokenPreviousUntil']);

  await page.getByRole('button', { name: 'Remove Previous authentication token', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page
    .getByRole('button', { name: 'Remove Previous authentication token', exact: true })
    .waitFor({ state: 'detached' });
  assert.deepEqual((await bed.call('GET', '/channels/bot'))['credentials'], [
    'authToken',
    'authTokenPreviousUntil',
  ]);

  const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'an-access' };
  await bed.call('PUT', '/channels/shop', { type: 'whatsapp', wabaId: '100000000000001', credentials });
  await page.goto('/console/channels/shop/connection');
  for (const name of ['Receipts of calls', 'Receipts of groups', 'Send the proof of the app secret'])
    await page.getByRole('switch', { name }).click();
  await page.getByLabel('App ID').fill('12345');
  await page.getByLabel('How media are sent').click();
  await page.getByTitle('Upload it to Meta').click();
  await save();
  const { options: set } = await bed.call('GET', '/channels/shop');
  assert.deepEqual(set, {
    appId: '12345',
    appSecretProof: true,
    calls: true,
    groups: true,
    mediaBy: 'upload',
  });
  assert.deepEqual(faults.list, []);
});
