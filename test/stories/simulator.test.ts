// The simulator and the live tail on one service: each kind of sender, a chat among thousands of other messages, files and buttons, and
// what came before the page was opened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../support/service.ts';
import { openBed, say, sender, setUp, signIn, subscribe } from '../browser/bed.ts';
import { openBrowser, openPage } from '../browser/chromium.ts';

/** Who the simulator plays on WhatsApp. */
const player = '15550002220';
/** More than a search for a user looks at in three pages. */
const others = 6500;
const atOnce = 250;

test('a user of each channel is played and answered, whatever else goes on', async (t) => {
  const bed = await openBed(t);
  await setUp(bed);
  await subscribe(bed);
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page, faults } = await openPage(browser, bed.service.url);
  const chat = page.getByRole('log', { name: 'Conversation' });
  const write = async (text: string): Promise<void> => {
    await page.getByLabel('Message text').fill(text);
    // Its name is another one while what was sent before is on its way, when it does nothing.
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await chat.getByText(text).waitFor();
  };

  await t.test("the webhook settings of Instagram's sender lead to its own user", async () => {
    const instagram = '17840000000000001';
    await page.goto(`/console/channels/sandbox/senders/${instagram}/webhook`);
    await signIn(page);
    await page.getByRole('link', { name: /simulator/ }).click();
    await page.getByText('Chat with 9110000000000010').waitFor();
    assert.equal(new URL(page.url()).searchParams.get('sender'), instagram);
    await write('A comment on your story');
    await page.getByText('As the business', { exact: true }).click();
    await write('Thank you!');
    await chat.getByText('Read', { exact: true }).waitFor();
  });

  await t.test('a user of Viber is answered', async () => {
    await page.goto('/console/simulator?sender=10001');
    await page.getByText('Chat with 01234567890A=').waitFor();
    await write('Is it open?');
    await page.getByText('As the business', { exact: true }).click();
    await write('Until nine.');
    await chat.getByText('Read', { exact: true }).waitFor();
  });

  await t.test('what is written while the message before is on its way stays', async () => {
    const field = page.getByLabel('Message text');
    const send = page.getByRole('button', { name: 'Send', exact: true });
    const held = Promise.withResolvers<undefined>();
    await page.route('**/api/v1/messages', async (route) => {
      await held.promise;
      await route.continue();
    });
    await field.fill('On weekdays.');
    await send.click();
    await send.waitFor({ state: 'detached' });
    await field.fill('And on Sundays?');
    held.resolve(undefined);
    await chat.getByText('On weekdays.').waitFor();
    await send.waitFor();
    assert.equal(await field.inputValue(), 'And on Sundays?');
    await page.unroute('**/api/v1/messages');
  });

  await t.test('what the user wrote is there after thousands of messages of others', async () => {
    await say(bed, 'Written before all the others', 'Ana', player);
    for (let done = 0; done < others; done += atOnce)
      await Promise.all(
        Array.from({ length: atOnce }, (_, n) => say(bed, `noise ${done + n}`, 'Other', '15559990000')),
      );
    await page.goto(`/console/simulator?sender=${sender}`);
    await chat.getByText('Written before all the others').waitFor();
    await write('And one after them');
    await chat.getByText('Written before all the others').waitFor();
    assert.equal(await chat.getByText(/noise/).count(), 0);
  });

  await t.test('a file shows as such, and a button of the business is pressed', async () => {
    const body = { from: player, name: 'Ana', type: 'image', caption: 'Like this one' };
    await bed.call('POST', `/sandbox/${sender}/inbound`, body);
    await chat.getByText('Like this one').waitFor();
    await waitUntil('the image is drawn', 60_000, () =>
      chat
        .getByRole('img', { name: 'image/png' })
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
    );
    const buttons = ['Yes', 'No'].map((title) => ({ type: 'reply', reply: { id: `id-${title}`, title } }));
    await bed.call('POST', '/messages', {
      ...{ channelId: 'sandbox', senderId: sender, to: player, type: 'interactive' },
      content: { type: 'button', body: { text: 'Shall we?' }, action: { buttons } },
    });
    await chat.getByText('Shall we?').waitFor();
    await chat.getByRole('button', { name: 'Yes', exact: true }).click();
    await waitUntil('the button is pressed', 60_000, () =>
      bed.good.calls.some(({ body: got }) => got.includes('"Type":"REPLY"') && got.includes('id-Yes')),
    );
  });

  await t.test('receipts of the last minutes are there, are found by user and text, and open', async () => {
    await page.getByRole('list', { name: 'Receipts' }).getByText(`${player}: And one after them`).waitFor();
    await page.goto('/console/tail?type=ChatAppInbound');
    const tail = page.getByRole('list', { name: 'Live tail' });
    await tail.getByText(`${player}: And one after them`).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('User', { exact: true }).fill('+1 (555) 000-2220');
    await page.getByLabel('Text', { exact: true }).fill('ONE AFTER');
    await tail
      .getByText(/noise|Like this/)
      .first()
      .waitFor({ state: 'detached' });
    assert.equal(await tail.getByRole('listitem').count(), 1);
    await tail.getByRole('button', { name: /And one after them/ }).click();
    await tail.getByText(`POST ${bed.good.url}/inbound`).waitFor();
    await tail.getByText('"Message": "And one after them"').first().waitFor();
    await page.getByLabel('Text', { exact: true }).fill('no such words');
    await page.getByText('None of these receipts matches.').waitFor();
    assert.deepEqual(
      asked.filter((url) => /2220|AFTER/i.test(decodeURIComponent(url)) && !url.includes('/receipts/')),
      [],
      'what is looked for goes into no address',
    );
  });
  assert.deepEqual(faults.list, []);
});
