import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import { RunningDemo } from '../demo/running-demo.ts';
import { accessibilityFaults, launch, look, overflow } from './browser.ts';

/** Every view of the network of the demo, with words that must be visible. */
const views: readonly [path: string, seen: string][] = [
  ['', '2001:db8:30::1/128'],
  ['timeline?span=1h', 'Who served which address'],
  ['events', 'What happened, newest first'],
  ['events?kind=peer_up&peer=W2', 'peer W2'],
  ['events?until=2020-01-01T00:00:00Z', 'Nothing in the history matches'],
  ['failovers/0', 'no failover 0 is in the history'],
  ['peers', 'announcer of the demo'],
  ['peers/W2', 'OPEN messages'],
  ['route?prefix=2001:db8:30::2', 'Candidates'],
  ['search?q=W', 'Names'],
  ['whatif', 'Nodes'],
  ['siblings', 'No other route server is observed'],
  ['whatif?node=w2', 'If node w2 failed'],
  ['peers/nobody', 'Not found'],
];

/** A4 without the margins of print.css, at 96 pixels an inch. */
const paperPx = 703;

/** The text that is typed into the box, the page to which it leads, and what is found there. */
const searches: readonly [typed: string, path: RegExp, seen: string][] = [
  ['2001:db8:30::2', /\/route\?prefix=2001%3Adb8%3A30%3A%3A2%2F128$/, 'What the routers are sent'],
  ['2001:db8:30::3/128', /\/route\?/, 'Candidates'],
  ['2001:db8:30::/64', /\/search\?/, 'Routes in 2001:db8:30::/64'],
  ['AS65001', /\/search\?/, 'Routes with AS 65001 in their path'],
  ['65001:7', /\/search\?/, 'Nothing was found'],
  ['65001:7:*', /\/search\?/, 'Nothing was found'],
  ['dc1', /\/search\?/, 'Sites'],
  ['ER2', /\/search\?/, 'peer'],
  ['w3', /\/search\?/, 'node'],
  ['web', /\/search\?/, 'service'],
];

/** The limit in bytes for each first view in the size of the lab, scripts included. */
const firstViewBytes = 60_000;

describeBrowser('the looking glass, with real sessions', () => {
  const tmp = mkdtempSync(join(tmpdir(), 'fingerpost-web-'));
  let demo: RunningDemo;
  let browser: Browser;
  let base = '';

  beforeAll(async () => {
    demo = new RunningDemo(tmp);
    browser = await launch();
    [, base] = await demo.line(/page: (http:\S+)/);
    await demo.tables('W3 MED 100', 'W2 MED 100', 'W1 MED 100');
  });

  afterAll(async () => {
    // This comes first, and also if no browser was started.
    demo.signal('SIGTERM');
    await demo.ended;
    rmSync(tmp, { recursive: true, force: true });
    await browser?.close();
  });

  describe.each(views)('/%s', (path, seen) => {
    test('shows its content at every width, without any error', async () => {
      await using looked = await look(browser, base + path);
      const { page, complaints } = looked;
      await page.getByText(seen).first().waitFor();
      await page.locator('#live.on').waitFor();
      for (const width of [360, 768, 2560]) {
        await page.setViewportSize({ width, height: 800 });
        expect([width, await overflow(page)]).toEqual([width, 0]);
      }
      const isNotThere = path === 'peers/nobody' || path === 'failovers/0';
      const own = complaints.filter((line) => !(isNotThere && line.includes('404')));
      expect(own).toEqual([]);
    });

    test('fits on a sheet of paper, without buttons', async () => {
      await using looked = await look(browser, base + path);
      const { page } = looked;
      await page.getByText(seen).first().waitFor();
      await page.emulateMedia({ media: 'print' });
      await page.setViewportSize({ width: paperPx, height: 1000 });
      expect(await overflow(page)).toBe(0);
      const pressed = page.locator('button:visible, input:visible, nav:visible, form:visible');
      expect(await pressed.count()).toBe(0);
      for (const summary of await page.locator('.fold > .scroller, .legend > dl').all()) {
        expect(await summary.isVisible()).toBe(true);
      }
    });

    test('is complete without JavaScript', async () => {
      await using looked = await look(browser, base + path, { hasScript: false });
      expect(await looked.page.getByText(seen).count()).toBeGreaterThan(0);
      expect(await looked.page.locator('button:visible').allTextContents()).toEqual(
        path.startsWith('events') ? ['Search', 'Show'] : ['Search'],
      );
    });

    test('has no finding of axe, light and dark', async () => {
      await using looked = await look(browser, base + path, { bypassCSP: true });
      for (const colorScheme of ['light', 'dark'] as const) {
        await looked.page.emulateMedia({ colorScheme });
        await looked.page.evaluate(openAll);
        expect(await accessibilityFaults(looked.page)).toEqual([]);
      }
    });
  });

  test('axe would find a text that is too pale, and an image without a text', async () => {
    await using looked = await look(browser, base, { bypassCSP: true });
    await looked.page.evaluate(
      // Outside the part that is rendered again after an event.
      `document.body.insertAdjacentHTML('beforeend', '<p style="color:#ccc;background:#fff">pale</p><img src="x">')`,
    );
    const faults = (await accessibilityFaults(looked.page)).map((line) => line.split(':')[0]);
    expect(faults).toEqual(expect.arrayContaining(['color-contrast', 'image-alt']));
  });

  test('a foreign style or script is refused, and the test sees the refusal', async () => {
    await using looked = await look(browser, base);
    await looked.page.evaluate(
      `document.querySelector('main').innerHTML += '<p style="color:red" onclick="alert(1)">x</p>'`,
    );
    expect(looked.complaints.join()).toContain('Content Security Policy');
  });

  test('the dark scheme is dark and the light one is light', async () => {
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        await using looked = await look(browser, base, { scheme });
        const colour = await looked.page.evaluate<string>(
          'getComputedStyle(document.documentElement).backgroundColor',
        );
        return Number(/\d+/.exec(colour)?.[0]);
      }),
    );
    expect(grounds[0]).toBeGreaterThan(200);
    expect(grounds[1]).toBeLessThan(50);
  });

  test.each(searches)('a search for %s leads to %s', async (typed, path, seen) => {
    await using looked = await look(browser, base);
    const { page } = looked;
    await page.keyboard.press('/');
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
    await page.waitForURL(path);
    await page.locator('main').getByText(seen).first().waitFor();
    expect(looked.complaints).toEqual([]);
  });

  test('everything can be reached with the keyboard alone', async () => {
    await using looked = await look(browser, base);
    const { page } = looked;
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL(/\/peers$/);
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(base);
    await page.locator('.mark').first().focus();
    expect(await page.locator('.mark:focus .tip').textContent()).toMatch(/^w1, MED \d+: /);
    await page.getByRole('link', { name: 'w2' }).first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/whatif\?node=w2$/);
  });

  test('the matrix is one stop of Tab, in which the arrow keys move from cell to cell, also while it is updated', async () => {
    await using looked = await look(browser, base);
    const { page } = looked;
    const inMatrix = page.locator('.matrix :is(a[href], [tabindex])');
    const stops = () => inMatrix.evaluateAll(tabStops);
    const focused = () => page.evaluate<string>(textOfFocused);
    await expect.poll(stops).toEqual(['w1']);
    await page.locator('.matrix thead a').first().focus();
    const steps: readonly [key: string, reads: RegExp][] = [
      ['ArrowDown', /^w1, MED \d+: /],
      ['ArrowDown', /^w1, MED \d+: /],
      ['ArrowRight', /^w2, MED \d+: /],
      ['Home', /^2001:db8:30::\d\/128$/],
      ['ArrowRight', /^ok/],
      ['End', /w\d/],
      ['PageDown', /w\d/],
      ['Control+Home', /^Address$/],
      ['ArrowUp', /^Address$/],
      ['PageDown', /^2001:db8:30::3\/128$/],
    ];
    for (const [key, reads] of steps) {
      await page.keyboard.press(key);
      expect([key, await focused()]).toEqual([key, expect.stringMatching(reads)]);
      expect(await stops()).toHaveLength(1);
    }
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    const [before, madeAt] = [
      await focused(),
      await page.locator('#main').getAttribute('data-made-at'),
    ];
    await expect.poll(() => page.locator('#main').getAttribute('data-made-at')).not.toBe(madeAt);
    expect([await focused(), await stops()]).toEqual([before, [before]]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<boolean>(`document.activeElement.closest('.matrix') === null`)).toBe(
      true,
    );
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe(before);
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/route\?prefix=/);
    expect(looked.complaints).toEqual([]);
  });

  test('without JavaScript each mark of the matrix is a stop of Tab', async () => {
    await using looked = await look(browser, base, { hasScript: false });
    const marks = looked.page.locator('.matrix .mark');
    expect(await marks.count()).toBe(9);
    expect(await looked.page.locator('.matrix .mark[tabindex="0"]').count()).toBe(9);
    expect(await looked.page.locator('[role=grid]').count()).toBe(0);
  });

  test('letters typed into a list choose its entries, and open no view', async () => {
    await using looked = await look(browser, `${base}events`);
    const { page } = looked;
    await page.evaluate(noteFollowed);
    const typed = async (): Promise<string> => {
      await page.keyboard.press('g');
      await page.keyboard.press('s');
      return page.evaluate<string>('document.title');
    };
    await page.getByLabel('Kind').focus();
    expect(await typed()).not.toBe('followed');
    await page.getByRole('button', { name: 'Show' }).focus();
    expect(await typed()).toBe('followed');
  });

  test('every mark is explained on hovering and in the legend', async () => {
    await using looked = await look(browser, base);
    const { page } = looked;
    await page.locator('.cell.best .mark').first().hover();
    const tip = page.locator('.cell.best .tip').first();
    await expect.poll(() => tip.evaluate((element) => getComputedStyle(element).opacity)).toBe('1');
    expect(await tip.textContent()).toContain('the node that serves the address');
    await page.getByText('What the marks mean').click();
    expect(await page.locator('.legend dd').count()).toBeGreaterThan(7);
  });

  test('every command can be copied', async () => {
    await using looked = await look(browser, `${base}route?prefix=2001:db8:30::2`);
    const { page, context } = looked;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()');
    await page.getByRole('button', { name: 'Copy as CLI command' }).click();
    await expect.poll(clipboard).toBe('fingerpost explain 2001:db8:30::2/128');
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await expect.poll(clipboard).toContain('"candidates"');
  });

  test('the first view is small', async () => {
    const page = await (await fetch(base)).text();
    const [, script = ''] = /src="([^"]+)"/.exec(page) ?? [];
    const code = await (await fetch(base + script)).text();
    expect(gzipSync(page).length + gzipSync(code).length).toBeLessThan(firstViewBytes);
  });

  test('failovers appear as they happen, and what was open stays open', async () => {
    await using looked = await look(browser, base);
    const { page } = looked;
    const best = page.locator('[id="a-2001:db8:30::3/128"] .cell.best');
    const verdict = page.locator('.verdict h1');
    await page.getByText('What the marks mean').click();
    await best.getByText('100', { exact: false }).first().waitFor();
    await demo.say('fail', 'w1');
    await best.getByText('w3, MED 101').waitFor({ state: 'attached' });
    await demo.say('kill', 'w2');
    await verdict.getByText('TROUBLE: 3 of 3 addresses without a backup').waitFor();
    await page.getByText('1 session down').waitFor();
    await page.getByRole('heading', { name: 'Do not touch' }).waitFor();
    await demo.say('start', 'w2');
    await demo.say('heal', 'w1');
    await page.getByText('All 3 addresses are served and have a backup').waitFor();
    expect(await verdict.textContent()).toBe('OK: no trouble');
    expect(await page.locator('.legend').getAttribute('open')).not.toBeNull();
    expect(looked.complaints).toEqual([]);
  });

  test('after three failovers each edge of the timeline leads to its stages', async () => {
    for (const [word, server] of [
      ['fail', 'W3 MED 101'],
      ['heal', 'W1 MED 100'],
      ['fail', 'W3 MED 101'],
      ['heal', 'W1 MED 100'],
    ] as const) {
      await demo.say(word, 'w1');
      await demo.tables('W3 MED 100', 'W2 MED 100', server);
    }
    await using looked = await look(browser, `${base}timeline`);
    const { page } = looked;
    const edges = page.locator('[aria-label="Who served 2001:db8:30::3/128"] a');
    await expect.poll(() => edges.count()).toBeGreaterThan(3);
    await edges.last().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/failovers\/[0-9a-z]+$/);
    await page.getByText('From the detection, to scale').first().waitFor();
    await page.getByText('deciding').waitFor();
    expect(await accessibilityOf(page.url())).toEqual([]);
    expect(looked.complaints).toEqual([]);
  });

  async function accessibilityOf(url: string): Promise<string[]> {
    await using looked = await look(browser, url, { bypassCSP: true });
    const faults = await accessibilityFaults(looked.page);
    return faults;
  }

  test('events appear as they happen, and a filter omits the others', async () => {
    await using looked = await look(browser, `${base}events`);
    const { page } = looked;
    await page.getByLabel('Kind').selectOption('drain');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/kind=drain/);
    await page.getByText('Nothing in the history matches').waitFor();
    await page.goto(`${base}events?kind=failover&prefix=2001:db8:30::3`);
    await page.locator('#live.on').waitFor();
    const first = (): Promise<string | null> => page.locator('tbody tr').first().getAttribute('id');
    const before = await first();
    await demo.say('fail', 'w1');
    await expect.poll(first).not.toBe(before);
    await demo.say('heal', 'w1');
    expect(looked.complaints).toEqual([]);
  });

  test('the pages of a prefix and of a peer have their history', async () => {
    for (const path of ['route?prefix=2001:db8:30::3', 'peers/W1']) {
      await using looked = await look(browser, base + path);
      const { page } = looked;
      await page.getByRole('heading', { name: 'History' }).waitFor();
      expect(await page.locator('.history li').count()).toBeGreaterThan(1);
    }
  });

  test('a hidden page holds no connection, and is live again when it is shown', async () => {
    await using looked = await look(browser, base);
    const { page } = looked;
    await page.locator('#live.on').waitFor();
    const readers = async (): Promise<string> => {
      const text = await (await fetch(`${base}metrics`)).text();
      return /^fingerpost_sse_clients (\d+)$/m.exec(text)?.[1] ?? 'no such metric';
    };
    await expect.poll(readers).toBe('1');
    await page.evaluate(showOrHide(true));
    await expect.poll(readers).toBe('0');
    await page.evaluate(showOrHide(false));
    await expect.poll(readers).toBe('1');
    await page.locator('#live.on').waitFor();
  });

  test('an outdated page says so, and is updated when the daemon answers', async () => {
    await using looked = await look(browser, base);
    const { page, context } = looked;
    await page.locator('#live.on').waitFor();
    await context.setOffline(true);
    await page.locator('#banner').getByText('The daemon does not answer').waitFor();
    await context.setOffline(false);
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await page.locator('#live.on').waitFor();
  });
});

/** Hides or shows the page, as when another tab is chosen. */
function showOrHide(isHidden: boolean): string {
  return `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`;
}

/** Makes links only note in the title that they were followed. */
const noteFollowed = `document.addEventListener('click', (event) => {
  event.preventDefault();
  document.title = 'followed';
}, true)`;

/** Returns the texts of the elements that the Tab key reaches. */
const tabStops = (parts: (SVGElement | HTMLElement)[]): string[] =>
  parts
    .filter(({ tabIndex }) => tabIndex === 0)
    .map((part) => part.textContent?.trim().replace(/^[^]*?(w\d, MED)/, '$1') ?? '');

const textOfFocused = `document.activeElement.textContent.trim().replace(/^[^]*?(w\\d, MED)/, '$1')`;

/** Folded parts are opened first. */
const openAll = `document.querySelectorAll('details').forEach((one) => { one.open = true; })`;
