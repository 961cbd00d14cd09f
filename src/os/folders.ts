import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '#text/code-of.ts';

/**
 * Creates a directory and all of its parents; returns false if it exists. Node's own `recursive` is not used, because
 * it loops forever if the system reports that a directory in which none can be created does not exist (/proc).
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
