import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PathId } from '#policy/ids.ts';
import { BlockedQueue, QueuePlaces } from '#rib/in/blocked-queue.ts';

test('the first is the lowest of the waiting paths, whichever have left', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 120 });
  fc.assert(fc.property(steps, isSortedSet), { numRuns: 300 });
});

test('a path that is not in cannot leave', () => {
  const queue = new BlockedQueue(new QueuePlaces(), (a, b) => a < b);
  queue.add(1 as PathId);
  expect(() => queue.remove(2 as PathId)).toThrow(RangeError);
});

function isSortedSet(paths: readonly number[]): void {
  const queue = new BlockedQueue(new QueuePlaces(), (a, b) => a < b);
  const model = new Set<number>();
  for (const path of paths) {
    if (model.delete(path)) queue.remove(path as PathId);
    else {
      queue.add(path as PathId);
      model.add(path);
    }
    expect(queue.first()).toBe(model.size === 0 ? undefined : Math.min(...model));
    expect(queue.size).toBe(model.size);
  }
}
