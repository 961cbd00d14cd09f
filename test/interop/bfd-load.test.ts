import { expect, it } from 'vitest';
import { describeInterop } from '#support/requirements.ts';
import { fingerpost } from '../bench/daemons/fingerpost.ts';
import type { Figures } from '../bench/measures.ts';
import type { Trial } from '../bench/plan.ts';
import { runOnce } from '../bench/run.ts';
import { longHoldTimeSec } from '../bench/workloads/workload.ts';

const load: Pick<Trial, 'job' | 'bfdSessions'> = {
  bfdSessions: 100,
  job: {
    workload: 'scale',
    size: {
      nodes: 10,
      paths: 200_000,
      routers: 2,
      holdTimeSec: longHoldTimeSec,
      hasLateRouter: false,
      repeats: 1,
    },
  },
};

/**
 * On a machine whose other work delays our thread or the other ends for 300 ms, a loss is correct, but not in each of
 * several tries. A thread that waits until the routes are loaded loses sessions every time.
 */
const tries = 5;

async function bestTry(): Promise<Figures> {
  for (let left = tries; ; left--) {
    const { measures, failure } = await runOnce(fingerpost([]), load, 60);
    expect(failure?.words).toBeUndefined();
    const { bfd } = measures;
    if (bfd.falseDowns === 0 || left === 1) return bfd;
    console.info(`BFD sessions were lost on this machine: ${JSON.stringify(bfd)}`);
  }
}

describeInterop('BFD at 100 ms × 3', [], () => {
  it('loses none of 100 sessions while 200 000 routes load', { timeout: 180_000 }, async () => {
    expect(await bestTry()).toMatchObject({ lostHere: 0, lostThere: 0 });
  });
});
