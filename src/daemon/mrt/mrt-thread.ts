/**
 * The thread that writes MRT dumps (mrt.ts starts it), so that the daemon never waits for a disk. It receives
 * `DumpRequest`s and posts a `DumpReport` for each.
 */
import { parentPort } from 'node:worker_threads';
import { DumpKeeper } from '#history/dumps/dump-keeper.ts';
import type { DumpRequest } from '#history/dumps/dump-messages.ts';

const keeper = new DumpKeeper();
parentPort?.on('message', (request: DumpRequest) => {
  parentPort?.postMessage(keeper.handle(request), []);
  if (request.kind === 'close') parentPort?.close();
});
