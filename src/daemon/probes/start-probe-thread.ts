import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ProbeResult, ProbeTarget } from './probe-messages.ts';

/** Who probes. */
export interface ProbeThread {
  setTargets(targets: readonly ProbeTarget[]): void;
  end(): void;
}

export type StartProbeThread = (report: (result: ProbeResult) => void) => ProbeThread;

export const startProbeThread: StartProbeThread = (report) => {
  // Beside this file in the sources, beside the program in the bundle.
  const url = new URL(`./probe-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(url, { execArgv: [] });
  worker.on('message', report);
  worker.unref();
  return {
    setTargets: (targets) => worker.postMessage({ targets }, []),
    end: () => void worker.terminate(),
  };
};
