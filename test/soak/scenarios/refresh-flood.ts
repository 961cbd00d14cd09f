import { routeRefresh } from '#support/raw-message.ts';
import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import {
  haveTwo,
  judgePunctuality,
  MachineLag,
  scaled,
  type Scenario,
  secondsOf,
} from '../scenario.ts';
import type { Talker } from '../talker.ts';

const prefixes = 900_000;
const prefixesInOne = 900;
const requestsInOne = 2_800;
const bursts = 5;
const holdTimeSec = 3;

/** 64 KiB of ROUTE-REFRESH at a time: each 23 octets may request the whole table, or mark all of it as stale. */
export const refreshFlood: Scenario = {
  name: 'refresh-flood',
  claim: 'a flood of ROUTE-REFRESH delays no KEEPALIVE of others',
  quickSize: 0.02,
  async run(size, figures) {
    const count = Math.ceil(scaled(prefixes, size) / prefixesInOne) * prefixesInOne;
    const network = await SoakNetwork.start({ nodes: 12, routers: 1 });
    try {
      const node = await network.node(0);
      const router = await network.router(0);
      for (let at = 0; at < count; at += prefixesInOne) {
        await node.send(announce(at, prefixesInOne, { med: 3 }));
      }
      await network.holds('the table', () => network.witnessRouter.held >= count);
      const others = await network.nodes(2, 10, { holdTimeSec });
      figures.note('prefixes', count);
      await flood(network, figures, others, 'requests of a router', router, [0]);
      await flood(network, figures, others, 'BoRR and EoRR of a node', node, [1, 2]);
    } finally {
      await network.close();
    }
  },
};

async function flood(
  network: SoakNetwork,
  figures: Parameters<Scenario['run']>[1],
  others: readonly Talker[],
  name: string,
  talker: Talker,
  subtypes: readonly number[],
): Promise<void> {
  const requests = Array.from({ length: requestsInOne }, (_, at) =>
    routeRefresh(1, subtypes[at % subtypes.length]),
  );
  for (const other of others) other.forgetGap();
  const lag = new MachineLag(network.server);
  const seconds = await secondsOf(async () => {
    for (let burst = 0; burst < bursts; burst++) await talker.send(...requests);
    await network.server.status();
  });
  await network.holds('a KEEPALIVE', () => haveTwo(others));
  lag.stop();
  figures.note(`${bursts * requestsInOne} ${name}`, seconds, 's');
  judgePunctuality(figures, name, others, lag);
}
