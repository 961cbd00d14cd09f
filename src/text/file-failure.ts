import { codeOf } from './code-of.ts';

const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of the path is not a directory',
  ENOTREG: 'it is not a regular file',
  ENXIO: 'it is not a regular file',
  EFBIG: 'it is larger than 64 MiB',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
};

/** What is said of an error without a code. */
export const unknownError = 'unknown error';

/** Returns in words why a file cannot be read or written; never its content. */
export function fileFailure(error: unknown): string {
  const code = codeOf(error) ?? unknownError;
  return words[code] ?? code;
}
