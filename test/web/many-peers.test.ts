import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import { launch, look } from './browser.ts';
import { type DaemonPage, daemonPage } from './daemon-page.ts';

const count = 450;

const peers = Array.from(
  { length: count },
  (_, at) =>
    `{ name: P${at}, address: 127.9.${at >> 8}.${at & 255}, peer_as: 65001, passive: true, import: all }`,
);

describeBrowser(`${count} peers`, () => {
  let browser: Browser;
  let running: DaemonPage;

  beforeAll(async () => {
    running = await daemonPage(peers);
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test('are loaded 200 at a time while one scrolls, and stay while the page is updated', async () => {
    await using looked = await look(browser, `${running.base}peers`);
    const { page } = looked;
    const rows = page.locator('tbody tr');
    const toTheEnd = async (): Promise<number> => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      return rows.count();
    };
    expect(await page.locator('#main tbody tr').count()).toBe(200);
    await expect.poll(toTheEnd).toBe(count);
    // The last rows may have come after the page was scrolled; only visible rows are updated.
    await toTheEnd();
    await page.evaluate(
      `document.querySelector('.loaded:last-of-type small.line').textContent = ''`,
    );
    await expect.poll(() => page.locator('.loaded small.line:empty').count()).toBe(0);
    const madeAt = await page.locator('#main').getAttribute('data-made-at');
    const again = () => page.locator('#main').getAttribute('data-made-at');
    await expect.poll(again).not.toBe(madeAt);
    expect([await rows.count(), new Set(await rows.evaluateAll(ids)).size]).toEqual([count, count]);
    expect(looked.complaints).toEqual([]);
  });

  test('events that come while older ones are shown leave no gap', async () => {
    const { daemon, base } = running;
    const disable = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at++) await daemon.ask(`/api/v1/peers/P${at}/disable`, 'POST');
    };
    await disable(0, 150);
    await using looked = await look(browser, `${base}events?kind=command`);
    const { page } = looked;
    const shown = async (): Promise<string[]> => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      return page.locator('tbody tr').evaluateAll(ids);
    };
    await expect.poll(async () => (await shown()).length).toBe(150);
    await disable(150, 160);
    await expect.poll(async () => (await shown()).length).toBe(160);
    expect(new Set(await shown()).size).toBe(160);
    expect(looked.complaints).toEqual([]);
  });

  test('without JavaScript, links lead to all of them', async () => {
    await using looked = await look(browser, `${running.base}peers`, { hasScript: false });
    const { page } = looked;
    const seen = new Set<string>();
    for (;;) {
      for (const id of await page.locator('tbody tr').evaluateAll(ids)) seen.add(id);
      const next = page.getByRole('link', { name: /^next/ });
      if ((await next.count()) === 0) break;
      await page.goto(new URL((await next.getAttribute('href')) ?? '', page.url()).href);
    }
    expect(seen.size).toBe(count);
  });
});

const ids = (rows: (SVGElement | HTMLElement)[]): string[] => rows.map(({ id }) => id);
