import { createConnection } from 'node:net';
import type { Page } from '#api/queries.ts';
import type { PeerView } from '#api/views/peer.ts';
import { pause } from '#support/wait.ts';
import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import { scaled, type Scenario } from '../scenario.ts';
import { type Server, serverAddress } from '../server.ts';
import { Talker } from '../talker.ts';

const connects = 18_000;
const connectsAtOnce = 15;
/** 300 a second. */
const everyMs = 50;
const rounds = 4;
const joinsInRound = 1_000;
const prefixesEach = 20;

/** Strangers of a peer range that connect and send nothing, and guests that join and leave. */
export const rangeCallers: Scenario = {
  name: 'range-callers',
  claim: 'callers of a peer range that come and go leave no series, no row and no cost behind',
  quickSize: 0.01,
  async run(size, figures) {
    const network = await SoakNetwork.start({ nodes: 0, routers: 0, range: '127.64.0.0/10' });
    try {
      const { server } = network;
      // A request creates series of its own.
      await stateOf(server);
      const before = await stateOf(server);
      await connectOnly(server, scaled(connects, size));
      const after = await stateOf(server);
      figures.note('bare connects', scaled(connects, size));
      figures.note('series before and after', `${before.series} and ${after.series}`);
      figures.note('rows of peers before and after', `${before.peers} and ${after.peers}`);
      figures.demand('no series without a session', after.series <= before.series + slack);
      figures.demand('no row without a session', after.peers === before.peers);
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const cpuBefore = server.cpuSeconds;
        await joinAndLeave(network, scaled(joinsInRound, size), round);
        seconds.push(server.cpuSeconds - cpuBefore);
      }
      figures.note(
        `CPU for ${scaled(joinsInRound, size)} joins and leaves`,
        seconds.join(' '),
        's',
      );
      const [second, last] = [seconds[1], seconds.at(-1) ?? 0];
      figures.demandInTime('joins cost the same in the end', last < 2 * second + 0.5);
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};

/** Series of histograms that get their first value meanwhile. */
const slack = 20;

async function stateOf(server: Server): Promise<{ series: number; peers: number }> {
  const { items } = await server.get<Page<PeerView>>('/api/v1/peers?limit=1000');
  return { series: await server.seriesCount(), peers: items.length };
}

async function connectOnly({ port }: Server, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const localAddress = `127.${64 + below(60)}.${below(256)}.${1 + below(254)}`;
    const socket = createConnection({ host: serverAddress, port, localAddress });
    socket.on('error', () => undefined);
    socket.once('connect', () => socket.resetAndDestroy());
    if (at % connectsAtOnce === 0) await pause(everyMs);
  }
}

async function joinAndLeave(network: SoakNetwork, count: number, round: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const from = `127.${70 + round}.${1 + (at >> 8)}.${1 + (at & 127)}`;
    const guest = await Talker.establish(network.server, { from, as: 65001 });
    await guest.send(announce((at * prefixesEach) % 10_000, prefixesEach, { med: 3 }));
    guest.close(at % 2 === 0);
  }
}

function below(bound: number): number {
  return Math.floor(Math.random() * bound);
}
