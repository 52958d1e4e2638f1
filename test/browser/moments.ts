import type { Locator, Page } from 'playwright-core';
import { waitUntil } from '../support/service.ts';

const limitMs = 60_000;

/** Tells of each toast, and of the tick on a button that has copied, as soon as it is there. */
const tell = `(() => {
  const toast = '.ant-message-notice';
  const tick = 'button .anticon-check';
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      // The icon of a button is not put in anew, but made another one.
      if (type === 'attributes' && target.matches(tick)) tellOfMoment('copied');
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.matches(tick)) tellOfMoment('copied');
        for (const one of node.matches(toast) ? [node] : node.querySelectorAll(toast)) tellOfMoment(one.textContent);
      }
    }
  }).observe(document, { childList: true, subtree: true, attributeFilter: ['aria-label'] });
})();`;

/**
 * What a page shows for a few seconds only. It is written down as it comes, so that who waits for it finds it however late the look is:
 * on a busy machine it may have come and gone between two looks.
 */
export class Moments {
  readonly #told: string[] = [];

  /** Watches a page from its next document on. */
  async watch(page: Page): Promise<void> {
    await page.exposeFunction('tellOfMoment', (text: string) => void this.#told.push(text));
    await page.addInitScript(tell);
  }

  /** Waits until a toast has said so; that one and those before it count no more. */
  async saying(text: string | RegExp): Promise<void> {
    const isIt = (told: string): boolean =>
      typeof text === 'string' ? told.includes(text) : text.test(told);
    await waitUntil(`a toast says ${String(text)}`, limitMs, () => this.#told.some(isIt));
    this.#told.splice(0, this.#told.findIndex(isIt) + 1);
  }

  /** What went by until now counts no more. */
  forget(): void {
    this.#told.length = 0;
  }

  /** Has a button copy, which shows that it did, once it does not show so of an earlier time; resolves to what is on the clipboard then. The page has to be allowed to read that. */
  async copying(button: Locator): Promise<string> {
    await button.waitFor();
    await button.getByRole('img', { name: 'check' }).waitFor({ state: 'detached' });
    this.forget();
    await button.click();
    await this.saying('copied');
    return button.page().evaluate<string>('navigator.clipboard.readText()');
  }
}
