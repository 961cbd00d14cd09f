import { readFileSync } from 'node:fs';

/**
 * Returns the id of this boot of the machine. Within one boot, a time of CLOCK_MONOTONIC means the same to the next
 * process.
 */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // In a container that lacks it, only the wall clock tells how long the process was away.
    return undefined;
  }
}
