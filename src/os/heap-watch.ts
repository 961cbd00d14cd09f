import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { megabytes } from './megabytes.ts';

/** Of the limit of V8, which ends the process by SIGABRT, without a word to anybody. */
const fullShare = 0.85;
/** The limit that V8 tells counts these too, of the young generation; what stays must do without them. */
const youngBytes = 192 * 2 ** 20;

/**
 * Calls `onFull` with a text once, when after a collection of everything 85 % of V8's heap limit are
 * still in use. What is in use between two collections is mostly garbage, and says nothing. Returns
 * how to end it.
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
      `out of memory: ${megabytes(used)} of the heap's limit of ${megabytes(limit)} are in use; every ` +
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
