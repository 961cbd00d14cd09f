import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NodeEffectView } from '#api/drain.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import { birdServer, nodeConfig, siblingAddresses, siblingNodes } from './sibling-stage.ts';

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
`;

const server = `${birdServer('external')}
protocol bgp ER2 {
  local as 65002; neighbor 2001:db8:1::2 as 65003; rs client;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 { import none; export where source = RTS_BGP; };
}
`;

/** Of equal routes the one of RS4 is best, which has the lower router id: that one is exported to RS9. */
const router = (nextHop: string): string => `
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

function setStage(lab: Lab) {
  const [w1] = siblingNodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    return new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
  });
  return {
    fingerpost: new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder)),
    rs4: new Bird(lab.backboneHost('RS4', siblingAddresses.RS4), server),
    er2: new Bird(lab.backboneHost('ER2', ipv6Plan.router(2)), router('next hop keep;')),
    w1,
  };
}

describeInterop('a BIRD router that exports its best route to us', ['bird'], () => {
  const stage = withLab(ipv6Plan, setStage);

  /** Waits until this is said of w1 at ER2, and why. */
  const shown = async (effect: string, basis: string | undefined): Promise<string> => {
    const view = await waitFor(
      `${effect}, ${basis}`,
      () => stage().fingerpost.get<NodeEffectView>('/api/v1/nodes/w1/effect'),
      ({ rows }) => rows[0]?.effect === effect && rows[0].basis === basis,
    );
    return view.rows[0].why;
  };

  it('is seen to use the node, and to have moved', async () => {
    expect(await shown('no', 'seen')).toMatch(/^its best route is w1 via 2001:db8:6::11$/);
    await stage().w1.configure(nodeConfig(siblingNodes[0], 600));
    expect(await shown('yes', 'seen')).toMatch(/^its best route is w2 via 2001:db8:7::12$/);
  });

  it('shows nothing where it names itself as the next hop', async () => {
    await stage().er2.configure(router('next hop self;'));
    await shown('unknown', undefined);
  });
});
