// Lists and forms under quick hands: what is drawn again by a tick, how long the page takes to answer, as browsers measure it, and what is
// sent before all of it is drawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBed, say, setUp, signIn, subscribe, untilDelivered } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** From a key or a click to the next paint, for what is good by web.dev. Told and not asserted: a busy machine makes seconds of it. */
const wantedMs = 200;

/** Counts each time of day that is formed for the reader (how long ago something was goes on by itself), and notes how long answers take. */
const watch = `globalThis.formed = 0;
  Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
    construct: (target, values) => { formed += 1; return new target(...values); },
  });
  globalThis.answers = [];
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) if (interactionId) answers.push(duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });`;

/** Does something; resolves to how many times were formed for it, once what it brings about has been painted. */
async function countFormed(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate('formed = 0');
  await act();
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  );
  return page.evaluate<number>('formed');
}

test('a list of fifty answers quickly, and a tick draws no other row again', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  for (let count = 0; count < 60; count += 1) await say(bed, `message ${count}`);
  // What is delivered later would come into the list by itself.
  await untilDelivered(bed, 60);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.addInitScript(watch);
  await page.goto('/console/deliveries?state=done');
  await signIn(page);
  const boxes = page.getByRole('region', { name: 'Deliveries' }).locator('tbody').getByRole('checkbox');
  await boxes.nth(49).waitFor();
  assert.ok((await page.evaluate<number>('formed')) >= 50, 'the times of the rows are counted');

  await page.evaluate('answers.length = 0');

  await t.test('one row is ticked', async () => {
    const formed = await countFormed(page, () => boxes.nth(3).check());
    assert.ok(await boxes.nth(3).isChecked());
    assert.ok(formed < 10, `${formed} times were formed anew`);
  });

  await t.test('all are ticked', async () => {
    const formed = await countFormed(page, () =>
      page.getByRole('checkbox', { name: 'Select all' }).last().check(),
    );
    assert.ok(await boxes.nth(49).isChecked());
    assert.ok(formed < 10, `${formed} times were formed anew`);
  });

  await t.test('the search is typed into over it', async () => {
    const formed = await countFormed(page, async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search' }).pressSequentially('message');
    });
    assert.ok(formed < 10, `${formed} times were formed anew`);
    await page.keyboard.press('Escape');
  });
  const answers = await page.evaluate<number[]>('answers');
  t.diagnostic(
    `slowest answer to a key or a click ${Math.max(0, ...answers)} ms, wanted ${wantedMs} at most`,
  );
  assert.deepEqual(faults.list, []);
});

test('a form that is sent before a choice in it is drawn is sent as it was chosen', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/portal');
  await signIn(page);
  await page.getByRole('button', { name: 'Make a link' }).click();
  const form = page.getByRole('dialog', { name: 'Make a link' });
  await form.getByLabel('Name').fill('Agency');
  await page.evaluate(`const radio = document.querySelector('input[type=radio][value=account]');
    radio.click();
    radio.form.requestSubmit();`);
  await page.getByRole('dialog', { name: 'There is a new link' }).waitFor();
  assert.deepEqual(faults.list, []);
});
