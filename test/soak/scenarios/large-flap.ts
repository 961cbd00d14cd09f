import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import type { Scenario } from '../scenario.ts';
import { OwnLag, scaled } from '../scenario.ts';
import type { Talker } from '../talker.ts';

const prefixes = 900_000;
const prefixesInOne = 900;
const rounds = 3;
const holdTimeSec = 3;

/** A peer with most of the table goes, and is back before its routes are gone. */
export const largeFlap: Scenario = {
  name: 'large-flap',
  claim: 'a peer with a full table that flaps delays no KEEPALIVE of others',
  quickSize: 0.05,
  async run(size, figures) {
    const count = Math.ceil(scaled(prefixes, size) / prefixesInOne) * prefixesInOne;
    const network = await SoakNetwork.start({ nodes: 12, routers: 0 });
    try {
      const others: Talker[] = [];
      for (let at = 0; at < 10; at++) others.push(await network.node(at + 2, { holdTimeSec }));
      const lag = new OwnLag();
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
      await network.holds('KEEPALIVEs', () => others.every(({ longestGapMs }) => longestGapMs > 0));
      lag.stop();
      const longest = Math.max(...others.map(({ longestGapMs }) => longestGapMs));
      figures.note('prefixes', count);
      figures.note('longest time between two KEEPALIVEs of 0.75 to 1 s', longest, 'ms');
      figures.note('own timers late by up to', lag.longestMs, 'ms');
      figures.demand('KEEPALIVEs are on time', longest < 2000 + lag.longestMs);
      figures.demand('no session is lost', !others.some(({ isClosed }) => isClosed));
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};
