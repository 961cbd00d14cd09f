import { nodeAs, routeServerAs } from '../addresses.ts';
import type { NodeStream, Stage } from '../load/stage.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface ExchangeSize {
  readonly members: number;
  /** The number of members that announce each prefix. */
  readonly prefixesPerMember: number;
  /** Routers that are sent everything and are looked at; one more comes late. */
  readonly routers: number;
}

/** A community with which no route is accepted once the import policy has changed. */
export const refusedAfterReload = `${routeServerAs}:7`;

const pathsPerPrefix = 3;
const nlriPerUpdate = 16;
const communities = 16;
const refused = 7;

/**
 * S6: members of an exchange, each client and source with an export policy of its own. A reload changes the import
 * policy of all, a member dies meanwhile, and a router comes late.
 */
export function exchange(size: ExchangeSize): Workload {
  const { members } = size;
  const prefixes = members * blockLength(size);
  return {
    shape: {
      family: 'ipv4',
      nodes: members,
      routers: size.routers + 1,
      prefixes,
      holdTimeSec: longHoldTimeSec,
      isExchange: true,
    },
    run(stage) {
      const early = stage.routers.slice(0, size.routers);
      const streams = stage.nodes.map((_, node) => announcements(stage, size, node));
      for (let prefix = 0; prefix < prefixes; prefix++) expectOf(stage, streams, size, prefix, 0);
      stage.warmUp(streams[0]);
      stage.establish(early);
      stage.phase('load', () => {
        for (const stream of streams) stream.send();
        stage.wait('S6 load');
      });
      stage.phase('reload', () => reloadAndDie(stage, streams, size));
      stage.phase('late', () => {
        stage.routers[size.routers].connect();
        stage.wait('S6 late');
      });
    },
  };
}

/** A member dies when the first withdrawals show that the reload is in progress. */
function reloadAndDie(stage: Stage, streams: readonly NodeStream[], size: ExchangeSize): void {
  const length = blockLength(size);
  const own = Array.from({ length }, (_, prefix) => prefix).filter(
    (prefix) => communityOf(size, prefix) !== refused,
  );
  for (let prefix = 0; prefix < size.members * length; prefix++) {
    const isRefused = communityOf(size, prefix) === refused;
    if (isRefused) stage.expect(prefix, undefined);
    else if (prefix < length) expectOf(stage, streams, size, prefix, 1);
  }
  stage.expect(stage.markerOf(0), undefined);
  stage.load.recount();
  const tables = stage.routers.slice(0, size.routers).flatMap(({ table }) => table ?? []);
  const withdrawn = (): number => tables.reduce((sum, table) => sum + table.withdrawals, 0);
  const before = withdrawn();
  stage.reload();
  stage.wait('S6 reload begins', { isDone: () => withdrawn() > before });
  const start = performance.now();
  stage.nodes[0].close();
  const isTold = (): boolean =>
    tables.every((table) => own.every((prefix) => table.isRight(prefix)));
  stage.wait('S6 death', { isDone: isTold });
  const deathMs = performance.now() - start;
  stage.wait('S6 reload');
  stage.note('death', { deathMs });
}

/** Three blocks of prefixes: its own, and once more those of its two neighbours. */
function announcements(stage: Stage, size: ExchangeSize, node: number): NodeStream {
  const stream = stage.stream(node);
  const length = blockLength(size);
  for (let turn = 0; turn < pathsPerPrefix; turn++) {
    const first = ((node + turn) % size.members) * length;
    for (let from = first; from < first + length; from += nlriPerUpdate) {
      const count = Math.min(nlriPerUpdate, first + length - from);
      const prefixes = Array.from({ length: count }, (_, at) => from + at);
      stream.announceRoute(routeOf(size, from, turn), prefixes);
    }
  }
  stream.marker(500);
  stream.endOfRib();
  return stream;
}

/** Among the paths to a prefix, the one of this turn is the best. */
function expectOf(
  stage: Stage,
  streams: readonly NodeStream[],
  size: ExchangeSize,
  prefix: number,
  turn: number,
): void {
  const block = Math.floor(prefix / blockLength(size));
  const { nextHop } = streams[(block - turn + size.members) % size.members].route(0);
  stage.expect(prefix, { ...routeOf(size, prefix, turn), nextHop });
}

function routeOf(size: ExchangeSize, prefix: number, turn: number) {
  const community = routeServerAs * 65_536 + communityOf(size, prefix);
  return { asPath: [nodeAs], med: 100 + turn, communities: [community] };
}

/** It is the same for all prefixes of an UPDATE. */
function communityOf(size: ExchangeSize, prefix: number): number {
  const length = blockLength(size);
  return (
    (Math.floor(prefix / length) + Math.floor((prefix % length) / nlriPerUpdate)) % communities
  );
}

function blockLength({ prefixesPerMember }: ExchangeSize): number {
  return Math.floor(prefixesPerMember / pathsPerPrefix);
}
