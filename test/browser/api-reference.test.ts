// The reference of the API, the documentation and the help that leads to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, setUp, signIn } from './bed.ts';
import { openBrowser, openPage, phone } from './chromium.ts';

test('operations are found, read and copied, and help leads to them from every page', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/queues');
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();

  await page.getByRole('button', { name: 'Help' }).click();
  await page.getByRole('link', { name: 'putQueue' }).click();
  const article = page.getByRole('article', { name: 'Make a queue, or change its attributes' });
  await article.waitFor();
  const call = await article.getByRole('region', { name: 'Call it' }).innerText();
  assert.match(call, /^curl -u "\$KEY" \\\n {2}-X PUT/);
  assert.ok(call.includes(`'${bed.service.url}/api/v1/queues/orders'`), call);
  assert.ok(call.includes(`-d '{"visibilitySeconds":60,"pollingWaitSeconds":20}'`), call);
  await article.getByText('operator', { exact: false }).first().waitFor();

  await page.getByRole('searchbox', { name: 'Search operations' }).fill('replay deliver');
  await page.getByText('3 operations').waitFor();
  await page.getByRole('link', { name: /Replay one delivery/ }).click();
  await page.getByRole('article', { name: 'Replay one delivery that is over' }).waitFor();
  assert.ok(page.url().includes('/console/api/postDeliveryReplay?q=replay'), page.url());

  await page.getByRole('button', { name: 'Help' }).click();
  await page.getByRole('link', { name: 'Glossary' }).click();
  await page.getByRole('heading', { level: 1, name: 'Glossary' }).waitFor();

  await page.goto('/console/settings/keys');
  await page.getByRole('button', { name: 'Help' }).click();
  await page.getByRole('link', { name: 'About this page' }).click();
  const heading = page.getByRole('heading', { level: 2, name: 'Access keys' });
  await heading.waitFor();
  await page.waitForFunction(
    `document.getElementById('access-keys').getBoundingClientRect().top < innerHeight`,
  );
  await page.goto('/console/docs/nowhere');
  await page.getByText('Nothing was found here.').waitFor();
  assert.deepEqual(faults.list, []);
});

test('on a phone the list of operations leads to one at a time', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url, { viewport: phone });
  await page.goto('/console/api?q=unrouted');
  await signIn(page);
  await page.getByRole('link', { name: /senders that are not registered/ }).click();
  await page.getByRole('article').waitFor();
  assert.equal(await page.getByRole('searchbox').count(), 0);
  await page.getByRole('link', { name: 'All operations' }).click();
  await page.getByRole('searchbox', { name: 'Search operations' }).waitFor();
});
