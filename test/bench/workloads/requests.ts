import { scale } from './scale.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface RequestsSize {
  readonly nodes: number;
  /** The paths of all nodes together; each prefix comes from two of them. */
  readonly paths: number;
  readonly routers: number;
}

/** Loads the table of S3 from many nodes, then sends requests. */
export function requests(size: RequestsSize): Workload {
  const load = scale({ ...size, holdTimeSec: longHoldTimeSec, hasLateRouter: false, repeats: 0 });
  return {
    shape: load.shape,
    run(stage) {
      load.run(stage);
      stage.ask();
    },
  };
}
