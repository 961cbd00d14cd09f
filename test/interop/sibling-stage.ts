import { siblingSnippets } from '../../deploy/build/sibling-snippets.ts';
import { ipv6Plan } from './plan.ts';

/** A network with other route servers beside ours, and nodes that announce to all of them. */

export type Form = keyof typeof siblingSnippets.bird;

export const service = '2001:db8:30::1/128';
export const siblingAddresses = {
  RS9: '2001:db8:1::9',
  RS4: '2001:db8:1::4',
  RS5: '2001:db8:1::5',
  RS3: '2001:db8:1::3',
};
export const siblingNodes = ipv6Plan.nodes.slice(0, 2);

export const birdServer = (form: Form): string => `
log stderr all;
router id 1.1.1.4;
protocol device { scan time 1; }
protocol direct { ipv6; }
protocol static { ipv6; ${ipv6Plan.gateways.map(({ segment, backboneAddress: via }) => `route ${segment} via ${via};`).join(' ')} }
template bgp NODES {
  local as 65002;
  rs client;
  multihop 10;
  hold time 6;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  igp metric off;
  ipv6 { import where net ~ [ 2001:db8:30::/64{128,128} ]; export none; };
}
${siblingNodes.map(({ name, address }) => `protocol bgp ${name} from NODES { neighbor ${address} as 65001; }`).join('\n')}
${siblingSnippets.bird[form].replace('export all', 'export where source = RTS_BGP')}
`;

export const bird1Server = (form: Form): string => `
log stderr all;
router id 1.1.1.3;
protocol device { scan time 1; }
protocol direct { }
protocol static { ${ipv6Plan.gateways.map(({ segment, backboneAddress: via }) => `route ${segment} via ${via};`).join(' ')} }
template bgp NODES {
  local as 65002;
  rs client;
  multihop 10;
  hold time 6;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  igp metric off;
  import where net ~ [ 2001:db8:30::/64{128,128} ];
  export none;
}
${siblingNodes.map(({ name, address }) => `protocol bgp ${name} from NODES { neighbor ${address} as 65001; }`).join('\n')}
${siblingSnippets.bird1[form].replace('export all', 'export where source = RTS_BGP')}
`;

export const frrServer = (form: Form): string => `log stdout
route-map EVERYTHING permit 10
route-map NOTHING deny 10
router bgp 65002 view RS
 bgp router-id 1.1.1.5
 no bgp default ipv4-unicast
 bgp graceful-restart-disable
 bgp bestpath compare-routerid
 ${siblingNodes.map(({ address }) => [`neighbor ${address} remote-as 65001`, `neighbor ${address} ebgp-multihop 10`, `neighbor ${address} timers 2 6`, `neighbor ${address} timers connect 1`].join('\n ')).join('\n ')}
 address-family ipv6 unicast
  ${siblingNodes.map(({ address }) => [`neighbor ${address} activate`, `neighbor ${address} route-server-client`, `neighbor ${address} route-map EVERYTHING in`, `neighbor ${address} route-map NOTHING out`].join('\n  ')).join('\n  ')}
 exit-address-family
${siblingSnippets.frr[form]}
line vty
`;

/** Announces the service to every route server, with a MED. */
export function nodeConfig({ routerId }: (typeof siblingNodes)[number], med: number): string {
  const session = ([name, address]: readonly [string, string]): string =>
    `protocol bgp ${name} { local as 65001; neighbor ${address} as 65002; multihop 10; hold time 6;
       connect delay time 1; connect retry time 1; error wait time 1, 2; error forget time 3;
       ipv6 { import none; export filter { if source != RTS_STATIC then reject; bgp_med = ${med}; accept; }; }; }`;
  return `
log stderr all;
router id ${routerId};
protocol device { scan time 1; }
protocol direct { ipv6; interface "eth*"; }
protocol static { ipv6; route ${service} blackhole; }
${Object.entries(siblingAddresses).map(session).join('\n')}
`;
}
