import type { Cancel, Clock } from '#clock.ts';
import { noDescriptor } from '#os/descriptors.ts';

const lookEveryMs = 5_000;
/** While it lasts, it is reported again at this interval. */
const warnEveryMs = 60_000;

const usedUp = `every incoming connection is closed as soon as it is accepted, and no peer can be dialled: ${noDescriptor}`;

/**
 * Reports when file descriptors are used up, and when that is over. Without this it would go unnoticed, because libuv
 * then accepts each connection only to close it.
 */
export function watchDescriptors(
  clock: Clock,
  hasFree: () => boolean,
  warn: (text: string) => void,
): Cancel {
  let warnedMs: number | undefined;
  return clock.every(lookEveryMs, () => {
    if (hasFree()) {
      if (warnedMs !== undefined) warn('file descriptors are free again: connections are accepted');
      warnedMs = undefined;
      return;
    }
    const now = clock.monotonic();
    if (warnedMs !== undefined && now - warnedMs < warnEveryMs) return;
    warnedMs = now;
    warn(usedUp);
  });
}
