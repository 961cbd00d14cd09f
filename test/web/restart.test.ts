import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import { launch, look } from './browser.ts';
import { daemonPage } from './daemon-page.ts';

const peers = [
  '{ name: W1, address: 127.9.0.1, peer_as: 65001, passive: true, import: all }',
  '{ name: W2, address: 127.9.0.2, peer_as: 65001, passive: true, import: all }',
];

describeBrowser('while the daemon restarts', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser.close());

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s, the page says how old it is, and goes on by itself with what the new one knows',
    async (signal) => {
      await using running = await daemonPage(peers);
      const { daemon, base } = running;
      await using looked = await look(browser, `${base}peers`);
      const { page } = looked;
      const banner = page.locator('#banner');
      await page.locator('#live.on').waitFor();
      daemon.child.kill(signal);
      await daemon.ended();
      await banner.getByText(/^The daemon does not answer\. What you see is \d+ s old/).waitFor();
      expect(await page.locator('#live.on').count()).toBe(0);
      expect(await page.locator('tbody tr').count()).toBe(2);
      running.configure([peers[0], peers[1].replace('W2', 'W3')]);
      await daemon.restart();
      await banner.waitFor({ state: 'hidden' });
      await page.locator('#live.on').waitFor();
      await page.getByRole('link', { name: 'W3' }).waitFor();
      expect(await page.getByRole('link', { name: 'W2' }).count()).toBe(0);
      await daemon.ask('/api/v1/peers/W3/disable', 'POST');
      await page.getByRole('row', { name: 'W3' }).getByText('disabled').first().waitFor();
    },
  );
});
