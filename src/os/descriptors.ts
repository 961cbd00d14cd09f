import { closeSync, openSync } from 'node:fs';
import { codeOf } from '#text/code-of.ts';

/**
 * Returns whether this process may open one more file or socket; false at its own limit (EMFILE) or the system's
 * (ENFILE).
 */
export function hasFreeDescriptor(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch (error) {
    return !isLackOfDescriptors(error);
  }
}

/** The text for operators. */
export const noDescriptor =
  'no file descriptor is free; raise LimitNOFILE= of the unit (or "ulimit -n"), or find out what holds so many: ls -l /proc/PID/fd';

/** Returns whether something failed because this process, or the system, has no descriptor left. */
export function isLackOfDescriptors(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // If a thread cannot be started or cannot find its program, only the message says so.
  const code = codeOf(error) ?? '';
  return (
    /^(EMFILE|ENFILE)$/.test(code) || /\b(EMFILE|ENFILE)\b|too many open files/.test(error.message)
  );
}
