import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import { launch, look, overflow } from './browser.ts';
import { type DaemonPage, daemonPage } from './daemon-page.ts';

const endless = 'x'.repeat(64);
const peers = [
  `{ name: ${endless.slice(0, 60)}, address: 127.0.9.1, peer_as: 65001, passive: true, import: all, node: ${endless}, site: ${endless} }`,
  `{ name: W2, address: 127.0.9.2, peer_as: 65001, passive: true, import: all, description: "</td><script>alert(1)</script><img src=x onerror=alert(2)>${endless}" }`,
];

describeBrowser('with texts that others have written', () => {
  let browser: Browser;
  let running: DaemonPage;
  beforeAll(async () => {
    running = await daemonPage(peers);
    await running.daemon.ask(`/api/v1/peers/W2/disable?reason=${endless}`, 'POST');
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test.each([
    '',
    'peers',
    'peers/W2',
    `peers/${endless.slice(0, 60)}`,
    'events',
    'whatif',
    `whatif?node=${endless}`,
    `search?q=${endless}`,
    'search?q=W2',
    `route?prefix=${endless}`,
    endless,
  ])('/%s is no wider than the screen, and runs no code of theirs', async (path) => {
    await using looked = await look(browser, running.base + path);
    const { page, complaints } = looked;
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.locator('#live.on').waitFor();
    for (const width of [360, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await overflow(page)]).toEqual([width, 0]);
    }
    expect([dialogs, await page.locator('main :is(script, img)').count()]).toEqual([[], 0]);
    expect(complaints.filter((line) => !/\b40[04]\b/.test(line))).toEqual([]);
  });
});
