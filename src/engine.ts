import { setFlagsFromString } from 'node:v8';

/**
 * Sets V8's flags for a route server: a process that waits for weeks and then has to be quick at once. This module has
 * to be imported before all others.
 *
 * The young generation keeps its initial size: the hot path allocates next to nothing, and the
 * semi-spaces that loading the libraries asks for would stay, 5 MB of resident memory. The old
 * generation may grow to four times what lives in it before it is collected: its limit includes the
 * columns of the RIB, which would otherwise cause a collection every ten MB, a tenth of the CPU time
 * of a full table (bench S3b).
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=300');

/**
 * Imports modules with every function compiled at once, in 10 ms and 2 MB, instead of when it is first called.
 * Otherwise the first failover would pay for that (bench S2, best node dies: 7 to 25 % less).
 */
export async function compiledWhole<Module>(load: () => Promise<Module>): Promise<Module> {
  setFlagsFromString('--no-lazy');
  try {
    return await load();
  } finally {
    setFlagsFromString('--lazy');
  }
}
