import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce, withdraw } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';
import type { Talker } from '../talker.ts';

const stalledRouters = 200;
const changes = 500_000;
const rounds = 10;
const prefixesInOne = 100;

/** Routers that read nothing while everything changes again and again. */
export const stalled: Scenario = {
  name: 'stalled',
  claim: '200 routers that read nothing delay nobody, and cost a bounded memory',
  quickSize: 0.04,
  async run(size, figures) {
    const routers = scaled(stalledRouters, Math.max(size, 0.03));
    const prefixes = Math.ceil(scaled(changes, size) / rounds / prefixesInOne) * prefixesInOne;
    const network = await SoakNetwork.start({ nodes: 1, routers });
    try {
      const { server } = network;
      const node = await network.node(0);
      const alone = await timeOfRounds(network, node, prefixes, rounds);
      const without = server.rssMib;
      await network.stalledRouters(routers, node);
      const before = server.rssMib;
      const memory = new Series();
      const beside = await timeOfRounds(network, node, prefixes, rounds, () =>
        memory.add(server.rssMib),
      );
      figures.note('stalled routers', routers);
      figures.note('changes', prefixes * rounds);
      figures.note('a round beside nobody', alone, 's');
      figures.note('a round beside them', beside, 's');
      figures.note('resident without them', without, 'MiB');
      figures.note('resident when all are stalled', before, 'MiB');
      figures.note('resident at most while all changes', memory.highest, 'MiB');
      figures.note('late to early', memory.lateToEarly);
      figures.demandInTime('others are as fast', beside < alone * 2.5);
      figures.demand('memory stays level', memory.isLevel(0.15));
      figures.demand('memory is bounded', memory.highest < before + 64 + routers);
      await node.send(...withdrawals(prefixes));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
      const queues = await server.metric('fingerpost_peer_output_queue_bytes');
      const queued = [...queues.values()].reduce((sum, bytes) => sum + bytes, 0);
      figures.note('queued for them', queued / 2 ** 20, 'MiB, shared');
      const { established } = (await server.status()).peers;
      figures.demand('the stalled keep their sessions', established === routers + 5);
    } finally {
      await network.close();
    }
  },
};

/**
 * Seconds until the witness holds a new round: the shortest time, because whatever else the machine does only adds to
 * it.
 */
async function timeOfRounds(
  { witnessRouter, holds }: SoakNetwork,
  node: Talker,
  prefixes: number,
  count: number,
  onRound: () => void = () => undefined,
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < count; round++) {
    const med = Math.floor(Math.random() * 1e9);
    const updates = updatesOf(prefixes, med);
    const isThere = (): boolean =>
      witnessRouter.table?.at(prefixes - 1) === med + 1 && witnessRouter.table.at(0) === med + 1;
    times.push(
      await secondsOf(async () => {
        await node.send(...updates);
        await holds('a round of changes at the witness', isThere);
      }),
    );
    onRound();
  }
  return Math.min(...times);
}

function updatesOf(prefixes: number, med: number): Buffer[] {
  return Array.from({ length: prefixes / prefixesInOne }, (_, at) =>
    announce(at * prefixesInOne, prefixesInOne, { med }),
  );
}

function withdrawals(prefixes: number): Buffer[] {
  return Array.from({ length: prefixes / prefixesInOne }, (_, at) =>
    withdraw(at * prefixesInOne, prefixesInOne),
  );
}
