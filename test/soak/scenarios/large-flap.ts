import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import { haveTwo, judgePunctuality, MachineLag, scaled, type Scenario } from '../scenario.ts';

const prefixes = 900_000;
const prefixesInOne = 900;
const rounds = 3;
const holdTimeSec = 3;

/** A peer that has most of the table leaves, and is back before its routes are removed. */
export const largeFlap: Scenario = {
  name: 'large-flap',
  claim: 'a peer with a full table that flaps delays no KEEPALIVE of others',
  quickSize: 0.05,
  async run(size, figures) {
    const count = Math.ceil(scaled(prefixes, size) / prefixesInOne) * prefixesInOne;
    const network = await SoakNetwork.start({ nodes: 12, routers: 0 });
    try {
      const others = await network.nodes(2, 10, { holdTimeSec });
      const lag = new MachineLag(network.server);
      let node = await network.node(0);
      for (let round = 0; round < rounds; round++) {
        for (let at = 0; at < count; at += prefixesInOne) {
          await node.send(announce(at, prefixesInOne, { med: round }));
        }
        await network.holds('the table', () => network.witnessRouter.held >= count);
        node.close(true);
        node = await network.node(0);
      }
      await network.holds('it gone', () => network.witnessRouter.held < 100);
      await network.holds('KEEPALIVEs', () => haveTwo(others));
      lag.stop();
      figures.note('prefixes', count);
      judgePunctuality(figures, 'the others', others, lag);
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};
