import type { NodeStream, Stage } from '../load/stage.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface FleetSize {
  readonly nodes: number;
  readonly prefixes: number;
  readonly routers: number;
  readonly rounds: number;
}

/** S2: many nodes announce the same prefixes, the best one dies, and the others change their MEDs. */
export function fleet(size: FleetSize): Workload {
  const { nodes, prefixes, routers } = size;
  const all = Array.from({ length: prefixes }, (_, prefix) => prefix);
  return {
    shape: { family: 'ipv6', nodes, routers, prefixes, holdTimeSec: longHoldTimeSec },
    run(stage) {
      const first = stage.nodes.map((_, node) => {
        const stream = stage.stream(node);
        stream.announce(100 + node, all);
        stream.marker(500);
        stream.endOfRib();
        return stream;
      });
      stage.warmUp(first[0]);
      stage.establish();
      expectBest(first[0], all, 100);
      converge(stage, 'converge', first);

      expectBest(first[1], all, 101);
      stage.expect(stage.markerOf(0), undefined);
      stage.phase('kill', () => {
        stage.nodes[0].close();
        stage.wait('S2 kill', { isSpinning: true });
      });

      churn(stage, size, 'churn100', all, prefixes);
      churn(stage, size, 'churn1', all, 1);
    },
  };
}

/** Every node except the dead one announces all its prefixes again, with another MED in each round. */
function churn(
  stage: Stage,
  size: FleetSize,
  name: string,
  all: readonly number[],
  nlriPerUpdate: number,
): void {
  const streams = stage.nodes.slice(1).map((_, at) => {
    const node = at + 1;
    const stream = stage.stream(node);
    for (let round = 0; round < size.rounds; round++) {
      const med = churnedMed(node, round, size.nodes);
      for (let from = 0; from < all.length; from += nlriPerUpdate) {
        stream.announce(med, all.slice(from, from + nlriPerUpdate));
      }
    }
    stream.marker(600 + nlriPerUpdate);
    return stream;
  });
  const lastMed = ({ node }: NodeStream): number => churnedMed(node, size.rounds - 1, size.nodes);
  const best = streams.reduce((left, right) => (lastMed(right) < lastMed(left) ? right : left));
  expectBest(best, all, lastMed(best));
  converge(stage, name, streams);
}

/** Each round has another permutation of the same MEDs, so that no two nodes ever tie at the end. */
function churnedMed(node: number, round: number, nodes: number): number {
  return 1000 + ((node + 37 * (round + 1)) % nodes);
}

function expectBest(stream: NodeStream, all: readonly number[], med: number): void {
  for (const prefix of all) stream.expect(prefix, med);
}

function converge(stage: Stage, name: string, streams: readonly NodeStream[]): void {
  stage.phase(name, () => {
    for (const stream of streams) stream.send();
    stage.wait(`S2 ${name}`);
  });
}
