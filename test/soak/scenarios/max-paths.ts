import { waitFor } from '#support/wait.ts';
import { Series } from '../figures.ts';
import { SoakNetwork } from '../network.ts';
import { announce } from '../routes.ts';
import { scaled, type Scenario } from '../scenario.ts';
import type { Talker } from '../talker.ts';

const maxPaths = 300_000;
const prefixesInOne = 100;
const attempts = 6;

/** A peer without a limit that never stops announcing, and comes back each time that it is held down. */
export const maxPathsReached: Scenario = {
  name: 'max-paths',
  claim: 'endless prefixes end at max_paths, for whoever sent them and nobody else',
  quickSize: 0.1,
  async run(size, figures) {
    const most = scaled(maxPaths, size);
    const keys = `max_paths: ${most}`;
    const network = await SoakNetwork.start({ nodes: attempts, routers: 0, keys });
    try {
      const memory = new Series();
      let highest = 0;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const node = await network.node(attempt);
        highest = Math.max(highest, await pour(node, most * 2));
        await waitFor('the daemon to end it', () => node.isClosed, Boolean, { seconds: 60 });
        figures.demand(`told ${node.notification}, not 6/8`, node.notification === '6/8');
        memory.add(network.server.rssMib);
      }
      figures.note('max_paths', most);
      figures.note('sent before the end', highest);
      figures.note('resident', memory.text, 'MiB');
      figures.demand('memory stays level', memory.isLevel(0.15));
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};

/** Sends until its session ends or it has sent `most`; returns how many it was. */
async function pour(node: Talker, most: number): Promise<number> {
  let sent = 0;
  for (; sent < most && !node.isClosed; sent += prefixesInOne) {
    await Promise.race([node.send(announce(sent, prefixesInOne, { mark: sent })), node.closed]);
  }
  return sent;
}
