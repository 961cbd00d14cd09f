import { extname } from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import type { Clock } from '#clock.ts';
import { codeOf } from '#text/code-of.ts';
import type { LoadRequest } from './load-recorded.ts';
import type { ThreadData } from './load-thread.ts';
import type { LoadOutcome } from './load.ts';
import { Unpacking } from './pack.ts';

/** The longest time for loading; a file that takes longer is not a configuration. */
const maxLoadMs = 30_000;
/** The memory limit of the thread: an endless text is refused instead of killing the daemon. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

export interface AsideOptions extends LoadRequest {
  readonly clock: Clock;
  /** Aborts the loading; the outcome is then a refusal. */
  readonly signal?: AbortSignal;
}

/**
 * Does what `loadConfig` does, in a temporary thread: sessions are served however long the files are. It gives
 * up after 30 s. It rejects only because of a bug in the loader.
 */
export function loadAside({ clock, signal, ...request }: AsideOptions): Promise<LoadOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadOutcome>();
  const { file } = request;
  const { port1: parts, port2: port } = new MessageChannel();
  const workerData: ThreadData = { request, port };
  const transferList = [port];
  const settings = { workerData, transferList, execArgv: [], resourceLimits };
  const worker = new Worker(threadUrl(), settings);
  const giveUp = (message: string): void => resolve(refusal(file, message));
  const stop = (): void =>
    giveUp('the process was asked to stop while the configuration was being read');
  const cancel = clock.after(maxLoadMs, () => giveUp(tooSlow));
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  worker.once('message', () => resolve(unpacked(parts, clock)));
  worker.once('error', (error) => {
    if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY') giveUp(tooLarge);
    else reject(error);
  });
  return promise.finally(async () => {
    cancel();
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
    parts.close();
  });
}

/** One part is unpacked in each turn of the event loop. */
async function unpacked(parts: MessagePort, clock: Clock): Promise<LoadOutcome> {
  const unpacking = new Unpacking();
  for (;;) {
    const received = receiveMessageOnPort(parts);
    if (received === undefined) return unpacking.outcome();
    unpacking.take(received.message);
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
}

const tooSlow = `not loaded within ${maxLoadMs / 1000} s; check that this is a configuration file`;
const tooLarge = `needs more than ${resourceLimits.maxOldGenerationSizeMb} MB of memory to be read`;

/** The thread's file is beside this one, both in the sources and in the bundle. */
function threadUrl(): URL {
  return new URL(`./load-thread${extname(import.meta.url)}`, import.meta.url);
}

function refusal(file: string, message: string): LoadOutcome {
  return { ok: false, problems: [{ file, line: 1, column: 1, message }] };
}
