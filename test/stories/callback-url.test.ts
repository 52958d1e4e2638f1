// What the overview says of a callback URL that fails, hidden for a time; and the page of the callback URL, with how it goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../support/service.ts';
import {
  openBed,
  say,
  sender,
  setUp,
  signIn,
  triedByHand,
  tryInAnHour,
  untilPushed,
} from '../browser/bed.ts';
import { openBrowser, openPage, phone, wide } from '../browser/chromium.ts';

const limitMs = 60_000;

test('a callback URL that fails is told by its cause, hidden for a time, and looked into on its page', async (t) => {
  const bed = await openBed(t, { env: triedByHand });
  await setUp(bed);
  const inboundUrl = `${bed.bad.url}/inbound`;
  await bed.call('PUT', `/channels/sandbox/senders/${sender}/webhook`, { http: true, inboundUrl });
  await tryInAnHour(bed, inboundUrl);
  for (let n = 0; n < 4; n += 1) await say(bed, `message ${n}`, 'Ana', `1555000000${n}`);
  await untilPushed(bed, 0, 4);
  const read = () =>
    bed.call('GET', '/overview') as Promise<{
      attention: { code: string }[];
      destinations: { tries: number }[];
    }>;
  await waitUntil('it is told', limitMs, async () => {
    const { attention, destinations } = await read();
    return attention.some(({ code }) => code === 'destination_open') && (destinations[0]?.tries ?? 0) > 0;
  });
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  await page.goto('/console/');
  await signIn(page);
  const cause = page.getByRole('region', { name: 'Callback URLs fail' });

  await t.test('the overview names the cause, and the callback URL with how it took its pushes', async () => {
    await cause.getByText(inboundUrl).first().waitFor();
    const row = page.getByRole('row').filter({ hasText: inboundUrl });
    await row.getByText('0 %', { exact: true }).waitFor();
  });

  await t.test('it is hidden for a day, for everybody, and brought back', async () => {
    await cause.getByRole('button', { name: 'Hide' }).click();
    await page.getByRole('menuitem', { name: 'For a day' }).click();
    await cause.waitFor({ state: 'detached' });
    assert.equal(
      (await read()).attention.some(({ code }) => code === 'destination_open'),
      false,
    );
    await page.getByRole('button', { name: /^Hidden for now \(\d+\)$/ }).click();
    await page.getByText('Hidden until').first().waitFor();
    await page.getByRole('button', { name: 'Show them again' }).click();
    await cause.waitFor();
  });

  await t.test('its page has figures, answers over time, the last tries and what can be done', async () => {
    for (const viewport of [wide, phone]) {
      await page.setViewportSize(viewport);
      await page.goto('/console/');
      await cause.getByRole('link', { name: 'Open' }).click();
      await page.getByRole('heading', { level: 1, name: inboundUrl }).waitFor();
      await page.locator('.chart canvas').waitFor();
      await page.getByText('HTTP 500').first().waitFor();
      await page.getByText(/^15550000003$/).waitFor();
      for (const name of ['Success rate and latency', 'Last tries', 'Name and address', 'Push settings'])
        await page.getByText(name, { exact: true }).waitFor();
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(beyond <= 0, `${beyond} px wider than the screen`);
    }
    await page.getByText('Last day', { exact: true }).click();
    await page.getByText('HTTP 500').first().waitFor();
  });

  await t.test('all that waits is tried from there', async () => {
    bed.mend();
    const before = bed.bad.calls.length;
    await page.getByRole('button', { name: 'Try now' }).click();
    await moments.saying('Trying everything that waits for the callback URL.');
    await waitUntil('it is pushed', limitMs, () => bed.bad.calls.length >= before + 4);
  });
  assert.deepEqual(faults.list, []);
});
