import { isMainThread } from 'node:worker_threads';

/**
 * Imported into the daemon before its own program (`node --expose-gc --import`). On SIGUSR2 it collects garbage as
 * often as a daemon would that has had nothing to do for long, so that V8 drops the code that has not run meanwhile.
 */
const collections = 12;

function age(): void {
  for (let done = 0; done < collections; done++) globalThis.gc?.();
}

// The threads of the daemon import it too.
if (isMainThread) process.on('SIGUSR2', age);
