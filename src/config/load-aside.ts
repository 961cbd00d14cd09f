import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '#clock.ts';
import type { LoadOutcome } from './load.ts';
import type { LoadRequest } from './load-thread.ts';
import type { PackedOutcome } from './pack.ts';
import { unpacked } from './pack.ts';

/** No configuration takes longer; what does is not one. */
const maxLoadMs = 30_000;
/** What the thread may hold; an endless text is refused rather than the daemon killed. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

export interface AsideOptions extends LoadRequest {
  readonly clock: Clock;
  /** Gives the loading up; the outcome is a refusal then. */
  readonly signal?: AbortSignal;
}

/**
 * As `loadConfig`, in a thread that exists only meanwhile: sessions are served however long the files
 * are. After 30 s it is given up. Rejects for a bug of the loader alone.
 */
export function loadAside({ clock, signal, ...request }: AsideOptions): Promise<LoadOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadOutcome>();
  const { file } = request;
  const worker = new Worker(threadUrl(), { workerData: request, execArgv: [], resourceLimits });
  const giveUp = (message: string): void => resolve(refusal(file, message));
  const stop = (): void => giveUp('the process was asked to stop while it was read');
  const cancel = clock.after(maxLoadMs, () => giveUp(tooSlow));
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  worker.once('message', (answer: PackedOutcome) => resolve(unpacked(answer)));
  worker.once('error', (error) => {
    if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') giveUp(tooLarge);
    else reject(error);
  });
  return promise.finally(async () => {
    cancel();
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  });
}

const tooSlow = `not loaded within ${maxLoadMs / 1000} s; is it a configuration?`;
const tooLarge = `needs more than ${resourceLimits.maxOldGenerationSizeMb} MB of memory to be read`;

/** Beside this file, both in the sources and in the bundle. */
function threadUrl(): URL {
  return new URL(`./load-thread${extname(import.meta.url)}`, import.meta.url);
}

function refusal(file: string, message: string): LoadOutcome {
  return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
}
