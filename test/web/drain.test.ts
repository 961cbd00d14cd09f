import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import type { DaemonProcess } from '../daemon/process.ts';
import { launch, look } from './browser.ts';
import { type DaemonPage, daemonPage, secret } from './daemon-page.ts';

const peer =
  '{ name: W1, address: 127.0.9.1, peer_as: 65001, passive: true, import: all, max_prefix: { limit: 9 }, node: w1 }';

interface Drained {
  readonly until?: string;
  readonly since: string;
}

describeBrowser('a node is drained from the page', () => {
  let browser: Browser;
  let running: DaemonPage;

  beforeAll(async () => {
    running = await daemonPage([peer]);
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    await running[Symbol.asyncDispose]();
  });

  test('needs the token and the typed name, and can be ended; the token is not stored anywhere', async () => {
    const { daemon, base } = running;
    await using looked = await look(browser, `${base}whatif?node=w1`);
    const { page } = looked;
    const fill = async (token: string, name: string, button: string): Promise<void> => {
      await page.getByLabel('Token').fill(token);
      await page.getByLabel(/^Type/).fill(name);
      await page.getByRole('button', { name: button }).click();
    };
    await page.getByText('Drain node w1…').click();
    await fill(secret, 'w2', 'Drain node w1');
    await page.getByText('what was typed is not w1').waitFor();
    await fill('another-token', 'w1', 'Drain node w1');
    await page.getByText('needs a bearer token').waitFor();
    expect(await drained(daemon)).toEqual([]);
    await page.getByLabel('Ends by itself').selectOption('after 2 hours');
    await page.getByLabel('Comment').fill('disk');
    await page.getByLabel(/^Force/).check();
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await fill(secret, 'w1', 'Drain node w1');
    await page.getByText(/^Drained as d1/).waitFor();
    expect((await sent).postDataJSON()).toEqual({
      node: 'w1',
      ttl_s: 7200,
      comment: 'disk',
      force: true,
    });
    const [{ since, until = '' }] = await drained(daemon);
    expect(Math.round((Date.parse(until) - Date.parse(since)) / 1000)).toBe(7200);

    await page.goto(base);
    await page.getByText('Out of service on purpose').waitFor();
    await page.getByText('End d1…').click();
    await fill(secret, 'w1', 'End d1');
    await page.getByText('Out of service on purpose').waitFor({ state: 'detached' });
    expect(await drained(daemon)).toEqual([]);
    const kept = `${await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage])')}`;
    expect([kept, await looked.context.cookies()]).toEqual(['[{},{}]', []]);
    expect(looked.complaints.filter((line) => !line.includes('401'))).toEqual([]);
  });
});

async function drained(daemon: DaemonProcess): Promise<Drained[]> {
  return (await daemon.ask<{ items: Drained[] }>('/api/v1/drains')).items;
}
