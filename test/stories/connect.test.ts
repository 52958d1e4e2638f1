// The connect wizard for each type of channel, against the simulated vendor of that type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { request } from 'undici';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Vendor } from '../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../src/simulators/messaging/vendor.ts';
import { viberBot } from '../../src/simulators/viber/bot.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { openBed, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';
import { openLocalClient } from '../support/client.ts';

interface Case {
  readonly vendor: Vendor;
  /** As the wizard calls the type. */
  readonly label: string;
  readonly options: Readonly<Record<string, string>>;
  readonly setting: string;
  /** What is entered, by the label of its field. */
  readonly fields: Readonly<Record<string, string>>;
  readonly senderId: string;
  /** What the way to the webhook settings is called. */
  readonly settings: string;
  /** Where a person has Meta's app post its events, if that is not told by subscribing. */
  readonly hook?: string;
}

const appSecret = '0123456789abcdef0123456789abcdef';
const meta = {
  'App secret': appSecret,
  'Verify token': 'verify-me',
  'Access token': 'EAAsimulatedAccessToken',
};
const options = { 'app-secret': appSecret };
// At Meta it is the app's settings that say where a Page's events go: nowhere yet.
const pageOptions = { ...options, 'webhook-url': 'http://127.0.0.1:9/' };

/** What a person does at the App Dashboard: has the app post its events to the channel. */
async function pointApp(simulator: string, url: string): Promise<void> {
  const answer = await request(`${simulator}/v25.0/app/subscriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${meta['Access token']}`, 'content-type': 'application/json' },
    body: JSON.stringify({ callback_url: url, verify_token: meta['Verify token'] }),
  });
  assert.equal(answer.statusCode, 200, await answer.body.text());
}

const cases: readonly Case[] = [
  {
    vendor: whatsapp,
    label: 'WhatsApp',
    options,
    setting: 'CHASQUI_GRAPH_URL',
    fields: { 'WABA ID': '100000000000001', ...meta },
    senderId: '15550001111',
    settings: 'Channel Webhook Settings',
  },
  {
    vendor: messenger,
    label: 'Messenger',
    options: pageOptions,
    setting: 'CHASQUI_GRAPH_URL',
    fields: meta,
    senderId: '300000000000001',
    settings: 'Set up Webhook',
    hook: '/hooks/messenger/shop',
  },
  {
    vendor: instagram,
    label: 'Instagram',
    options: pageOptions,
    setting: 'CHASQUI_GRAPH_URL',
    fields: meta,
    senderId: '17840000000000001',
    settings: 'Set up Webhook',
    hook: '/hooks/instagram/shop',
  },
  {
    vendor: viberBot,
    label: 'Viber',
    options: { 'auth-token': 'bot-token' },
    setting: 'CHASQUI_VIBER_BOT_URL',
    fields: { 'Authentication token': 'bot-token' },
    senderId: '75346594275468546724',
    settings: 'Channel Webhook Settings',
  },
];

/** Enters what a case needs, up to the check. */
async function walk(page: Page, { label, fields, senderId }: Case): Promise<void> {
  await page.getByRole('radio', { name: new RegExp(`^${label}`) }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Channel ID').fill('shop');
  for (const [field, value] of Object.entries(fields))
    await page.getByLabel(field, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('/hooks/').first().waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Ask the vendor' }).click();
  await page.getByRole('button', { name: `Add ${senderId}` }).click();
  await page.getByRole('button', { name: 'Subscribe the webhook' }).click();
  await page.getByText('The vendor posts the events of this channel here.').waitFor();
}

/** On the webhook settings of a verified number: they are closed at the same address once Meta no longer has it so. */
async function expectClosedUntilVerified(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save' }).waitFor();
  await page.route('**/api/v1/channels/shop/senders', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('"verified"', '"pending"') });
  });
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'once the number is verified' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
  assert.equal(await page.getByRole('switch', { name: 'Push over HTTP' }).isDisabled(), true);
}

for (const one of cases) {
  test(`${one.label} is connected by the wizard, with the sender that its vendor names`, async (t) => {
    const client = openLocalClient();
    t.after(() => client.close());
    const simulator = await openSimulator(one.vendor, { client, seed: '1', options: one.options });
    t.after(() => simulator.close());
    const bed = await openBed(t, { env: { [one.setting]: simulator.address } });
    await setUp(bed);
    const browser = await openBrowser();
    t.after(() => browser.close());
    const { page, faults } = await openPage(browser, bed.service.url);
    await page.goto('/console/connect');
    await signIn(page);
    await walk(page, one);
    if (one.hook !== undefined) await pointApp(simulator.address, `${bed.service.url}${one.hook}`);
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByRole('listitem').first().waitFor();
    const wrong = await page
      .getByRole('listitem')
      .filter({ has: page.getByLabel('Not good') })
      .allTextContents();
    // A vendor could not reach this machine; a simulator can.
    assert.deepEqual(
      wrong.filter((text) => !text.startsWith('publicUrl')),
      [],
    );
    const found = await page.getByRole('listitem').allTextContents();
    assert.deepEqual(
      found.filter((text) => / — (?:\d+: )?(?:Is|Has|\d+ added)/.test(text)),
      [],
      'each finding is a sentence',
    );
    await page.goto('/console/channels/shop/senders');
    const row = page.getByRole('row').filter({ hasText: one.senderId }).first();
    if (one.vendor === whatsapp) await row.getByText('Verified', { exact: true }).waitFor();
    await row.getByRole('link', { name: `${one.settings} ${one.senderId}` }).click();
    await page.getByRole('heading', { level: 1, name: /Channel Webhook Settings/ }).waitFor();
    if (one.vendor === whatsapp) await expectClosedUntilVerified(page);
    assert.deepEqual(faults.list, []);
  });
}
