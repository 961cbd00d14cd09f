import { defineConfig } from 'vitest/config';
import type { TestSequencer, TestSpecification } from 'vitest/node';

/** In this order, before all others. */
const slowest = [
  'interop/lab.',
  'interop/graceful-restart.',
  'deploy/package.',
  'soak/',
  'rib/',
  'interop/',
  'demo/demo.',
  'web/',
  'daemon/',
  'deploy/',
];

/** None of those that last a minute is left for the end, where the other workers are idle. */
class SlowestFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files;
  }

  sort(files: TestSpecification[]): TestSpecification[] {
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

function place({ moduleId }: TestSpecification): number {
  const found = slowest.findIndex((part) => moduleId.includes(`/test/${part}`));
  return found < 0 ? slowest.length : found;
}

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    // Half of the tests wait most of the time, for timers and for other daemons: three to two cores.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    // Above what a wait gives itself: its message says more.
    testTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    hookTimeout: 600_000,
  },
});
