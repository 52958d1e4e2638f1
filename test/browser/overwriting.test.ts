// Two people change one thing: nothing is written over unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, setUp, signIn } from './bed.ts';
import { openBrowser, openPage } from './chromium.ts';

const shop = {
  type: 'whatsapp',
  name: 'Shop',
  wabaId: '102290129340398',
  credentials: { appSecret: 'app-secret-1', verifyToken: 'verify-1', accessToken: 'access-1' },
};

test('the console writes over nothing that it has not shown', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await bed.call('PUT', '/channels/shop', shop);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  await page.goto('/console/connect');
  await signIn(page);

  await t.test('a channel that is there is not connected again, and is left as it is', async () => {
    const before = await bed.call('GET', '/channels/shop');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Channel ID').fill('shop');
    await page.getByLabel('WABA ID').fill('7');
    await page.getByLabel('App secret', { exact: true }).fill('another-secret');
    const token = page.getByLabel('Verify token', { exact: true });
    if ((await token.inputValue()) === '') await token.fill('another-token');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'There is a channel shop already' }).waitFor();
    assert.deepEqual(await bed.call('GET', '/channels/shop'), before);
    await page.getByRole('link', { name: 'Open the channel' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shop' }).waitFor();
  });

  await t.test('a page that is stale says so, shows what is there now, and then saves', async () => {
    await page.goto('/console/channels/shop/connection');
    const name = page.getByRole('textbox', { name: 'Name' });
    await name.waitFor();
    await bed.call('PUT', '/channels/shop', { type: 'whatsapp', name: 'Shop of Ben' });
    await name.fill('Shop of Ana');
    await page.getByRole('button', { name: 'Save' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'Somebody changed this meanwhile' });
    await alert.waitFor();
    assert.equal((await bed.call('GET', '/channels/shop'))['name'], 'Shop of Ben');
    await alert.getByRole('button', { name: 'Show what is there now' }).click();
    await alert.waitFor({ state: 'detached' });
    assert.equal(await name.inputValue(), 'Shop of Ben');
    await name.fill('Shop of Ana');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: false }).first().waitFor();
    assert.equal((await bed.call('GET', '/channels/shop'))['name'], 'Shop of Ana');
    // Its own change is not somebody else's.
    await name.fill('Shop of both');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shop of both' }).waitFor();
  });

  await t.test('what goes with a sender or a channel is counted before it is taken away', async () => {
    await bed.call('PUT', '/channels/shop/senders/15550107777', { phoneNumberId: '9001' });
    await page.goto('/console/channels/shop/senders');
    await page.getByRole('button', { name: 'Remove 15550107777' }).click();
    const question = page.getByRole('dialog').filter({ hasText: 'Remove 15550107777?' });
    await question.filter({ hasText: 'Messages that wait to be sent: 0' }).waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await page.goto('/console/channels/shop/connection');
    await page.getByRole('button', { name: 'Disconnect the channel' }).click();
    await page
      .getByRole('dialog')
      .filter({ hasText: 'Senders: 1. Templates: 0. Messages that wait to be sent: 0' })
      .waitFor();
  });
});
