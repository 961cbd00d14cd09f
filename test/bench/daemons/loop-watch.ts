import { createServer } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { threadCpuSeconds } from '../load/libc.ts';

/**
 * Imported into the daemon before its own program (`node --import`). It measures how long the event loop does not look
 * at timers and sockets. A client that connects to `loop.sock` in the working folder gets the longest turn and the CPU
 * time since the last client, as JSON.
 */
export const loopSocket = 'loop.sock';

/** The longest turn of the event loop, ms. */
export interface LongestTurn {
  /** CPU time of the thread in that turn, which does not depend on other work of the machine. */
  readonly sliceMs: number;
  /** By the clock, ms. */
  readonly turnMs: number;
}

/** The figures since the last request. */
export interface LoopFigures extends LongestTurn {
  /** The CPU time of the thread in all turns. */
  readonly cpuMs: number;
}

const everyMs = 1;

function watch(): void {
  let longest: LongestTurn = { sliceMs: 0, turnMs: 0 };
  let [cpuMs, wallMs] = now();
  let askedAtCpuMs = cpuMs;
  setInterval(() => {
    const [cpu, wall] = now();
    longest = {
      sliceMs: Math.max(longest.sliceMs, cpu - cpuMs),
      turnMs: Math.max(longest.turnMs, wall - wallMs),
    };
    [cpuMs, wallMs] = [cpu, wall];
  }, everyMs).unref();
  const server = createServer((socket) => {
    const [cpu] = now();
    const figures: LoopFigures = { ...longest, cpuMs: cpu - askedAtCpuMs };
    socket.end(JSON.stringify(figures));
    askedAtCpuMs = cpu;
    longest = { sliceMs: 0, turnMs: 0 };
  });
  server.listen(join(process.cwd(), loopSocket)).unref();
}

function now(): [cpuMs: number, wallMs: number] {
  return [threadCpuSeconds() * 1000, performance.now()];
}

// The threads of the daemon import it too.
if (isMainThread && process.execArgv.some((argument) => argument.includes('loop-watch'))) watch();
