/** Who has which address in the test network: a small part of the published lab (2013), in both families. */
export interface Plan {
  readonly family: 'ipv6' | 'ipv4';
  readonly familyName: 'ipv6_unicast' | 'ipv4_unicast';
  readonly routeServer: string;
  /** Segment 1, where the route server, the routers and the gateways meet. */
  readonly backboneLengthBits: number;
  /** The pattern that only_loopbacks accepts, for BIRD and for us. */
  readonly servicePattern: string;
  readonly services: readonly [string, string, string];
  readonly gateways: readonly GatewayPlan[];
  readonly nodes: readonly NodePlan[];
  router(host: number): string;
}

/** DR6..DR8: the way to the nodes. */
export interface GatewayPlan {
  readonly name: string;
  readonly host: number;
  readonly backboneAddress: string;
  readonly nodeSideAddress: string;
  readonly segment: string;
}

export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly routerId: string;
  readonly gateway: GatewayPlan;
  readonly lengthBits: number;
  /** The index of the first service address in the order in which the health check counts MEDs up. */
  readonly startIp: number;
}

const nodeNumbers = [
  { gateway: 6, host: 11, startIp: 0 },
  { gateway: 7, host: 12, startIp: 1 },
  { gateway: 8, host: 13, startIp: 2 },
] as const;

export const ipv6Plan: Plan = {
  family: 'ipv6',
  familyName: 'ipv6_unicast',
  routeServer: '2001:db8:1::9',
  backboneLengthBits: 64,
  servicePattern: '2001:db8:30::/64{128,128}',
  services: ['2001:db8:30::1/128', '2001:db8:30::2/128', '2001:db8:30::3/128'],
  gateways: nodeNumbers.map(({ gateway }) => ipv6Gateway(gateway)),
  nodes: nodeNumbers.map(({ gateway, host, startIp }) => ({
    name: `W${host - 10}`,
    address: `2001:db8:${gateway}::${host}`,
    routerId: `1.1.1.${host}`,
    gateway: ipv6Gateway(gateway),
    lengthBits: 64,
    startIp,
  })),
  router: (host) => `2001:db8:1::${host}`,
};

export const ipv4Plan: Plan = {
  family: 'ipv4',
  familyName: 'ipv4_unicast',
  routeServer: '203.0.113.9',
  backboneLengthBits: 24,
  servicePattern: '198.51.100.0/24{32,32}',
  services: ['198.51.100.1/32', '198.51.100.2/32', '198.51.100.3/32'],
  gateways: nodeNumbers.map(({ gateway }) => ipv4Gateway(gateway)),
  nodes: nodeNumbers.map(({ gateway, host, startIp }) => ({
    name: `W${host - 10}`,
    address: `192.0.2.${(gateway - 6) * 32 + host}`,
    routerId: `1.1.1.${host}`,
    gateway: ipv4Gateway(gateway),
    lengthBits: 27,
    startIp,
  })),
  router: (host) => `203.0.113.${host}`,
};

function ipv6Gateway(number: number): GatewayPlan {
  return {
    name: `DR${number}`,
    host: number,
    backboneAddress: `2001:db8:1::${number}`,
    nodeSideAddress: `2001:db8:${number}::${number}`,
    segment: `2001:db8:${number}::/64`,
  };
}

function ipv4Gateway(number: number): GatewayPlan {
  const base = (number - 6) * 32;
  return {
    name: `DR${number}`,
    host: number,
    backboneAddress: `203.0.113.${number}`,
    nodeSideAddress: `192.0.2.${base + number}`,
    segment: `192.0.2.${base}/27`,
  };
}

/** `2001:db8:30::3` of `2001:db8:30::3/128`. */
export function addressOf(prefix: string): string {
  return prefix.slice(0, prefix.indexOf('/'));
}
