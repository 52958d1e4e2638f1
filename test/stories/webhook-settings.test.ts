// Webhook settings as their users change them: refusals at their field, edits that are not lost, one sender's settings for all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, password, setUp, signIn } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

const shop = {
  type: 'whatsapp',
  name: 'Shop',
  wabaId: '102290129340398',
  credentials: { appSecret: 'app-secret-1', verifyToken: 'verify-1', accessToken: 'access-1' },
};
const toPath = (id: string): string => `/channels/shop/senders/${id}`;
const [first, second, third] = ['15550107771', '15550107772', '15550107773'] as const;

test('the webhook settings of a channel', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await bed.call('PUT', '/channels/shop', shop);
  for (const [at, id] of [first, second, third].entries())
    await bed.call('PUT', toPath(id), { phoneNumberId: `900${at}` });
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults, moments } = await openPage(browser, bed.service.url);
  const status = page.getByLabel('Callback URL for MT receipts');
  const save = page.getByRole('button', { name: 'Save' });
  const question = page.getByRole('dialog').filter({ hasText: 'Discard your changes?' });

  await t.test('what the service refuses is told at its field, in words', async () => {
    await page.goto(`/console${toPath(first)}/webhook`);
    await signIn(page);
    await page.getByRole('switch', { name: 'Push over HTTP' }).click();
    for (const [url, told] of [
      ['http://10.0.0.1/status', 'points inside a private network'],
      ['https://ana:secret@shop.example/', 'The URL holds a user name or password'],
      ['https://shop.example:0/', 'Port 0 cannot be called'],
    ] as const) {
      await status.fill(url);
      await save.click();
      await page.locator('.ant-form-item').filter({ has: status }).getByText(told).waitFor();
    }
    assert.equal((await bed.call('GET', `${toPath(first)}/webhook`))['http'], false);
  });

  await t.test('edits that are not saved are asked about, and are kept by whoever stays', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal(await status.inputValue(), 'https://shop.example:0/');
    await status.fill(`${bed.good.url}/status`);
    await save.click();
    await moments.saying('Saved.');
    // Saved, they are nobody's to lose.
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    assert.equal(await question.count(), 0);
  });

  await t.test('a dialog asks as well', async () => {
    await page.goto('/console/channels/shop/senders');
    await page.getByRole('button', { name: `Edit ${second}` }).click();
    const dialog = page.getByRole('dialog', { name: second });
    await dialog.getByLabel('Name (optional)').fill('Desk of Ana');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await question.getByRole('button', { name: 'Keep editing' }).click();
    await question.waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'Desk of Ana' }).waitFor();
  });

  await t.test(
    "one sender's settings are copied to the others, as they were shown; what was refused is told",
    async () => {
      await bed.call('PUT', `${toPath(third)}/webhook`, { queue: true, lateStatuses: 'drop' });
      await page.goto(`/console${toPath(first)}/webhook`);
      await page.getByRole('button', { name: 'Copy to other senders' }).click();
      const dialog = page.getByRole('dialog', { name: 'Copy these settings to other senders' });
      await dialog
        .getByRole('row')
        .filter({ hasText: third })
        .getByText('Message queue monitoring')
        .waitFor();
      await dialog.getByRole('checkbox', { name: 'Message queue monitoring' }).click();
      await dialog.getByRole('checkbox', { name: 'Late statuses' }).click();
      const ofThird = dialog.getByRole('row').filter({ hasText: third });
      await ofThird.getByText('Message queue monitoring').waitFor({ state: 'detached' });
      // Somebody else is quicker at one of them.
      await bed.call('PUT', `${toPath(second)}/webhook`, { queue: true, types: ['ChatAppStatus'] });
      await dialog.getByRole('button', { name: 'Copy to 2' }).click();
      await dialog.getByRole('status').filter({ hasText: 'Copied to 1; refused: 1.' }).waitFor();
      await dialog
        .getByRole('row')
        .filter({ hasText: second })
        .getByText('Somebody changed this meanwhile')
        .waitFor();
      await ofThird.getByText('The same already').waitFor();
      const copied = await bed.call('GET', `${toPath(third)}/webhook`);
      assert.deepEqual(
        [copied['http'], copied['statusUrl'], copied['queue'], copied['lateStatuses']],
        [true, `${bed.good.url}/status`, true, 'drop'],
      );
      const left = await bed.call('GET', `${toPath(second)}/webhook`);
      assert.deepEqual([left['http'], left['queue']], [false, true]);
      // What there is now is shown by then, so once more does it.
      await dialog.getByRole('button', { name: 'Copy to 1' }).click();
      await dialog.getByRole('status').filter({ hasText: 'Copied to 1; refused: 0.' }).waitFor();
      const after = await bed.call('GET', `${toPath(second)}/webhook`);
      assert.deepEqual([after['http'], after['queue']], [true, true]);
    },
  );

  await t.test('a viewer is led into no form that would be refused', async () => {
    await bed.call('POST', '/users', { name: '李雷', role: 'viewer', password });
    const { page: theirs, context } = await openPage(browser, bed.service.url);
    await theirs.goto('/console/connect');
    await signIn(theirs, '李雷');
    const told = theirs.getByText('Changes take the role Operator');
    for (const path of [
      '/connect',
      '/templates/new',
      `${toPath(first)}/webhook`,
      '/channels/shop/connection',
    ]) {
      await theirs.goto(`/console${path}`);
      await told.waitFor();
      assert.equal(
        await theirs.getByRole('button', { name: /^(Save|Next|Submit|Copy to)/ }).count(),
        0,
        path,
      );
    }
    await context.close();
  });

  assert.deepEqual(faults.list, []);
});
