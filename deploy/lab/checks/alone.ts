import type { Serving } from '../kernel-watch.ts';
import { nodes, type RouteServerName, servedWithout, services } from '../plan.ts';
import { published } from '../running-lab.ts';
import type { Timings } from '../timings.ts';
import { must, patienceSec, type Stage } from './check.ts';

const moved = servedWithout('W1');
const nobody: Serving = Object.fromEntries(services.map((address) => [address, undefined]));

/** An event, and the state in which all five kernels must end up. */
interface Event {
  readonly title: string;
  /** Seconds that timers may put between two runs. */
  readonly luckSec: number;
  readonly happen: (stage: Stage, name: RouteServerName) => Promise<void> | void;
  readonly want: Serving;
  /** Before the next. */
  readonly after?: (stage: Stage) => Promise<void>;
}

const events: readonly Event[] = [
  {
    title: 'nginx stopped -> moved',
    luckSec: 5,
    happen: ({ lab }) => lab.node('W1').stopWeb(),
    want: moved,
  },
  {
    title: 'nginx back -> back',
    luckSec: 5,
    happen: ({ lab }) => lab.node('W1').startWeb(),
    want: published,
  },
  {
    title: 'ExaBGP killed -> moved',
    luckSec: 0,
    happen: ({ lab }) => lab.node('W1').killExabgp(),
    want: moved,
  },
  {
    title: 'ExaBGP started -> back',
    luckSec: 2,
    happen: ({ lab }) => lab.node('W1').startExabgp(),
    want: published,
  },
  {
    title: 'ExaBGP frozen -> moved',
    luckSec: 2,
    happen: ({ lab }) => lab.node('W1').freezeExabgp(),
    want: moved,
    after: ({ lab }) => lab.node('W1').restartExabgp(),
  },
  {
    title: 'cable pulled -> moved',
    luckSec: 2,
    happen: ({ lab }) => lab.network.cable('W1').pull(),
    want: moved,
    after: async ({ lab }) => {
      lab.network.cable('W1').plug();
      // All three, because ExaBGP must be quick to return to the route server that is killed next.
      await Promise.all(nodes.map(({ name }) => lab.node(name).restartExabgp()));
    },
  },
  {
    title: 'route server killed -> gone',
    luckSec: 0,
    happen: ({ lab }, name) => lab.routeServer(name).kill(),
    want: nobody,
  },
  {
    // ExaBGP tries again after 1, 2 and 3 s: a route server that is up just after the first attempt waits 2 s for the
    // second. That one finds both FRR and fingerpost (2.1 s, eight times of eight); one that misses it too is 3 s
    // later, and slower.
    title: 'route server started -> back',
    luckSec: 2,
    happen: ({ lab }, name) => lab.routeServer(name).start(),
    want: published,
  },
];

/** Times each event with the routers using only this route server. */
export async function timeAlone(
  stage: Stage,
  name: RouteServerName,
  timings: Timings,
): Promise<void> {
  const { lab, kernels, requests } = stage;
  await lab.settle([name]);
  let before: Serving = published;
  for (const event of events) {
    await kernels.until(before, patienceSec);
    const since = Date.now();
    await event.happen(stage, name);
    const done = await kernels.until(event.want, patienceSec);
    const lost = await requests.lostSince(since);
    timings.add(event.title, event.luckSec, name, { seconds: (done - since) / 1000, lost });
    before = event.want;
    if (event.after === undefined) continue;
    await event.after(stage);
    await lab.settle([name]);
    before = published;
  }
  must(kernels.serves(published), kernels.differences(published).join('; '));
}
