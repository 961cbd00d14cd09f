import type { Make } from './daemons/contender.ts';
import type { Job } from './workloads/job.ts';
import { longHoldTimeSec } from './workloads/workload.ts';

/** The words that `--only` accepts. */
export const groups = [
  'S1',
  'S2',
  'S3',
  'S3b',
  'S4',
  'S6',
  'S7',
  'keepalive',
  'growth',
  'fanout',
  'bfd',
  'members',
  'rpki',
  'bmp',
  'idle',
  'history',
  'threads',
  'requests',
  'cases',
  'vrps',
] as const;
export type Group = (typeof groups)[number];

/** One workload of one size; within a group the sizes increase. */
export interface Trial {
  readonly id: string;
  readonly group: Group;
  readonly job: Job;
  /** The daemons that run beside fingerpost; absent: all that are installed. */
  readonly against?: readonly Make[];
  /** Clients read over HTTP meanwhile. */
  readonly hasAudience?: boolean;
  /** The number of BFD sessions at 100 ms × 3 that run meanwhile. */
  readonly bfdSessions?: number;
  /** The number of VRPs of an RTR cache by which the routes of nodes are validated. */
  readonly vrps?: number;
  /** A BMP collector is connected. */
  readonly hasCollector?: boolean;
  /**
   * The load generator and the daemon have a processor each and precede all other work, because routers are other
   * machines.
   */
  readonly isUndisturbed?: boolean;
  /** It is run once more with a watch on our event loop, under `loopId`. */
  readonly isWatched?: boolean;
}

/** Returns the id of the run in which the event loop is watched. */
export function loopId({ id }: Pick<Trial, 'id'>): string {
  return `${id} loop`;
}

/** The time limit of a phase in the sizes of docs/performance.md. */
export const fullLimitSec = 60;
/** The time limit of a phase in the quick form, which takes five minutes in all on a quiet machine. */
export const quickLimitSec = 6;

/** The first failover after a long time without any. */
export function idleTrial(isQuick: boolean): Trial {
  const size = { flips: isQuick ? 10 : 50, routers: 20, idleMs: 1000 };
  const job: Job = { workload: 'failover', size };
  return { id: 'idle', group: 'idle', job, isUndisturbed: true };
}

/** Requests to a daemon with many routes. */
export function requestsTrial(isQuick: boolean): Trial {
  const size = isQuick
    ? { nodes: 100, paths: 100_000, routers: 5 }
    : { nodes: 1000, paths: 1_000_000, routers: 5 };
  return { id: 'requests', group: 'requests', job: { workload: 'requests', size } };
}

/** S1 with a service, without and with its history. */
export function historyTrials(isQuick: boolean): readonly Trial[] {
  const size = { flips: isQuick ? 50 : 200 };
  return ['history off', 'history on'].map((id) => ({
    id,
    group: 'history',
    job: { workload: 'failover', size },
  }));
}

/**
 * The rounds are run in turns, because the difference is smaller than the variation of the machine from one round to
 * the next.
 */
export function historyRounds(isQuick: boolean): number {
  return isQuick ? 3 : 11;
}

export function trials(isQuick: boolean): Trial[] {
  return [
    ...targets(isQuick).map((trial) => ({ ...trial, isWatched: trial.id.startsWith('S') })),
    ...growth(isQuick),
    ...fanOuts(isQuick),
  ];
}

function targets(isQuick: boolean): Trial[] {
  return [
    {
      id: 'S1',
      group: 'S1',
      job: { workload: 'failover', size: { flips: isQuick ? 50 : 200 } },
      isUndisturbed: true,
    },
    {
      id: 'S2',
      group: 'S2',
      job: { workload: 'fleet', size: { nodes: 200, prefixes: 100, routers: 20, rounds: 20 } },
    },
    { id: 'S3', group: 'S3', job: load(isQuick ? 200_000 : 1_000_000, { hasLateRouter: true }) },
    {
      id: 'S3b',
      group: 'S3b',
      job: {
        workload: 'fullTable',
        size: { prefixes: isQuick ? 100_000 : 1_000_000, routers: 5 },
      },
    },
    {
      id: 'S4',
      group: 'S4',
      job: {
        workload: 'sessions',
        size: { nodes: 400, prefixesPerNode: 10, routers: 100, steadySec: isQuick ? 3 : 30 },
      },
    },
    {
      id: 'S6',
      group: 'S6',
      job: exchange(300, isQuick ? 408 : 4000),
      against: ['bird', 'openbgpd'],
    },
    {
      id: 'members',
      group: 'members',
      job: exchange(700, isQuick ? 102 : 1500),
      against: [],
    },
    {
      id: 'rpki',
      group: 'rpki',
      job: exchange(300, isQuick ? 408 : 4000),
      against: [],
      vrps: 100_000,
    },
    {
      id: 'S7',
      group: 'S7',
      job: load(isQuick ? 200_000 : 1_000_000, { holdTimeSec: 3 }),
      against: [],
      hasAudience: true,
    },
    {
      id: 'keepalive',
      group: 'keepalive',
      job: load(isQuick ? 400_000 : 1_000_000, { holdTimeSec: 3 }),
      ...(isQuick ? { against: [] } : {}),
    },
    {
      id: 'bfd',
      group: 'bfd',
      job: load(isQuick ? 200_000 : 1_000_000, {}),
      against: [],
      bfdSessions: 500,
    },
    {
      id: 'bmp',
      group: 'bmp',
      job: load(isQuick ? 200_000 : 1_000_000, { hasLateRouter: true }),
      against: [],
      hasCollector: true,
    },
  ];
}

function exchange(members: number, prefixesPerMember: number): Job {
  return { workload: 'exchange', size: { members, prefixesPerMember, routers: 5 } };
}

function load(paths: number, more: { holdTimeSec?: number; hasLateRouter?: boolean }): Job {
  const size = {
    nodes: 10,
    paths,
    routers: 5,
    holdTimeSec: longHoldTimeSec,
    hasLateRouter: false,
    repeats: 0,
  };
  return { workload: 'scale', size: { ...size, ...more } };
}

/** The same load in all sizes, then everything announced again over the full table. */
function growth(isQuick: boolean): Trial[] {
  const sizes = isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, 4_000_000];
  return sizes.map((paths) => ({
    id: `growth ${paths}`,
    group: 'growth',
    job: {
      workload: 'scale',
      size: {
        nodes: 10,
        paths,
        routers: 5,
        holdTimeSec: longHoldTimeSec,
        hasLateRouter: false,
        repeats: Math.max(1, Math.ceil(200_000 / paths)),
      },
    },
    ...(isQuick ? { against: ['bird'] as const } : {}),
  }));
}

function fanOuts(isQuick: boolean): Trial[] {
  const sizes = isQuick ? [5, 200] : [5, 20, 50, 100, 200];
  return sizes.map((routers) => ({
    id: `fanout ${routers}`,
    group: 'fanout',
    job: { workload: 'fanOut', size: { routers, rounds: isQuick ? 50 : 200 } },
    against: isQuick ? [] : (['bird', 'frr'] as const),
  }));
}
