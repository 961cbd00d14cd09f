import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { Bundle } from './bundle.ts';

/** The sheets of the one style, in order: a later rule of the same weight counts. */
const styles = [
  'base',
  'head',
  'content',
  'tables',
  'matrix',
  'trouble',
  'timeline',
  'events',
  'details',
  'foot',
  'screens',
  'print',
];

/** What the looking glass sends to a browser: one script, the style and the icon. */
export async function pageFiles(root: string): Promise<Bundle> {
  const folder = join(root, 'src/http/page');
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
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
      ['page.css', styles.map((name) => textOf(`styles/${name}.css`)).join('\n')],
      ['page.svg', textOf('page.svg')],
    ]),
    sources: Object.keys(script.modules).filter((id) => id.startsWith('/')),
  };
}
