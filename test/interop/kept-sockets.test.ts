import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PeerView } from '#api/views/peer.ts';
import { announce, type Exabgp } from '#support/daemons/exabgp.ts';
import { DescriptorStore } from '#support/descriptor-store.ts';
import type { Daemon } from '#support/process.ts';
import { describeInterop } from '#support/requirements.ts';
import { pause, timed, waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../daemon/process.ts';
import { Lab, nodeAs } from './lab.ts';
import { ipv6Plan as plan } from './plan.ts';

const restarts = 3;
/** Long enough that a node connects while there is no daemon. */
const awayMs = 2000;

describeInterop(
  'a restart under systemd, whose store keeps the listening sockets',
  ['exabgp', 'tcpdump'],
  () => {
    let lab: Lab;
    let store: DescriptorStore;
    let daemon: DaemonProcess;
    let nodes: Exabgp[];
    let capture: Daemon;

    beforeAll(async () => {
      lab = new Lab(plan);
      store = new DescriptorStore();
      const { namespace } = lab.routeServerHost;
      const peers = plan.nodes.map(
        ({ name, address }) =>
          `  - { name: ${name}, address: "${address}", peer_as: ${nodeAs}, passive: true, import: all }\n`,
      );
      const yaml = `listen: ["[${plan.routeServer}]:179"]\npeers:\n${peers.join('')}`;
      daemon = new DaemonProcess(yaml, { env: store.env, namespace });
      await daemon.ready();
      nodes = lab.nodes.map((node, at) =>
        lab.exabgp(node, { kind: 'commands', first: [announce(node.plan, plan.services[at])] }),
      );
      await allUp();
      const flags = 'ip6[6] == 6 and port 179 and (ip6[53] & 6) != 0';
      capture = lab.routeServerHost.start('tcpdump', ['tcpdump', '-l', '-n', '-i', 'eth0', flags]);
      await waitFor(
        'the capture',
        () => capture.log,
        (log) => log.includes('listening on'),
      );
    });
    afterAll(async () => {
      await daemon.close();
      store.close();
      await lab.close();
    });

    async function allUp(): Promise<void> {
      await waitFor(
        'every node',
        async () => (await daemon.ask<{ items: PeerView[] }>('/api/v1/peers')).items,
        (peers) =>
          peers.every(({ state, prefixes }) => state === 'established' && prefixes.best === 1),
      );
    }

    /** What was captured after `from`: the connection attempts of each node, and how many of all were refused. */
    function seen(from: number): { calls: number[]; refused: number } {
      const lines = capture.log.slice(from).split('\n');
      const calls = plan.nodes.map(
        ({ address }) =>
          lines.filter((line) => line.includes(` ${address}.`) && line.includes('Flags [S],'))
            .length,
      );
      // A SYN without a listener is answered by RST with sequence number 0.
      const refused = lines.filter((line) => /Flags \[R\.\], seq 0\b/.test(line)).length;
      return { calls, refused };
    }

    it(`has every node back at its first attempt, and refuses none, ${restarts} times in a row`, async () => {
      for (let restart = 0; restart < restarts; restart++) {
        const from = capture.log.length;
        expect(await daemon.stop()).toBe(0);
        await pause(awayMs);
        const { sockets, env } = store.handOver();
        expect(sockets.length).toBeGreaterThan(0);
        const { namespace } = lab.routeServerHost;
        daemon = new DaemonProcess('', { sockets, env, namespace }, daemon.folder);
        await daemon.ready();
        const back = await timed(allUp);
        console.info(`every node is back ${back} s after restart ${restart + 1}`);
        expect(seen(from)).toEqual({ calls: plan.nodes.map(() => 1), refused: 0 });
      }
      expect(nodes.every(({ daemon: node }) => node.isRunning)).toBe(true);
    });

    it('and a unit that was stopped refuses them', async () => {
      const from = capture.log.length;
      await daemon.stop();
      store.release();
      await waitFor(
        'a refusal',
        () => seen(from).refused,
        (count) => count > 0,
      );
    });
  },
);
