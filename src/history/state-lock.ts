import { join } from 'node:path';
import { FileLock, lockHolder } from '#os/file-lock.ts';
import { makeFolders } from '#os/folders.ts';
import { StateDirError } from './state-file.ts';

/**
 * Takes `state_dir` for this process alone: two daemons would replace each other's files. Returns undefined where
 * nothing can be written, and so nothing spoilt. Throws a StateDirError when another daemon has it.
 */
export function lockStateDir(directory: string): FileLock | undefined {
  const path = join(directory, 'lock');
  let lock: FileLock | undefined;
  try {
    makeFolders(directory);
    lock = FileLock.take(path);
  } catch {
    // Whoever writes there first tells why it cannot be done.
    return undefined;
  }
  if (lock !== undefined) return lock;
  throw new StateDirError(
    `state_dir: ${directory} belongs to ${lockHolder(path)}; stop it first, or give this one another state_dir`,
  );
}
