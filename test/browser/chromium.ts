import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Chromium as it comes inside its npm package, unpacked once into a folder of this user's own. */
export async function openBrowser(): Promise<Browser> {
  const folder = join(tmpdir(), `chasqui-chromium-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return await playwright.launch({
      executablePath: await chromium.executablePath(),
      // Its own flags are for a cloud function; these are what a container needs.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
      headless: true,
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

export const wide = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

export interface Look {
  readonly language?: 'en' | 'zh';
  readonly theme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** What a page must never do; read by {@link openPage}'s caller at the end. */
export interface Faults {
  readonly list: string[];
}

/** A fresh browser profile with a page that notes errors of scripts, refused content and dialogs. */
export async function openPage(
  browser: Browser,
  url: string,
  { language = 'en', theme = 'light', viewport = wide }: Look = {},
): Promise<{ context: BrowserContext; page: Page; faults: Faults }> {
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const list: string[] = [];
  page.on('pageerror', (error) => list.push(`script error: ${error.message}`));
  page.on('dialog', (dialog) => {
    list.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // The browser itself writes of answers that are no success; the tests ask for some of them.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      list.push(`console: ${message.text()}`);
  });
  return { context, page, faults: { list } };
}
