// What a page keeps in its address: told to others and gone back to, it means the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, say, setUp, signIn, subscribe, untilPushed } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** More digits than a JavaScript number holds. */
const longId = '202611282121185160001';
const instagram = '17840000000000001';

test('ids in links keep every digit, and stand there as they are', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'hello');
  await untilPushed(bed, 1, 0);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  const search = (): string => new URL(page.url()).search;

  await t.test('an id of many digits is looked for as it was given', async () => {
    await page.goto(`/console/messages?messageId=${longId}`);
    await signIn(page);
    const field = page.getByLabel('Message ID');
    await field.waitFor();
    assert.equal(await field.inputValue(), longId);
    assert.equal(search(), `?messageId=${longId}`);
  });

  await t.test('a link from when ids stood in quotes is understood', async () => {
    await page.goto(`/console/messages?messageId=%22${longId}%22`);
    const field = page.getByLabel('Message ID');
    await field.waitFor();
    assert.equal(await field.inputValue(), longId);
    await page.goto(`/console/messages?messageId=${longId}`);
  });

  await t.test('an id that is typed stands in the address without quotes', async () => {
    await page.getByLabel('User', { exact: true }).fill('+15550002222');
    await page.waitForURL(/number=/);
    assert.equal(search(), `?messageId=${longId}&number=%2B15550002222`);
    await page.reload();
    await page.getByLabel('User', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('User', { exact: true }).inputValue(), '+15550002222');
  });

  await t.test('a callback URL leads to its deliveries', async () => {
    await page.goto('/console/destinations/1');
    await page.getByRole('link', { name: 'Its deliveries' }).click();
    await page.waitForURL(/deliveries/);
    assert.equal(search(), '?destinationId=1');
  });

  await t.test("an Instagram account leads to its own chat, not to WhatsApp's", async () => {
    await page.goto(`/console/channels/sandbox/senders/${instagram}/webhook`);
    await page.getByRole('link', { name: 'Play an end user in the simulator' }).click();
    await page.waitForURL(/simulator/);
    assert.equal(search(), `?sender=${instagram}`);
    await page.getByText(`Instagram · ${instagram}`).waitFor();
  });

  assert.deepEqual(faults.list, []);
});

test('a port is shown as it is written', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/all');
  await signIn(page);
  const { port } = new URL(bed.service.url);
  const row = page.getByRole('row').filter({ hasText: 'Port of SMQ, webhooks' });
  await row.getByText(port, { exact: true }).waitFor();
});
