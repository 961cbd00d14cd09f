import { waitFor } from '#support/wait.ts';
import { type NodeName, nodePlan, servedWithout } from '../plan.ts';
import type { Candidate } from '../route-server.ts';
import { published } from '../running-lab.ts';
import { type Check, lostText, must, mustEqual, patienceSec, type Stage } from './check.ts';

/** What nodes may announce, and what not. */
export const announcementChecks: readonly Check[] = [
  { title: 'a tie goes to the same node on all three', short: true, run: tie },
  { title: 'rogue announcements are refused', short: true, run: rogue },
  { title: 'a node over the limit of 10 loses its session, nobody else', run: limit },
  { title: 'a node disabled by its file hands over', run: disabled },
];

/** W1 is the farther and the younger: only the router id is in its favour. */
async function tie(stage: Stage): Promise<string> {
  const prefix = '2001:db8:30::77/128';
  const holders = (nodes: readonly NodeName[]) => (candidates: readonly Candidate[]) =>
    nodes.every((node) => candidates.some((each) => each.prefix === prefix && each.node === node));
  announce(stage, 'W2', prefix, 'med 50');
  await onEach(stage, `${prefix} from W2`, holders(['W2']));
  announce(stage, 'W1', prefix, 'med 50');
  await onEach(stage, `${prefix} from both`, holders(['W1', 'W2']));
  await onEach(stage, `${prefix} decided for W1`, (candidates) =>
    candidates.some((each) => each.prefix === prefix && each.best && each.node === 'W1'),
  );
  withdraw(stage, 'W1', prefix);
  withdraw(stage, 'W2', prefix);
  await onEach(stage, `${prefix} gone`, (all) => all.every((each) => each.prefix !== prefix));
  return 'W1, by the lower router id';
}

interface Rogue {
  readonly prefix: string;
  readonly attributes?: string;
  /** fingerpost's reason; `undefined`: no route server rejects it, the routers do. */
  readonly reason: string | undefined;
  /** BIRD and FRR, as published, accept it. */
  readonly siblingsTakeIt?: boolean;
}

const rogues: readonly Rogue[] = [
  { prefix: '::/0', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:30::/64', reason: 'prefix_length' },
  { prefix: '2001:db8:30::/127', reason: 'prefix_length' },
  { prefix: '2001:db8:30:1::1/128', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:31::1/128', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:2f::1/128', reason: 'prefix_not_allowed' },
  own('65', 'as-path [ 65001 65002 ]', 'as_loop'),
  { ...own('66', 'as-path [ 65001 65003 ]', undefined), siblingsTakeIt: true },
  { ...own('67', 'next-hop 2001:db8:7::12', 'next_hop_foreign'), siblingsTakeIt: true },
  { ...own('68', 'as-path [ 65099 ]', 'first_as'), siblingsTakeIt: true },
];

async function rogue(stage: Stage): Promise<string> {
  const { lab, requests } = stage;
  const since = Date.now();
  for (const { prefix, attributes } of rogues) {
    announce(stage, 'W1', prefix, attributes ?? 'med 10');
  }
  // The last of each group is in: the others were before it.
  const passing = rogues.filter(({ siblingsTakeIt }) => siblingsTakeIt === true);
  const refusals = rogues.filter(({ reason }) => reason !== undefined);
  await waitFor(
    'RS4 and RS5 to take what they take',
    () => Promise.all(lab.routeServers.slice(0, 2).map(roguesTaken)),
    (taken) => taken.every((list) => list.length === passing.length),
  );
  const rejected = await waitFor(
    'RS9 to refuse the rest',
    () => lab.rs9.rejected('W1'),
    (reasons) => Object.keys(reasons).length >= refusals.length,
  );
  for (const { prefix, reason } of refusals)
    mustEqual(`RS9 on ${prefix}`, rejected[prefix], reason);
  mustEqual('RS9 took', await roguesTaken(lab.rs9), ['2001:db8:30::66/128']);
  for (const routeServer of lab.routeServers.slice(0, 2)) {
    const want = passing.map(({ prefix }) => prefix);
    mustEqual(`${routeServer.name} took`, await roguesTaken(routeServer), want);
  }
  await routersDoNotFollow(stage);
  for (const { prefix, attributes } of rogues) withdraw(stage, 'W1', prefix, attributes);
  await onEach(stage, 'rogues gone', (all) => all.every(({ prefix }) => !isRogue(prefix)));
  const lost = await requests.lostSince(since);
  must(lost === 0, lostText(lost));
  must(requests.cutSince(since) === 0, 'an address has moved');
  return `${refusals.length} by RS9, ${rogues.length - passing.length} by all, 1 by the routers`;
}

/** No router has such a route from RS9, nor one with its own AS in the path from any route server. */
async function routersDoNotFollow({ lab }: Stage): Promise<void> {
  for (const router of lab.routers) {
    const heard = (await router.routes()).filter(({ prefix }) => isRogue(prefix));
    const wrong = heard.filter(
      ({ protocol, prefix, asPath }) =>
        protocol === 'RS9' ||
        asPath.includes(65003) ||
        !rogues.some((each) => each.prefix === prefix && each.siblingsTakeIt === true),
    );
    must(wrong.length === 0, `${router.name} follows ${JSON.stringify(wrong)}`);
  }
}

async function roguesTaken(routeServer: { candidates(): Promise<Candidate[]> }): Promise<string[]> {
  const candidates = await routeServer.candidates();
  const taken = candidates.map(({ prefix }) => prefix).filter(isRogue);
  return taken.toSorted();
}

/** RS4 counts 10 and RS5 11: twelve are too many for each. */
async function limit(stage: Stage): Promise<string> {
  const { lab, kernels, requests } = stage;
  const since = Date.now();
  const surplus = Array.from({ length: 9 }, (_, index) => `2001:db8:30::a${index}/128`);
  for (const prefix of surplus) announce(stage, 'W1', prefix, 'med 100');
  await onEach(stage, 'nothing more of W1', (all) => all.every(({ node }) => node !== 'W1'));
  await kernels.until(servedWithout('W1'), patienceSec);
  for (const routeServer of lab.routeServers) {
    const up = await routeServer.established();
    const others = up.filter((name) => name !== 'W1');
    must(others.length === 7, `${routeServer.name} has ${up.join(' ')}`);
  }
  const { last_error: error } = await lab.rs9.peer('W1');
  mustEqual('RS9 sent W1', [error?.code, error?.subcode, error?.direction], [6, 1, 'sent']);
  await lab.node('W1').killExabgp();
  const lost = await requests.lostSince(since, kernels.wereApart);
  must(lost === 0, lostText(lost));
  await Promise.all(lab.routeServers.map((each) => each.readmit('W1')));
  lab.node('W1').startExabgp();
  await lab.settle();
  return 'W3 took over, no request lost; let in again';
}

async function disabled(stage: Stage): Promise<string> {
  const { lab, kernels, requests } = stage;
  const node = lab.node('W1');
  const since = Date.now();
  node.disable();
  const away = await kernels.until(servedWithout('W1'), patienceSec);
  await onEach(stage, 'MED 500 and more from W1', (candidates) => {
    const meds = candidates.filter((each) => each.node === 'W1').map(({ med }) => med);
    return meds.toSorted((a, b) => a - b).join() === '500,501,502';
  });
  const enabled = Date.now();
  node.enable();
  const back = await kernels.until(published, patienceSec);
  const lost = await requests.lostSince(since, kernels.wereApart);
  must(lost === 0, lostText(lost));
  const seconds = [away - since, back - enabled].map((ms) => (ms / 1000).toFixed(1));
  return `MED 500..502; away after ${seconds[0]} s, back after ${seconds[1]} s, no request lost`;
}

/** Waits until each of the three has it so. */
async function onEach(
  { lab }: Stage,
  what: string,
  accept: (candidates: readonly Candidate[]) => boolean,
): Promise<void> {
  await Promise.all(
    lab.routeServers.map((each) =>
      waitFor(`${each.name}: ${what}`, () => each.candidates(), accept, { everyMs: 100 }),
    ),
  );
}

function announce({ lab }: Stage, node: NodeName, prefix: string, attributes: string): void {
  lab.node(node).say(`announce route ${prefix} ${withNextHop(node, attributes)}`);
}

function withdraw({ lab }: Stage, node: NodeName, prefix: string, attributes = ''): void {
  lab.node(node).say(`withdraw route ${prefix} ${withNextHop(node, attributes)}`);
}

function withNextHop(node: NodeName, attributes: string): string {
  return attributes.includes('next-hop')
    ? attributes
    : `next-hop ${nodePlan(node).address} ${attributes}`;
}

function own(suffix: string, attributes: string, reason: string | undefined): Rogue {
  return { prefix: `2001:db8:30::${suffix}/128`, attributes: `${attributes} med 10`, reason };
}

function isRogue(prefix: string): boolean {
  return rogues.some((each) => each.prefix === prefix);
}
