import { nodeAs } from '../addresses.ts';
import type { RouteAttributes } from '../load/messages.ts';
import type { NodeStream } from '../load/stage.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface FullTableSize {
  readonly prefixes: number;
  readonly routers: number;
}

/** S3b: the full IPv4 table of one peer, with an attribute set for each one to nine prefixes. */
export function fullTable({ prefixes, routers }: FullTableSize): Workload {
  return {
    shape: { family: 'ipv4', nodes: 1, routers, prefixes, holdTimeSec: longHoldTimeSec },
    run(stage) {
      const stream = stage.stream(0);
      announceTable(stream, prefixes, (prefix, route) => stage.expect(prefix, route));
      stream.marker(500);
      stream.endOfRib();
      stage.warmUp(stream);
      stage.establish();
      stage.phase('load', () => {
        stream.send();
        stage.wait('S3b load');
      });
    },
  };
}

type Expect = (prefix: number, route: RouteAttributes) => void;

function announceTable(stream: NodeStream, prefixes: number, expect: Expect): void {
  const random = randomNumbers(20130501);
  const { nextHop } = stream.route(0);
  for (let done = 0, set = 0; done < prefixes; set++) {
    const count = Math.min(1 + ((set * 4) % 9), prefixes - done);
    const route = randomRoute(random);
    const members = Array.from({ length: count }, (_, at) => scattered(done + at, prefixes));
    stream.announceRoute(route, members);
    for (const prefix of members) expect(prefix, { ...route, nextHop });
    done += count;
  }
}

/** Neighbours in a set are not neighbours in the address space. 618033 is divisible by neither 2 nor 5. */
function scattered(number: number, prefixes: number): number {
  return (number * 618_033) % prefixes;
}

/** AS_PATH has 3 to 6 AS numbers; there are 0 to 5 communities, sorted, because the order of a set need not be kept. */
function randomRoute(random: (below: number) => number): Omit<RouteAttributes, 'nextHop'> {
  const further = Array.from({ length: 2 + random(4) }, () => 1000 + random(60_000));
  const communities = Array.from(
    { length: random(6) },
    () => (1000 + random(60_000)) * 65_536 + random(65_536),
  );
  return {
    asPath: [nodeAs, ...further],
    communities: [...new Set(communities)].sort((a, b) => a - b),
  };
}

/** Mulberry32: the same table in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
