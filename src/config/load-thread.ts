/**
 * The thread in which a configuration is loaded (load-aside.ts starts it). It receives one request as its data,
 * posts the parts of the answer on the port that comes with it, then a message that the answer is complete;
 * then it ends.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { loadRecorded, type LoadRequest } from './load-recorded.ts';
import { buffersOf, packed } from './pack.ts';

export interface ThreadData {
  readonly request: LoadRequest;
  /** Receives each `Part`. */
  readonly port: MessagePort;
}

const { request, port }: ThreadData = workerData;
for (const part of packed(loadRecorded(request))) port.postMessage(part, buffersOf(part));
parentPort?.postMessage('done', []);
