import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { allocator } from './libc.ts';

/** malloc.h: M_MMAP_THRESHOLD. */
const mmapThreshold = -3;
/** glibc's initial threshold. */
const largeBytes = 128 * 1024;

/**
 * Gives every large block its own mapping for good, so that it is returned to the system when it is freed. By default
 * glibc raises the threshold with each block that is freed, and what tables outgrow stays behind as holes: a million
 * paths then take 185 MB instead of 165. This has to be called before there are tables.
 */
export function mapLargeBlocks(): void {
  allocator()?.mallopt(mmapThreshold, largeBytes);
}

/**
 * Collects all garbage at once, in 10 to 17 ms. It is called when the daemon has started: otherwise 6 MB that only the
 * start needed would stay until much more has been allocated.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** Returns the free memory of the allocator to the system: 9 MB after the start, most of it the parser's, in 5 ms. */
export function trimMemory(): void {
  allocator()?.malloc_trim(0);
}
