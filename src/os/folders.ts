import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with all above it; false when it is there. Not by Node's own `recursive`, which goes
 * round for ever where the system says that a folder in which none can be made is not there: /proc.
 */
export function makeFolders(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    const parent = dirname(directory);
    if (codeOf(error) !== 'ENOENT' || !makeFolders(parent)) throw error;
  }
  mkdirSync(directory);
  return true;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
