/**
 * The thread in which a configuration is loaded (load-aside.ts starts it): one request as its data, the
 * parts of the answer on the port that comes with it, then a message that all are there; and it ends.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from './load.ts';
import { buffersOf, packed } from './pack.ts';

/** What is to be loaded. */
export interface LoadRequest {
  readonly file: string;
  /** In place of the file's own text. */
  readonly text?: string;
  /** As in `LoadOptions`. */
  readonly mayReadFiles?: boolean;
}

export interface ThreadData {
  readonly request: LoadRequest;
  /** Takes each `Part`. */
  readonly port: MessagePort;
}

const { request, port }: ThreadData = workerData;
const { file, ...options } = request;
for (const part of packed(loadConfig(file, options))) port.postMessage(part, buffersOf(part));
parentPort?.postMessage('done', []);
