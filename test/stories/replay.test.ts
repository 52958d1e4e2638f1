// Deliveries replayed in the console: one, those that are ticked, all that match and stopped on the way; by keyboard too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../support/service.ts';
import { openBed, say, setUp, signIn, subscribe, untilPushed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** One more than the console replays in one call. */
const count = 201;

test('deliveries are replayed one by one, ticked ones at once, and all that match until it is stopped', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  for (let n = 0; n < count; n += 1) await say(bed, `message ${n}`);
  await untilPushed(bed, count, 0);
  const { items } = (await bed.call('GET', '/destinations')) as { items: { id: number; url: string }[] };
  const destinationId = items.find(({ url }) => url === `${bed.good.url}/inbound`)?.id;
  const body = { destinationId, state: 'done', dryRun: true };
  const untilDone = (): Promise<unknown> =>
    waitUntil(
      'all pushes are settled',
      60_000,
      async () => (await bed.call('POST', '/deliveries/replay', body))['replayed'] === count,
    );
  await untilDone();
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  await page.goto(`/console/deliveries?state=done&destinationId=${destinationId}`);
  await signIn(page);
  const dialog = page.getByRole('dialog', { name: 'Replay deliveries' });

  await t.test('the first key press leads past the menu to the page itself', async () => {
    await page
      .getByRole('button', { name: /^Replay \d+$/ })
      .first()
      .waitFor();
    await page.reload();
    await page
      .getByRole('button', { name: /^Replay \d+$/ })
      .first()
      .waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#content:focus').waitFor();
  });

  await t.test('a time stands in the zone of the reader and shows on hover in UTC', async () => {
    const time = page.getByRole('table').last().locator('tbody time').first();
    const [at, title, text] = [
      await time.getAttribute('datetime'),
      await time.getAttribute('title'),
      await time.textContent(),
    ];
    assert.equal(title, `${String(at).slice(0, 10)} ${String(at).slice(11, -1)} UTC`);
    // The browser's zone is that of Shanghai, eight hours ahead.
    const local = new Date(Date.parse(String(at)) + 8 * 3_600_000).toISOString();
    assert.ok(text?.includes(local.slice(11, 19)), `${text} is not ${local}`);
  });

  await t.test('one, by its button', async () => {
    await page
      .getByRole('button', { name: /^Replay \d+$/ })
      .first()
      .click();
    await moments.saying('The delivery is due again.');
    await untilPushed(bed, count + 1, 0);
    await untilDone();
  });

  await t.test('those that are ticked, with the number before', async () => {
    // By their ids: the rows move down when the list is read again with the one that was replayed.
    const boxes = page.getByRole('checkbox', { name: /^\d+$/ });
    const ids = [
      await boxes.nth(1).getAttribute('aria-label'),
      await boxes.nth(4).getAttribute('aria-label'),
    ];
    for (const id of ids) await page.getByRole('checkbox', { name: id ?? '', exact: true }).check();
    await page.getByRole('button', { name: 'Replay selected (2)' }).click();
    await dialog.getByText(/^2 deliveries will be made due again/).waitFor();
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.getByText('Done: 2 deliveries are due again.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await untilPushed(bed, count + 3, 0);
    await untilDone();
  });

  await t.test('all that match, until it is stopped', async () => {
    await page.getByRole('button', { name: 'Replay all delivered that match' }).click();
    await dialog.getByText(new RegExp(`^${count} deliveries will be made due again`)).waitFor();
    const stopped = Promise.withResolvers<undefined>();
    await page.route('**/deliveries/replay', async (route) => {
      const { until } = route.request().postDataJSON() as { until?: string };
      assert.ok(Date.parse(until ?? '') <= Date.now(), 'what comes after the count is not asked for');
      const response = await route.fetch();
      await stopped.promise;
      await route.fulfill({ response });
    });
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.getByRole('progressbar').waitFor();
    await dialog.getByRole('button', { name: 'Stop' }).click();
    stopped.resolve(undefined);
    await dialog.getByText(`Stopped: ${count - 1} deliveries were made due again.`).waitFor();
  });
  assert.deepEqual(faults.list, []);
});
