import { hostOfFewBytes } from '#yaml/host.ts';
import { loadRecorded } from './load-recorded.ts';
import type { LoadOutcome } from './load.ts';
import { packed, Unpacking } from './pack.ts';

/** Bytes of all files and of the names in directories, together: loaded in well under a second. */
const mostBytes = 64 * 1024;

/**
 * Does what `loadAside` does, in this thread and at once, so it is only for a process that serves nobody yet. The
 * thread that is saved would leave 8 MB of resident memory behind. Returns `undefined` for whatever `loadAside`
 * should be asked for: a configuration that is not small, and one that has faults.
 */
export function loadSmall(file: string): LoadOutcome | undefined {
  const outcome = loadRecorded({ file }, hostOfFewBytes(mostBytes));
  if (!outcome.ok) return undefined;
  const unpacking = new Unpacking();
  for (const part of packed(outcome)) unpacking.take(structuredClone(part));
  return unpacking.outcome();
}
