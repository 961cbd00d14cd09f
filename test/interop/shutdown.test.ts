import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { FrrRouter } from '#support/daemons/frr.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import { birdServer, nodeConfig, service, siblingAddresses } from './sibling-stage.ts';

const [w1] = ipv6Plan.nodes;

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
siblings: [RS4]
services: [{ name: web, prefix: "2001:db8:30::/64{128,128}" }]
peer_groups:
  routers: { peer_as: 65003, families: [ipv6_unicast], export: all, hold_time: 6, send_graceful_shutdown: true }
peers:
  - { name: W1, address: "2001:db8:6::11", peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6 }
  - { name: ER2, address: "2001:db8:1::2", group: routers }
  - { name: ER12, address: "2001:db8:1::12", group: routers }
  - { name: RS4, address: "2001:db8:1::4", peer_as: 65002, local_as: 65003, families: [ipv6_unicast], observer: true, hold_time: 6 }
`;

function setStage(lab: Lab) {
  const [node] = lab.nodes;
  return {
    fingerpost: new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder)),
    rs4: new Bird(lab.backboneHost('RS4', siblingAddresses.RS4), birdServer('external')),
    node: new Bird(node.host, nodeConfig(w1, 100)),
    bird: lab.birdRouter('ER2', 2),
    frr: new FrrRouter(lab.backboneHost('ER12', ipv6Plan.router(12)), lab.routerConfig('ER12', 12)),
  };
}

describeInterop(
  'a graceful shutdown, as BIRD and FRR see it',
  ['bird', '/usr/lib/frr/bgpd'],
  () => {
    const stage = withLab(ipv6Plan, setStage);

    const ofFrr = (): Promise<string> => stage().frr.command(`show bgp ipv6 unicast ${service}`);
    const refused = async (): Promise<string> => {
      const ended = stage().fingerpost.cli('shutdown', '--graceful');
      const failure: unknown = await ended.catch((error: unknown) => error);
      return failure instanceof Error ? failure.message : 'accepted';
    };

    it('is refused until the sibling is heard and has the address', async () => {
      const { fingerpost, bird, frr, rs4 } = stage();
      for (const router of [bird, frr]) {
        await waitFor(
          router.name,
          () => router.routes(),
          (routes) => routes.length === 1,
        );
      }
      await rs4.command('disable W1');
      const lacks = `2001:db8:30::1/128: no sibling has a route to it`;
      await waitFor('the refusal', refused, (text) => text.includes(lacks));
      await rs4.command('enable W1');
      await waitFor(
        'the route of the sibling',
        () => fingerpost.peer('RS4'),
        ({ prefixes }) => prefixes.received === 1,
      );
    });

    it('sends the route once more with the community, and Cease after the wait', async () => {
      const { fingerpost, bird, frr } = stage();
      const ended = fingerpost.cli('shutdown', '--graceful', '--wait', '4s');
      await waitFor(
        'the community at BIRD',
        () => bird.routes(),
        ([route]) => route?.communities === '(65535,0)',
      );
      await waitFor('the community at FRR', ofFrr, (text) => text.includes('graceful-shutdown'));
      expect(await bird.isEstablished()).toBe(true);
      expect(await frr.isEstablished()).toBe(true);
      expect(await ended).toMatch(
        /^routes are sent once more with GRACEFUL_SHUTDOWN to ER2, ER12; sessions end at /,
      );
      expect(await fingerpost.daemon.exited).toEqual({ code: 0, signal: null });
      // What `show protocols` shows is replaced by the next attempt to connect.
      await waitFor(
        'Cease at BIRD',
        () => bird.daemon.log,
        (log) => log.includes('RS9: Received: Administrative shutdown'),
      );
      await waitFor(
        'Cease at FRR',
        () => frr.command('show bgp neighbors json'),
        (text) => text.includes('"lastErrorCodeSubcode":"0602"'),
      );
    });
  },
);
