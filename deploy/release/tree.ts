import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
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
 * Writes the complete program below `to`: `bin/fingerpost`, and in `lib` the runtime, the bundle, and the packages that
 * are not in it. It runs wherever it is put.
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
  copyStripped(join(runtime, 'bin/node'), join(lib, 'node'));
  chmodSync(join(lib, 'node'), 0o755);
  copyFileSync(join(runtime, 'LICENSE'), join(lib, 'LICENSE.node'));
  cpSync(built, join(lib, 'dist'), {
    recursive: true,
    filter: (path) => path !== join(built, 'packages'), // archives like the one that this becomes
  });
  // It is started by `bin/fingerpost`, with the runtime beside it, and is not a program by itself here.
  const entry = join(lib, 'dist/main.js');
  writeFileSync(entry, readFileSync(entry, 'utf8').replace(/^#!.*/, ''));
  chmodSync(entry, 0o644);
  // For Node: the files below `dist` are ES modules.
  copyFileSync(join(root, 'package.json'), join(lib, 'package.json'));
  for (const folder of productionFolders(root)) copyPackage(root, folder, lib);
}

/** Debug symbols are 18 of the runtime's 126 MB; add-ons are linked through the dynamic symbols, which stay. */
function copyStripped(from: string, to: string): void {
  const { error, status } = spawnSync('strip', ['--strip-unneeded', '-o', to, from], {
    stdio: 'inherit',
  });
  if (status === 0) return;
  console.error(
    `strip (Debian: binutils) cannot be run, so the runtime keeps its symbols: ${error?.message ?? `status ${status}`}`,
  );
  copyFileSync(from, to);
}

/** Where each shell looks for completions, below `share`. */
const completions = {
  bash: 'bash-completion/completions/fingerpost',
  zsh: 'zsh/vendor-completions/_fingerpost',
  fish: 'fish/vendor_completions.d/fingerpost.fish',
} as const;

/** Writes what the staged program prints for each shell below `to`, a folder `share`. */
export function stageCompletions(program: string, to: string): void {
  for (const [shell, place] of Object.entries(completions)) {
    mkdirSync(dirname(join(to, place)), { recursive: true });
    writeFileSync(join(to, place), execFileSync(program, ['completion', shell]));
  }
}

/** Writes what an operator copies or reads: schema, examples, units, rules, dashboard. */
export function stageShare(to: string): void {
  mkdirSync(to, { recursive: true });
  const parts = ['examples', 'systemd', 'prometheus', 'grafana', 'alice', 'fingerpost.schema.json'];
  for (const part of parts) {
    cpSync(join(root, 'deploy', part), join(to, part), {
      recursive: true,
      filter: (path) => !path.endsWith('.ts'),
    });
  }
}
