// Two people change one thing: nothing is written over unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { openBed, password, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const shop = {
  type: 'whatsapp',
  name: 'Shop',
  wabaId: '102290129340398',
  credentials: { appSecret: 'app-secret-1', verifyToken: 'verify-1', accessToken: 'access-1' },
};

/** Enough for whatever is told to show. */
const manyFrames = `(async () => {
  for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
})()`;

test('the console writes over nothing that it has not shown', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await bed.call('PUT', '/channels/shop', shop);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, moments } = await openPage(browser, bed.service.url);
  await page.goto('/console/connect');
  await signIn(page);
  /** Saves the form that this button is of, and is told so: not by the toast of an earlier one. */
  const save = async (button: Locator): Promise<void> => {
    moments.forget();
    await button.click();
    await moments.saying('Saved.');
  };

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
    // What was typed is not saved, so it is asked about.
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
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
    // Told that it is saved, one goes on: not before the page has read anew what goes on by.
    let isEarly: boolean | undefined;
    await page.route('**/api/v1/channels/shop', async (route) => {
      if (route.request().method() === 'GET') {
        await page.evaluate(manyFrames);
        isEarly ??= await page.locator('.ant-message-notice').isVisible();
      }
      await route.continue();
    });
    await save(page.getByRole('button', { name: 'Save' }));
    assert.equal(isEarly, false);
    await page.unroute('**/api/v1/channels/shop');
    assert.equal((await bed.call('GET', '/channels/shop'))['name'], 'Shop of Ana');
    // Its own change is not somebody else's.
    await name.fill('Shop of both');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Shop of both' }).waitFor();
  });

  await t.test('so do the forms of a user, a key and a callback URL', async () => {
    const alert = page.getByRole('alert').filter({ hasText: 'Somebody changed this meanwhile' });
    const showNow = alert.getByRole('button', { name: 'Show what is there now' });

    const key = await bed.call('POST', '/keys', { name: 'puller', role: 'read' });
    await page.goto('/console/settings/keys');
    await page.getByRole('button', { name: `Edit ${String(key['id'])}` }).click();
    const ofKey = page.getByRole('dialog');
    await ofKey.getByLabel('Name').fill('puller of Ana');
    await bed.call('PATCH', `/keys/${String(key['id'])}`, { addresses: ['192.0.2.0/24'] });
    await ofKey.getByRole('button', { name: 'Save' }).click();
    await showNow.click();
    await ofKey.getByText('192.0.2.0/24', { exact: true }).waitFor();
    await ofKey.getByLabel('Name').fill('puller of both');
    await ofKey.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'puller of both' }).getByText('192.0.2.0/24').waitFor();

    const user = await bed.call('POST', '/users', { name: 'ana', role: 'viewer', password });
    await page.goto('/console/settings/users');
    await page.getByRole('button', { name: 'Edit ana' }).click();
    const ofUser = page.getByRole('dialog', { name: 'ana' });
    await ofUser.getByRole('switch', { name: 'May sign in' }).click();
    await bed.call('PATCH', `/users/${String(user['id'])}`, { role: 'operator' });
    await ofUser.getByRole('button', { name: 'Save' }).click();
    await showNow.click();
    await ofUser.getByText('Operator', { exact: true }).waitFor();
    assert.equal((await bed.call('GET', `/users/${String(user['id'])}`))['state'], 'active');
    await ofUser.getByRole('switch', { name: 'May sign in' }).click();
    await ofUser.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'ana' }).getByText('Disabled').waitFor();

    await bed.call('PUT', '/channels/shop/senders/15550107778', { phoneNumberId: '9002' });
    const webhook = { http: true, statusUrl: bed.good.url };
    await bed.call('PUT', '/channels/shop/senders/15550107778/webhook', webhook);
    const { items } = await bed.call('GET', '/destinations');
    const path = `/destinations/${String((items as { id: number }[])[0]?.id)}`;
    await page.goto(`/console${path}`);
    const place = page.locator('.ant-card').filter({ hasText: 'Name and address' });
    const push = page.locator('.ant-card').filter({ hasText: 'Push settings' });
    const name = place.getByRole('textbox').first();
    const batch = push.getByLabel('Receipts in one POST');
    // The other form of the page is saved: that is no change of what this one shows.
    await batch.fill('7');
    await save(push.getByRole('button', { name: 'Save' }));
    await name.fill('of Ana');
    await save(place.getByRole('button', { name: 'Save' }));
    await page.getByRole('heading', { level: 1, name: 'of Ana' }).waitFor();
    for (const [card, field, theirs] of [
      [place, name, { name: 'of Ben' }],
      [push, batch, { batchSize: 9 }],
    ] as const) {
      await field.fill('8');
      await bed.call('PATCH', path, theirs);
      await card.getByRole('button', { name: 'Save' }).click();
      await showNow.click();
      await alert.waitFor({ state: 'detached' });
      assert.equal(await field.inputValue(), String(Object.values(theirs)[0]));
    }
    const now = await bed.call('GET', path);
    assert.deepEqual([now['name'], now['batchSize']], ['of Ben', 9]);
    await name.fill('of both');
    await place.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'of both' }).waitFor();
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
      .filter({ hasText: 'Senders: 2. Templates: 0. Messages that wait to be sent: 0' })
      .waitFor();
  });
});
