import type { NodeStream } from '../load/stage.ts';
import { longHoldTimeSec, type Workload } from './workload.ts';

export interface FanOutSize {
  readonly routers: number;
  readonly rounds: number;
}

const prefixes = 100;

/** Growth in routers: in every round each of 100 prefixes changes, and all routers are sent the change. */
export function fanOut({ routers, rounds }: FanOutSize): Workload {
  return {
    shape: { family: 'ipv6', nodes: 1, routers, prefixes, holdTimeSec: longHoldTimeSec },
    run(stage) {
      const streams = [0, 1].map((turn) => {
        const stream = stage.stream(0);
        for (let prefix = 0; prefix < prefixes; prefix++) {
          stream.announce(medOf(prefix, turn), [prefix]);
        }
        stream.marker(500 + turn);
        return stream;
      });
      stage.warmUp(streams[0]);
      stage.establish();
      const play = (round: number): void => {
        expectTurn(streams[round % 2], round % 2);
        stage.load.recount();
        streams[round % 2].send();
        stage.wait('fan-out');
      };
      for (let round = 0; round < 20; round++) play(round);
      stage.phase('rounds', () => {
        for (let round = 0; round < rounds; round++) play(round);
      });
      const { cpuSec, systemSec } = stage.measures['rounds'];
      const microseconds = 1e6 / (rounds * (prefixes + 1));
      stage.note('rounds', {
        routers,
        userUsPerUpdate: (cpuSec - systemSec) * microseconds,
        systemUsPerUpdate: systemSec * microseconds,
      });
    },
  };
}

function medOf(prefix: number, turn: number): number {
  return 100 + 2 * prefix + turn;
}

function expectTurn(stream: NodeStream, turn: number): void {
  for (let prefix = 0; prefix < prefixes; prefix++) stream.expect(prefix, medOf(prefix, turn));
  stream.expect(prefixes, 500 + turn);
}
