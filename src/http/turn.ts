import type { Clock } from '../clock.ts';

/** Lets the daemon's own work go first: an answer in slices waits for this between two of them. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.soon(resolve);
  });
}
