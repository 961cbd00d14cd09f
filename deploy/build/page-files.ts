import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { Bundle } from './bundle.ts';

/** What the looking glass sends to a browser: one script, the style and the icon. */
export async function pageFiles(root: string): Promise<Bundle> {
  const folder = join(root, 'src/http/page');
  const build = await rolldown({
    cwd: root,
    input: { 'page.client': join(folder, 'client/main.ts') },
    platform: 'browser',
  });
  const { output } = await build.generate({
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
  });
  await build.close();
  const [script] = output;
  return {
    files: new Map([
      [script.fileName, script.code],
      ['page.css', readFileSync(join(folder, 'page.css'), 'utf8')],
      ['page.svg', readFileSync(join(folder, 'page.svg'), 'utf8')],
    ]),
    sources: Object.keys(script.modules).filter((id) => id.startsWith('/')),
  };
}
