import { waitFor } from '#support/wait.ts';
import { bfdMs } from '../bfd-config.ts';
import { inOwnLab } from '../lifetime.ts';
import { nodes, routers, type RouteServerName, servedWithout } from '../plan.ts';
import { Requests } from '../requests.ts';
import { allRouteServers, published, type RunningLab } from '../running-lab.ts';
import { textTable } from '../text-table.ts';
import { lostText, patienceSec } from './check.ts';

const moved = servedWithout('W1');

interface Failure {
  readonly title: string;
  readonly happen: (lab: RunningLab) => Promise<void> | void;
  /**
   * Does not exist without BFD. ExaBGP, which is healthy, connects again at once: a route server that accepts it has
   * its routes back before the slowest of three has lost the session, and the routers hardly move. So "through all
   * three" the ends of the sessions are timed.
   */
  readonly isOfBfd?: true;
  /** The result with BFD, in seconds from and to. */
  readonly withBfdSec: readonly [from: number, to: number];
}

/** The hold time is 6 s, and a keepalive comes every 2 s. */
const afterHoldTimeSec = [2, 10] as const;
const atOnceSec = [0, 0.5] as const;

const failures: readonly Failure[] = [
  {
    title: 'cable pulled',
    happen: (lab) => lab.network.cable('W1').pull(),
    withBfdSec: atOnceSec,
  },
  { title: 'host frozen', happen: (lab) => lab.node('W1').freeze(), withBfdSec: atOnceSec },
  {
    title: 'ExaBGP alone frozen',
    happen: (lab) => lab.node('W1').freezeExabgp(),
    withBfdSec: afterHoldTimeSec,
  },
  {
    title: 'BFD speaker alone killed',
    happen: (lab) => lab.node('W1').killBfd(),
    withBfdSec: atOnceSec,
    isOfBfd: true,
  },
];

/** The route servers that the routers use. */
const ways: readonly { readonly title: string; readonly who: readonly RouteServerName[] }[] = [
  { title: 'RS9 alone', who: ['RS9'] },
  { title: 'all three', who: allRouteServers },
];

interface Seen {
  readonly failure: Failure;
  readonly way: string;
  readonly seconds: number;
  /** Lost requests. Those that a frozen host accepted are not among them: it answers when it thaws. */
  readonly lost: number;
}

/**
 * Measures how long it takes until five kernels lead around a node that fails silently, in a lab without BFD and in one
 * with BFD on all sessions. Prints a table; returns true if BFD notices what it can, and not what it cannot.
 */
export async function checkBfd(): Promise<boolean> {
  const without = await inOwnLab((lab) => failEach(lab, false), false);
  const withBfd = await inOwnLab((lab) => failEach(lab, true), true);
  const rows = withBfd.map((seen) => [
    `${seen.failure.title}, through ${seen.way}`,
    cell(without.find(({ failure, way }) => failure === seen.failure && way === seen.way)),
    cell(seen),
  ]);
  console.log(`\nSeconds until five kernels followed (requests lost); BFD at ${bfdMs} ms × 3`);
  console.log(textTable([['', 'without BFD', 'with BFD'], ...rows]));
  const wrong = withBfd.filter(
    ({
      seconds,
      failure: {
        withBfdSec: [from, to],
      },
    }) => {
      return seconds < from || seconds > to;
    },
  );
  for (const { failure, way, seconds } of wrong) {
    const [from, to] = failure.withBfdSec;
    const expected = `not within ${from} to ${to} s`;
    console.log(
      `FAIL ${failure.title}, through ${way}, with BFD: ${seconds.toFixed(2)} s, ${expected}`,
    );
  }
  return wrong.length === 0;
}

async function failEach(lab: RunningLab, hasBfd: boolean): Promise<Seen[]> {
  const kernels = lab.watchKernels();
  const requests = new Requests(lab.client.host);
  const seen: Seen[] = [];
  try {
    await requests.running();
    for (const { title: way, who } of ways) {
      for (const failure of failures.filter(({ isOfBfd }) => hasBfd || isOfBfd !== true)) {
        await lab.settle(who);
        if (hasBfd) await bfdReady(lab, who);
        await kernels.until(published, patienceSec);
        const ofSessions = failure.isOfBfd === true && who.length > 1;
        const ended = ofSessions ? await sessionsEnd(lab) : undefined;
        const since = Date.now();
        await failure.happen(lab);
        const done = await (ended?.() ?? kernels.until(moved, patienceSec));
        const lost = await requests.lostSince(since);
        const seconds = (done - since) / 1000;
        seen.push({ failure, way, seconds, lost });
        const what = `${failure.title}, through ${way}, ${hasBfd ? 'with' : 'without'} BFD`;
        const how = ofSessions ? 'all sessions ended' : 'moved';
        const stages = await stagesOf(lab, since);
        console.log(`${what}: ${how} after ${seconds.toFixed(3)} s${stages}, ${lostText(lost)}`);
        lab.network.cable('W1').plug();
        lab.node('W1').thaw();
        await lab.node('W1').restartExabgp();
      }
    }
    return seen;
  } finally {
    kernels.close();
    requests.close();
  }
}

/** To be called before; the returned function waits until every route server has lost its session with W1. */
async function sessionsEnd(lab: RunningLab): Promise<() => Promise<number>> {
  const before = await Promise.all(lab.routeServers.map((each) => each.sessionMark('W1')));
  return async () => {
    const ends = lab.routeServers.map(async (each, at) => {
      await waitFor(
        `${each.name} to lose its session with W1`,
        () => each.sessionMark('W1'),
        (mark) => mark !== before[at],
        { everyMs: 10 },
      );
      return Date.now();
    });
    return Math.max(...(await Promise.all(ends)));
  };
}

/**
 * Returns where the time was spent, according to RS9; the remaining time is that of the other route servers and the
 * routers.
 */
async function stagesOf(lab: RunningLab, sinceMs: number): Promise<string> {
  const moves = await waitFor(
    'the failover in the history of RS9',
    () => lab.rs9.failovers(sinceMs),
    ({ length }) => length > 0,
  );
  const first = moves.at(-1);
  if (first === undefined) return '';
  const { at, decided_ms: decided, last_written_ms: written, received_ms: received } = first;
  const detected = ((Date.parse(at) - sinceMs) / 1000).toFixed(3);
  const stages = [
    `detected by RS9 ${detected} s`,
    `decided +${decided.toFixed(1)} ms`,
    ...(written === undefined ? [] : [`written +${written.toFixed(1)} ms`]),
    ...(received === undefined ? [] : [`in the kernels of its routers +${received.toFixed(1)} ms`]),
  ];
  return ` (${stages.join(', ')})`;
}

/** A router that does not use a route server has no BFD with it either. */
async function bfdReady(lab: RunningLab, who: readonly RouteServerName[]): Promise<void> {
  await Promise.all(
    lab.routeServers.map((routeServer) => {
      const wanted = nodes.length + (who.includes(routeServer.name) ? routers.length : 0);
      return waitFor(
        `${routeServer.name}: BFD with all`,
        () => routeServer.bfdUp(),
        (up) => up === wanted,
        { everyMs: 250 },
      );
    }),
  );
}

function cell(seen: Seen | undefined): string {
  if (seen === undefined) return '-';
  const { seconds, lost } = seen;
  return `${seconds.toFixed(seconds < 1 ? 3 : 2)} (${lost})`;
}
