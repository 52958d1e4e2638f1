// From the first visit to the first receipt: what is to do stands on the overview until it is done.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, say, sender, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

test('the first steps stand on the overview as far as the account has come, until they are put away', async (t) => {
  const bed = await openBed(t, { env: { CHASQUI_CHANNEL_CHECK_HOURS: '0' } });
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  const card = page.locator('.ant-card').filter({ hasText: 'First steps' });

  await page.goto('/console/');
  await signIn(page);
  await card.getByText('0 of 4 done').waitFor();
  await card.getByRole('link', { name: 'Connect a channel' }).waitFor();
  await bed.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    http: true,
    inboundUrl: bed.good.url,
  });
  await page.reload();
  await card.getByText('1 of 4 done').waitFor();
  await say(bed, 'Hello');
  await card.getByText('2 of 4 done').waitFor({ timeout: 60_000 });
  await bed.call('PUT', '/channels/bot', { type: 'viber', credentials: { authToken: 'a-token' } });
  await bed.call('PUT', '/channels/bot/senders/42', {});
  await card.getByText('3 of 4 done').waitFor({ timeout: 60_000 });
  assert.equal(await card.getByLabel('To do').count(), 1);
  await card.getByRole('button', { name: 'Put away' }).click();
  await card.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('What needs attention').waitFor();
  assert.equal(await card.count(), 0);
  assert.deepEqual(faults.list, []);
});

test('a page that was opened while the service was away comes back by itself', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  let away: 'no' | 'silent' | 'behind a proxy' = 'no';
  const isOver = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor({ timeout: 60_000 });
  // The page itself was there, and nothing that it asks for afterwards.
  await page.route(/\/api\/|\/assets\//, (route) => {
    if (away === 'no') return route.continue();
    if (away === 'silent') return route.abort('connectionrefused');
    return route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' });
  });
  await page.goto('/console/channels');
  await signIn(page);
  await isOver('Channel management');
  for (const how of ['silent', 'behind a proxy'] as const)
    for (const [link, heading] of [
      ['Channel management', 'Channel management'],
      ['Queues', 'Queues'],
      ['Templates', 'Templates'],
    ] as const) {
      await page.goto('/console/messages');
      await isOver('Messages');
      away = how;
      await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: link }).click();
      await page.getByText('The service does not answer', { exact: false }).first().waitFor();
      away = 'no';
      await isOver(heading);
      await page
        .getByText('The service does not answer', { exact: false })
        .first()
        .waitFor({ state: 'detached' });
    }
  // Nobody is known to be signed in yet, and there is no frame to ask again.
  await page.route('**/api/v1/session', (route) => (away === 'no' ? route.fallback() : route.abort()));
  away = 'silent';
  await page.unroute(/\/api\/|\/assets\//);
  await page.goto('/console/queues', { waitUntil: 'commit' });
  await page.getByText('The service does not answer', { exact: false }).first().waitFor({ timeout: 60_000 });
  away = 'no';
  await isOver('Queues');
});
