// Finding one message among many in the console: by a number in any spelling, by a click, on a phone, and as a file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openBed, say, send, setUp, signIn, subscribe } from '../browser/bed.ts';
import { openBrowser, openPage, phone } from '../browser/chromium.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const brazil = '551187650001';

test('a message of a user is found, opened and taken along', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'Where is my order?', 'Ana', brazil);
  for (let count = 0; count < 30; count += 1) await say(bed, `message ${count}`);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);
  const rows = page.locator('.ant-table-row');

  await t.test('by the other spelling of the number, with blanks and brackets', async () => {
    await page.goto('/console/messages?direction=mo');
    await signIn(page);
    await page.getByText('31 found').waitFor();
    await page.getByLabel('User', { exact: true }).fill('+55 (11) 9 8765-0001');
    await page.getByText('1 found', { exact: true }).waitFor();
    // How many there are comes by another call than the rows, which stay until there are others.
    await rows.nth(1).waitFor({ state: 'detached' });
    await rows.getByText('Where is my order?').waitFor();
    await rows.getByText('Sandbox WhatsApp number').waitFor();
  });

  await t.test('a click beside its link opens it, and one with Ctrl in a tab of its own', async () => {
    const opened = context.waitForEvent('page');
    await rows.getByText('Where is my order?').click({ modifiers: ['ControlOrMeta'] });
    const tab = await opened;
    await tab.waitForURL(/\/messages\/[0-9a-f]{32}$/);
    await tab.close();
    assert.match(page.url(), /direction=mo/);
    await rows.getByText('Where is my order?').click();
    await page.waitForURL(/\/messages\/[0-9a-f]{32}$/);
    await page.goBack();
  });

  await t.test('marking text opens nothing', async () => {
    const text = rows.getByText('Where is my order?');
    await text.waitFor();
    await page.getByText('1 found', { exact: true }).waitFor();
    await rows.getByText('Sandbox WhatsApp number').waitFor();
    const box = await text.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    assert.match(await page.evaluate<string>('getSelection().toString()'), /is my/);
    assert.match(page.url(), /direction=mo/);
    await page.mouse.click(5, 5);
  });

  await t.test('what was found is saved as a file', async () => {
    await page.getByRole('button', { name: 'Export' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV for programs' }).click();
    const download = await saved;
    assert.match(download.suggestedFilename(), /^messages-.*\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', new RegExp(`,${brazil},.*,Where is my order\\?,`));
  });

  await t.test('on a phone a page has twenty rows, and its filters are behind one button', async () => {
    const small = await openPage(browser, bed.service.url, { viewport: phone });
    await small.page.goto('/console/messages?direction=mo');
    await signIn(small.page);
    await small.page.locator('.ant-table-row').nth(19).waitFor();
    assert.equal(await small.page.locator('.ant-table-row').count(), 20);
    assert.equal(await small.page.getByLabel('User', { exact: true }).count(), 0);
    await small.page.getByRole('button', { name: 'Filter', exact: true }).click();
    await small.page.getByLabel('User', { exact: true }).fill('5511987650001');
    await small.page.getByRole('button', { name: 'Filter (1)' }).waitFor();
    await small.page.getByText('1 found', { exact: true }).waitFor();
    assert.deepEqual(small.faults.list, []);
  });

  assert.deepEqual(faults.list, []);
});

test('whatever somebody has in hand is found from every page, by the keyboard alone and on a phone', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  const receiptId = await say(bed, 'Where is my order?', 'Ana', brazil);
  const messageId = await send(bed, 'It is on its way');
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/me');
  await signIn(page);
  const field = page.getByRole('combobox', { name: 'Search everything' });

  await t.test('Ctrl+K, a number, Enter', async () => {
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.waitForFunction("document.activeElement?.getAttribute('role') === 'combobox'");
    await page.keyboard.type('+55 11 98765-0001');
    await page.getByRole('option', { name: 'Where is my order?' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/messages/${receiptId}$`));
    await field.waitFor({ state: 'detached' });
  });

  await t.test('all messages of the user are the next by the arrow', async () => {
    await page.keyboard.press('Control+k');
    await field.fill('551187650001');
    await page.getByRole('option', { name: 'All messages of 551187650001' }).waitFor();
    await field.press('ArrowDown');
    await page.getByRole('option', { name: 'All messages of', selected: true }).waitFor();
    await field.press('Enter');
    await page.waitForURL(/\/messages\?direction=mo&number=551187650001$/);
  });

  await t.test('an id keeps its digits, and Escape closes', async () => {
    await page.getByRole('button', { name: 'Search everything' }).click();
    await field.fill(messageId);
    await page.getByRole('option').first().click();
    await page.waitForURL(new RegExp(`/messages/${messageId}$`));
    await page.keyboard.press('Control+k');
    await field.fill('nothing like it');
    await page.getByText('Nothing found.').waitFor();
    await page.keyboard.press('Escape');
    // The browser closes it a little before the page hears of that, and would take it away with what opens it again.
    await page.locator('dialog.palette').waitFor({ state: 'detached' });
  });

  await t.test('Enter opens nothing that was found of what was typed before', async () => {
    await page.keyboard.press('Control+k');
    await field.fill('Alicom');
    await page.getByRole('option').first().waitFor();
    const held = Promise.withResolvers<undefined>();
    const typed = '5511987650001';
    const isOfIt = (url: URL): boolean => url.searchParams.get('q') === typed;
    await page.route(isOfIt, async (route) => {
      await held.promise;
      await route.continue();
    });
    const asked = page.waitForRequest((call) => isOfIt(new URL(call.url())));
    await field.fill(typed);
    await asked;
    await field.press('Enter');
    held.resolve(undefined);
    await page.getByRole('option', { name: 'Where is my order?' }).waitFor();
    await field.press('Enter');
    await page.waitForURL(new RegExp(`/messages/${receiptId}$`));
    await page.unroute(isOfIt);
  });

  await t.test('on a phone by a button', async () => {
    const small = await openPage(browser, bed.service.url, { viewport: phone });
    await small.page.goto('/console/');
    await signIn(small.page);
    await small.page.getByRole('button', { name: 'Search everything' }).click();
    await small.page.getByRole('combobox', { name: 'Search everything' }).fill('Alicom');
    await small.page.getByRole('option').first().waitFor();
    await small.page.evaluate(axe);
    const violations = await small.page.evaluate<unknown[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0]?.html]))',
    );
    assert.deepEqual(violations, []);
    const width = await small.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= phone.width, `${width} px wide`);
    await small.page.getByRole('option').first().click();
    await small.page.waitForURL(/\/queues\/Alicom/);
    assert.deepEqual(small.faults.list, []);
  });

  assert.deepEqual(faults.list, []);
});

test('a search that no index helps goes on by itself, and says so, until it has found or looked at all', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  let asked = 0;
  let isHeld = true;
  await page.route('**/api/v1/messages?**', async (route) => {
    asked += 1;
    if (!route.request().url().includes('status=failed')) return route.continue();
    // As a store answers in which the newest thousands are no match.
    if (asked < 30 || isHeld) return route.fulfill({ json: { items: [], next: String(100_000 - asked) } });
    return route.fulfill({ json: { items: [], next: null } });
  });
  await page.goto('/console/messages?status=failed');
  await signIn(page);
  await page.getByText('None found so far. Looking further back…').waitFor();
  assert.equal(await page.getByText('No message of the business matches.').count(), 0);
  isHeld = false;
  await page.getByText('No message of the business matches.').waitFor();
  assert.ok(asked >= 30, `${asked} pages were asked for`);
  assert.deepEqual(faults.list, []);
});
