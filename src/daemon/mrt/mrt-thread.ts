/**
 * The thread that writes MRT dumps (mrt.ts starts it), so that no disk makes the daemon wait. It takes
 * `DumpRequest`s and posts a `DumpReport` to each.
 */
import { parentPort } from 'node:worker_threads';
import { DumpKeeper } from '#history/dumps/dump-keeper.ts';
import type { DumpRequest } from '#history/dumps/dump-messages.ts';

const keeper = new DumpKeeper();
parentPort?.on('message', (request: DumpRequest) => {
  parentPort?.postMessage(keeper.handle(request), []);
  if (request.kind === 'close') parentPort?.close();
});
