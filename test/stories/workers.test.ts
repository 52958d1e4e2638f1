// What the service is at: the account that runs it sees that on the overview, and no other account does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBed, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly isLate: boolean;
  readonly waiting: number | null;
  readonly lagMs: number;
  readonly lastError: { readonly at: string; readonly text: string } | null;
}

/** Has the page see one that is late and one that failed, whatever the service is at. */
async function plant(page: Page): Promise<void> {
  await page.route('**/api/v1/workers', async (route) => {
    const answer = await route.fetch();
    const { items } = (await answer.json()) as { items: Row[] };
    const planted = items.map((item) => {
      const well = { ...item, isLate: false, failures: 0, lastError: null };
      if (item.name === 'messages.send')
        return {
          ...well,
          failures: 3,
          lastError: { at: new Date().toISOString(), text: 'The store cannot commit right now.' },
        };
      if (item.name === 'deliveries.push') return { ...well, isLate: true, waiting: 17, lagMs: 90_000 };
      return item.name === 'channels.watch' ? { ...well, state: 'standby' } : well;
    });
    await route.fulfill({ response: answer, json: { items: planted } });
  });
}

test('an overview shows what runs by itself, what waits for a person first, in either language', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  await plant(page);
  await page.goto('/console/');
  await signIn(page);
  const table = page.getByRole('group', { name: 'Workers' });
  await table.waitFor();
  const rows = await table.locator('tbody tr').allInnerTexts();
  const { items } = (await bed.call('GET', '/workers')) as { items: Row[] };
  assert.equal(rows.length, items.length);
  for (const { name } of items)
    assert.ok(
      rows.some((row) => row.includes(name)),
      name,
    );
  const [late = '', failed = ''] = rows;
  assert.match(late, /Pushes receipts to callback URLs\s+deliveries\.push\s+Late\s.*\s17\s+1\.5 min/s);
  assert.match(failed, /messages\.send.*The store cannot commit right now\.\s.*3 failures since the start/s);
  assert.ok(rows.some((row) => /channels\.watch\s+Another node does it/.test(row)));
  for (const { name } of items) {
    const own = rows.find((row) => row.includes(name)) ?? '';
    assert.ok(own.trim().split('\n')[0] !== name, `${name} is said in words`);
  }

  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByText('简体中文').click();
  await page.getByRole('group', { name: '后台任务' }).getByText('将回执推送到回调地址').waitFor();
  assert.deepEqual(faults.list, []);
});

test('an overview of another account shows no workers, and asks for none', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  const { key } = (await bed.call('POST', '/accounts', { name: 'Tenant' })) as {
    key: { id: string; secret: string };
  };
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, context, faults } = await openPage(browser, bed.service.url);
  const answer = await context.request.post('/api/v1/session', {
    headers: { 'x-chasqui-console': '1' },
    data: { keyId: key.id, keySecret: key.secret },
  });
  assert.equal(answer.status(), 200);
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
  await page.goto('/console/');
  await page.getByText('What needs attention').waitFor();
  await page.waitForLoadState('networkidle');
  assert.equal(await page.getByRole('group', { name: 'Workers' }).count(), 0);
  assert.ok(asked.includes('/api/v1/overview') && !asked.includes('/api/v1/workers'));
  assert.deepEqual(faults.list, []);
});
