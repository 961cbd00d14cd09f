import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NodeEffectView } from '#api/views/drain.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import {
  birdServer,
  nodeConfig,
  siblingAddresses,
  siblingNodes,
  startFrr,
} from './sibling-stage.ts';

const config = (folder: string): string => `
router_id: 1.1.1.9
local_as: 65002
listen: ["[2001:db8:1::9]:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${join(folder, 'control.sock')} }
start_gate: 0
services: [{ name: web, prefix: "2001:db8:30::/64{128,128}" }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: all, multihop: 10, hold_time: 6 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1 }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
  - { name: ER2, address: "2001:db8:1::2", peer_as: 65003, families: [ipv6_unicast], export: all, observe: true, hold_time: 6 }
  - { name: ER3, address: "2001:db8:1::13", peer_as: 65003, families: [ipv6_unicast], export: all, observe: true, hold_time: 6 }
`;

const routers = { ER2: ipv6Plan.router(2), ER3: '2001:db8:1::13' } as const;

const server = `${birdServer('external')}
${Object.entries(routers)
  .map(
    ([name, address]) => `protocol bgp ${name} {
  local as 65002; neighbor ${address} as 65003; rs client;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 { import none; export where source = RTS_BGP; };
}`,
  )
  .join('\n')}
`;

/** Of equal routes the one of RS4 is best, which has the lower router id: that one is exported to RS9. */
const birdRouter = (nextHop: string): string => `
log stderr all;
router id 1.1.1.2;
protocol device { scan time 1; }
protocol direct { ipv6; }
protocol static { ipv6; ${ipv6Plan.gateways.map(({ segment, backboneAddress: via }) => `route ${segment} via ${via};`).join(' ')} }
${(['RS4', 'RS9'] as const)
  .map(
    (name) => `protocol bgp ${name} {
  local 2001:db8:1::2 as 65003; neighbor ${siblingAddresses[name]} as 65002;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 { import all; export where source = RTS_BGP; gateway recursive; ${nextHop} };
}`,
  )
  .join('\n')}
`;

/** FRR runs a view, in which it does not resolve next hops; of equal routes the one of RS4 is best here, too. */
const frrRouter = `log stdout
route-map EVERYTHING permit 10
route-map NOTHING deny 10
router bgp 65003 view ROUTER
 bgp router-id 1.1.1.13
 no bgp default ipv4-unicast
 bgp bestpath compare-routerid
${Object.values({ RS4: siblingAddresses.RS4, RS9: siblingAddresses.RS9 })
  .map((address) => ` neighbor ${address} remote-as 65002\n neighbor ${address} timers connect 1`)
  .join('\n')}
 address-family ipv6 unicast
  neighbor ${siblingAddresses.RS4} activate
  neighbor ${siblingAddresses.RS4} route-map EVERYTHING in
  neighbor ${siblingAddresses.RS4} route-map NOTHING out
  neighbor ${siblingAddresses.RS9} activate
  neighbor ${siblingAddresses.RS9} route-map EVERYTHING in
  neighbor ${siblingAddresses.RS9} route-map EVERYTHING out
  neighbor ${siblingAddresses.RS9} attribute-unchanged next-hop
 exit-address-family
line vty
`;

function setStage(lab: Lab) {
  const [w1] = siblingNodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    return new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
  });
  startFrr(lab.backboneHost('ER3', routers.ER3), frrRouter);
  return {
    fingerpost: new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder)),
    rs4: new Bird(lab.backboneHost('RS4', siblingAddresses.RS4), server),
    er2: new Bird(lab.backboneHost('ER2', ipv6Plan.router(2)), birdRouter('next hop keep;')),
    w1,
  };
}

describeInterop('a router that exports its best route to us', ['bird', '/usr/lib/frr/bgpd'], () => {
  const stage = withLab(ipv6Plan, setStage);

  /** Waits until this is the effect of the drain of w1 at the router, with the reason. */
  const shown = async (
    router: keyof typeof routers,
    effect: string,
    basis: string | undefined,
  ): Promise<string> => {
    const { why } = await waitFor(
      `${router}: ${effect}, ${basis}`,
      async () => {
        const path = '/api/v1/nodes/w1/effect';
        const { rows } = await stage().fingerpost.get<NodeEffectView>(path);
        return (
          rows.find((row) => row.router === router) ?? { effect: '', basis: undefined, why: '' }
        );
      },
      (row) => row.effect === effect && row.basis === basis,
    );
    return why;
  };

  it.each(['ER2', 'ER3'] as const)('%s is seen to use the node', async (router) => {
    expect(await shown(router, 'no', 'seen')).toBe('its best route is w1 via 2001:db8:6::11');
  });

  it.each(['ER2', 'ER3'] as const)('%s is seen to have moved', async (router) => {
    await stage().w1.configure(nodeConfig(siblingNodes[0], 600));
    expect(await shown(router, 'yes', 'seen')).toBe('its best route is w2 via 2001:db8:7::12');
  });

  it('shows nothing where it names itself as the next hop', async () => {
    await stage().er2.configure(birdRouter('next hop self;'));
    await shown('ER2', 'unknown', undefined);
  });
});
