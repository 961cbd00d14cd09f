import { readFileSync } from 'node:fs';

/** The id of this boot of the machine: with it a time of CLOCK_MONOTONIC means the same to the next process. */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // A container without it: then only the wall clock says how long the process was away.
    return undefined;
  }
}
