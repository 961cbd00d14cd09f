/**
 * What `npm run build` does after the compiler: the binary executable, the JSON Schema for editors,
 * the static files of the page. Each step does nothing where there is nothing to do.
 */
import { chmodSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { publishedSchema } from '../src/config/schema-json.ts';

const root = new URL('../', import.meta.url);

function makeExecutable(path: string): void {
  const file = new URL(path, root);
  if (existsSync(file)) chmodSync(file, 0o755);
}

function copyStatic(from: string, to: string): void {
  const source = new URL(from, root);
  if (!existsSync(source)) return;
  cpSync(source, new URL(to, root), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
}

makeExecutable('dist/src/main.js');
writeFileSync(new URL('deploy/fingerpost.schema.json', root), publishedSchema());
copyStatic('src/http/web/', 'dist/src/http/web/');
