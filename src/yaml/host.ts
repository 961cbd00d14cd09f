import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { codeOf } from '#text/code-of.ts';

/** What is at a path, after symbolic links; `other` is a file, a device or a FIFO. */
export type PathKind = 'absent' | 'folder' | 'socket' | 'other';

/** What the loader needs of the machine; tests pass in their own. */
export interface ConfigHost {
  /** Throws with a `code` as node:fs does; `ENOTREG` if it is neither a file nor a directory. */
  readFile(path: string): string;
  /** Returns the names in a directory; throws as `readFile` does. */
  namesIn(folder: string): readonly string[];
  /** Returns whether the path exists; throws as `readFile` does if that cannot be determined. */
  exists(path: string): boolean;
  /** Returns the permission bits of a file; undefined if they cannot be determined. */
  modeOf(path: string): number | undefined;
  /** Returns what is at a path; undefined if that cannot be determined. */
  kindOf(path: string): PathKind | undefined;
  env(name: string): string | undefined;
}

/** No configuration is as long as this, but a log or a disk image may be. */
const maxFileBytes = 64 * 2 ** 20;

export const nodeHost: ConfigHost = {
  readFile: (path) => readRegular(path, maxFileBytes),
  namesIn: (folder) => readdirSync(folder),
  exists: (path) => {
    try {
      statSync(path);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  },
  modeOf: (path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    return mode === undefined ? undefined : mode & 0o777;
  },
  kindOf: (path) => {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) return 'folder';
      return stats.isSocket() ? 'socket' : 'other';
    } catch (error) {
      return isAbsent(error) ? 'absent' : undefined;
    }
  },
  env: (name) => process.env[name],
};

/**
 * Returns a host that answers as `nodeHost` until it has read so many bytes of files and of names; what would
 * be more throws `EFBIG`.
 */
export function hostOfFewBytes(mostBytes: number): ConfigHost {
  let left = mostBytes;
  const spent = <Read extends string | readonly string[]>(read: Read, text: string): Read => {
    left -= Buffer.byteLength(text);
    if (left < 0) throw new HostError('EFBIG');
    return read;
  };
  return {
    ...nodeHost,
    readFile: (path) => {
      const text = readRegular(path, left);
      return spent(text, text);
    },
    namesIn: (folder) => {
      const names = nodeHost.namesIn(folder);
      return spent(names, names.join('\n'));
    },
  };
}

function readRegular(path: string, mostBytes: number): string {
  // Opening a FIFO that has no writer would block for ever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw new HostError('EISDIR');
    if (!stats.isFile()) throw new HostError('ENOTREG');
    if (stats.size > mostBytes) throw new HostError('EFBIG');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** An error of ours in the form of a system error. */
class HostError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Whether an error of a host says that there is no such path. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Returns `path` relative to the directory of `file`. */
export function pathBeside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path);
}
