/**
 * The thread in which a configuration is loaded (load-aside.ts starts it): one request as its data,
 * one answer as its message, and then it ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from './load.ts';
import { packed } from './pack.ts';

/** What is to be loaded. */
export interface LoadRequest {
  readonly file: string;
  /** In place of the file's own text. */
  readonly text?: string;
  /** As in `LoadOptions`. */
  readonly mayReadFiles?: boolean;
}

const { file, ...options }: LoadRequest = workerData;
const outcome = loadConfig(file, options);
parentPort?.postMessage(packed(outcome), []);
