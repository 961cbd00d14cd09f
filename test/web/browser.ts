import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromium as executablePath } from '#support/requirements.ts';

/** The conditions under which a page is opened. */
export interface Look {
  readonly scheme?: 'light' | 'dark';
  readonly hasScript?: boolean;
  /** The policy of the page is not enforced, so that axe can be put into it. */
  readonly bypassCSP?: boolean;
  /** A script that runs before those of the page. */
  readonly init?: string;
}

/** For starting the browser, and for each wait in a page: two minutes, because other tests may keep all cores busy. */
const timeout = 120_000;

/** Debian's Chromium, without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'], timeout });
}

/** A page with all of its errors: errors of scripts, messages of the console, violations of its policy. */
export interface Looked extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: readonly string[];
}

export async function look(browser: Browser, url: string, how: Look = {}): Promise<Looked> {
  const { scheme = 'light', hasScript = true, bypassCSP = false, init } = how;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: scheme,
    javaScriptEnabled: hasScript,
    bypassCSP,
  });
  context.setDefaultTimeout(timeout);
  const page = await context.newPage();
  if (init !== undefined) await page.addInitScript(init);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return {
    page,
    context,
    complaints,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Returns what axe-core finds on the present page, one line for each place. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
    'axe.run().then(({ violations }) => violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

/** Returns by how many pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
