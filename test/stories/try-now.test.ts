// What waits for a callback URL is tried when somebody asks: one delivery, those that are ticked, all; and what cannot be says why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../support/service.ts';
import { openBed, say, sender, setUp, signIn, triedByHand, untilPushed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const limitMs = 60_000;

interface Destination {
  readonly id: number;
  readonly url: string;
  readonly state: string;
}

test('an operator has deliveries tried now, and is told of each that cannot be why', async (t) => {
  const bed = await openBed(t, { env: triedByHand });
  await setUp(bed);
  const inboundUrl = `${bed.bad.url}/inbound`;
  await bed.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, { http: true, inboundUrl });
  const find = async () => {
    const { items } = (await bed.call('GET', '/destinations')) as { items: Destination[] };
    const found = items.find(({ url }) => url === inboundUrl);
    assert.ok(found !== undefined);
    return found;
  };
  for (let n = 0; n < 4; n += 1) await say(bed, `message ${n}`, 'Ana', `1555000000${n}`);
  await untilPushed(bed, 0, 4);
  await waitUntil('its breaker opens', limitMs, async () => (await find()).state === 'opened');
  const { id } = await find();
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  await page.goto('/console/deliveries?state=waiting');
  await signIn(page);
  await page.evaluate("localStorage.setItem('chasqui.language', 'zh')");
  await page.reload();

  await t.test('why it fails is told in the language of the reader', async () => {
    await page
      .getByText(/127\.0\.0\.1:\d+ 的回调连续失败 \d+ 次（最近一次：.*）/)
      .first()
      .waitFor();
    assert.equal(await page.getByText('in a row').count(), 0);
  });

  await t.test('one is tried at once, though the callback URL is only probed', async () => {
    bed.mend();
    const before = bed.bad.calls.length;
    await page
      .getByRole('button', { name: /^立即尝试 \d+$/ })
      .first()
      .click();
    await moments.saying('正在尝试该投递。');
    await waitUntil('it is pushed', limitMs, () => bed.bad.calls.length > before);
    await waitUntil('it takes them again', limitMs, async () => (await find()).state === 'active');
    await waitUntil('all have come', limitMs, async () => {
      const { items } = (await bed.call('GET', '/deliveries?state=done')) as { items: unknown[] };
      return items.length === 4;
    });
  });

  await t.test('what a switched-off callback URL keeps from being tried says what to do', async () => {
    await bed.call('PATCH', `/destinations/${id}`, { state: 'off' });
    await say(bed, 'a later message');
    await page.reload();
    await page.getByText('由操作员关闭。').waitFor();
    await page.getByRole('checkbox', { name: /^\d+$/ }).first().check();
    await page.getByRole('button', { name: '立即尝试所选（1）' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 条未尝试。 其回调地址已关闭。开启后，等待中的投递都会被尝试。').waitFor();
    await dialog.getByRole('button', { name: '关闭' }).click();
    await page.getByRole('button', { name: `立即尝试 ${inboundUrl}` }).click();
    await moments.saying('其回调地址已关闭。开启后，等待中的投递都会被尝试。');
  });
  assert.deepEqual(faults.list, []);
});
