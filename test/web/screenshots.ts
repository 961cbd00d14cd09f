/** `npm run screenshots`: takes the pictures of the looking glass in docs/ from the demo after two failures. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningDemo } from '../demo/running-demo.ts';
import { launch, look } from './browser.ts';

const folder = new URL('../../docs/screenshots/', import.meta.url).pathname;

/** The name, the view, the scheme, and width and height in pixels. */
const pictures = [
  ['services-light', '', 'light', 1120, 720],
  ['services-dark', '', 'dark', 1120, 720],
  ['route-light', 'route?prefix=2001:db8:30::1', 'light', 1120, 600],
  ['peers-dark', 'peers', 'dark', 1280, 600],
  ['whatif-light', 'whatif', 'light', 1120, 600],
  ['phone-light', '', 'light', 360, 720],
  ['phone-dark', 'route?prefix=2001:db8:30::1', 'dark', 360, 720],
] as const;

const tmp = mkdtempSync(join(tmpdir(), 'fingerpost-screenshots-'));
const demo = new RunningDemo(tmp);
const browser = await launch();
try {
  const [, base] = await demo.line(/page: (http:\S+)/);
  await demo.tables('W3 MED 100', 'W2 MED 100', 'W1 MED 100');
  await demo.say('fail', 'w2');
  await demo.say('kill', 'w1');
  await demo.tables('W3 MED 100', 'W3 MED 102', 'W3 MED 101');
  mkdirSync(folder, { recursive: true });
  for (const [name, view, scheme, width, height] of pictures) {
    await using looked = await look(browser, base + view, { scheme });
    await looked.page.setViewportSize({ width, height });
    await looked.page.locator('#live.on').waitFor();
    await looked.page.screenshot({ path: join(folder, `${name}.png`) });
  }
} finally {
  await browser.close();
  demo.signal('SIGTERM');
  await demo.ended;
  rmSync(tmp, { recursive: true, force: true });
}
