import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyPackage, productionFolders } from './production.ts';

/** The checkout. */
export const root = new URL('../../', import.meta.url).pathname;

export interface Product {
  readonly version: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** Unix seconds of what is built, so that the same sources give the same bytes. */
  readonly epoch: string;
}

export function product(): Product {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return { version, arch: process.arch, epoch: process.env.SOURCE_DATE_EPOCH ?? commitTime() };
}

function commitTime(): string {
  try {
    const argv = ['-C', root, 'log', '-1', '--format=%ct'];
    return execFileSync('git', argv, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '0'; // no repository: an unpacked archive of the sources
  }
}

/**
 * Lays the program out below `to`, complete: `bin/fingerpost`, and in `lib` the runtime, the bundle, and
 * the packages that are not in it. It runs wherever it is put.
 */
export function stageProgram(to: string, arch: string): void {
  const runtime = join(root, `node_modules/node-linux-${arch}`);
  const built = join(root, 'dist');
  for (const [path, fix] of [
    [join(runtime, 'bin/node'), 'npm ci'],
    [join(built, 'main.js'), 'npm run build'],
  ]) {
    if (!existsSync(path)) throw new Error(`${path} is not there; \`${fix}\` makes it`);
  }
  const lib = join(to, 'lib');
  mkdirSync(join(to, 'bin'), { recursive: true });
  mkdirSync(lib);
  copyFileSync(join(root, 'deploy/release/fingerpost.sh'), join(to, 'bin/fingerpost'));
  chmodSync(join(to, 'bin/fingerpost'), 0o755);
  copyFileSync(join(runtime, 'bin/node'), join(lib, 'node'));
  chmodSync(join(lib, 'node'), 0o755);
  copyFileSync(join(runtime, 'LICENSE'), join(lib, 'LICENSE.node'));
  cpSync(built, join(lib, 'dist'), {
    recursive: true,
    filter: (path) => path !== join(built, 'packages'), // archives like the one that this becomes
  });
  // For Node: the files below `dist` are ES modules.
  copyFileSync(join(root, 'package.json'), join(lib, 'package.json'));
  for (const folder of productionFolders(root)) copyPackage(root, folder, lib);
}

/** What an operator copies from or reads: schema, examples, units, rules, dashboard. */
export function stageShare(to: string): void {
  mkdirSync(to, { recursive: true });
  const parts = ['examples', 'systemd', 'prometheus', 'grafana', 'alice', 'fingerpost.schema.json'];
  for (const part of parts) {
    cpSync(join(root, 'deploy', part), join(to, part), {
      recursive: true,
      // The schema beside the examples is a link to the one above them.
      dereference: true,
      filter: (path) => !path.endsWith('.ts'),
    });
  }
}
