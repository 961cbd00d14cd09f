import { hosts, mac, segments } from '../lab/plan.ts';

/** The parts of a containerlab topology file that are used (containerlab.dev, "Topology definition"). */
export interface Topology {
  readonly name: string;
  readonly topology: {
    readonly defaults: Readonly<Record<string, unknown>>;
    readonly nodes: Readonly<Record<string, TopologyNode>>;
    readonly links: readonly Link[];
  };
}

export interface TopologyNode {
  readonly binds?: readonly string[];
  readonly exec: readonly string[];
}

interface Link {
  readonly type: 'veth';
  readonly endpoints: readonly [Endpoint, Endpoint];
}

interface Endpoint {
  readonly node: string;
  readonly interface: string;
  readonly mac?: string;
}

/** Without duplicate address detection an address can be used at once; every host may forward. */
const sysctls = {
  'net.ipv6.conf.all.disable_ipv6': 0,
  'net.ipv6.conf.default.disable_ipv6': 0,
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
  'net.ipv6.conf.all.accept_ra': 0,
  'net.ipv6.conf.default.accept_ra': 0,
  'net.ipv6.conf.all.forwarding': 1,
};

/**
 * The lab of deploy/lab as containers. There is no management network: eth0 is a cable like the others. A segment is a
 * container with a bridge, so that nothing is created on the machine itself.
 */
export function labTopology(name: string): Topology {
  const ends = hosts.flatMap((host) => host.interfaces.map((plan) => ({ host, plan })));
  const nodes = hosts.map((host) => [
    host.name,
    { binds: [`${host.name}:/lab`], exec: ['sh /lab/start.sh'] },
  ]);
  const switches = segments.map((segment) => [
    switchOf(segment),
    { binds: ['switch.sh:/switch.sh'], exec: ['sh /switch.sh'] },
  ]);
  return {
    name,
    topology: {
      defaults: { kind: 'linux', image: 'fingerpost-lab', 'network-mode': 'none', sysctls },
      nodes: Object.fromEntries([...switches, ...nodes]),
      links: ends.map(({ host, plan }) => ({
        type: 'veth',
        endpoints: [
          { node: host.name, interface: plan.device, mac: mac(plan.segment, host.number) },
          { node: switchOf(plan.segment), interface: `${host.name}-${plan.device}` },
        ],
      })),
    },
  };
}

function switchOf(segment: number): string {
  return `segment${segment}`;
}

/** For each segment: connects every cable of the container to one bridge. */
export const switchScript = `#!/bin/sh
set -eu
ip link add switch type bridge forward_delay 0 mcast_snooping 0
ip link set switch up
for port in /sys/class/net/*-eth*; do
  ip link set "\${port##*/}" master switch up
done
`;
