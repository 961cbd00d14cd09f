/**
 * The thread that keeps the history (kept-history.ts starts it), so that the daemon never waits for a disk. It receives
 * `NumberedRequest`s and posts a `NumberedReply` for each.
 */
import { parentPort } from 'node:worker_threads';
import { HistoryKeeper } from '#history/store/history-keeper.ts';
import type { NumberedRequest } from '#history/store/history-messages.ts';

const keeper = new HistoryKeeper();
parentPort?.on('message', ({ number, ...request }: NumberedRequest) => {
  parentPort?.postMessage({ ...keeper.handle(request), number }, []);
  if (request.kind === 'close') parentPort?.close();
});
