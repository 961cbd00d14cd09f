import { cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** The runtime is copied by itself, without its headers. */
const isRuntime = (folder: string): boolean => folder.startsWith('node_modules/node-linux-');

/**
 * Folders of the packages that run the program, as `node_modules/yaml`: what package-lock.json does not
 * mark `dev`, and of the optional ones those that npm has chosen for this machine.
 */
export function productionFolders(root: string): string[] {
  const { packages }: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([folder, { dev = false }]) => folder !== '' && !dev && !isRuntime(folder))
    .map(([folder]) => folder)
    .filter((folder) => existsSync(join(root, folder)));
}

/** Folders at the top of a package that only its authors need; further down such a name may hold code. */
const authorsFolders = new Set([
  '.github',
  'benchmark',
  'benchmarks',
  'docs',
  'example',
  'examples',
  'test',
  'tests',
  'vendor',
]);

const authorsFiles = /\.(?:d\.[cm]?ts|[cm]?ts|map|cc|cpp|c|h|inc|S|asm|md|markdown)$/;

/** A binary for another C library than that of the runtime. */
const foreignBinary = /^musl_/;

/** Copies what a package needs to run, and its licence. */
export function copyPackage(root: string, folder: string, to: string): void {
  const from = join(root, folder);
  cpSync(from, join(to, folder), {
    recursive: true,
    filter: (path) => {
      const inside = relative(from, path);
      if (inside === '' || /^licen[cs]e/i.test(basename(path))) return true;
      if (inside === 'node_modules') return false; // a folder of its own in the lock file
      return (
        !authorsFolders.has(inside) &&
        !foreignBinary.test(basename(path)) &&
        !authorsFiles.test(path)
      );
    },
  });
}
