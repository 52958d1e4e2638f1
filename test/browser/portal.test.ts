// The portal: a page of a few senders for somebody outside, by itself and in a frame of another site.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openBed, say, sender, setUp, subscribe, untilDelivered } from './bed.ts';
import { openBrowser, openPage, phone } from './chromium.ts';

/** Another site, whose page shows the portal in a frame. */
async function openSite(t: TestContext): Promise<{ origin: string; show: (url: string) => void }> {
  let framed = '';
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Site</title><iframe src="${framed}" width="900" height="700"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve));
  t.after(() => site.close());
  return {
    origin: `http://localhost:${(site.address() as AddressInfo).port}`,
    show: (url) => {
      framed = url;
    },
  };
}

test('a holder of a link sets a callback URL, tries it and replays, also in a frame of a site that may', async (t) => {
  const site = await openSite(t);
  const bed = await openBed(t, { env: { CHASQUI_PORTAL_FRAME_ANCESTORS: site.origin } });
  await setUp(bed);
  await subscribe(bed);
  await say(bed, 'Hello! Where is my order?');
  await untilDelivered(bed, 1);
  const made = await bed.call('POST', '/portal-links', {
    ...{ name: 'Corner shop', colour: '#7a3e9d', access: 'manage' },
    senders: [{ channelId: 'sandbox', senderId: sender }],
  });
  const url = String(made['url']);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();
  assert.ok(!page.url().includes('token'), page.url());
  await page.getByLabel('Callback URL for statuses').fill('http://10.0.0.1/portal');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('points inside a private network').waitFor();
  assert.equal(await page.getByLabel('Callback URL for statuses').getAttribute('aria-invalid'), 'true');
  await page.getByLabel('Callback URL for statuses').fill(`${bed.good.url}/portal`);
  await page.getByRole('button', { name: 'Save' }).click();
  const own = page.getByRole('region', { name: `${bed.good.url}/portal` });
  await own.getByRole('button', { name: 'Send a test event' }).click();
  await own.getByText('Acknowledged (HTTP 200)').waitFor();
  await own.getByRole('button', { name: 'Show the secret' }).click();
  await own.getByText(/^whsec_/).waitFor();
  await page.getByRole('button', { name: 'Replay' }).first().click();
  await moments.saying('The delivery is due again.');
  assert.equal(await page.getByText('Where is my order').count(), 0);
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();

  site.show(url);
  await page.goto(site.origin);
  const frame = page.frameLocator('iframe');
  await frame.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();
  assert.deepEqual(faults.list, []);

  const { page: small } = await openPage(browser, bed.service.url, { viewport: phone });
  await small.goto(url);
  await small.getByRole('heading', { level: 1, name: 'Corner shop' }).waitFor();
  const beyond = await small.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  assert.ok(beyond <= 0, `${beyond} px wider than the screen`);
  await bed.call('POST', `/portal-links/${String(made['id'])}/revoke`);
  await small.reload();
  await small.getByText('This link is over, or was revoked.').waitFor();
});
