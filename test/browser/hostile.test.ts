// What strangers write (users of the channels, receivers that answer, colleagues who name things) is shown, never run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, say, send, sender, setUp, signIn, submitTemplate, subscribe, untilPushed } from './bed.ts';
import { openBrowser, openPage } from './chromium.ts';

const hostile = `<img src=x onerror="window.ran=1"><script>window.ran=1</script>"'><svg onload=window.ran=1> javascript:window.ran=1`;

test('nothing that strangers write runs in the console', async (t) => {
  const bed = await openBed(t, { refusal: hostile });
  await setUp(bed);
  await subscribe(bed);
  await bed.call('PUT', '/channels/evil', {
    type: 'whatsapp',
    name: hostile,
    wabaId: '102290129340398',
    credentials: { appSecret: '0'.repeat(32), verifyToken: 'verify' },
  });
  await bed.call('PUT', '/channels/evil/senders/15550107777', {
    name: hostile,
    phoneNumberId: '106540352242922',
  });
  // The user whose chat the simulator shows at first.
  const receiptId = await say(bed, hostile, hostile, '15550002220');
  const messageId = await send(bed, hostile);
  const code = await submitTemplate(bed, `${hostile} $(name)`);
  await untilPushed(bed, 1, 1);

  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await page.goto('/console/');
  await signIn(page);
  const places = [
    ['/channels', hostile],
    ['/channels/evil/senders', hostile],
    ['/messages?direction=mo', 'onerror'],
    [`/messages/${receiptId}`, hostile],
    [`/messages/${messageId}`, hostile],
    [`/receipts/${receiptId}`, 'onerror'],
    [`/templates/sandbox/${code}/en`, 'onerror'],
    ['/simulator', hostile],
    ['/settings/log', 'evil'],
    [`/channels/sandbox/senders/${sender}/webhook`, sender],
  ] as const;
  for (const [path, shown] of places) {
    await page.goto(`/console${path}`);
    await page.getByText(shown).first().waitFor();
    assert.equal(await page.evaluate<unknown>('window.ran'), undefined, path);
    assert.equal(await page.locator('img[src="x"], a[href^="javascript:"]').count(), 0, path);
  }
  // The test event's answer is the receiver's own text as well.
  const panel = page
    .locator('.ant-card')
    .filter({ has: page.getByRole('link', { name: `${bed.bad.url}/status` }) });
  await panel.getByRole('button', { name: 'Send a test event' }).click();
  const drawer = page.getByRole('dialog', { name: `${bed.bad.url}/status` });
  await drawer.getByRole('region', { name: 'Answer received' }).getByText('onerror').waitFor();
  assert.equal(await page.evaluate<unknown>('window.ran'), undefined);
  assert.deepEqual(faults.list, []);
});

test('no other site can frame the console or put a script into it', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await openPage(browser, bed.service.url);
  const answer = await page.goto('/console/channels?next=https://evil.example/');
  const policy = answer?.headers()['content-security-policy'] ?? '';
  const scripts = policy.split(';').find((part) => part.trim().startsWith('script-src'));
  assert.equal(scripts?.trim(), "script-src 'self'");
  assert.match(policy, /frame-ancestors 'none'/);
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  // An inline script is refused by the policy, not by luck.
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'window.ran = 1';
    document.body.append(script);
  }`);
  assert.equal(await page.evaluate<unknown>('window.ran'), undefined);
  await signIn(page);
  assert.equal(new URL(page.url()).host, new URL(bed.service.url).host);
  const [cookie] = await page.context().cookies();
  assert.equal(cookie?.httpOnly, true);
  assert.equal(cookie?.sameSite, 'Strict');
});
