import type { Stage } from '../load/stage.ts';
import type { Workload } from './workload.ts';

export interface SessionsSize {
  readonly nodes: number;
  readonly prefixesPerNode: number;
  readonly routers: number;
  readonly steadySec: number;
}

const holdTimeSec = 6;

/** S4: many sessions with short hold times come up, converge, and stay up. */
export function sessions(size: SessionsSize): Workload {
  const { nodes, routers, prefixesPerNode } = size;
  const prefixes = nodes * prefixesPerNode;
  return {
    shape: { family: 'ipv6', nodes, routers, prefixes, holdTimeSec },
    run(stage) {
      const streams = stage.nodes.map((_, node) => {
        const stream = stage.stream(node);
        const own = Array.from(
          { length: prefixesPerNode },
          (__, at) => node * prefixesPerNode + at,
        );
        stream.announce(100 + node, own);
        for (const prefix of own) stream.expect(prefix, 100 + node);
        stream.marker(500);
        stream.endOfRib();
        return stream;
      });
      stage.warmUp(streams[0]);
      establish(stage);
      stage.phase('converge', () => {
        for (const stream of streams) stream.send();
        stage.wait('S4 converge', { mayLose: true });
      });
      steady(stage, size.steadySec);
    },
  };
}

function establish(stage: Stage): void {
  const all = [...stage.nodes, ...stage.routers];
  stage.phase('establish', () => {
    stage.load.connect(all);
    stage.wait('S4 establish', {
      atLeastSec: 30,
      mayLose: true,
      isDone: () => all.every(({ state }) => state === 'established'),
    });
  });
}

function steady(stage: Stage, seconds: number): void {
  stage.phase('steady', () => stage.load.during(seconds * 1000));
  const { cpuSec, wallSec } = stage.measures['steady'];
  stage.note('steady', {
    cpuPerSec: cpuSec / wallSec,
    lostSessions: stage.load.lostSessions().length,
  });
}
