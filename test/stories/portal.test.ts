// The portal as its holders meet it: in frames that may keep nothing, beside another link, and when the link ends while they work.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { openBed, say, sender, setUp, signIn, subscribe, untilDelivered } from '../browser/bed.ts';
import type { Bed } from '../browser/bed.ts';
import { openBrowser, openPage, phone } from '../browser/chromium.ts';
import { waitUntil } from '../support/service.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Another site, whose page shows these addresses in frames. */
async function openSite(
  t: TestContext,
): Promise<{ origin: string; show: (urls: readonly string[]) => void }> {
  let shown: readonly string[] = [];
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    const frames = shown.map((url) => `<iframe src="${url}" width="900" height="700"></iframe>`);
    response.end(`<!doctype html><title>Site</title>${frames.join('')}`);
  });
  await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve));
  t.after(() => site.close());
  return {
    origin: `http://localhost:${(site.address() as AddressInfo).port}`,
    show: (urls) => {
      shown = urls;
    },
  };
}

async function openLink(
  { call }: Bed,
  name: string,
  given: object = {},
): Promise<{ id: string; url: string }> {
  const senders = [{ channelId: 'sandbox', senderId: sender }];
  const made = await call('POST', '/portal-links', { name, access: 'manage', senders, ...given });
  return { id: String(made['id']), url: String(made['url']) };
}

async function openBusyBed(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Bed> {
  const bed = await openBed(t, { env });
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'Hello! Where is my order?');
  await untilDelivered(bed, 1);
  return bed;
}

async function findFaults(page: Page): Promise<unknown> {
  await page.evaluate(axe);
  return page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`,
  );
}

test('a link that ends while somebody works says so at the next thing that he does, and a new one in its place works', async (t) => {
  const bed = await openBusyBed(t);
  const first = await openLink(bed, 'First');
  const second = await openLink(bed, 'Second');
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto(first.url);
  await page.getByRole('heading', { level: 1, name: 'First' }).waitFor();
  await page.getByRole('button', { name: 'Replay' }).first().waitFor();
  await bed.call('POST', `/portal-links/${first.id}/revoke`);
  await page.getByRole('button', { name: 'Replay' }).first().click();
  await page.getByText('This link is over, or was revoked.').waitFor();
  // Only what is behind # differs: the browser loads nothing by itself.
  await page.goto(second.url);
  await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
  assert.ok(!page.url().includes('token'), page.url());
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
  assert.deepEqual(faults.list, []);
});

test('two links in frames of one page stay apart, where frames may keep nothing as well', async (t) => {
  const site = await openSite(t);
  const bed = await openBusyBed(t, { CHASQUI_PORTAL_FRAME_ANCESTORS: site.origin });
  const links = [await openLink(bed, 'First'), await openLink(bed, 'Second', { senders: null })];
  site.show(links.map(({ url }) => url));
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);
  // As browsers do that block the storage of third parties.
  await context.addInitScript(`if (window !== top)
    for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied', 'SecurityError'); } });`);
  await page.goto(site.origin);
  const frames = ['First', 'Second'].map((name, at) => ({
    name,
    frame: page.frameLocator('iframe').nth(at),
  }));
  for (const { name, frame } of frames) await frame.getByRole('heading', { level: 1, name }).waitFor();
  for (const frame of page.frames().slice(1)) {
    const loaded = frame.waitForNavigation();
    await frame.evaluate('location.reload()');
    await loaded;
  }
  for (const { name, frame } of frames) await frame.getByRole('heading', { level: 1, name }).waitFor();
  const own = page.frameLocator('iframe').first();
  await own.getByRole('button', { name: 'Language' }).click();
  await own.getByRole('menuitem', { name: '简体中文' }).click();
  await own.getByText('回执去向').first().waitFor();
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(faults.list, []);
});

test('no page may frame the portal where the operator names none', async (t) => {
  const site = await openSite(t);
  const bed = await openBusyBed(t);
  const { url } = await openLink(bed, 'Shop');
  site.show([url]);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  const answered = page.waitForResponse((answer) => answer.url() === url.split('#')[0]);
  await page.goto(site.origin);
  assert.equal((await answered).status(), 200);
  await waitUntil('the frame shows the page of the browser that says so', 60_000, () =>
    page.frames().some((frame) => frame.url() === 'chrome-error://chromewebdata/'),
  );
  assert.equal(await page.frameLocator('iframe').getByRole('heading', { name: 'Shop' }).count(), 0);
});

test('the portal keeps nobody out, in a pale colour too, in both languages and on a phone', async (t) => {
  const bed = await openBusyBed(t);
  const pale = await openLink(bed, 'Corner shop', { colour: '#ffe14d' });
  const read = await openLink(bed, 'Look only', { access: 'read', senders: null });
  const browser = await openBrowser();
  t.after(() => browser.close());
  for (const look of [
    { language: 'en', theme: 'light' },
    { language: 'zh', theme: 'dark', viewport: phone },
  ] as const) {
    const { page, faults } = await openPage(browser, bed.service.url, look);
    for (const { url } of [pale, read]) {
      await page.goto('about:blank');
      await page.goto(url);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('table').waitFor();
      await page.locator('.ant-skeleton, .ant-spin-spinning').first().waitFor({ state: 'detached' });
      assert.deepEqual(await findFaults(page), []);
      const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(beyond <= 0, `${beyond} px wider than the screen`);
      if (process.env['PORTAL_LOOKS'] !== undefined)
        await page.screenshot({
          path: `${process.env['PORTAL_LOOKS']}/portal-${look.language}-${url === pale.url ? 'pale' : 'read'}.png`,
          fullPage: true,
        });
    }
    assert.deepEqual(faults.list, []);
  }
});

test('an owner makes a link in the console, gives it away, sees that it is used, and takes it back', async (t) => {
  const bed = await openBusyBed(t);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/settings/portal');
  await signIn(page);
  await page.getByText('No link is active.').waitFor();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const form = page.getByRole('dialog', { name: 'Make a link' });
  await form.getByRole('button', { name: 'Make a link' }).click();
  await form.getByText('Give the page a name.').waitFor();
  await form.getByText('Choose the senders that it opens.').waitFor();
  await form.getByLabel('Name').fill('Corner shop');
  await form.getByRole('combobox', { name: 'Senders' }).fill(sender);
  await page.getByTitle(new RegExp(sender)).click();
  await form.getByLabel('Colour').fill('blue');
  await form.getByText('Write it as # and six').waitFor();
  await form.getByLabel('Colour').fill('#0b5cd6');
  assert.deepEqual(await findFaults(page), []);
  await form.getByRole('button', { name: 'Make a link' }).click();

  const made = page.getByRole('dialog', { name: 'There is a new link' });
  const url = (await made.getByRole('region', { name: 'Link', exact: true }).textContent()) ?? '';
  assert.ok(url.startsWith(`${bed.service.url}/portal/#token=`), url);
  assert.deepEqual(await findFaults(page), []);
  await made.getByRole('button', { name: 'Close' }).click();
  const row = page.getByRole('row', { name: /Corner shop/ });
  await row.getByText('Look', { exact: true }).waitFor();
  await row
    .getByText(/Sandbox/)
    .first()
    .waitFor();

  const { page: holder, faults: missed } = await openPage(browser, bed.service.url, { viewport: phone });
  await holder.goto(url);
  await holder.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();
  // Written down and read again every ten seconds.
  await row.getByText(/seconds? ago|now/).waitFor();

  await row.getByRole('button', { name: 'Take back Corner shop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await page.getByText('No link is active.').waitFor();
  await page.getByRole('checkbox', { name: 'Also those that are over' }).check();
  await row.getByText('Taken back', { exact: true }).waitFor();
  await holder.reload();
  await holder.getByText('This link is over, or was revoked.').waitFor();

  // To the whole account, by the keyboard alone.
  await page.getByRole('button', { name: 'Make a link' }).press('Enter');
  await form.getByLabel('Name').fill('Agency');
  await form.getByRole('radio', { name: 'All senders of the account' }).press('Space');
  await form.getByRole('radio', { name: /Look and change/ }).press('Space');
  await form.getByLabel('Name').press('Enter');
  const second = (await made.getByRole('region', { name: 'Link', exact: true }).textContent()) ?? '';
  const { items } = (await bed.call('GET', '/portal-links')) as { items: Record<string, unknown>[] };
  const [latest] = items.filter(({ name }) => name === 'Agency');
  assert.deepEqual([latest?.['senders'], latest?.['access']], [null, 'manage']);
  await holder.goto(second);
  await holder.getByRole('heading', { level: 1, name: 'Agency' }).waitFor();
  assert.deepEqual([...faults.list, ...missed.list], []);
});
