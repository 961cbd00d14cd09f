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

/** If the machine delayed the other ends for longer than this, they were silent, and a loss is correct. */
const aliveMs = 150;
const tries = 5;

async function whileAlive(): Promise<Figures> {
  for (let left = tries; left > 0; left--) {
    const { measures, failure } = await runOnce(fingerpost([]), load, 60);
    expect(failure?.words).toBeUndefined();
    if (measures.bfd.latestMs < aliveMs) return measures.bfd;
  }
  throw new Error(`in ${tries} tries this machine had no time for the other ends`);
}

describeInterop('BFD at 100 ms × 3', [], () => {
  it('loses none of 100 sessions while 200 000 routes load', { timeout: 180_000 }, async () => {
    expect(await whileAlive()).toMatchObject({ lostHere: 0, lostThere: 0 });
  });
});
