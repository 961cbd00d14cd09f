import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** What the loader needs of the machine; tests hand in their own. */
export interface ConfigHost {
  /** Throws with a `code` as node:fs does. */
  readFile(path: string): string;
  /** The files that a pattern names, sorted; `*` only in the last part. */
  filesOf(pattern: string): readonly string[];
  env(name: string): string | undefined;
}

export const nodeHost: ConfigHost = {
  readFile: (path) => readFileSync(path, 'utf8'),
  filesOf: (pattern) => {
    const folder = dirname(pattern);
    return matching(basename(pattern), readdirSync(folder)).map((file) => join(folder, file));
  },
  env: (name) => process.env[name],
};

/** The names that a pattern with `*` covers, sorted; as in a shell it covers no leading dot. */
export function matching(pattern: string, names: readonly string[]): string[] {
  const expression = new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`);
  return names
    .filter((file) => expression.test(file))
    .filter((file) => !file.startsWith('.') || pattern.startsWith('.'))
    .toSorted();
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `path` as seen from the folder of `file`. */
export function besides(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}

/** Why a file cannot be read, in words; never its content. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return failures[code] ?? code;
}

const failures: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
};
