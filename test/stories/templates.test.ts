// Templates in the console: written over a reload, with the preview in view, tested on the sandbox and on a simulated WhatsApp, and taken
// over from there with what differs shown before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openSimulator } from '../../src/simulators/simulator.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { waitUntil } from '../support/service.ts';
import { openBed, password, setUp, signIn, submitTemplate } from '../browser/bed.ts';
import { openBrowser, openPage, phone, wide } from '../browser/chromium.ts';
import { openLocalClient } from '../support/client.ts';

const appSecret = '0123456789abcdef0123456789abcdef';
const accessToken = 'EAAsimulatedAccessToken';
const wabaId = '100000000000001';
const number = '15550001111';

/** What of the preview can be seen, in pixels of its height. */
const seenOfPreview = `(() => {
  const { top, bottom } = document.querySelector('.kept-in-view').getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0);
})()`;

async function expectPreviewInView(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Submit for review' }).scrollIntoViewIfNeeded();
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
  assert.ok((await page.evaluate<number>(seenOfPreview)) > 60, 'the preview is out of sight');
}

test('a template is written, tested and taken over', async (t) => {
  const client = openLocalClient();
  t.after(() => client.close());
  const simulator = await openSimulator(whatsapp, {
    client,
    speed: 30,
    options: { 'app-secret': appSecret },
  });
  t.after(() => simulator.close());
  const bed = await openBed(t, { env: { CHASQUI_GRAPH_URL: simulator.address } });
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);

  await t.test('a draft outlives a reload, for who wrote it, and the preview stays in view', async () => {
    await page.goto('/console/templates/new');
    await signIn(page);
    await page.getByLabel('Name', { exact: true }).fill('order_left');
    await page.getByLabel('Body').fill('Hello *$(name)*, it has left.');
    await page.getByLabel('$(name)').fill('Ana');
    for (let count = 0; count < 6; count += 1)
      await page.getByRole('button', { name: 'Add a button' }).click();
    await page.reload();
    await page.getByText('Your draft from before the page was reloaded is back.').waitFor();
    assert.equal(await page.getByLabel('Body').inputValue(), 'Hello *$(name)*, it has left.');
    await page.getByRole('region', { name: 'Preview' }).getByText('Ana', { exact: true }).waitFor();
    await expectPreviewInView(page);
    await page.setViewportSize(phone);
    await expectPreviewInView(page);
    await page.setViewportSize(wide);
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByLabel('Body').and(page.locator(':empty')).waitFor();
    await page.reload();
    await page.getByLabel('Body').waitFor();
    assert.equal(await page.getByLabel('Body').inputValue(), '');
  });

  await t.test('nobody else finds it in the same tab', async () => {
    await bed.call('POST', '/users', { name: 'operator', role: 'operator', password });
    await page.getByLabel('Body').fill('Mine alone');
    await context.clearCookies();
    await page.reload();
    await signIn(page, 'operator');
    await page.getByLabel('Body').waitFor();
    assert.equal(await page.getByLabel('Body').inputValue(), '');
  });

  await t.test('a test goes to a number of the sandbox at once', async () => {
    const code = await submitTemplate(bed, 'Hello $(name), it is ready.');
    await waitUntil('the template is approved', 60_000, async () => {
      const { status } = await bed.call('GET', `/channels/sandbox/templates/${code}/en`);
      return status === 'pass';
    });
    await page.goto(`/console/templates/sandbox/${code}/en`);
    await page.getByRole('button', { name: 'Send a test' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send a test' });
    assert.equal(await dialog.getByLabel('$(order)').inputValue(), '1042');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await dialog.getByRole('status').getByRole('link').click();
    await page.getByRole('status').filter({ hasText: /^Read/ }).waitFor();
  });

  await t.test('an import shows field by field what differs, and takes over what is agreed to', async () => {
    const credentials = { appSecret, verifyToken: 'verify', accessToken };
    await bed.call('PUT', '/channels/wa', { type: 'whatsapp', wabaId, credentials });
    await bed.call('PUT', `/channels/wa/senders/${number}`, { phoneNumberId: '200000000000001' });
    // One that has passed: the vendor is asked again about an open review after minutes only.
    await simulator.act('template', {
      ...{ name: 'shipped', language: 'en', category: 'UTILITY' },
      components: [{ type: 'BODY', text: 'It is on its way.' }],
    });
    await page.goto('/console/templates?channelId=wa');
    await page.getByRole('button', { name: 'Import from the vendor' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import from the vendor' });
    await dialog.getByText('shipped (en)').waitFor();
    await dialog.getByText('Is new').waitFor();
    assert.equal(((await bed.call('GET', '/templates?channelId=wa'))['items'] as unknown[]).length, 0);
    await dialog.getByRole('button', { name: 'Take over 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'OK' }).click();
    await page.getByRole('link', { name: 'shipped' }).waitFor();
    const { items } = (await bed.call('GET', '/templates?channelId=wa')) as { items: { status: string }[] };
    assert.equal(items[0]?.status, 'pass');
  });

  await t.test('a test through a real channel is asked about, and goes nowhere without a yes', async () => {
    await page.getByRole('link', { name: 'shipped' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send a test' });
    await dialog.getByLabel('Recipient').fill('15550003330');
    const sent = async (): Promise<number> =>
      ((await bed.call('GET', '/messages?number=15550003330'))['items'] as unknown[]).length;
    const question = page.getByRole('dialog', { name: 'Send this to 15550003330?' });
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.equal(await sent(), 0);
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await question.getByRole('button', { name: 'Send', exact: true }).click();
    await dialog.getByRole('status').getByRole('link').waitFor();
    assert.equal(await sent(), 1);
  });
  assert.deepEqual(faults.list, []);
});
