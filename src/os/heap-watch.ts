import { constants, PerformanceObserver } from 'node:perf_hooks';
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
 */
export function watchHeap(onFull: (text: string) => void): () => void {
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isOfEverything)) look();
  });
  const look = (): void => {
    const { used_heap_size: used, heap_size_limit: whole } = getHeapStatistics();
    const limit = whole - youngBytes;
    if (used < limit * fullShare) return;
    observer.disconnect();
    onFull(
      `out of memory: ${megabytes(used)} of the heap limit of ${megabytes(limit)} are in use; every ` +
        'session is ended. Give it more (--max-old-space-size in NODE_OPTIONS), or peers limits',
    );
  };
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

function isOfEverything(entry: object): boolean {
  const detail: unknown = 'detail' in entry ? entry.detail : undefined;
  const kind = typeof detail === 'object' && detail !== null && 'kind' in detail && detail.kind;
  return kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
