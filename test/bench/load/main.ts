import type { Outcome } from '../measures.ts';
import { type Job, workloadOf } from '../workloads/job.ts';
import { DidNotFinish } from './load.ts';
import { Stage, type StageOptions } from './stage.ts';

/** The argument with which the process of the load generator is started, as JSON. */
export interface LoadOrder extends StageOptions {
  readonly job: Job;
}

/** Runs one workload against the daemon and prints its outcome as one line of JSON. */
function main(): void {
  const order: LoadOrder = JSON.parse(process.argv[2]);
  process.stdout.write(`${JSON.stringify(play(order))}\n`);
}

function play({ job, ...options }: LoadOrder): Outcome {
  const workload = workloadOf(job);
  const stage = new Stage(workload.shape, options);
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
