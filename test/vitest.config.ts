import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    // Above what a wait gives itself: its message says more.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
