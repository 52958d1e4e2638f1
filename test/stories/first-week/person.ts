// A person at the console: finds everything by what stands on the page in the person's language, and knows neither ids nor the API.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { channelTexts } from '../../../web/src/i18n/channel-texts.ts';
import { en as firstEn } from '../../../web/src/i18n/en.ts';
import { pageTexts } from '../../../web/src/i18n/page-texts.ts';
import { fill } from '../../../web/src/i18n/texts.ts';
import type { Params } from '../../../web/src/i18n/texts.ts';
import { zh as firstZh } from '../../../web/src/i18n/zh.ts';
import { phone } from '../../browser/chromium.ts';
import type { Look } from '../../browser/chromium.ts';
import type { Moments } from '../../browser/moments.ts';

const en = { ...firstEn, ...channelTexts.en, ...pageTexts.en };
const zh = { ...firstZh, ...channelTexts.zh, ...pageTexts.zh };
export type TextKey = keyof typeof en;
/** A text of the console by its key, or words that are the same in every language: a name, a number, what somebody wrote. */
type Words = TextKey | { readonly said: string };

/** Names that the service gave in English, whatever the reader's language: that of the sandbox's channel. */
const names: readonly string[] = ['Sandbox'];

/** Texts that are told apart from their translation: of these none may stand on a Chinese page. */
const onlyEnglish = new Set<string>(
  Object.entries(en)
    .filter(([key, text]) => zh[key as TextKey] !== text && !text.includes('{') && /[a-z] ?[a-z]/.test(text))
    .map(([, text]) => text)
    .filter((text) => !names.includes(text)),
);

/** `FIRST_WEEK_PICTURES=1` keeps a picture of each page that a person looks at. */
const pictures = fileURLToPath(new URL('../../output/first-week/', import.meta.url));
const arePicturesKept = process.env['FIRST_WEEK_PICTURES'] !== undefined;

export class Person {
  readonly #page: Page;
  readonly #look: Required<Pick<Look, 'language' | 'viewport'>>;
  readonly #moments: Moments;
  /** What the person looks at: the page, or a dialog over it. */
  readonly #at: Locator;

  constructor(
    page: Page,
    look: Required<Pick<Look, 'language' | 'viewport'>>,
    moments: Moments,
    at = page.locator('body'),
  ) {
    this.#page = page;
    this.#look = look;
    this.#moments = moments;
    this.#at = at;
  }

  /** A text as this person reads it. */
  text(words: Words, params: Params = {}): string {
    if (typeof words !== 'string') return words.said;
    return fill((this.#look.language === 'zh' ? zh : en)[words], params);
  }

  /** Enters the console's address, as after a click in a mail or in the terminal. */
  async open(path = '/console/'): Promise<void> {
    await this.#page.goto(path);
  }

  /** Goes to a place of the main menu; on a phone that is behind a button. */
  async goTo(place: TextKey): Promise<void> {
    if (this.#look.viewport.width === phone.width) await this.press('nav.open');
    const menu = this.#page.getByRole('navigation', { name: this.text('nav.label') });
    await menu.getByRole('link', { name: this.text(place), exact: true }).click();
    await this.arrivesAt(place);
  }

  /** Waits for a page by its title: until it is there, the one before has fields too, of the same names maybe. */
  async arrivesAt(title: TextKey): Promise<void> {
    await this.#page.getByRole('heading', { level: 1, name: this.text(title), exact: true }).waitFor();
  }

  async press(words: Words, params: Params = {}): Promise<void> {
    await this.#named('button', this.text(words, params)).click();
  }

  /** Saves a form, and is told so. */
  async saves(): Promise<void> {
    this.#moments.forget();
    await this.press('action.save');
    await this.isTold('state.saved');
  }

  async follow(words: Words, params: Params = {}): Promise<void> {
    await this.#named('link', this.text(words, params)).click();
  }

  /** Follows the only link that is there. */
  async followTheLink(): Promise<void> {
    await this.#at.getByRole('link').click();
  }

  /** Has the filters of a list shown, which a phone hides behind a button. */
  async openFilters(): Promise<void> {
    if (this.#look.viewport.width === phone.width) await this.press('filter.fold');
  }

  async write(field: TextKey, value: string): Promise<void> {
    await this.#field(this.text(field)).fill(value);
  }

  /** Writes into a field that is named by what the reader has made up, such as a variable of a template. */
  async writeInto(field: string, value: string): Promise<void> {
    await this.#field(field).fill(value);
  }

  async turnOn(name: TextKey): Promise<void> {
    const control = this.#at.getByRole('switch', { name: this.text(name), exact: true });
    await control.click();
    await control.and(this.#page.getByRole('switch', { checked: true })).waitFor();
  }

  /** Takes one of several that all show: the first whose text begins so. */
  async tick(words: Words): Promise<void> {
    const begins = new RegExp(`^${escape(this.text(words))}`);
    const radio = this.#page.getByRole('radio', { name: begins });
    const choice = this.#at.locator('label').filter({ has: radio }).first();
    await choice.click();
    // What shows is the choice around it.
    await choice.getByRole('radio', { checked: true }).waitFor({ state: 'attached' });
  }

  /** Opens a list of choices and takes one of them. */
  async choose(field: TextKey, choice: Words): Promise<void> {
    await this.#field(this.text(field)).click();
    await this.#page.getByTitle(this.text(choice), { exact: true }).filter({ visible: true }).last().click();
  }

  /** Waits until it stands there. */
  async sees(words: Words, params: Params = {}): Promise<void> {
    await this.#said(words, params).waitFor();
  }

  /** Waits until a toast has said it. */
  async isTold(words: Words): Promise<void> {
    await this.#moments.saying(this.text(words));
  }

  /** Waits until it stands there no more. */
  async seesNoMore(words: Words, params: Params = {}): Promise<void> {
    await this.#said(words, params).waitFor({ state: 'hidden' });
  }

  /** Waits until what the person looks at is gone. */
  async isGone(): Promise<void> {
    await this.#at.waitFor({ state: 'hidden' });
  }

  /** Waits until something is told there to have happened a while ago. */
  async seesHowLongAgo(): Promise<void> {
    await this.#at
      .getByText(/ ago$|前$/)
      .filter({ visible: true })
      .first()
      .waitFor();
  }

  /** Looks only at a part of the page that has this name: a section, a list, the row of a table. */
  within(role: 'region' | 'list' | 'log' | 'group', name: Words): Person {
    return this.#lookingAt(this.#at.getByRole(role, { name: this.text(name) }).first());
  }

  /** Looks only at the row that says this, which is a card on a phone. */
  row(said: string): Person {
    return this.#lookingAt(this.#at.getByRole('row').filter({ hasText: said }).first());
  }

  /** Looks only at the dialog with this title. */
  dialog(title: TextKey, params: Params = {}): Person {
    return this.#lookingAt(this.#page.getByRole('dialog', { name: this.text(title, params) }));
  }

  /** Copies what stands beside a name, by its button; gives what is on the clipboard then. */
  async copy(what: TextKey): Promise<string> {
    return this.#moments.copying(this.#named('button', this.text('copy.label', { what: this.text(what) })));
  }

  /** Reads the items of the lists that are there, one by one. */
  async readsItems(): Promise<readonly string[]> {
    return this.#at.getByRole('listitem').allTextContents();
  }

  /** Is where the keyboard goes on: in the part of the page with this name. */
  async isAt(part: TextKey): Promise<void> {
    await this.#at
      .getByRole('group', { name: this.text(part), exact: true })
      .and(this.#page.locator(':focus'))
      .waitFor();
  }

  /**
   * Looks over the page as it is: nothing reaches beyond its width, nothing is cut off, no toast lies on what can be pressed, and on a
   * Chinese page nothing is left in English.
   */
  async looksOver(name: string): Promise<void> {
    const { language, viewport } = this.#look;
    if (arePicturesKept) {
      mkdirSync(pictures, { recursive: true });
      const file = `${name}-${language}-${viewport.width}.png`;
      await this.#page.screenshot({ path: `${pictures}${file}`, animations: 'disabled' });
    }
    const width = await this.#page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= viewport.width, `${name} is ${width} wide`);
    assert.deepEqual(await this.#page.evaluate(findCutOff), [], `${name} cuts off`);
    assert.deepEqual(await this.#page.evaluate(findUnderToasts), [], `${name} has toasts on buttons`);
    if (language !== 'zh') return;
    const texts = await this.#page.evaluate<string[]>(readTexts);
    assert.deepEqual(
      texts.filter((text) => onlyEnglish.has(text)),
      [],
      `${name} is Chinese`,
    );
  }

  /** A text of the console where something begins with it, and ends there or with no letter; what was said wherever it stands. */
  #said(words: Words, params: Params): Locator {
    const text = escape(this.text(words, params));
    const wanted =
      typeof words === 'string' ? new RegExp(String.raw`^\s*${text}(?!\p{L})`, 'u') : new RegExp(text);
    return this.#at.getByText(wanted).filter({ visible: true }).first();
  }

  #lookingAt(at: Locator): Person {
    return new Person(this.#page, this.#look, this.#moments, at);
  }

  /** By the text that shows, or by its name where it is but an icon. */
  #named(role: 'button' | 'link', name: string): Locator {
    return this.#at
      .getByRole(role, { name, exact: true })
      .or(this.#at.getByRole(role).filter({ hasText: new RegExp(String.raw`^\s*${escape(name)}\s*$`) }))
      .filter({ visible: true })
      .first();
  }

  #field(label: string): Locator {
    return this.#at
      .getByLabel(label, { exact: true })
      .and(this.#page.locator('input, textarea'))
      .filter({ visible: true })
      .first();
  }
}

/** Texts that end in dots for want of room, but for those of lists, which open to all of it. */
const findCutOff = `[...document.querySelectorAll('body *')]
  .filter((one) => getComputedStyle(one).textOverflow === 'ellipsis' && one.checkVisibility())
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.closest('[title], td, input') === null)
  .map((one) => one.textContent)`;

/** What could be pressed if nothing lay on it. */
const findUnderToasts = `[...document.querySelectorAll('button, a[href], input')]
  .filter((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return top !== null && top.closest('.ant-message') !== null;
  })
  .map((one) => one.getAttribute('aria-label') ?? one.textContent)`;

/** Every text that shows, for itself. */
const readTexts = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text !== '' && node.parentElement.checkVisibility()) texts.push(text);
  }
  return texts;
})()`;

/** For a pattern; quotes too, by which Playwright would end it. */
function escape(text: string): string {
  return text
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("'", String.raw`\x27`)
    .replaceAll('"', String.raw`\x22`);
}
