import type { Work } from '#api/changes.ts';
import type { Clock } from '#clock.ts';

/** A slice of the work. */
const sliceMs = 3;

/** Does what yields after each small step, in slices; between two of them the daemon does its own work. */
export function* inSlices<Result>(
  clock: Pick<Clock, 'monotonic'>,
  work: Iterator<void, Result>,
): Work<Result> {
  for (;;) {
    const untilMs = clock.monotonic() + sliceMs;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (clock.monotonic() < untilMs);
    yield;
  }
}
