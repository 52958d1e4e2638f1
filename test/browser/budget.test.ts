// What the first page costs whoever opens it, measured in the browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBed, say, setUp, signIn, subscribe } from './bed.ts';
import { waitUntil } from '../support/service.ts';
import { openBrowser, openPage } from './chromium.ts';

/** Compressed script up to the overview with its charts, at most. */
const maxScriptBytes = 320 * 1024;
const maxShift = 0.05;

/** Resolves once the page shows what it was asked for and nothing turns any more. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.ant-skeleton, .ant-spin-spinning').first().waitFor({ state: 'detached' });
}

/** What is reported and not asserted: a busy machine makes seconds of it. */
const firstScreenMs = 1000;
const longTaskMs = 100;

test('the first page loads little script and does not jump', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  const sizes = new Map<string, number>();
  const measuring: Promise<void>[] = [];
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script') return;
    measuring.push(
      request
        .sizes()
        .then(({ responseBodySize }) => void sizes.set(new URL(request.url()).pathname, responseBodySize)),
    );
  });
  await page.addInitScript(`new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput) window.shift = (window.shift ?? 0) + entry.value;
  }).observe({ type: 'layout-shift', buffered: true })`);
  await page.goto('/console/');
  await settle(page);
  await signIn(page);
  await settle(page);
  await page.waitForLoadState('networkidle');
  await Promise.all(measuring);
  // Everything up to the overview with its charts, the sign-in before it included.
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  t.diagnostic(`${Math.round(bytes / 1024)} KB of compressed script in ${sizes.size} files`);
  assert.ok(sizes.size > 0);
  assert.ok(bytes <= maxScriptBytes, `${bytes} bytes of script`);
  const { page: cold, context } = await openPage(browser, bed.service.url);
  await cold.goto('/console/');
  await settle(cold);
  // The browser tells of a paint some time after it, and the page's policy lets nobody wait for it in there.
  let painted = 0;
  await waitUntil('the first paint is told', 60_000, async () => {
    painted = await cold.evaluate<number>(
      "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0",
    );
    return painted > 0;
  });
  t.diagnostic(`first screen with a cold cache after ${Math.round(painted)} ms, wanted ${firstScreenMs}`);
  await context.close();
  await page.reload();
  await settle(page);
  const shift = await page.evaluate<number>('window.shift ?? 0');
  t.diagnostic(`layout shift ${shift.toFixed(4)}`);
  assert.ok(shift <= maxShift, `layout shift ${shift}`);
});

test('a full list scrolls to its end, and how long that keeps the page busy is told', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  for (let count = 0; count < 60; count += 1) await say(bed, `message ${count}`);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  await page.goto('/console/receipts');
  await signIn(page);
  await page.getByRole('row').nth(49).waitFor();
  await page.evaluate(`new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) (window.tasks ??= []).push(duration);
  }).observe({ type: 'longtask' })`);
  for (let step = 0; step < 20; step += 1) {
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 200);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
  // The browser scrolls some time after it was told to.
  await waitUntil('it scrolls to the end', 60_000, () =>
    page.evaluate<boolean>('scrollY + innerHeight >= document.documentElement.scrollHeight - 2'),
  );
  const tasks = await page.evaluate<number[]>('window.tasks ?? []');
  t.diagnostic(
    `longest task while scrolling ${Math.round(Math.max(0, ...tasks))} ms, wanted ${longTaskMs} at most`,
  );
});
