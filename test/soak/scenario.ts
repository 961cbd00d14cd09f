import { performance } from 'node:perf_hooks';
import { pause } from '../interop/wait.ts';
import type { Figures } from './figures.ts';

/** One long trial of the daemon. */
export interface Scenario {
  readonly name: string;
  /** A sentence: what must hold. */
  readonly claim: string;
  /** Of the full size, for `npm test`. */
  readonly quickSize: number;
  /** `size` 1 is the full length; what is noted is printed, what is demanded is judged. */
  run(size: number, figures: Figures): Promise<void>;
}

/** At least one, in whole numbers. */
export function scaled(full: number, size: number): number {
  return Math.max(1, Math.round(full * size));
}

/** Seconds that it took. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

/** How late the timers of this process are meanwhile: what a speaker here sees late may be late here. */
export class OwnLag {
  longestMs = 0;
  private isOver = false;

  constructor() {
    void this.watch();
  }

  stop(): void {
    this.isOver = true;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const beforeMs = performance.now();
      await pause(20);
      this.longestMs = Math.max(this.longestMs, performance.now() - beforeMs - 20);
    }
  }
}
