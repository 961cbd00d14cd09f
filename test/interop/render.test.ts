import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Bird, bird2Programs } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import {
  bird1Folder,
  bird6,
  fileOf,
  rendererOf,
  startFrr,
  startGobgp,
  startOpenbgpd,
} from './daemons.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
policies:
  only_loopbacks: [{ match: { prefix: ["2001:db8:30::/64{128,128}"] }, then: accept }]
peer_groups:
  nodes:
    { peer_as: 65001, families: [ipv6_unicast], import: only_loopbacks, multihop: 10, hold_time: 60 }
  routers: { peer_as: 65003, families: [ipv6_unicast], export: all, hold_time: 60 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1, passive: true }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: W3, address: "2001:db8:8::13", group: nodes, node: w3 }
  - { name: ER2, address: "2001:db8:1::2", group: routers }
  - { name: ER3, address: "2001:db8:1::3", group: routers }
  - { name: ER4, address: "2001:db8:1::4", group: routers }
  - { name: ER5, address: "2001:db8:1::5", group: routers }
  - { name: ER10, address: "2001:db8:1::10", group: routers }
  - { name: W4, address: "2001:db8:1::14", group: nodes, node: w4 }
services:
  - name: web
    prefix: "2001:db8:30::/64{128,128}"
    home: { "2001:db8:30::1/128": w3, "2001:db8:30::2/128": w2, "2001:db8:30::3/128": w1 }
`;

function setStage(lab: Lab) {
  const host = lab.routeServerHost;
  const fingerpost = new Fingerpost(host, config(host.folder));
  return { fingerpost, rendered: rendererOf(fingerpost.configFile) };
}

const services = ipv6Plan.services;
const nodeAddress = new Map(ipv6Plan.nodes.map(({ name, address }) => [name, address]));

describeInterop(
  'what `render` prints for the other side, started as it is,',
  ['exabgp', 'bird', `${bird1Folder}/bird`, '/usr/lib/frr/bgpd', '/usr/sbin/bgpd', 'gobgpd'],
  () => {
    const stage = withLab(ipv6Plan, setStage);

    /** Waits until the route server has accepted all services from the node, with the MEDs rendered. */
    const hasAllFrom = async (node: string): Promise<void> => {
      const paths = await waitFor(
        `all services from ${node}`,
        () => stage().fingerpost.candidates(),
        (seen) => seen.filter(({ peer }) => peer === node).length === services.length,
      );
      const meds = paths.filter(({ peer }) => peer === node).map(({ med }) => med);
      expect(meds.toSorted((a, b) => a - b)).toEqual([100, 101, 102]);
    };
    const nodeHost = (name: string): Host => {
      const node = stage().lab.nodes.find(({ plan }) => plan.name === name);
      if (node === undefined) throw new Error(`no node ${name}`);
      return node.host;
    };
    const best = { [services[0]]: 'W3', [services[1]]: 'W2', [services[2]]: 'W1' };
    const nextHops = services.map((prefix) => nodeAddress.get(best[prefix]));

    it('makes an ExaBGP announce the services by its health check', async () => {
      const host = nodeHost('W1');
      const text = stage().rendered('exabgp', 'W1');
      // The check program is not part of the rendered file; each site writes its own.
      await host.run(['sh', '-c', 'mkdir -p check']);
      const check = fileOf(host, 'check/check', '#!/bin/sh\nexit 0\n');
      await host.run(['chmod', '755', check]);
      const bound = ['unshare', '--mount', 'sh', '-c'];
      const file = fileOf(host, 'exabgp.conf', text);
      const script = `mount --bind ${join(host.folder, 'check')} /etc/exabgp && exec exabgp ${file}`;
      host.start('exabgp', [...bound, script], {
        env: { exabgp_daemon_user: 'root', exabgp_api_cli: 'false' },
      });
      await hasAllFrom('W1');
    });

    it('makes a BIRD announce the services', async () => {
      const bird = new Bird(nodeHost('W2'), stage().rendered('bird', 'W2'));
      await hasAllFrom('W2');
      expect(await bird.isEstablished('FINGERPOST')).toBe(true);
    });

    it('makes a BIRD 1.6 announce the services', async () => {
      const { lab, rendered } = stage();
      const host = lab.backboneHost('W4', '2001:db8:1::14');
      const bird = new Bird(host, rendered('bird1.6', 'W4'), { programs: bird6 });
      await hasAllFrom('W4');
      expect(await bird.isEstablished('FINGERPOST')).toBe(true);
    });

    it('makes an FRR announce the services', async () => {
      startFrr(nodeHost('W3'), stage().rendered('frr', 'W3'));
      await hasAllFrom('W3');
    });

    it.each([
      { daemon: 'bird', router: 'ER2', number: 2, programs: bird2Programs },
      { daemon: 'bird1.6', router: 'ER10', number: 10, programs: bird6 },
    ] as const)(
      'makes $daemon take the best routes and follow them through its IGP',
      async ({ daemon, router, number, programs }) => {
        const { lab, rendered } = stage();
        const host = lab.backboneHost(router, lab.plan.router(number));
        const bird = new Bird(host, rendered(daemon, router), { programs });
        const show = () => bird.command('show route all protocol FINGERPOST');
        await waitFor('the best node for each service', show, (text) =>
          services.every(
            (prefix, index) =>
              text.includes(prefix) && text.includes(`BGP.next_hop: ${nextHops[index]}`),
          ),
        );
        const kernel = await waitFor(
          'the routes in the kernel',
          () => host.run(['ip', '-6', 'route', 'show', 'proto', 'bird']),
          (text) => services.every((prefix) => text.includes(prefix.replace('/128', ' '))),
        );
        expect(kernel).toContain('via 2001:db8:1::6');
      },
    );

    it('makes an FRR take the best routes', async () => {
      const { lab, rendered } = stage();
      const host = lab.backboneHost('ER3', lab.plan.router(3));
      const vtysh = startFrr(host, rendered('frr', 'ER3'));
      await waitFor(
        'the best node for each service',
        () => vtysh('show bgp ipv6 unicast'),
        (text) => nextHops.every((address) => address !== undefined && text.includes(address)),
      );
    });

    it('makes an OpenBGPD take the best routes', async () => {
      const { lab, rendered } = stage();
      const host = lab.backboneHost('ER4', lab.plan.router(4));
      startOpenbgpd(host, rendered('openbgpd', 'ER4'));
      await waitFor(
        'the route server to have sent them',
        () => stage().fingerpost.peer('ER4'),
        (peer) => peer.state === 'established' && peer.prefixes.advertised === services.length,
      );
    });

    it('makes a GoBGP take the best routes', async () => {
      const { lab, rendered } = stage();
      const host = lab.backboneHost('ER5', lab.plan.router(5));
      startGobgp(host, rendered('gobgp', 'ER5'));
      await waitFor(
        'the best node for each service',
        () => host.run(['gobgp', 'global', 'rib', '-a', 'ipv6']),
        (text) => nextHops.every((address) => address !== undefined && text.includes(address)),
      );
    });
  },
);
