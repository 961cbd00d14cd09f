import type { NodeStream, Stage } from '../load/stage.ts';
import { percentile } from '../measures.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface FailoverSize {
  readonly flips: number;
  /** 5 if absent. */
  readonly routers?: number;
  /**
   * Before each failover the daemon is put into the state after long idling and then left alone for this long;
   * absent: it is not.
   */
  readonly idleMs?: number;
}

const prefixes = [0, 1, 2];
const nodes = 3;
const paceMs = 20;

/** S1: the health check of a node fails or recovers; measured until each router has the result. */
export function failover({ flips, routers = 5, idleMs }: FailoverSize): Workload {
  return {
    shape: {
      family: 'ipv6',
      nodes,
      routers,
      prefixes: prefixes.length,
      holdTimeSec: longHoldTimeSec,
    },
    run(stage) {
      const up = Array.from({ length: nodes }, (_, node) => firstRoutes(stage, node));
      const down = node1Routes(stage, 900);
      stage.warmUp(up[0]);
      stage.establish();
      expectBest(up[0], 0);
      stage.phase('converge', () => {
        for (const stream of up) stream.send();
        stage.wait('S1 converge');
      });
      const back = node1Routes(stage, 0);
      const latencies: number[] = [];
      stage.phase('flips', () => {
        for (let flip = 0; flip < flips; flip++) {
          if (idleMs !== undefined) stage.age(idleMs);
          const isDown = flip % 2 === 0;
          expectBest(isDown ? up[1] : up[0], isDown ? 1 : 0);
          latencies.push(...flipOnce(stage, isDown ? down : back));
        }
      });
      stage.note('flips', {
        p50Us: percentile(latencies, 0.5),
        p99Us: percentile(latencies, 0.99),
      });
    },
  };
}

function medOf(node: number, prefix: number): number {
  return 100 + 10 * node + prefix;
}

function firstRoutes(stage: Stage, node: number): NodeStream {
  const stream = stage.stream(node);
  for (const prefix of prefixes) stream.announce(medOf(node, prefix), [prefix]);
  stream.marker(500);
  stream.endOfRib();
  return stream;
}

/** One UPDATE for each prefix, as ExaBGP sends them, because their MEDs differ. */
function node1Routes(stage: Stage, more: number): NodeStream {
  const stream = stage.stream(0);
  for (const prefix of prefixes) stream.announce(medOf(0, prefix) + more, [prefix]);
  return stream;
}

function expectBest(stream: NodeStream, node: number): void {
  for (const prefix of prefixes) stream.expect(prefix, medOf(node, prefix));
}

/** Microseconds from the write until each router holds the result. */
function flipOnce(stage: Stage, stream: NodeStream): number[] {
  stage.load.recount();
  const latencies: number[] = [];
  const waiting = new Set(stage.routers);
  const start = performance.now();
  stream.send();
  const isDone = (): boolean => {
    for (const router of waiting) {
      if ((router.table?.wrong ?? 0) > 0) continue;
      latencies.push((performance.now() - start) * 1000);
      waiting.delete(router);
    }
    return waiting.size === 0;
  };
  stage.wait('S1 flip', { isDone, isSpinning: true });
  stage.wait('S1 pace', { isDone: () => performance.now() - start >= paceMs, isSpinning: true });
  return latencies;
}
