import { expect, test } from 'vitest';
import { allocator } from '#os/libc.ts';
import { mapLargeBlocks, trimMemory } from '#os/memory.ts';

const libc = allocator();

test.runIf(libc !== undefined)('glibc takes both requests', () => {
  expect(libc?.mallopt(-3, 128 * 1024)).toBe(1);
  expect([0, 1]).toContain(libc?.malloc_trim(0));
});

test('they may be made at any time, whatever the allocator', () => {
  expect(() => {
    mapLargeBlocks();
    trimMemory();
    trimMemory();
  }).not.toThrow();
});
