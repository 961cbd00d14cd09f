import type { Work } from '#api/queries.ts';
import type { Clock } from '#clock.ts';

/** The length of a slice for an answer, while the daemon does its own work. */
const answerSliceMs = 3;
/** The length of a slice of work that the daemon itself waits for. */
const turnMs = 5;

/** Runs a generator that yields after each small step, in slices; the daemon does its own work in between. */
export function* inSlices<Result>(
  clock: Pick<Clock, 'monotonic'>,
  work: Iterator<unknown, Result>,
  sliceMs = answerSliceMs,
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

/** Does all of it at once, if that is known to be short. */
export function atOnce<Result>(work: Iterator<unknown, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Resolves when sockets and timers have had their turns. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.soon(resolve));
}

/** As `inSlices`, to the end; sockets and timers have their turns in between. */
export async function inTurns<Result>(
  clock: Clock,
  work: Iterator<unknown, Result>,
): Promise<Result> {
  const slices = inSlices(clock, work, turnMs);
  for (;;) {
    const slice = slices.next();
    if (slice.done === true) return slice.value;
    await nextTurn(clock);
  }
}
