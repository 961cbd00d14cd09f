import { attribute } from '#support/raw-message.ts';
import { SoakNetwork } from '../network.ts';
import { announce, withdraw } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';

const sets = 1 << 15;
const rounds = 4;
const setsAtOnce = 1000;
const pairs = 15;

/**
 * COMMUNITIES that differ in pairs of words, by bits that cancel each other in a hash of running multiplications and
 * shifts, whatever its seed is. With such a hash all of them would collide, and each look-up would pass all others.
 */
export const equalHashes: Scenario = {
  name: 'equal-hashes',
  claim: 'attributes chosen to have one hash delay no failover of others',
  quickSize: 0.1,
  async run(size, figures) {
    const network = await SoakNetwork.start({ nodes: 1, routers: 0 });
    try {
      const { witnessRouter } = network;
      const node = await network.node(0);
      const count = scaled(sets, size);
      for (let round = 0; round < rounds; round++) {
        const seconds = await secondsOf(async () => {
          for (let at = 0; at < count; at += setsAtOnce) {
            await node.send(...each(at, Math.min(count, at + setsAtOnce), round));
          }
          await network.holds('a round', () => witnessRouter.table?.at(count - 1) === 2 + round);
        });
        figures.note(`${count} sets, said the ${round + 1}. time`, seconds, 's');
      }
      for (let at = 0; at < count; at++) await node.send(withdraw(at, 1));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};

/** UPDATEs for the sets of this range; each round has another MED, and therefore other sets. */
function each(from: number, to: number, round: number): Buffer[] {
  return Array.from({ length: to - from }, (_, at) =>
    announce(from + at, 1, { med: 1 + round, more: [communities(from + at)] }),
  );
}

/** The length is extended, so that after ORIGIN, AS_PATH and MED every community is a word of the block. */
function communities(bits: number): Buffer {
  const words = new Uint32Array(2 * pairs);
  for (let pair = 0; pair < pairs; pair++) {
    const isFlipped = ((bits >> pair) & 1) === 1;
    words[2 * pair] = (0x1000_0000 | pair) ^ (isFlipped ? 0x8000_0000 : 0);
    words[2 * pair + 1] = (0x2000_0000 | pair) ^ (isFlipped ? 0x8001_0000 : 0);
  }
  const octets = Buffer.alloc(8 * pairs);
  words.forEach((word, at) => octets.writeUInt32BE(word, 4 * at));
  return attribute(0xd0, 8, [...octets]);
}
