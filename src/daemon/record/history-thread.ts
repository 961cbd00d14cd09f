/**
 * The thread that keeps the history (kept-history.ts starts it), so that no disk makes the daemon wait. It takes
 * `NumberedRequest`s and posts a `NumberedReply` to each.
 */
import { parentPort } from 'node:worker_threads';
import { HistoryKeeper } from '#history/store/history-keeper.ts';
import type { NumberedRequest } from '#history/store/history-messages.ts';

const keeper = new HistoryKeeper();
parentPort?.on('message', ({ number, ...request }: NumberedRequest) => {
  parentPort?.postMessage({ ...keeper.handle(request), number }, []);
  if (request.kind === 'close') parentPort?.close();
});
