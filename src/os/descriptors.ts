import { closeSync, openSync } from 'node:fs';

/** Whether this process may open one more file or socket; false at its limit (EMFILE) or the system's (ENFILE). */
export function hasFreeDescriptor(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code !== 'EMFILE' && code !== 'ENFILE';
  }
}
