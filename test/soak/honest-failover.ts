import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { hasEnded } from '#support/process.ts';
import type { Failover, FailoverPlan } from './failover-observer.ts';
import type { Figures } from './figures.ts';
import type { Server } from './server.ts';

const mostMs = 100;
const patienceSec = 120;
const observer = join(import.meta.dirname, 'failover-observer.ts');

/**
 * Failovers of a service during whatever the scenario does: there are two nodes and one router, and one node raises its
 * MED or withdraws its path. Each is measured until the router has the other path.
 */
export class HonestFailover {
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.process = process;
  }

  /** Resolves after the first one. The path of the other node has been announced already. */
  static async start(
    { port, pid }: Server,
    plan: Omit<FailoverPlan, 'port' | 'pid'>,
  ): Promise<HonestFailover> {
    const failover = new HonestFailover(
      fork(observer, [JSON.stringify({ port, pid, ...plan } satisfies FailoverPlan)]),
    );
    await failover.hear();
    return failover;
  }

  /**
   * Notes what was measured. A machine that stands still delays a failover by as long, which is not the daemon's fault.
   */
  async judge(figures: Figures): Promise<void> {
    this.process.send('tell');
    const failovers = (await this.hear()) as readonly Failover[];
    const took = failovers.map(({ tookMs }) => tookMs);
    const machine = failovers.map(({ machineMs }) => machineMs);
    const daemon = failovers.map(({ tookMs, machineMs }) => tookMs - machineMs);
    figures.note('failovers of an honest service meanwhile', failovers.length);
    figures.note('they took', spread(took));
    figures.note('of that the machine was late', spread(machine));
    figures.note('which leaves for the daemon', spread(daemon));
    figures.demandInTime('an honest failover is never late', Math.max(...daemon) < mostMs);
  }

  async close(): Promise<void> {
    if (hasEnded(this.process)) return;
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }

  /** Returns what the process reports next; rejects if it ends instead, or if the failovers do not go on. */
  private hear(): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const text = `no honest failover within ${patienceSec} s`;
    const deadline = setTimeout(() => reject(new Error(text)), patienceSec * 1000);
    const end = (code: number | null): void =>
      reject(new Error(`the honest failovers ended with ${code}`));
    if (hasEnded(this.process)) end(this.process.exitCode);
    this.process.once('exit', end);
    this.process.once('message', (what) => {
      this.process.off('exit', end);
      resolve(what);
    });
    return promise.finally(() => clearTimeout(deadline));
  }
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? 0;
  return `p50 ${middle.toFixed(1)} ms, max ${(sorted.at(-1) ?? 0).toFixed(1)} ms`;
}
