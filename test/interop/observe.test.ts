import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NodeEffectView } from '#api/views/drain.ts';
import type { PeerDaemon } from '#interop/render/peer-daemons.ts';
import { Bird } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { Host } from '#support/netns.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { bird1Folder, bird6, rendererOf, startFrr, startGobgp, startOpenbgpd } from './daemons.ts';
import { withLab } from './lab-test.ts';
import type { Lab } from './lab.ts';
import { ipv6Plan } from './plan.ts';
import { birdServer, nodeConfig, siblingAddresses, siblingNodes } from './sibling-stage.ts';

const routers = {
  ER2: { daemon: 'bird', address: '2001:db8:1::2' },
  ER13: { daemon: 'frr', address: '2001:db8:1::13' },
  ER14: { daemon: 'openbgpd', address: '2001:db8:1::14' },
  ER15: { daemon: 'gobgp', address: '2001:db8:1::15' },
  ER16: { daemon: 'bird1.6', address: '2001:db8:1::16' },
} as const satisfies Record<string, { daemon: PeerDaemon; address: string }>;
type RouterName = keyof typeof routers;
const routerNames = Object.keys(routers) as RouterName[];

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
  routers: { peer_as: 65003, families: [ipv6_unicast], export: all, observe: true, hold_time: 60 }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes, node: w1 }
  - { name: W2, address: "2001:db8:7::12", group: nodes, node: w2 }
${routerNames.map((name) => `  - { name: ${name}, address: "${routers[name].address}", group: routers }`).join('\n')}
`;

/** Its routes are better than ours, which a router would not send back to us. */
const server = `${birdServer('external')}
${routerNames
  .map(
    (name) => `protocol bgp ${name} {
  local as 65002; neighbor ${routers[name].address} as 65003; rs client;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 { import none; export filter { if source != RTS_BGP then reject; bgp_med = bgp_med - 1; accept; }; };
}`,
  )
  .join('\n')}
`;

const { RS4 } = siblingAddresses;

/** What a router needs for its other route server, beside what is rendered. */
const toOtherServer: Readonly<
  Record<(typeof routers)[RouterName]['daemon'], (rendered: string, own: string) => string>
> = {
  bird: (text, own) => `${text}
protocol bgp RS4 {
  local ${own} as 65003; neighbor ${RS4} as 65002; connect retry time 1; error wait time 1, 2;
  ipv6 { import all; export none; gateway recursive; };
}`,
  'bird1.6': (text, own) => `${text}
protocol bgp RS4 {
  local ${own} as 65003; neighbor ${RS4} as 65002; connect retry time 1; error wait time 1, 2;
  import all; export none; gateway recursive;
}`,
  // In a view, FRR uses routes whose next hops it cannot resolve: it runs without zebra.
  frr: (text) =>
    text.replace('router bgp 65003', 'router bgp 65003 view ROUTER').replace(
      'address-family ipv6 unicast',
      `neighbor ${RS4} remote-as 65002
 neighbor ${RS4} timers connect 1
 address-family ipv6 unicast
  neighbor ${RS4} activate
  neighbor ${RS4} route-map ALL in
  neighbor ${RS4} route-map NONE out`,
    ),
  openbgpd: (text) => `${text}
neighbor ${RS4} {
  remote-as 65002
  announce IPv6 unicast
  enforce neighbor-as no
}
allow from ${RS4}
deny to ${RS4}
`,
  gobgp: (text) => `${text}
[[neighbors]]
  [neighbors.config]
    peer-as = 65002
    neighbor-address = "${RS4}"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
`,
};

function setStage(lab: Lab) {
  const [w1] = siblingNodes.map((plan, index) => {
    const node = lab.nodes.find((one) => one.plan.name === plan.name);
    if (node === undefined) throw new Error(`no node ${plan.name}`);
    return new Bird(node.host, nodeConfig(plan, 100 * (index + 1)));
  });
  const fingerpost = new Fingerpost(lab.routeServerHost, config(lab.routeServerHost.folder));
  const render = rendererOf(fingerpost.configFile);
  const rendered = (name: RouterName): string => {
    const { daemon, address } = routers[name];
    return toOtherServer[daemon](render(daemon, name), address);
  };
  const host = (name: RouterName): Host => lab.backboneHost(name, routers[name].address);
  startFrr(host('ER13'), rendered('ER13'));
  startOpenbgpd(host('ER14'), rendered('ER14'));
  startGobgp(host('ER15'), rendered('ER15'));
  return {
    fingerpost,
    rs4: new Bird(lab.backboneHost('RS4', RS4), server),
    er2: new Bird(host('ER2'), rendered('ER2')),
    er16: new Bird(host('ER16'), rendered('ER16'), { programs: bird6 }),
    er2Config: rendered('ER2'),
    w1,
  };
}

/** BIRD 1.6 exports MED 0 to another AS, the others none. */
function bestRoute(router: RouterName, route: string): string {
  const isBird1 = routers[router].daemon === 'bird1.6';
  return `its best route is ${route}${isBird1 ? ' with MED 0' : ''}`;
}

describeInterop(
  'a router that exports its best route to us, as `render` configures it,',
  ['bird', `${bird1Folder}/bird`, '/usr/lib/frr/bgpd', '/usr/sbin/bgpd', 'gobgpd'],
  () => {
    const stage = withLab(ipv6Plan, setStage);

    /** Waits until this is the effect of the drain of w1 at the router, with the reason. */
    const shown = async (
      router: RouterName,
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

    it.each(routerNames)('%s is seen to use the node', async (router) => {
      expect(await shown(router, 'no', 'seen')).toBe(bestRoute(router, 'w1 via 2001:db8:6::11'));
    });

    it.each(routerNames)('%s is seen to have moved', async (router) => {
      await stage().w1.configure(nodeConfig(siblingNodes[0], 600));
      expect(await shown(router, 'yes', 'seen')).toBe(bestRoute(router, 'w2 via 2001:db8:7::12'));
    });

    it('shows nothing where it names itself as the next hop', async () => {
      await stage().er2.configure(stage().er2Config.replace('next hop keep', 'next hop self'));
      await shown('ER2', 'unknown', undefined);
    });
  },
);
