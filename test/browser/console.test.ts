// The console as its users meet it: a real service, a real browser, from the first visit on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { rootAccount } from '../support/service.ts';
import { openBed, password, say, send, sender, setUp, signIn, subscribe, untilPushed, user } from './bed.ts';
import { openBrowser, openPage, phone } from './chromium.ts';

test('a first visitor becomes the owner and turns receipts on, and sees them come', async (t) => {
  const bed = await openBed(t);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);

  await t.test(
    'the owner is made with the key of the first start, on the page that was asked for',
    async () => {
      await page.goto('/console/channels');
      await page.getByLabel('Access key ID').fill(rootAccount.keyId);
      await page.getByLabel('Access key secret').fill('not the secret');
      await page.getByLabel('User name').fill('owner');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByLabel('Password again').fill(password);
      await page.getByRole('button', { name: 'Set the password and sign in' }).click();
      await page.getByRole('alert').filter({ hasText: 'chasqui keys create' }).waitFor();
      await page.getByLabel('Access key secret').fill(rootAccount.keySecret);
      await page.getByRole('button', { name: 'Set the password and sign in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Channel management' }).waitFor();
    },
  );

  await t.test('a channel opens by its ID, and its sender leads to the webhook settings', async () => {
    await page.getByRole('link', { name: 'sandbox', exact: true }).click();
    await page.getByRole('link', { name: 'Data panel' }).waitFor();
    await page.getByRole('link', { name: `Channel Webhook Settings ${sender}` }).click();
    await page.getByRole('heading', { level: 1, name: 'Channel Webhook Settings' }).waitFor();
  });

  await t.test('a callback URL that cannot be used is refused with the reason', async () => {
    await page.getByRole('switch', { name: 'Push over HTTP' }).click();
    await page.getByLabel('Callback URL for MT receipts').fill('http://10.0.0.1/status');
    await page.getByRole('button', { name: 'Save' }).click();
    const field = page
      .locator('.ant-form-item')
      .filter({ has: page.getByLabel('Callback URL for MT receipts') });
    await field.getByText('10.0.0.1 points inside a private network').waitFor();
  });

  await t.test(
    'HTTP and the message queue are turned on, and the names of the queues can be copied',
    async () => {
      await page.getByLabel('Callback URL for MT receipts').fill(`${bed.bad.url}/status`);
      await page.getByLabel('Callback URL for MO messages').fill(`${bed.good.url}/inbound`);
      await page.getByRole('switch', { name: 'Put into message queues' }).click();
      await page.getByText(`Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Copy: Queue name' }).count(), 2);
      await page.getByRole('button', { name: 'Save' }).click();
      await moments.saying('Saved.');
      const { http, queue, inboundUrl } = await bed.call(
        'GET',
        `/channels/sandbox/senders/${sender}/webhook`,
      );
      assert.deepEqual(
        { http, queue, inboundUrl },
        { http: true, queue: true, inboundUrl: `${bed.good.url}/inbound` },
      );
    },
  );

  await t.test('a test event shows what was sent and what was answered', async () => {
    const panel = page
      .locator('.ant-card')
      .filter({ has: page.getByRole('link', { name: `${bed.bad.url}/status` }) });
    await panel.getByRole('button', { name: 'Send a test event' }).click();
    const drawer = page.getByRole('dialog', { name: `${bed.bad.url}/status` });
    const result = drawer.getByRole('region', { name: 'Result of the test event' });
    await result.getByText('Answered with an error (HTTP 500)').waitFor();
    await result.getByText(`POST ${bed.bad.url}/status`).waitFor();
    await result.getByText('out of order').waitFor();
    await drawer.getByRole('button', { name: 'Close' }).click();
    await drawer.waitFor({ state: 'detached' });
  });

  await t.test(
    'the secret hides until it is asked for, and is there to verify with in five languages',
    async () => {
      const panel = page
        .locator('.ant-card')
        .filter({ has: page.getByRole('link', { name: `${bed.good.url}/inbound` }) });
      await panel.getByRole('button', { name: 'Signature secret' }).click();
      const drawer = page.getByRole('dialog', { name: `${bed.good.url}/inbound` });
      await drawer.getByRole('button', { name: 'Show' }).waitFor();
      assert.doesNotMatch(await drawer.innerText(), /whsec_[A-Za-z0-9+/]{20}/);
      await drawer.getByRole('button', { name: 'Show' }).click();
      await drawer.getByText(/whsec_[A-Za-z0-9+/]{20}/).waitFor();
      for (const language of ['Node', 'Java', 'Python', 'Go', 'PHP'])
        await drawer.getByRole('tab', { name: language, exact: true }).waitFor();
    },
  );

  await t.test('what is played in the simulator shows in the chat, and its receipt live', async () => {
    await page.goto('/console/tail');
    await page.getByText('Live', { exact: true }).waitFor();
    const other = await page.context().newPage();
    await other.goto('/console/simulator');
    await other.getByLabel('Message text').fill('Where is my order?');
    await other.getByRole('button', { name: 'Send' }).click();
    await other.getByRole('log').getByText('Where is my order?').waitFor();
    await page
      .getByRole('list', { name: 'Live tail' })
      .getByText('15550002220: Where is my order?')
      .waitFor();
    await other.getByText('As the business', { exact: true }).click();
    await other.getByLabel('Message text').fill('It is on its way.');
    // Its name is another one while what was sent before is on its way, when it does nothing.
    await other.getByRole('button', { name: 'Send', exact: true }).click();
    await other.getByRole('log').getByText('It is on its way.').waitFor();
    await page.getByRole('list', { name: 'Live tail' }).getByText(/Sent/).first().waitFor();
    await other.close();
  });
  assert.deepEqual(faults.list, []);
});

/** What else a message waits for, below its headline. */
const reasonsOf = (page: Page): Locator => page.getByRole('list', { name: 'What else it waits for' });

test('an operator finds out why something was not delivered, and sees to it', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'Hello there');
  const messageId = await send(bed, 'Your order leaves today.');
  await untilPushed(bed, 1, 1);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/messages');
  await signIn(page);

  await t.test('a message is found by its user, and says why it stands where it stands', async () => {
    await page.getByLabel('User', { exact: true }).fill(user);
    await page.getByRole('link', { name: `Timeline ${messageId}` }).click();
    await page.getByRole('status').filter({ hasText: 'Failed. The channel refused it: 131026' }).waitFor();
    const reasons = reasonsOf(page);
    await reasons.filter({ hasText: `Not acknowledged yet by ${bed.bad.url}/status` }).waitFor();
    const next = reasons.locator('time').first();
    assert.match((await next.getAttribute('title')) ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/);
    await page
      .getByRole('list', { name: /The way of a message of the business/ })
      .getByRole('listitem')
      .filter({ hasText: 'out of order' })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Deliveries', exact: true }).last().click();
    await page.locator('code.answer', { hasText: 'out of order' }).first().waitFor();
    assert.equal(new URL(page.url()).searchParams.get('tab'), 'deliveries');
  });

  await t.test('what has been given up is replayed once its receiver is mended', async () => {
    const { items } = (await bed.call('GET', '/destinations')) as { items: { id: number; url: string }[] };
    const failing = items.find(({ url }) => url === `${bed.bad.url}/status`);
    assert.ok(failing);
    await bed.call('PATCH', `/destinations/${failing.id}`, { scheduleMs: [0] });
    const last = await send(bed, 'This one is given up at once.');
    await page.goto(`/console/messages/${last}`);
    await reasonsOf(page).filter({ hasText: 'Not delivered: ' }).waitFor({ timeout: 600_000 });
    bed.mend();
    await page.goto(`/console/deliveries?state=dead&destinationId=${failing.id}`);
    await page.getByRole('button', { name: 'Replay all dead that match' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay deliveries' });
    await dialog.getByText(/\d+ deliveries will be made due again/).waitFor();
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.getByText(/Done: [1-9]\d* deliveries are due again/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByText('No deliveries match.', { exact: false }).waitFor({ timeout: 600_000 });
  });

  await t.test('a template is written with its preview, and approved', async () => {
    await page.goto('/console/templates/new');
    await page.getByLabel('Name', { exact: true }).fill('order_ready');
    await page.getByLabel('Body').fill('Hello *$(name)*, your order is ready.');
    await page.getByLabel('$(name)').fill('Ana');
    await page.getByRole('region', { name: 'Preview' }).getByText('Ana', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Submit for review' }).click();
    await page.getByRole('heading', { level: 1, name: 'order_ready (en)' }).waitFor();
    await page.getByText('Approved').first().waitFor({ timeout: 600_000 });
  });

  await t.test('a queue shows what would be received next, and is deleted by its name alone', async () => {
    await page.goto(`/console/queues/Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`);
    await page
      .getByRole('button', { name: /received 0/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Decoded' }).getByText('Hello there').waitFor();
    await bed.call('PUT', '/queues/spare', {});
    await page.goto('/console/queues/spare');
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete this queue' });
    assert.equal(await dialog.getByRole('button', { name: 'Delete' }).isDisabled(), true);
    await dialog.getByRole('textbox').fill('spare');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
    await page.getByRole('link', { name: /ChatAppInbound/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'spare', exact: true }).count(), 0);
  });

  await t.test('a viewer looks, changes nothing, and is refused by the API too', async () => {
    await bed.call('POST', '/users', { name: 'viewer', role: 'viewer', password });
    const { page: theirs, context } = await openPage(browser, bed.service.url);
    await theirs.goto('/console/channels');
    await signIn(theirs, 'viewer');
    await theirs.getByRole('link', { name: 'sandbox', exact: true }).waitFor();
    assert.equal(await theirs.getByRole('button', { name: 'Connect a channel' }).count(), 0);
    await theirs.goto('/console/settings');
    await theirs.getByRole('link', { name: 'Audit log' }).waitFor();
    assert.equal(await theirs.getByRole('link', { name: 'Users' }).count(), 0);
    const answer = await context.request.delete('/api/v1/queues/anything', {
      headers: { 'x-chasqui-console': '1' },
    });
    assert.equal(answer.status(), 403);
    await context.close();
  });

  await t.test('the browser chooses Chinese, and so can the reader', async () => {
    const { page: theirs, context } = await openPage(browser, bed.service.url, { language: 'zh' });
    await theirs.goto('/console/');
    await theirs.getByRole('heading', { level: 1, name: '登录' }).waitFor();
    assert.equal(await theirs.locator('html').getAttribute('lang'), 'zh-CN');
    await theirs.getByRole('button', { name: '语言' }).click();
    await theirs.getByRole('menuitem', { name: 'English' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    assert.equal(await theirs.locator('html').getAttribute('lang'), 'en');
    await context.close();
  });

  await t.test('on a phone the menu opens over the page, and no page is wider than the screen', async () => {
    const { page: theirs, context } = await openPage(browser, bed.service.url, { viewport: phone });
    await theirs.goto('/console/channels');
    await signIn(theirs);
    await theirs.getByRole('button', { name: 'Open the menu' }).click();
    await theirs.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Queues' }).click();
    await theirs.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
    await theirs.getByRole('dialog').waitFor({ state: 'hidden' });
    const beyond = await theirs.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.ok(beyond <= 0, `${beyond} px beyond the screen`);
    await context.close();
  });

  await t.test('signing out ends the session', async () => {
    await page.getByRole('button', { name: /You and your session/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  });
  assert.deepEqual(faults.list, []);
});
