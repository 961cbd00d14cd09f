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

const sessions = 100;
const routes = 1_000_000;
const prefixesInOne = 5;
const holdTimeSec = 3;
const updatesAtOnce = 500;

/** A full load while sessions have short hold times. */
export const load: Scenario = {
  name: 'load',
  claim: 'while a million routes load, 100 sessions with hold time 3 stay up',
  quickSize: 0.03,
  async run(size, figures) {
    const prefixes = scaled(routes, size) - 1000;
    const peers = scaled(sessions, Math.max(size, 0.3));
    const network = await SoakNetwork.start({ nodes: peers + 2, routers: 0 });
    try {
      const idle = await network.nodes(2, peers, { holdTimeSec });
      const sources = [await network.node(0), await network.node(1)];
      for (const talker of idle) talker.forgetGap();
      const lag = new MachineLag(network.server);
      const isThere = (): boolean => network.witnessRouter.held >= prefixes;
      const seconds = await secondsOf(async () => {
        await Promise.all(sources.map((source, at) => feed(source, at, prefixes)));
        await network.holds('every route at the witness', isThere, 600);
      });
      await network.holds('KEEPALIVEs', () => haveTwo(idle));
      lag.stop();
      const { paths } = (await network.server.status()).rib;
      figures.note('sessions with hold time 3', peers);
      figures.note('paths', paths);
      figures.note('loaded in', seconds, 's');
      figures.note('resident', network.server.rssMib, 'MiB');
      figures.demand('every path is there', paths >= prefixes);
      judgePunctuality(figures, 'the idle sessions', idle, lag);
    } finally {
      await network.close();
    }
  },
};

/** Half of the routes each, five of them with equal attributes. */
async function feed(source: Talker, at: number, prefixes: number): Promise<void> {
  const half = Math.ceil(prefixes / 2);
  const [from, to] = at === 0 ? [0, half] : [half, prefixes];
  for (let prefix = from; prefix < to;) {
    const updates: Buffer[] = [];
    for (; prefix < to && updates.length < updatesAtOnce; prefix += prefixesInOne) {
      const count = Math.min(prefixesInOne, to - prefix);
      updates.push(announce(prefix, count, { med: at, mark: prefix }));
    }
    await source.send(...updates);
  }
}
