import { closeSync, cpSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { external } from '../build/bundle.ts';

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Returns the directories of the packages that the bundle loads at run time, such as `node_modules/koffi`, and of those
 * that they need: according to package-lock.json, with the optional ones that npm has chosen for this machine.
 */
export function productionFolders(root: string): string[] {
  const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  const folders = new Set<string>();
  const add = (name: string, from: string): void => {
    const folder = places(name, from).find((place) => place in lock.packages);
    if (folder === undefined || folders.has(folder) || !existsSync(join(root, folder))) return;
    folders.add(folder);
    const { dependencies, optionalDependencies } = lock.packages[folder];
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, folder);
  };
  for (const name of external) add(name, '');
  return [...folders].toSorted();
}

/** Where Node looks for a package that the one in `from` asks for, the nearest first. */
function places(name: string, from: string): string[] {
  const parts = from.split(/\/?(?=node_modules\/)/).filter((part) => part !== '');
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    [...parts.slice(0, parts.length - up), 'node_modules', name].join('/'),
  );
}

/** Directories at the top of a package that only its authors need; further down such a name may contain code. */
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

/** A binary for another C library than that of the runtime; settings of the authors' own tools. */
const foreignFiles = /^(?:musl_|\.)/;

/** Returns whether it is a program of the package (`#!`), which nothing here starts. */
function isScript(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const file = openSync(path, 'r');
  try {
    const first = Buffer.alloc(2);
    readSync(file, first);
    return first.toString('latin1') === '#!';
  } finally {
    closeSync(file);
  }
}

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
        !foreignFiles.test(basename(path)) &&
        !authorsFiles.test(path) &&
        !isScript(path)
      );
    },
  });
}
