import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Finds what could grow: the number of entries of every list, map and set that can be reached from `root`, by its path.
 */
export type Sizes = ReadonlyMap<string, number>;

/** How many elements of one list are looked into. */
const mostElements = 1000;
/** Growth that is smaller than this is ignored. */
const leastEntries = 500;

export function sizesOf(root: object): Sizes {
  const sizes = new Map<string, number>();
  const seen = new Set<object>();
  const queue: [string, object][] = [['', root]];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [path, value] = next;
    if (seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    const size = sizeOf(value);
    if (size !== undefined) sizes.set(path, Math.max(sizes.get(path) ?? 0, size));
    for (const [name, child] of childrenOf(value)) queue.push([`${path}${name}`, child]);
  }
  sizes.set('heap, KiB', heapKib());
  return sizes;
}

/** Of each, the greatest size that was seen. */
export function highest(samples: readonly Sizes[]): Sizes {
  const most = new Map<string, number>();
  for (const sample of samples) {
    for (const [path, size] of sample) most.set(path, Math.max(most.get(path) ?? 0, size));
  }
  return most;
}

/** Returns what has grown between the early and the late part of a run that should stay level. */
export function grown(early: Sizes, late: Sizes): string[] {
  return [...late].flatMap(([path, size]) => {
    const before = early.get(path) ?? 0;
    const limit =
      Math.max(before * 1.5, before + leastEntries) + (path.startsWith('heap') ? 8192 : 0);
    return size > limit ? [`${path}: ${before} -> ${size}`] : [];
  });
}

let collect: (() => void) | undefined;

/** Used after a collection. */
export function heapKib(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 1024);
}

function sizeOf(value: object): number | undefined {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : undefined;
}

function* childrenOf(value: object): Generator<[string, object]> {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    let left = mostElements;
    for (const each of value.values()) {
      if (left-- === 0) return;
      if (isObject(each)) yield ['[]', each];
    }
    return;
  }
  for (const [name, child] of Object.entries(value)) if (isObject(child)) yield [`.${name}`, child];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
