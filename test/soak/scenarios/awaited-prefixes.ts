import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce, withdraw } from '../routes.ts';
import { scaled, type Scenario } from '../scenario.ts';

const prefixes = 1_000_000;
const prefixesInOne = 500;
const inOneRound = 50_000;
/** After this many prefixes the first are used again. */
const distinct = 950_000;

/** One router reads nothing, while one node continually announces new prefixes and withdraws them. */
export const awaitedPrefixes: Scenario = {
  name: 'awaited-prefixes',
  claim: 'prefixes that come and go past a stalled router keep memory level',
  quickSize: 0.3,
  async run(size, figures) {
    const total = scaled(prefixes, size);
    const network = await SoakNetwork.start({ nodes: 1, routers: 1 });
    try {
      const { server, witnessRouter } = network;
      const node = await network.node(0);
      await network.stalledRouters(1, node);
      const memory = new Series();
      for (let sent = 0; sent + inOneRound <= total; sent += inOneRound) {
        const from = sent % distinct;
        await node.send(...each(from, (at) => announce(at, prefixesInOne, { med: 3 })));
        await network.holds('a round', () => witnessRouter.table?.at(from + inOneRound - 1) === 4);
        await node.send(...each(from, (at) => withdraw(at, prefixesInOne)));
        await network.holds('its end', () => witnessRouter.table?.at(from + inOneRound - 1) === 0);
        memory.add(server.rssMib);
      }
      figures.note('prefixes in all', total);
      figures.note('prefixes that the RIB holds on to', (await server.status()).rib.prefixes);
      figures.note('resident', memory.text, 'MiB');
      figures.note('late to early', memory.lateToEarly);
      figures.demand('memory stays level', memory.isLevel(0.2));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};

function each(from: number, make: (at: number) => Buffer): Buffer[] {
  return Array.from({ length: inOneRound / prefixesInOne }, (_, at) =>
    make(from + at * prefixesInOne),
  );
}
