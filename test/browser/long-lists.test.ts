// Lists that are all there: paged, looked through, and told by what people call things.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { openBed, password, say, sender, setUp, signIn, subscribe } from './bed.ts';
import { openBrowser, openPage, phone } from './chromium.ts';

test('a long list has pages and is looked through by whatever is known of its rows', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await bed.call('PUT', '/channels/many', {
    type: 'whatsapp',
    name: 'Shop',
    wabaId: '102290129340398',
    credentials: { appSecret: '0123456789abcdef0123456789abcdef', verifyToken: 'verify' },
  });
  for (let at = 0; at < 45; at += 1)
    await bed.call('PUT', `/channels/many/senders/${15_550_200_000 + at}`, {
      phoneNumberId: String(106_540_352_240_000 + at),
      name: `Desk ${at}`,
    });
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url, { viewport: phone });
  await page.goto('/console/channels/many/senders');
  await signIn(page);
  const rows = page.getByRole('main').locator('tr.ant-table-row');
  await rows.first().waitFor();

  assert.equal(await rows.count(), 20);
  await page.getByLabel('Find in this list').fill(' +1 555 020-0044 ');
  await page.getByText('Desk 44').waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByLabel('Find in this list').fill('desk 3');
  await page.getByText('Desk 39').waitFor();
  assert.equal(await rows.count(), 11);

  const overview = await bed.call('GET', '/overview');
  const nowhere = (overview['attention'] as { code: string }[]).filter(
    (one) => one.code === 'no_subscription',
  );
  assert.equal(nowhere.length, 45);

  await page.goto('/console/settings/all');
  await page.getByLabel('Find in this list').fill('--log-level');
  await page.getByText('CHASQUI_LOG_LEVEL', { exact: true }).waitFor();
  assert.equal(await rows.count(), 1);
  assert.deepEqual(faults.list, []);
});

test('the log of changes names things as people do, and finds them by those names', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  const { token } = await bed.call('POST', '/portal-links', {
    name: 'Corner shop',
    access: 'manage',
    senders: [{ channelId: 'sandbox', senderId: sender }],
  });
  const changed = await request(
    `${bed.service.url}/api/v1/portal/channels/sandbox/senders/${sender}/webhook`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ http: true, queue: true, statusUrl: `${bed.good.url}/status` }),
    },
  );
  assert.equal(changed.statusCode, 200, await changed.body.text());
  await say(bed, 'hello');
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/log');
  await page.getByLabel('User name').fill('owner');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();

  const rows = page.getByRole('main').locator('tr.ant-table-row');
  await rows
    .filter({ hasText: /^.*Portal link .* set where receipts of sandbox/ })
    .first()
    .waitFor();
  await rows.filter({ hasText: 'made portal link Corner shop' }).waitFor();
  await rows
    .filter({ hasText: 'gave callback URL' })
    .getByRole('link', { name: `${bed.good.url}/inbound` })
    .waitFor();
  for (const [typed, expected] of [
    [sender, `set where receipts of sandbox / ${sender} go`],
    [`sandbox / ${sender}`, `set where receipts of sandbox / ${sender} go`],
    [`${bed.bad.url}/status`, `gave callback URL ${bed.bad.url}/status`],
  ] as const) {
    await page.getByLabel('What', { exact: true }).fill(typed);
    await page.getByLabel('What', { exact: true }).press('Enter');
    await rows.filter({ hasText: 'made portal link' }).waitFor({ state: 'detached' });
    await rows.filter({ hasText: expected }).first().waitFor();
  }
  assert.deepEqual(faults.list, []);
});
