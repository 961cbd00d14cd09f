import type { Clock } from '#clock.ts';

/** So long a turn of the event loop is ours at most, but for the step that it ends in. */
const turnMs = 5;

/** Does what yields after each step, and lets sockets and timers have their turns in between. */
export async function inTurns<Result>(
  clock: Clock,
  work: Iterator<unknown, Result>,
): Promise<Result> {
  for (;;) {
    const untilMs = clock.monotonic() + turnMs;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (clock.monotonic() < untilMs);
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
}
