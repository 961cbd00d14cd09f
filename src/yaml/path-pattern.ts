import { dirname, isAbsolute, join } from 'node:path';
import { fileFailure } from '#text/file-failure.ts';
import { type ConfigHost, isAbsent } from './host.ts';

/** A directory on the path of a pattern cannot be read. */
export class FolderError extends Error {
  readonly folder: string;
  /** The name does not exist, as opposed to not being readable. */
  readonly isAbsent: boolean;

  constructor(folder: string, cause: unknown) {
    super(fileFailure(cause), { cause });
    this.folder = folder;
    this.isAbsent = isAbsent(cause);
  }
}

/**
 * Returns the paths that a pattern matches, sorted; `*` may stand in every part of it. Throws a `FolderError`
 * for a directory that cannot be read.
 */
export function filesOf(host: ConfigHost, pattern: string): string[] {
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = [isAbsolute(pattern) ? '/' : ''];
  let isGuessed = false;
  for (const part of parts) {
    if (part.includes('*')) found = found.flatMap((at) => within(host, at, part, isGuessed));
    else found = found.map((at) => join(at, part));
    isGuessed ||= part.includes('*');
  }
  const isWhole = parts.at(-1)?.includes('*') === true;
  return (isWhole ? found : found.filter((path) => isThere(host, path))).toSorted();
}

/** `isGuessed`: the directory itself matched a pattern, and may be a file. */
function within(host: ConfigHost, folder: string, part: string, isGuessed: boolean): string[] {
  try {
    return matching(part, host.namesIn(folder || '.')).map((name) => join(folder, name));
  } catch (error) {
    if (isGuessed && isAbsent(error)) return [];
    throw new FolderError(folder || '.', error);
  }
}

function isThere(host: ConfigHost, path: string): boolean {
  try {
    return host.exists(path);
  } catch (error) {
    throw new FolderError(dirname(path), error);
  }
}

/**
 * Returns the names that a pattern with `*` matches, sorted; as in a shell, it does not match a leading dot.
 */
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
