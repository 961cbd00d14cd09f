import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '#support/requirements.ts';
import { bench } from '../http/app.ts';
import { launch, look } from './browser.ts';

describeBrowser('while another what-if is computed', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('the page says so, tries again by itself, and then shows the answer', async () => {
    await using running = await busy();
    await using looked = await look(browser, `${running.base}/whatif?node=w2`);
    const { page, complaints } = looked;
    await page.getByText('Another what-if is being computed').waitFor();
    await page.getByText('The page tries again by itself.').waitFor();
    await running.finish();
    await page.getByRole('heading', { name: 'If node w2 failed' }).waitFor();
    expect(await page.getByText('tries again').count()).toBe(0);
    expect(complaints.filter((line) => !line.includes('429'))).toEqual([]);
  });

  test('without JavaScript there is a link to try again', async () => {
    await using running = await busy();
    await using looked = await look(browser, `${running.base}/whatif?node=w2`, {
      hasScript: false,
    });
    const { page } = looked;
    expect(await page.getByRole('heading').first().textContent()).toBe('One at a time');
    expect(await page.getByText('The page tries again by itself.').isVisible()).toBe(false);
    await running.finish();
    await page.getByRole('link', { name: 'Try again now' }).click();
    await page.getByRole('heading', { name: 'If node w2 failed' }).waitFor();
  });
});

/** An app on which the first what-if takes until `finish` is called. */
async function busy() {
  const running = await bench();
  const base = await running.app.listen({ host: '127.0.0.1', port: 0 });
  const { daemon } = running;
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const simulate = daemon.simulate.bind(daemon);
  daemon.simulate = async (...words) => {
    begun.resolve();
    await promise;
    return simulate(...words);
  };
  const first = fetch(`${base}/api/v1/whatif?node=w1`);
  await begun.promise;
  const finish = async (): Promise<void> => {
    resolve();
    expect((await first).status).toBe(200);
  };
  return { base, finish, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
