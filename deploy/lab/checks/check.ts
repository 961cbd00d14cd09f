import { pause } from '#support/wait.ts';
import type { KernelWatch } from '../kernel-watch.ts';
import type { Requests } from '../requests.ts';
import type { RunningLab } from '../running-lab.ts';
import type { Timings } from '../timings.ts';

/** What every check uses. */
export interface Stage {
  readonly lab: RunningLab;
  readonly kernels: KernelWatch;
  readonly requests: Requests;
  readonly timings: Timings;
}

/** Something that must hold. A check finds the lab settled, and may leave it in any state. */
export interface Check {
  readonly title: string;
  /** Part of `--short`. */
  readonly short?: boolean;
  /** Returns what was seen, in a few words; throws if it is not as it must be. */
  readonly run: (stage: Stage) => Promise<string>;
}

/** For what must happen eventually: how soon it happens is measured and compared, and does not decide. */
export const patienceSec = 60;

/** Checks until it holds; after that, says why it does not. */
export async function eventually(run: () => Promise<string>): Promise<string> {
  const deadline = performance.now() + patienceSec * 1000;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(250);
    }
  }
}

export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

export function mustEqual(what: string, seen: unknown, want: unknown): void {
  const [a, b] = [seen, want].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a}, not ${b}`);
}

/** Returns `2 requests lost`. */
export function lostText(count: number): string {
  return count === 0 ? 'no request lost' : `${count} ${count === 1 ? 'request' : 'requests'} lost`;
}
