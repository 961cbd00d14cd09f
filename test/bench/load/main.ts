import type { Outcome } from '../measures.ts';
import { type Job, workloadOf } from '../workloads/job.ts';
import { DidNotFinish } from './load.ts';
import { type Reload, Stage } from './stage.ts';

/** The argument with which the process of the load generator is started, as JSON. */
export interface LoadOrder {
  readonly job: Job;
  readonly daemonPids: readonly number[];
  readonly limitSec: number;
  readonly reload?: Reload;
}

/** Runs one workload against the daemon and prints its outcome as one line of JSON. */
function main(): void {
  const order: LoadOrder = JSON.parse(process.argv[2]);
  process.stdout.write(`${JSON.stringify(play(order))}\n`);
}

function play({ job, daemonPids, limitSec, reload }: LoadOrder): Outcome {
  const workload = workloadOf(job);
  const stage = new Stage(workload.shape, daemonPids, limitSec, reload);
  try {
    workload.run(stage);
    return { measures: stage.results() };
  } catch (error) {
    if (!(error instanceof DidNotFinish)) throw error;
    const failure = { words: error.message, didNotFinish: true };
    return { measures: stage.results(), failure };
  }
}

main();
