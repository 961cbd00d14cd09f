import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { environment } from '#support/process.ts';
import { describeBrowser, chromium as executablePath } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { look } from './browser.ts';
import { type DaemonPage, daemonPage, secret } from './daemon-page.ts';

const peer =
  '{ name: W1, address: 127.0.9.1, peer_as: 65001, passive: true, import: all, max_prefix: { limit: 9 }, node: w1 }';
const name = 'noc.example.net';

describeBrowser(
  'below a path of a proxy',
  () => {
    let browser: Browser;
    let running: DaemonPage;
    let stopProxy: () => Promise<void>;
    let base = '';

    beforeAll(async () => {
      const port = await freePort();
      base = `http://${name}:${port}/rs9/`;
      running = await daemonPage([peer], `external_url: ${base}`);
      stopProxy = await startNginx(port, running.base);
      browser = await chromium.launch({
        executablePath,
        args: [
          '--no-sandbox',
          `--host-resolver-rules=MAP ${name} 127.0.0.1`,
          // This replaces the TLS of a real proxy, because some headers apply only to a secure origin.
          `--unsafely-treat-insecure-origin-as-secure=${new URL(base).origin}`,
        ],
      });
    });

    afterAll(async () => {
      await browser.close();
      await stopProxy();
      await running[Symbol.asyncDispose]();
    });

    test('every view is reached, is live, and stays below the path', async () => {
      await using looked = await look(browser, base);
      const { page } = looked;
      const links = await page.locator('.top nav a').evaluateAll(texts);
      expect(links.length).toBeGreaterThan(4);
      for (const link of [...links, 'W1']) {
        if (link === 'W1') await page.goto(`${base}peers/W1`);
        else await page.locator('.top nav').getByText(link, { exact: true }).click();
        await page.locator('#live.on').waitFor();
        expect(page.url()).toContain(base);
      }
      await page.locator('.top nav').getByText('Services').click();
      await page.waitForURL(base);
      await page.keyboard.press('/');
      await page.keyboard.type('W1');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${base}search?q=W1`);
      expect(looked.complaints).toEqual([]);
    });

    test('a node is drained', async () => {
      await using looked = await look(browser, `${base}whatif?node=w1`);
      const { page } = looked;
      await page.getByText('Drain node w1…').click();
      await page.getByLabel('Token').fill(secret);
      await page.getByLabel(/^Type/).fill('w1');
      await page.getByRole('button', { name: 'Drain node w1' }).click();
      await page.getByText(/^Drained as d1/).waitFor();
      expect(looked.complaints).toEqual([]);
    });
  },
  ['nginx'],
);

const texts = (links: (SVGElement | HTMLElement)[]): string[] =>
  links.map(({ textContent }) => textContent ?? '');

/** Starts an nginx with the block of the documentation on a port of its own, and returns a function that stops it. */
async function startNginx(port: number, daemon: string): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-nginx-'));
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, block = ''] = /```nginx\n([^]*?)```/.exec(page) ?? [];
  expect(block).toContain('location /rs9/');
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  ${temporary.map((of) => `${of}_temp_path ${folder}/${of};`).join(' ')}
  server { listen 127.0.0.1:${port}; ${block.replace('http://127.0.0.1:9179/', daemon)} }
}
`,
  );
  const nginx = spawn('nginx', ['-c', file, '-p', folder], { env: environment, stdio: 'ignore' });
  await waitFor(
    'nginx',
    () => isOpen(port),
    (open) => open,
  );
  return async () => {
    if (nginx.kill('SIGTERM')) await once(nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
}

function isOpen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
