import type { LoadShape } from '../load/load.ts';
import type { Stage } from '../load/stage.ts';

/** A workload of a given size. It runs in the load generator's process. */
export interface Workload {
  readonly shape: LoadShape;
  /** Leaves what it measured in `stage.measures`. */
  run(stage: Stage): void;
}

/** A limit for workloads that do not measure it: longer than any phase. */
export const longHoldTimeSec = 240;
