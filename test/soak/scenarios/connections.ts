import { pause } from '#support/wait.ts';
import { SoakNetwork } from '../network.ts';
import { scaled, type Scenario } from '../scenario.ts';
import type { Talker } from '../talker.ts';

const calls = 1000;

/** Connections that send nothing, or next to nothing, from the address of a peer and from that of a stranger. */
export const connections: Scenario = {
  name: 'connections',
  claim: '1000 connections from one address hold nothing, and keep nobody out',
  quickSize: 0.2,
  async run(size, figures) {
    const count = scaled(calls, size);
    const network = await SoakNetwork.start({ nodes: 1, routers: 0 });
    try {
      const { server } = network;
      const before = { files: server.openFiles, rss: server.rssMib };
      let mostFiles = 0;
      const callers: Talker[] = [];
      for (const from of [SoakNetwork.nodeOptions(0).from, '127.66.0.1']) {
        for (let at = 0; at < count; at++) {
          const caller = network.call({ from, as: 65001 });
          callers.push(caller);
          if (at % 2 === 0) void caller.send(Uint8Array.of(255, 255));
          if (at % 20 === 19) await pause(1);
          mostFiles = Math.max(mostFiles, server.openFiles);
        }
      }
      // All connections but the newest one, which may still send something, are closed.
      await network.holds('few open files', () => server.openFiles <= before.files + 4);
      figures.note('calls', 2 * count);
      figures.note('open files before', before.files);
      figures.note('open files at most', mostFiles);
      figures.note('open files after', server.openFiles);
      figures.note('resident', `${before.rss.toFixed(0)} -> ${server.rssMib.toFixed(0)}`, 'MiB');
      figures.demand('few files are open', mostFiles < before.files + 150);
      for (const caller of callers) caller.close();
      const node = await network.node(0);
      figures.demand('the peer gets in afterwards', node.isEstablished);
      await network.judgeFailovers(figures);
      figures.demand('nobody else is disturbed', await network.isUndisturbed());
    } finally {
      await network.close();
    }
  },
};
