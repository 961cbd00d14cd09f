import { getHeapStatistics } from 'node:v8';
import { megabytes } from './megabytes.ts';

/**
 * The share of V8's heap limit at which it is considered full. At the limit V8 aborts the process with SIGABRT, without
 * any message to peers.
 */
const fullShare = 0.85;
/** The limit that V8 reports includes the young generation; what stays must fit without it. */
const youngBytes = 192 * 2 ** 20;

/**
 * Calls `onFull` once with a text when 85 % of V8's heap limit is still in use after a full garbage collection. Between
 * two collections most of what is in use is garbage, so that is not looked at. Returns a function that ends the watch.
 *
 * Only a full collection finds that an object which nothing refers to is gone, and a registry then says so. A
 * PerformanceObserver would also be told of each collection of the young generation, for a tenth of a millisecond each.
 */
export function watchHeap(onFull: (text: string) => void): () => void {
  const registry = new FinalizationRegistry(() => look());
  const watch = {};
  const look = (): void => {
    const { used_heap_size: used, heap_size_limit: whole } = getHeapStatistics();
    const limit = whole - youngBytes;
    if (used < limit * fullShare) return awaitCollection();
    onFull(
      `out of memory: ${megabytes(used)} of the heap limit of ${megabytes(limit)} are in use; all ` +
        'sessions are closed. Raise the limit (--max-old-space-size in NODE_OPTIONS), or configure limits for peers',
    );
  };
  const awaitCollection = (): void => registry.register({}, undefined, watch);
  awaitCollection();
  return () => void registry.unregister(watch);
}
