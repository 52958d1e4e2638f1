// What people do in the console from day to day, on one service and in one browser: secrets, grades, queues, the live
// tail, searching, what a viewer may not, and what stands there when the service answers badly or not at all.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { waitUntil } from '../support/service.ts';
import type { ReceivedCall } from '../support/receiver.ts';
import {
  openBed,
  password,
  pressIfThere,
  say,
  send,
  sender,
  setUp,
  signIn,
  submitTemplate,
  subscribe,
  user,
} from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** Whether one of the signatures that a call carries is made with this secret (Standard Webhooks). */
function isSignedWith({ headers, body }: ReceivedCall, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(signature);
}

/** Whether what has the focus is seen to have it: by an outline, or a shade around it or its frame. */
const isFocusSeen = `(() => {
  const element = document.activeElement;
  if (!element.matches(':focus-visible')) return false;
  for (let one = element, level = 0; one !== null && level < 3; one = one.parentElement, level += 1) {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    if ((outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none') return true;
  }
  return false;
})()`;

/** Presses Tab until `target` has the focus, as who has no mouse would. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await target.and(page.locator(':focus')).count()) === 1) {
      assert.ok(await page.evaluate<boolean>(isFocusSeen), `${String(target)} does not show its focus`);
      return;
    }
  }
  assert.fail(`Tab never comes to ${String(target)}`);
}

test('receipts are turned on by keyboard alone, from the sign-in on', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  const { keyboard } = page;
  await page.goto('/console/channels');
  await tabTo(page, page.getByLabel('User name'));
  await keyboard.type('owner');
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await keyboard.type(password);
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'sandbox', exact: true }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: `Channel Webhook Settings ${sender}` }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('switch', { name: 'Push over HTTP' }));
  await keyboard.press('Space');
  await tabTo(page, page.getByLabel('Callback URL for MT receipts'));
  await keyboard.type(`${bed.good.url}/status`);
  await tabTo(page, page.getByLabel('Callback URL for MO messages'));
  await keyboard.type(`${bed.good.url}/inbound`);
  await tabTo(page, page.getByRole('button', { name: 'Save' }));
  await keyboard.press('Enter');
  await moments.saying('Saved.');
  const { http, statusUrl, inboundUrl } = await bed.call(
    'GET',
    `/channels/sandbox/senders/${sender}/webhook`,
  );
  assert.deepEqual(
    { http, statusUrl, inboundUrl },
    { http: true, statusUrl: `${bed.good.url}/status`, inboundUrl: `${bed.good.url}/inbound` },
  );
  assert.deepEqual(faults.list, []);
});

test('an operator looks after secrets, queues, messages and what goes wrong', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults, moments } = await openPage(browser, bed.service.url);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { items } = (await bed.call('GET', '/destinations')) as { items: { id: number; url: string }[] };
  const inbound = items.find(({ url }) => url === `${bed.good.url}/inbound`);
  assert.ok(inbound);

  await t.test('a secret is copied unseen and rotated, and both sign for a while', async () => {
    await page.goto(`/console/destinations/${inbound.id}`);
    await signIn(page);
    await page.getByRole('button', { name: 'Signature secret' }).click();
    const secrets = page.getByRole('region', { name: 'Signature secret' });
    const copy = (row: Locator): Promise<string> =>
      moments.copying(row.getByRole('button', { name: 'Copy: Signature secret' }));
    const rows = secrets.locator('ul.plain > li');
    const first = await copy(rows.first());
    assert.match(first, /^whsec_[A-Za-z0-9+/]{20}/);
    assert.equal((await secrets.innerText()).includes(first), false, 'it was copied unseen');
    await secrets.getByRole('button', { name: 'Rotate the secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate the secret' }).click();
    await secrets.getByText('signs along until').waitFor();
    const old = rows.filter({ hasText: 'signs along until' });
    assert.equal(await copy(old), first);
    const next = await copy(rows.filter({ hasNotText: 'signs along until' }));
    assert.notEqual(next, first);
    const before = bed.good.calls.length;
    await say(bed, 'Signed twice');
    await bed.good.waitFor(before + 1);
    const call = bed.good.calls.find(({ body }) => body.includes('Signed twice'));
    assert.ok(call);
    assert.deepEqual(
      [first, next, 'whsec_AAAA'].map((secret) => isSignedWith(call, secret)),
      [true, true, false],
    );
  });

  await t.test('a callback URL is graded, with what to mend', async () => {
    await page.getByRole('button', { name: 'Grade this URL' }).click();
    const result = page.getByRole('region', { name: 'Grade of the callback URL' });
    await result.getByText(/^Grade [A-F] — /).waitFor();
    // The receiver takes whatever it gets, so a wrong signature too: that has to be said.
    await result.getByRole('listitem').filter({ hasText: 'Verify webhook-signature' }).waitFor();
  });

  await t.test('a queue is made, changed, filled with a test message, and deleted by its name', async () => {
    await page.goto('/console/queues');
    await page.getByRole('button', { name: 'Create a queue' }).click();
    const making = page.getByRole('dialog', { name: 'Create a queue' });
    await making.getByLabel('Queue name').fill('-wrong');
    await making.getByRole('button', { name: 'Create', exact: true }).click();
    await making.locator('.ant-form-item-explain-error').waitFor();
    const rule = making.getByText('1 to 120 letters, digits and hyphens').filter({ visible: true });
    await waitUntil('the rule of names stands there once', 60_000, async () => (await rule.count()) === 1);
    await making.getByLabel('Queue name').fill('orders');
    await making.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('link', { name: 'orders', exact: true }).click();
    await page.getByRole('button', { name: 'Attributes' }).click();
    const changing = page.getByRole('dialog', { name: 'Attributes' });
    await changing.getByLabel('Visibility timeout').fill('45');
    await changing.getByRole('button', { name: 'Save' }).click();
    await page.getByText('45 secs').waitFor();
    assert.equal(
      ((await bed.call('GET', '/queues/orders'))['attributes'] as { visibilitySeconds: number })
        .visibilitySeconds,
      45,
    );
    await page.getByRole('button', { name: 'Send a test message' }).click();
    const sending = page.getByRole('dialog', { name: 'Send a test message' });
    await sending.getByLabel('Text').fill('Grüße 你好');
    await sending.getByRole('button', { name: 'Send', exact: true }).click();
    await page
      .getByRole('button', { name: /received 0/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Decoded' }).getByText('Grüße 你好').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const deleting = page.getByRole('dialog', { name: 'Delete this queue' });
    await deleting.getByRole('textbox').fill('order');
    assert.equal(await deleting.getByRole('button', { name: 'Delete' }).isDisabled(), true);
    await deleting.getByRole('textbox').fill('orders');
    await deleting.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor();
    await page.getByRole('link', { name: 'orders', exact: true }).waitFor({ state: 'detached' });
  });

  await t.test('the live tail is filtered, and paused without losing what comes meanwhile', async () => {
    await page.goto('/console/tail?type=ChatAppInbound');
    await page.getByText('Live', { exact: true }).waitFor();
    const tail = page.getByRole('list', { name: 'Live tail' });
    await tail.getByText(`${user}: Signed twice`).waitFor();
    await say(bed, 'Before the pause');
    await tail.getByText(`${user}: Before the pause`).waitFor();
    await page.locator('.page-actions').getByRole('button', { name: 'Pause' }).click();
    await send(bed, 'A status that the filter leaves out.');
    await say(bed, 'While it is paused');
    await page.getByRole('button', { name: 'Go on (1 held)' }).waitFor();
    assert.equal(await tail.getByText('While it is paused').count(), 0);
    await page.getByRole('button', { name: 'Go on (1 held)' }).click();
    await tail.getByText(`${user}: While it is paused`).waitFor();
    assert.equal(await tail.getByText('MT receipt').count(), 0);
    assert.deepEqual(await tail.getByRole('listitem').count(), 3);
  });

  await t.test('a message is found by each thing that is known of it', async () => {
    const code = await submitTemplate(bed, 'Hello $(name), it is ready.');
    await waitUntil('the template is approved', 60_000, async () => {
      const { status } = await bed.call('GET', `/channels/sandbox/templates/${code}/en`);
      return status === 'pass';
    });
    const since = new Date(Date.now() - 60_000).toISOString();
    const { messageId } = (await bed.call('POST', '/messages', {
      channelId: 'sandbox',
      senderId: sender,
      to: '15550003333',
      type: 'template',
      templateCode: code,
      language: 'en',
      params: { order: '1042', name: 'Ana' },
      taskId: 'task-77',
    })) as { messageId: string };
    const failed = await send(bed, 'This one fails.');
    const statusOf = async (id: string): Promise<unknown> =>
      ((await bed.call('GET', `/messages/${id}`))['message'] as { status: unknown }).status;
    await waitUntil('both have a status', 60_000, async () =>
      [await statusOf(failed), await statusOf(messageId)].every((status) => status !== null),
    );
    await page.goto('/console/messages');
    const found = page.getByRole('link', { name: `Timeline ${messageId}` });
    const other = page.getByRole('link', { name: `Timeline ${failed}` });
    await found.waitFor();
    await other.waitFor();
    const by: readonly (readonly [string, string])[] = [
      ['User', '15550003333'],
      ['Message ID', messageId],
      ['Task ID', 'task-77'],
      ['Template code', code],
    ];
    for (const [label, value] of by) {
      await page.getByLabel(label, { exact: true }).fill(value);
      await other.waitFor({ state: 'detached' });
      await found.waitFor();
      await page.getByLabel(label, { exact: true }).fill('');
      await other.waitFor();
    }
    await page.getByLabel('Status').click();
    await page.locator('.ant-select-item-option').filter({ hasText: 'Failed' }).click();
    await found.waitFor({ state: 'detached' });
    await other.waitFor();
    // What is looked for stands in the address; a time does so too.
    await page.goto(`/console/messages?since=${since}&until=${new Date(Date.now() + 60_000).toISOString()}`);
    await found.waitFor();
    await page.goto(`/console/messages?until=${since.slice(0, 4)}-01-01T00:00:00.000Z`);
    await page.getByText(/^No message of the business matches/).waitFor();
    assert.equal(await found.count(), 0);
  });

  await t.test('an answer that is an error is told and asked for again', async () => {
    let status = 500;
    let code = 'internal';
    await page.route('**/api/v1/queues?*', (route) =>
      route.fulfill({
        status,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code, detail: 'The disk is full.' }),
      }),
    );
    const alert = page.getByRole('main').getByRole('alert');
    await page.goto('/console/queues');
    await alert.filter({ hasText: 'Something went wrong inside.' }).waitFor();
    [status, code] = [503, 'store_unavailable'];
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert
      .filter({ hasText: 'The service cannot save anything right now. The disk is full.' })
      .waitFor();
    await page.unroute('**/api/v1/queues?*');
    // The page asks again by itself, too.
    await pressIfThere(alert.getByRole('button', { name: 'Try again' }));
    await page.getByRole('link', { name: /ChatAppInbound/ }).waitFor();
  });

  await t.test('without a network a page says so, also one whose script is not there yet', async () => {
    await page.goto('/console/queues');
    await page.getByRole('link', { name: /ChatAppInbound/ }).waitFor();
    await context.setOffline(true);
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu.getByRole('link', { name: 'Settings' }).click();
    const alert = page.getByRole('main').getByRole('alert');
    await alert.filter({ hasText: 'The service does not answer.' }).waitFor();
    // By which the page sees for itself that the service is back: it would be quicker than the hand now and then.
    await page.route('**/api/v1/session', (route) => route.abort());
    await context.setOffline(false);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.waitFor({ state: 'detached' });
    await page.unroute('**/api/v1/session');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });

  await t.test('a viewer finds nothing to change, and the API refuses all the same', async () => {
    await bed.call('POST', '/users', { name: 'viewer', role: 'viewer', password });
    const { page: theirs, context: away } = await openPage(browser, bed.service.url);
    await theirs.goto(`/console/channels/sandbox/senders/${sender}/webhook`);
    await signIn(theirs, 'viewer');
    await theirs.getByLabel('Callback URL for MO messages').waitFor();
    assert.equal(await theirs.getByLabel('Callback URL for MO messages').isDisabled(), true);
    const pages: readonly (readonly [string, string, readonly string[]])[] = [
      [
        `/channels/sandbox/senders/${sender}/webhook`,
        'Channel Webhook Settings',
        ['Save', 'Send a test event', 'Grade this URL', 'Signature secret', 'Switch off'],
      ],
      [`/destinations/${inbound.id}`, bed.good.url, ['Save', 'Signature secret', 'Switch off']],
      ['/deliveries', 'Deliveries', ['Replay selected (0)', 'Replay all dead that match']],
      ['/queues', 'Queues', ['Create a queue']],
      ['/templates', 'Templates', ['Create a template']],
      ['/channels/sandbox/connection', 'Sandbox', ['Disconnect the channel', 'Change', 'Save']],
    ];
    for (const [path, heading, buttons] of pages) {
      await theirs.goto(`/console${path}`);
      await theirs.getByRole('heading', { level: 1, name: heading }).waitFor();
      await theirs.locator('.ant-skeleton').first().waitFor({ state: 'detached' });
      for (const name of buttons)
        assert.equal(
          await theirs.getByRole('button', { name, exact: true }).count(),
          0,
          `${path} offers ${name}`,
        );
    }
    const refused: readonly (readonly ['GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', string])[] = [
      ['PUT', `/channels/sandbox/senders/${sender}/webhook`],
      ['GET', `/destinations/${inbound.id}/secrets`],
      ['POST', `/destinations/${inbound.id}/secrets/rotate`],
      ['PATCH', `/destinations/${inbound.id}`],
      ['POST', '/deliveries/replay'],
      ['PUT', '/queues/mine'],
      ['POST', '/messages'],
      ['GET', '/users'],
    ];
    for (const [method, path] of refused) {
      const answer = await away.request.fetch(`/api/v1${path}`, {
        method,
        headers: { 'x-chasqui-console': '1' },
        ...(method !== 'GET' && { data: {} }),
      });
      assert.equal(answer.status(), 403, `${method} ${path}`);
    }
    await away.close();
  });
  // React itself tells of the page that did not come while the network was away.
  const unforeseen = faults.list.filter(
    (fault) => !fault.startsWith('console: Problem: The service did not'),
  );
  assert.deepEqual(unforeseen, []);
});
