import { join } from 'node:path';
import { FileLock, lockHolder } from '#os/file-lock.ts';
import { makeFolders } from '#os/folders.ts';
import { StateDirError } from './state-file.ts';

/**
 * Locks `state_dir` for this process alone, because two daemons would replace each other's files. Returns undefined if
 * nothing can be written there, so that nothing can be damaged. Throws a StateDirError if another daemon has it.
 */
export function lockStateDir(directory: string): FileLock | undefined {
  const path = join(directory, 'lock');
  let lock: FileLock | undefined;
  try {
    makeFolders(directory);
    lock = FileLock.take(path);
  } catch {
    // The first attempt to write there will report why it is not possible.
    return undefined;
  }
  if (lock !== undefined) return lock;
  throw new StateDirError(
    `state_dir: ${directory} belongs to ${lockHolder(path)}; stop it first, or give this one another state_dir`,
  );
}
