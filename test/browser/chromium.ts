import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { unpackOnce } from '../support/unpack.ts';
import { Moments } from './moments.ts';

/** Chromium as it comes inside its npm package. What it writes goes into a folder of its own that is gone once it is closed. */
export async function openBrowser(): Promise<Browser> {
  const programs = await unpackBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-browser-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TMPDIR: folder,
    ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(programs, 'fonts') }),
  };
  const launch = (more: Readonly<Record<string, string>> = {}): Promise<Browser> =>
    playwright.launch({
      executablePath: join(programs, 'chromium'),
      // Its own flags are for a cloud function; these are what a container needs.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
      headless: true,
      env: { ...env, ...more },
    });
  try {
    const browser = await launch().catch((error: unknown) => {
      // A system without a desktop may have none of them; some come with the browser.
      if (!String(error).includes('loading shared libraries')) throw error;
      return launch({ LD_LIBRARY_PATH: join(programs, 'al2023', 'lib') });
    });
    browser.once('disconnected', remove);
    return browser;
  } catch (error) {
    remove();
    throw error;
  }
}

/** Resolves to the folder of the browser's program, its libraries and fonts, unpacked when this is the first that asks for it. */
export async function unpackBrowser(): Promise<string> {
  const module = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const about = readFileSync(join(dirname(module), '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(about) as { version: string };
  return unpackOnce('chromium', `${version}-${process.arch}-libraries`, (target) => {
    // The package unpacks into the temporary folder of its process, which is therefore one of its own, and its libraries where it
    // takes itself for a cloud function.
    const program = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      env: { TMPDIR: target, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The browser cannot be unpacked: ${stderr}`);
  });
}

export const wide = { width: 1440, height: 900 } as const;
export const phone = { width: 390, height: 844 } as const;

export interface Look {
  readonly language?: 'en' | 'zh';
  readonly theme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** What a page must never do; read by {@link openPage}'s caller at the end. */
interface Faults {
  readonly list: string[];
}

/** A fresh browser profile with a page that notes errors of scripts, refused content and dialogs, and what it shows for a moment only. */
export async function openPage(
  browser: Browser,
  url: string,
  { language = 'en', theme = 'light', viewport = wide }: Look = {},
): Promise<{ context: BrowserContext; page: Page; faults: Faults; moments: Moments }> {
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
  tellUnanswered(page);
  const moments = new Moments();
  await moments.watch(page);
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
  return { context, page, faults: { list }, moments };
}

/** What waits longer than this for its answer is what a test waited for in vain. */
const unansweredMs = 30_000;

/** Tells, when a page is closed, which of its requests nobody has answered. */
function tellUnanswered(page: Page): void {
  const since = new Map<Request, number>();
  page.on('request', (request) => since.set(request, performance.now()));
  page.on('requestfinished', (request) => since.delete(request));
  page.on('requestfailed', (request) => since.delete(request));
  page.on('close', () => {
    for (const [request, at] of since) {
      const waitedMs = performance.now() - at;
      // A stream has no end.
      if (waitedMs < unansweredMs || request.resourceType() === 'eventsource') continue;
      const pathname = new URL(request.url()).pathname;
      process.stderr.write(`${request.method()} ${pathname}: no answer for ${Math.round(waitedMs)} ms\n`);
    }
  });
}
