import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { errno, lastErrno, libc, SocketError } from './libc.ts';

/** sys/file.h */
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * An exclusive lock on a file (flock(2)). The kernel releases it when the process ends, for whatever reason, so a file
 * that a killed process left behind prevents nothing. The file contains the number of the process.
 */
export class FileLock {
  private readonly path: string;
  private readonly fd: number;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /** Returns undefined if another process has the lock. Throws the system's error if the file cannot be locked. */
  static take(path: string): FileLock | undefined {
    for (;;) {
      const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
      try {
        if (!lock(fd)) {
          closeSync(fd);
          return undefined;
        }
        // A holder removes the file when it ends, and a lock on a removed file excludes nobody.
        if (isAt(path, fd)) {
          ftruncateSync(fd);
          writeSync(fd, `${process.pid}\n`);
          return new FileLock(path, fd);
        }
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      closeSync(fd);
    }
  }

  /** Gives the file to another user, so that the next start as that user can open it. */
  giveTo({ uid, gid }: { readonly uid: number; readonly gid: number }): void {
    chownSync(this.path, uid, gid);
  }

  /** Removes the file. */
  release(): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // As another user we may not be allowed to; the next start takes the file over.
    }
    closeSync(this.fd);
  }
}

/** Returns who has the lock, for operators; it leaves out the process if that cannot be read. */
export function lockHolder(path: string): string {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return pid > 0 ? `another fingerpost (process ${pid})` : 'another fingerpost';
  } catch {
    return 'another fingerpost';
  }
}

/** Returns false if another process has the lock. */
function lock(fd: number): boolean {
  if (libc().flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const failure = lastErrno();
  if (failure === errno.EAGAIN) return false;
  throw new SocketError('flock', failure);
}

function isAt(path: string, fd: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(fd);
  return found?.dev === dev && found.ino === ino;
}
