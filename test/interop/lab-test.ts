import { afterAll, afterEach, beforeAll } from 'vitest';
import { Lab } from './lab.ts';
import type { Plan } from './plan.ts';

/** The cause of a failure may have begun during the test before. */
const beforeMs = 2000;

/**
 * A lab for the tests of one describe: It is created before them, `set` puts hosts into it, and it is removed after
 * them whatever happens. When a test fails, the logs of the daemons and the changes in the kernels since shortly
 * before it began are printed.
 */
export function withLab<Stage>(
  plan: Plan,
  set: (lab: Lab) => Stage | Promise<Stage>,
): () => Stage & { readonly lab: Lab } {
  let lab: Lab | undefined;
  let stage: (Stage & { readonly lab: Lab }) | undefined;

  beforeAll(async () => {
    lab = new Lab(plan);
    try {
      stage = { ...(await set(lab)), lab };
    } catch (error) {
      console.error(lab.network.logs());
      throw error;
    }
  });

  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    const { startTime = beforeMs } = task.result;
    console.error(lab?.network.logs(startTime - beforeMs));
  });

  afterAll(async () => {
    await lab?.close();
  });

  return () => {
    if (stage === undefined) throw new Error('the lab is not there yet');
    return stage;
  };
}
