import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { pause } from '#support/wait.ts';
import type { Figures } from './figures.ts';
import type { Server } from './server.ts';
import type { Talker } from './talker.ts';

/** One long test of the daemon. */
export interface Scenario {
  readonly name: string;
  /** A sentence that says what must hold. */
  readonly claim: string;
  /** The part of the full size that `npm test` runs. */
  readonly quickSize: number;
  /** `size` 1 is the full length. What is noted is printed, and what is demanded is judged. */
  run(size: number, figures: Figures): Promise<void>;
}

/** Scales a number to the size: a whole number, at least one. */
export function scaled(full: number, size: number): number {
  return Math.max(1, Math.round(full * size));
}

/** Seconds that it took. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

/**
 * What the machine did meanwhile. A KEEPALIVE that seems late here may have been read late by this process, or the
 * daemon may have been runnable and without a core.
 */
export class MachineLag {
  /** How late a timer of this process was at most. */
  ownMs = 0;
  /** How long the daemon waited for a core at most, within three seconds. */
  daemonMs = 0;
  private isOver = false;
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
    void this.watch();
  }

  stop(): void {
    this.isOver = true;
  }

  get totalMs(): number {
    return this.ownMs + this.daemonMs;
  }

  private async watch(): Promise<void> {
    const waited: number[] = [];
    while (!this.isOver) {
      const beforeMs = performance.now();
      await pause(everyMs);
      this.ownMs = Math.max(this.ownMs, performance.now() - beforeMs - everyMs);
      const now = waitedMs(this.server.pid);
      waited.push(now);
      if (waited.length > 3000 / everyMs) waited.shift();
      this.daemonMs = Math.max(this.daemonMs, now - waited[0]);
    }
  }
}

const everyMs = 20;

/** How long its main thread has waited, as Linux counts it; 0 where the kernel does not count it. */
export function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** Returns once each session has seen two KEEPALIVEs, or is lost. */
export function haveTwo(talkers: readonly Talker[]): boolean {
  return talkers.every(({ longestGapMs, isClosed }) => isClosed || longestGapMs > 0);
}

/**
 * Judges hold times of 3 s: KEEPALIVEs are sent each second or more often, and no session is lost. A machine that
 * stands still for long ends such sessions by itself.
 */
export function judgePunctuality(
  figures: Figures,
  what: string,
  talkers: readonly Talker[],
  lag: MachineLag,
): void {
  const longest = Math.max(...talkers.map(({ longestGapMs }) => longestGapMs));
  const lost = talkers.filter(({ isClosed }) => isClosed).length;
  figures.note(`${what}: longest time between two KEEPALIVEs of 0.75 to 1 s`, longest, 'ms');
  figures.note(`${what}: own timers late by up to`, lag.ownMs, 'ms');
  figures.note(`${what}: the daemon waited for a core up to`, lag.daemonMs, 'ms in 3 s');
  figures.demandInTime(`KEEPALIVEs are on time: ${what}`, longest < 2000 + lag.totalMs);
  figures.demandInTime(`no session is lost: ${what}`, lost === 0 || lag.totalMs > 1000);
}
