import { message, MessageType } from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import { scaled, type Scenario, secondsOf } from '../scenario.ts';
import type { Talker } from '../talker.ts';

const sessions = 50;
/** The heap of Node reaches its size in the first half of it. */
const flapsInAll = 60_000;
const prefixesEach = 40;

/** Peers with routes come and leave again, in every way in which peers leave. */
export const flaps: Scenario = {
  name: 'flaps',
  claim: '50 sessions that flap leave nothing behind',
  quickSize: 0.01,
  async run(size, figures) {
    const total = scaled(flapsInAll, size);
    const network = await SoakNetwork.start({ nodes: sessions, routers: 0 });
    const memory = new Series();
    let done = 0;
    const flap = async (index: number): Promise<void> => {
      while (done < total) {
        const count = ++done;
        const node = await callAgain(() => network.node(index));
        await node.send(announce(index * prefixesEach, prefixesEach, { med: count }));
        await pause(Math.random() * 20);
        if (count % 3 === 0) await node.send(cease);
        node.close(count % 2 === 0);
        if (count % Math.ceil(total / 60) === 0) memory.add(network.server.rssMib);
      }
    };
    try {
      const seconds = await secondsOf(() =>
        Promise.all(Array.from({ length: sessions }, (_, index) => flap(index))),
      );
      figures.note('flaps', done);
      figures.note('flaps a second', done / seconds);
      figures.note('resident', memory.text, 'MiB');
      figures.note('slope', (memory.slope * 60 * 1024 * 1000) / total, 'KiB in 1000 flaps');
      figures.note('late to early', memory.lateToEarly);
      figures.demand('memory stays level', memory.isLevel(0.15));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
      figures.demand('no file stays open', network.server.openFiles < 60);
      figures.demand('no internal error', network.server.told('internal_error').length === 0);
    } finally {
      await network.close();
    }
  },
};

/**
 * A connection that arrives before the daemon has read the end of the last session is answered with 6/7, as it should
 * be.
 */
async function callAgain(call: () => Promise<Talker>): Promise<Talker> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === 20) throw error;
      await pause(50);
    }
  }
}

const cease = message(MessageType.notification, Uint8Array.of(6, 2));
