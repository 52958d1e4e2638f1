// Lists on a screen between a phone's and a desk's: no column is so narrow that its words fall apart into letters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, password, say, send, setUp, subscribe, untilPushed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** Cells with a word that is torn into lines of two letters or fewer. */
const torn = `[...document.querySelectorAll('th, td')].flatMap((cell) => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top / 6))).size;
    if (lines > 1 && text.length / lines <= 2) found.push(text + ' in ' + cell.clientWidth + ' px');
  }
  return found;
})`;

test('no column of a list is one letter wide, in either language', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'Hello');
  await send(bed, 'It leaves today.');
  await untilPushed(bed, 1, 1);
  const browser = await openBrowser();
  t.after(() => browser.close());
  for (const language of ['zh', 'en'] as const) {
    const viewport = { width: 1000, height: 800 };
    const { page, context } = await openPage(browser, bed.service.url, { language, viewport });
    const headers = { 'x-chasqui-console': '1' };
    const data = { name: 'owner', password };
    assert.equal((await context.request.post('/api/v1/session', { headers, data })).status(), 200);
    for (const path of [
      ...['/channels', '/channels/sandbox/senders', '/messages', '/receipts', '/raw-events', '/deliveries'],
      ...['/queues', '/settings/users', '/settings/keys', '/settings/limits', '/settings/log'],
    ]) {
      await page.goto(`/console${path}`);
      await page.locator('tbody tr.ant-table-row').first().waitFor();
      assert.deepEqual(await page.evaluate(torn), [], `${language} ${path}`);
    }
    await context.close();
  }
});
