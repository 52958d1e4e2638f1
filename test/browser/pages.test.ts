// Every page, looked over: by axe for what keeps people out, by its width, and with CONSOLE_LOOKS by screenshots in
// test/output/console for whoever looks at them afterwards.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { request } from 'undici';
import { rootAccount, waitUntil } from '../support/service.ts';
import {
  openBed,
  password,
  say,
  send,
  sender,
  setUp,
  submitTemplate,
  subscribe,
  untilPushed,
} from './bed.ts';
import type { Bed } from './bed.ts';
import { openBrowser, openPage, phone, wide } from './chromium.ts';
import type { Look } from './chromium.ts';

const output = fileURLToPath(new URL('../output/console/', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const toName = ({ language = 'en', theme = 'light', viewport = wide }: Look): string =>
  `${language}-${theme}-${viewport.width}`;

const wanted = (process.env['CONSOLE_LOOKS'] ?? '').split(',').filter((one) => one !== '');

/**
 * Two looks differ in all of it; the pages are shared out between them. `CONSOLE_LOOKS=all` takes every page in all eight, and
 * `CONSOLE_LOOKS=zh-dark,en` in some, each with its screenshots.
 */
const looks: readonly Look[] = (['en', 'zh'] as const)
  .flatMap((language) => (['light', 'dark'] as const).map((theme) => ({ language, theme })))
  .flatMap((look) => [wide, phone].map((viewport) => ({ ...look, viewport })))
  .filter(({ language, theme, viewport }) =>
    wanted.length > 0
      ? wanted.some((one) => one === 'all' || toName({ language, theme, viewport }).startsWith(one))
      : (language === 'en') === (theme === 'light') && (language === 'en') === (viewport === wide),
  );

/** The pages that are looked at in the look that comes at this place. */
const shareOut = (pages: Readonly<Record<string, string>>, place: number): [name: string, path: string][] =>
  Object.entries(pages).filter((_, at) => wanted.length > 0 || at % looks.length === place);

async function shoot(page: Page, name: string): Promise<void> {
  if (wanted.length > 0) await page.screenshot({ path: `${output}${name}.png`, fullPage: true });
}

const said = 'Hello! Where is my order?';
const answered = 'It leaves today and should reach you on Friday.';

const appSecret = '0123456789abcdef0123456789abcdef';

/** Posts a message in a form that nothing knows; resolves to the id of its raw event. */
async function keepUnknown({ call, service }: Bed): Promise<string> {
  const value = { metadata: { phone_number_id: '106540352242922' }, messages: ['a message of tomorrow'] };
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ field: 'messages', value }] }],
  });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  const answer = await request(`${service.url}/hooks/whatsapp/shop`, { method: 'POST', headers, body });
  assert.equal(answer.statusCode, 200);
  await answer.body.dump();
  const { items } = await call('GET', '/raw-events?mayBeMessage=true');
  return (items as { rawEventId: string }[])[0]?.rawEventId ?? '';
}

/** What people call things may be one long word, and there may be many of them. */
const longWord = 'W'.repeat(60);

async function addMany({ call }: Bed): Promise<void> {
  await call('PUT', '/channels/many', {
    type: 'viber',
    name: longWord,
    credentials: { pathSecret: '0123456789abcdef' },
  });
  for (let at = 0; at < 45; at += 1)
    await call('PUT', `/channels/many/senders/${1000 + at}`, { name: at === 0 ? longWord : `Desk ${at}` });
  await call('PUT', `/queues/${longWord}`, {});
  await call('POST', '/users', { name: longWord.toLowerCase(), role: 'viewer', password });
  await call('POST', '/keys', { name: longWord, role: 'read' });
  await call('POST', '/notice-targets', { name: longWord, kind: 'webhook', url: 'http://127.0.0.1:9/' });
}

async function fillBed(bed: Bed): Promise<Record<string, string>> {
  await subscribe(bed);
  await bed.call('PUT', '/channels/shop', {
    type: 'whatsapp',
    name: 'Shop',
    wabaId: '102290129340398',
    credentials: {
      appSecret,
      verifyToken: 'verify',
      accessToken: 'token',
    },
  });
  await bed.call('PUT', '/channels/shop/senders/15550107777', {
    phoneNumberId: '106540352242922',
    name: 'Desk',
  });
  const kept = await keepUnknown(bed);
  await bed.call('POST', '/users', { name: 'viewer', role: 'viewer', password });
  const senders = [{ channelId: 'shop', senderId: '15550107777' }];
  await bed.call('POST', '/portal-links', { name: 'Corner shop', senders });
  await addMany(bed);
  const receiptId = await say(bed, said);
  const messageId = await send(bed, answered);
  const code = await submitTemplate(bed, 'Hello *$(name)*, your order is ready.');
  const { rawEvent } = (await bed.call('GET', `/receipts/${receiptId}`)) as { rawEvent: { id: string } };
  await untilPushed(bed, 1, 1);
  await waitUntil('the overview counts what was pushed', 60_000, async () => {
    const { totals } = (await bed.call('GET', '/overview')) as { totals: { hour: { pushed: number } } };
    return totals.hour.pushed > 0;
  });
  return {
    overview: '/',
    channels: '/channels',
    connect: '/connect',
    channel: '/channels/sandbox',
    senders: '/channels/shop/senders',
    audits: '/channels/sandbox/audits',
    connection: '/channels/shop/connection',
    webhook: `/channels/sandbox/senders/${sender}/webhook`,
    messages: '/messages',
    message: `/messages/${messageId}`,
    'message-deliveries': `/messages/${messageId}?tab=deliveries`,
    'message-payload': `/messages/${messageId}?tab=payload`,
    'message-raw': `/messages/${messageId}?tab=raw`,
    inbound: `/messages/${receiptId}`,
    receipts: '/receipts',
    'raw-events': '/raw-events',
    'raw-event': `/raw-events/${kept}`,
    'raw-event-read': `/raw-events/${rawEvent.id}`,
    many: '/channels/many',
    'many-senders': '/channels/many/senders',
    receipt: `/receipts/${receiptId}`,
    deliveries: '/deliveries',
    destination: '/destinations/1',
    queues: '/queues',
    queue: `/queues/Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`,
    templates: '/templates',
    'template-new': '/templates/new',
    template: `/templates/sandbox/${code}/en`,
    glossary: '/glossary',
    tail: '/tail',
    simulator: '/simulator',
    account: '/settings',
    me: '/settings/me',
    users: '/settings/users',
    keys: '/settings/keys',
    portal: '/settings/portal',
    retention: '/settings/retention',
    limits: '/settings/limits',
    all: '/settings/all',
    log: '/settings/log',
    notices: '/settings/notices',
    recipients: '/settings/recipients',
    api: '/api',
    operation: '/api/putChannelSenderWebhook',
    docs: '/docs',
    'not-found': '/nowhere',
  };
}

/** Resolves once the page shows what it was asked for and nothing turns any more. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.ant-skeleton, .ant-spin-spinning').first().waitFor({ state: 'detached' });
  // A chart comes with its own script.
  await page.locator('.chart:not(:has(canvas))').first().waitFor({ state: 'detached' });
}

/** The tables that have to be scrolled sideways to be read. */
const cutTables = `[...document.querySelectorAll('.scroller, .way')]
  .filter((part) => part.scrollWidth > part.clientWidth)
  .map((part) => part.getAttribute('aria-label'))`;

/** Four English words in a row that are no code, not marked as English, nothing that a person wrote, and nothing that a vendor said. */
const englishTexts = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (parentElement.closest('[lang="en"]:not(html), code, pre, script, style, noscript, .user-text, .phone-bubble') !== null) continue;
    const isOurs = !data.includes('${said}') && !data.includes('${answered}');
    if (isOurs && /[a-z]+( [a-z]+){3}/i.test(data)) found.push(data);
  }
  return found;
})()`;

/** How much of what is on the screen moves while a page comes, as browsers measure it; what the reader brings about does not count. */
const watchShifts = `globalThis.shift = { sum: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift.sum += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });`;
/** What is good by web.dev is up to 0.1. */
const maxShift = 0.05;

/** What axe finds, each as its rule and the first element it is about. */
async function findViolations(page: Page): Promise<string[]> {
  // Over the debugger's own way in: the page's policy refuses scripts from anywhere else.
  const client = await page.context().newCDPSession(page);
  await client.send('Runtime.evaluate', { expression: axe });
  const { result } = await client.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(
      violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await client.detach();
  return JSON.parse(String(result.value)) as string[];
}

test('every page can be used by everyone and fits its screen', async (t) => {
  // The shop's vendor is not asked: what it cannot be told would come as a notice after a while.
  const bed = await openBed(t, { env: { CHASQUI_CHANNEL_CHECK_HOURS: '0' } });
  const browser = await openBrowser();
  t.after(() => browser.close());
  for (const look of looks) {
    const { page, context } = await openPage(browser, bed.service.url, look);
    await page.goto('/console/');
    await settle(page);
    await shoot(page, `first-visit-${toName(look)}`);
    assert.deepEqual(await findViolations(page), [], 'the first visit');
    await context.close();
  }
  await setUp(bed);
  const pages = await fillBed(bed);
  let seen = 0;
  for (const [place, look] of looks.entries()) {
    const name = toName(look);
    await t.test(name, async () => {
      const { page, context, faults } = await openPage(browser, bed.service.url, look);
      await page.goto('/console/');
      await settle(page);
      await shoot(page, `sign-in-${name}`);
      assert.deepEqual(await findViolations(page), [], 'sign-in');
      await page.addInitScript(watchShifts);
      const answer = await context.request.post('/api/v1/session', {
        headers: { 'x-chasqui-console': '1' },
        data: { name: 'owner', password },
      });
      assert.equal(answer.status(), 200);
      for (const [called, path] of shareOut(pages, place)) {
        await page.goto(`/console${path}`);
        await settle(page);
        await shoot(page, `${called}-${name}`);
        const shift = await page.evaluate<number>('shift.sum');
        assert.ok(shift <= maxShift, `${called} moves by ${shift.toFixed(3)} while it comes`);
        assert.deepEqual(await findViolations(page), [], called);
        const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(beyond <= 0, `${called} is ${beyond} px wider than the screen`);
        assert.deepEqual(await page.evaluate(cutTables), [], `tables of ${called} that do not fit`);
        if (look.language === 'zh') assert.deepEqual(await page.evaluate(englishTexts), [], called);
        seen += 1;
      }
      assert.deepEqual(faults.list, []);
      await context.close();
    });
  }
  assert.equal(seen, Object.keys(pages).length * (wanted.length > 0 ? looks.length : 1));
});
