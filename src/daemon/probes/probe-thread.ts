/**
 * The thread in which nodes are probed (probes.ts starts it), so that only the results cost the daemon anything. It
 * receives `ProbeRequest`s and posts `ProbeResult`s.
 */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '#clock.ts';
import type { ProbeRequest } from './probe-messages.ts';
import { Prober } from './prober.ts';

const prober = new Prober(systemClock, Math.random, (result) =>
  parentPort?.postMessage(result, []),
);
parentPort?.on('message', ({ targets }: ProbeRequest) => prober.setTargets(targets));
