import type { Cancel, Clock } from '#clock.ts';

const lookEveryMs = 5_000;
/** While it lasts it is told again so often. */
const tellEveryMs = 60_000;

const usedUp =
  'no file descriptor is left: every call is closed as soon as it is accepted, and nobody can be ' +
  'dialled; raise LimitNOFILE= of the unit (or ulimit -n), and see "ls -l /proc/PID/fd" for who holds them';

/**
 * Tells when file descriptors are used up, and when that is over: libuv then takes each call only to
 * close it, and tells nobody.
 */
export function watchDescriptors(
  clock: Clock,
  hasFree: () => boolean,
  warn: (text: string) => void,
): Cancel {
  let toldMs: number | undefined;
  return clock.every(lookEveryMs, () => {
    if (hasFree()) {
      if (toldMs !== undefined) warn('file descriptors are free again: calls are taken');
      toldMs = undefined;
      return;
    }
    const now = clock.monotonic();
    if (toldMs !== undefined && now - toldMs < tellEveryMs) return;
    toldMs = now;
    warn(usedUp);
  });
}
