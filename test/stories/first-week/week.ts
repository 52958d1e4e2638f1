// The first week of a business with Chasqui, task by task, as one person does them in one language and on one screen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openBrowser, openPage, phone } from '../../browser/chromium.ts';
import type { Look } from '../../browser/chromium.ts';
import { Person } from './person.ts';
import { mendABrokenReceiver } from './tasks/broken-receiver.ts';
import { connect } from './tasks/connect.ts';
import { eraseAUser } from './tasks/erasure.ts';
import { receiveTheFirstReceipt } from './tasks/first-receipt.ts';
import { rotateAKey } from './tasks/key.ts';
import { replayWhatWasLost } from './tasks/replay.ts';
import { haveATemplateApproved } from './tasks/template.ts';
import { openTown } from './town.ts';

const products = ['whatsapp', 'messenger', 'instagram', 'viber-bot', 'viber-business'] as const;

/** The tasks of a first week, on one service: each finds what those before it have left, as it is in a week. */
export function playFirstWeek(look: Required<Pick<Look, 'language' | 'viewport'>>): void {
  const screen = look.viewport.width === phone.width ? 'a phone' : 'a desk';
  test(`the first week, in ${look.language === 'zh' ? 'Chinese' : 'English'} at ${screen}`, async (t) => {
    const town = await openTown(t);
    const browser = await openBrowser();
    t.after(() => browser.close());
    const { page, context, faults, moments } = await openPage(browser, town.service.url, look);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const person = new Person(page, look, moments);

    const tasks: readonly (readonly [name: string, run: (task: TestContext) => Promise<void>])[] = [
      ['the first receipt', (task) => receiveTheFirstReceipt(task, person)],
      ...products.map((one) => [`${one} is connected`, () => connect(person, town, one)] as const),
      ['a broken receiver is found and mended', () => mendABrokenReceiver(person, town)],
      ['what the receiver lost is replayed', () => replayWhatWasLost(person, town)],
      ['a template is approved', () => haveATemplateApproved(person)],
      ['a user is erased', () => eraseAUser(person)],
      ['a key is rotated', () => rotateAKey(person, town)],
    ];
    let isUnbroken = true;
    for (const [name, run] of tasks) {
      if (!isUnbroken) break;
      await t.test(name, async (task) => {
        isUnbroken = false;
        await run(task);
        isUnbroken = true;
      });
    }
    assert.deepEqual(faults.list, []);
  });
}
