// What waits for a callback URL: handed over, given up, and the URL removed, each with its number before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../support/service.ts';
import { openBed, send, sender, setUp, signIn, subscribe, tryInAnHour, untilPushed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const limitMs = 60_000;

interface Destination {
  readonly id: number;
  readonly url: string;
  readonly waiting: number;
  readonly unwanted: number;
}

test('an operator hands over, gives up and removes, and is told of how many each time', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  const list = async () => ((await bed.call('GET', '/destinations')) as { items: Destination[] }).items;
  const find = async (url: string) => (await list()).find((one) => one.url === url);
  const away = `${bed.bad.url}/status`;
  const other = `${bed.good.url}/inbound`;
  await tryInAnHour(bed, away);
  await send(bed, 'First');
  await untilPushed(bed, 0, 1);
  const id = (await find(away))?.id ?? 0;
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  const place = `/console/destinations/${id}`;
  await page.goto(place);
  await signIn(page);

  await t.test('what waits goes to another callback URL', async () => {
    const handOver = page.getByRole('button', { name: 'Hand over' });
    assert.equal(await handOver.isDisabled(), true, 'nobody was chosen yet');
    await page.getByRole('combobox', { name: 'Another callback URL' }).click();
    await page.locator('.ant-select-item-option').filter({ hasText: other }).click();
    await handOver.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^[1-9]\d* deliveries that wait go to the other callback URL/).waitFor();
    assert.equal(bed.good.calls.length, 0, 'it was asked only');
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await dialog.getByText(/^[1-9]\d* deliveries were handed over/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await waitUntil('the other one has them', limitMs, () =>
      bed.good.calls.some(({ path, body }) => path === '/inbound' && body.includes('"Status"')),
    );
    await waitUntil('nothing waits', limitMs, async () => (await find(away))?.waiting === 0);
  });

  await t.test('what settings do not want any more is given up', async () => {
    const before = bed.bad.calls.length;
    await send(bed, 'Second');
    await untilPushed(bed, 0, before + 1);
    const settings = { http: true, queue: true, statusUrl: away, inboundUrl: other };
    const path = `/channels/sandbox/senders/${sender}/webhook`;
    await bed.call('PUT', path, { ...settings, types: ['ChatAppInbound'] });
    await waitUntil('it is set aside', limitMs, async () => ((await find(away))?.unwanted ?? 0) > 0);
    await page.goto(place);
    await page.getByRole('button', { name: /^Give up unwanted deliveries \([1-9]/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^[1-9]\d* deliveries that settings do not want any more are given up/).waitFor();
    await dialog.getByRole('button', { name: 'Give up', exact: true }).click();
    await dialog.getByText(/^[1-9]\d* deliveries were given up/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await waitUntil('none is left', limitMs, async () => (await find(away))?.unwanted === 0);
  });

  await t.test('one that settings name is not removed; one that nobody needs is, by its name', async () => {
    await page.getByRole('button', { name: 'Remove this callback URL' }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: /settings/i })
      .waitFor();
    assert.ok((await find(away)) !== undefined);
    await bed.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
      http: true,
      queue: true,
      inboundUrl: other,
    });
    await page.goto(place);
    await page.getByRole('button', { name: 'Remove this callback URL' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Delete' });
    assert.equal(await confirm.isDisabled(), true);
    await dialog.getByRole('textbox').fill(away);
    await confirm.click();
    await page.waitForURL('**/console/deliveries');
    assert.equal(await find(away), undefined);
  });
  assert.deepEqual(faults.list, []);
});
