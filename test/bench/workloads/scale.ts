import type { LoadSession } from '../load/session.ts';
import type { NodeStream, Stage } from '../load/stage.ts';
import type { Workload } from './workload.ts';

export interface ScaleSize {
  readonly nodes: number;
  /** The paths of all nodes together; each prefix comes from two of them. */
  readonly paths: number;
  readonly routers: number;
  readonly holdTimeSec: number;
  /** Afterwards one more router connects (S5). */
  readonly hasLateRouter: boolean;
  /** How often every path is announced again afterwards, with another MED. */
  readonly repeats: number;
}

const nlriPerUpdate = 64;

/** S3: many paths of /128; S5: a router that connects when they are there. */
export function scale(size: ScaleSize): Workload {
  const { nodes, paths, holdTimeSec } = size;
  const routers = size.routers + (size.hasLateRouter ? 1 : 0);
  return {
    shape: { family: 'ipv6', nodes, routers, prefixes: paths / 2, holdTimeSec },
    run(stage) {
      const early = stage.routers.slice(0, size.routers);
      const streams = announcements(stage, size, 0);
      stage.warmUp(streams[0]);
      stage.establish(early);
      for (const node of stage.nodes) node.forgetSilence();
      stage.phase('load', () => {
        for (const stream of streams) stream.send();
        stage.wait('S3 load');
      });
      noteSilence(stage, size);
      if (size.hasLateRouter) connectLate(stage, stage.routers[size.routers]);
      if (size.repeats > 0) announceAgain(stage, size);
    },
  };
}

/** The announcements of all nodes, and what results from them; all MEDs are `more` than at first. */
function announcements(stage: Stage, size: ScaleSize, more: number): NodeStream[] {
  const streams = stage.nodes.map((_, node) => nodeAnnouncements(stage, size, node, more));
  for (let block = 0; block < size.nodes; block++) expectBlock(streams, size, block, more);
  return streams;
}

/** A node announces two blocks of prefixes: its own, and that of its neighbour. */
function nodeAnnouncements(stage: Stage, size: ScaleSize, node: number, more: number): NodeStream {
  const stream = stage.stream(node);
  const neighbour = (node + 1) % size.nodes;
  announceBlock(stream, size, node, 0, more);
  announceBlock(stream, size, neighbour, 1, more);
  stream.marker(500 + more);
  stream.endOfRib();
  return stream;
}

function announceBlock(
  stream: NodeStream,
  size: ScaleSize,
  block: number,
  turn: number,
  more: number,
): void {
  const length = blockLength(size);
  for (let from = 0; from < length; from += nlriPerUpdate) {
    const count = Math.min(nlriPerUpdate, length - from);
    const prefixes = Array.from({ length: count }, (_, at) => block * length + from + at);
    stream.announce(medOf(from, turn) + more, prefixes);
  }
}

/** Eight MEDs for each turn, so sixteen for each node. Those of the first turn are even, so that none tie. */
function medOf(from: number, turn: number): number {
  const update = from / nlriPerUpdate;
  return 100 + 2 * ((update * 5 + turn * (update % 7)) % 8) + turn;
}

function expectBlock(
  streams: readonly NodeStream[],
  size: ScaleSize,
  block: number,
  more: number,
): void {
  const length = blockLength(size);
  const owner = streams[block];
  const neighbour = streams[(block + size.nodes - 1) % size.nodes];
  for (let from = 0; from < length; from += nlriPerUpdate) {
    const [first, second] = [medOf(from, 0), medOf(from, 1)];
    const [best, med] = first < second ? [owner, first] : [neighbour, second];
    for (let at = from; at < Math.min(from + nlriPerUpdate, length); at++) {
      best.expect(block * length + at, med + more);
    }
  }
}

function blockLength({ paths, nodes }: ScaleSize): number {
  return paths / nodes / 2;
}

/** How late the latest KEEPALIVE was, compared with a third of the hold time. */
function noteSilence(stage: Stage, { holdTimeSec }: ScaleSize): void {
  const keepaliveMs = (holdTimeSec * 1000) / 3;
  stage.load.during(keepaliveMs > 2000 ? 0 : 2 * keepaliveMs);
  const silence = Math.max(...stage.nodes.map(({ longestSilenceMs }) => longestSilenceMs));
  stage.note('load', { keepaliveLateMs: Math.max(0, silence - keepaliveMs) });
}

function announceAgain(stage: Stage, size: ScaleSize): void {
  const turns = [announcements(stage, size, 1000), announcements(stage, size, 2000)];
  const play = (turn: number): void => {
    const more = 1000 * (turn + 1);
    for (let block = 0; block < size.nodes; block++) expectBlock(turns[turn], size, block, more);
    for (const stream of turns[turn]) stream.expect(stage.markerOf(stream.node), 500 + more);
    stage.load.recount();
    for (const stream of turns[turn]) stream.send();
    stage.wait('S3 again');
  };
  stage.phase('again', () => {
    for (let repeat = 0; repeat < size.repeats; repeat++) play(repeat % 2);
  });
}

function connectLate(stage: Stage, router: LoadSession): void {
  stage.phase('late', () => {
    router.connect();
    stage.wait('S5');
  });
}
