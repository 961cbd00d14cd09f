import { pause, waitFor } from '#support/wait.ts';
import { arrivals } from '../arrivals.ts';
import { type RouteServerName, routeServers, servedWithout } from '../plan.ts';
import { published } from '../running-lab.ts';
import { type Check, lostText, must, patienceSec, type Stage } from './check.ts';

const moved = servedWithout('W1');
const prefix = '2001:db8:30::3/128';

/** What happens to a node, seen through all three route servers at once. */
export const nodeFailures: readonly Check[] = [
  { title: 'nginx stopped and back', short: true, run: webServerStops },
  { title: 'ExaBGP killed', short: true, run: exabgpKilled },
  { title: 'ExaBGP frozen', run: exabgpFrozen },
  { title: "W1's cable pulled", run: cablePulled },
  {
    title: 'nginx frozen while its health check is happy still',
    short: true,
    run: webServerFrozen,
  },
];

/** What happens to route servers. */
export const routeServerFailures: readonly Check[] = [
  ...routeServers.map(({ name }) => stopped([name])),
  ...routeServers.map(({ name }) => {
    const two = routeServers.map((each) => each.name).filter((each) => each !== name);
    return stopped(two, name === 'RS9');
  }),
  ...routeServers.map(({ name }) => cutOffAsW1Dies(name, name === 'RS9')),
];

async function webServerStops(stage: Stage): Promise<string> {
  const node = stage.lab.node('W1');
  const away = await failover(stage, 'nginx stopped', 0, moved, () => node.stopWeb());
  const back = await failover(stage, 'nginx back', 0, published, () => node.startWeb());
  must(back.lost === 0, `back after ${back.seconds} s, but ${lostText(back.lost)}`);
  return `moved after ${away.seconds} s, ${lostText(away.lost)}; back after ${back.seconds} s`;
}

async function exabgpKilled(stage: Stage): Promise<string> {
  const node = stage.lab.node('W1');
  const away = await failover(stage, 'ExaBGP killed', 0, moved, () => node.killExabgp());
  must(away.lost === 0, lostText(away.lost));
  node.startExabgp();
  await stage.kernels.until(published, patienceSec);
  return `moved after ${away.seconds} s, no request lost`;
}

async function exabgpFrozen(stage: Stage): Promise<string> {
  const node = stage.lab.node('W1');
  const away = await failover(stage, 'ExaBGP frozen', keepaliveSec, moved, () =>
    node.freezeExabgp(),
  );
  must(away.lost === 0, lostText(away.lost));
  await node.restartExabgp();
  return `moved after ${away.seconds} s, no request lost`;
}

async function cablePulled(stage: Stage): Promise<string> {
  const { lab } = stage;
  const cable = lab.network.cable('W1');
  const away = await failover(stage, 'cable pulled', keepaliveSec, moved, () => cable.pull());
  cable.plug();
  await lab.node('W1').restartExabgp();
  return `moved after ${away.seconds} s, ${lostText(away.lost)}`;
}

/** The health check runs every 5 s and is patient; RS9's own probe reports first that the node does not answer. */
async function webServerFrozen({ lab, kernels }: Stage): Promise<string> {
  const node = lab.node('W1');
  const since = Date.now();
  node.freezeWeb();
  const [seen] = await waitFor(
    'RS9 to report that W1 does not answer',
    async () => (await lab.rs9.service('web')).addresses.filter(({ prefix: of }) => of === prefix),
    ([one]) => one.paths.some(({ node: of, probe }) => of === 'w1' && probe === 'not_answering'),
    { seconds: patienceSec },
  );
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  const med = seen.paths.find(({ node: of }) => of === 'w1')?.med;
  node.thawWeb();
  await kernels.until(published, patienceSec);
  return `reported after ${seconds} s (fall 3 × interval 1 s + timeout 1 s), W1 announced MED ${med}`;
}

/** Nodes send a KEEPALIVE every 2 s, so up to this much of a hold time of 6 s is already over. */
const keepaliveSec = 2;

interface Failover {
  readonly seconds: number;
  readonly lost: number;
}

/**
 * Triggers the failover, waits until five kernels follow, and notes when each route server had sent its update to them.
 */
async function failover(
  { lab, kernels, requests, timings }: Stage,
  event: string,
  luckSec: number,
  want: Readonly<Record<string, (typeof moved)[string]>>,
  happen: () => Promise<void> | void,
): Promise<Failover> {
  const since = Date.now();
  await happen();
  const done = await kernels.until(want, patienceSec);
  const lost = await requests.lostSince(since, kernels.wereApart);
  for (const [name, seconds] of arrivals(lab, prefix, since)) {
    timings.add(event, luckSec, name, { seconds });
  }
  return { seconds: (done - since) / 1000, lost };
}

function stopped(names: readonly RouteServerName[], short = false): Check {
  const run = async ({ lab, kernels, requests }: Stage): Promise<string> => {
    const since = Date.now();
    const chosen = names.map((name) => lab.routeServer(name));
    await Promise.all(chosen.map((each) => each.stop()));
    await pause(2000);
    const differences = kernels.differences(published);
    must(differences.length === 0, differences.join('; '));
    for (const each of chosen) each.start();
    // The nodes connect again by themselves. A restarted one would move what it serves, and lose requests.
    await lab.settle(undefined, undefined, false);
    const lost = await requests.lostSince(since);
    must(lost === 0, lostText(lost));
    return `back and settled after ${((Date.now() - since) / 1000 - 3).toFixed(1)} s, no request lost`;
  };
  return { title: `${names.join(' and ')} stopped and started`, short, run };
}

/** The routers cannot know: they keep its routes of W1 until its hold time is over. */
function cutOffAsW1Dies(name: RouteServerName, short: boolean): Check {
  const run = async ({ lab, kernels, requests }: Stage): Promise<string> => {
    const cable = lab.network.cable(name);
    cable.pull();
    await pause(1000);
    const since = Date.now();
    await lab.node('W1').kill();
    const done = await kernels.until(moved, patienceSec);
    const lost = await requests.lostSince(since);
    cable.plug();
    return `moved ${((done - since) / 1000).toFixed(2)} s after W1 died, ${lostText(lost)}`;
  };
  return { title: `${name}'s cable pulled, W1 killed a second later`, short, run };
}
