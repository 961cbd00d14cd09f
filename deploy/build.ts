/**
 * What `npm run build` does after the compiler: the binary executable, the JSON Schema for editors,
 * the static files of the page. Each step does nothing where there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { publishedSchema } from '../src/config/schema-json.ts';

const root = new URL('../', import.meta.url);

function makeExecutable(path: string): void {
  const file = new URL(path, root);
  if (existsSync(file)) chmodSync(file, 0o755);
}

/** The commit, for `fingerpost_build_info`; a source tree without git has none. */
function writeRevision(path: string): void {
  const git = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  });
  const file = new URL(path, root);
  if (git.status !== 0 || !existsSync(file)) return;
  const described: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...Object(described), revision: git.stdout.trim() }));
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
writeRevision('dist/package.json');
writeFileSync(new URL('deploy/fingerpost.schema.json', root), publishedSchema());
copyStatic('src/http/web/', 'dist/src/http/web/');
