/** The addresses of the lab: the published network (2013), fact by fact. */

export interface InterfacePlan {
  readonly device: string;
  /** The number of its segment: `1` is where routers and route servers meet. */
  readonly segment: number;
  /** With its length. */
  readonly address: string;
}

export interface HostPlan {
  readonly name: string;
  /** N of the router id 1.1.1.N, and of the link-local addresses. */
  readonly number: number;
  readonly interfaces: readonly InterfacePlan[];
  readonly loopback?: readonly string[];
  /** Static routes of the kernel, as `ip route add` takes them. */
  readonly routes?: readonly string[];
}

export type RouterName = 'ER2' | 'ER3' | 'DR6' | 'DR7' | 'DR8';
export type NodeName = 'W1' | 'W2' | 'W3';
export type RouteServerName = 'RS4' | 'RS5' | 'RS9';

export interface NodePlan extends HostPlan {
  readonly name: NodeName;
  readonly address: string;
  readonly gateway: RouterName;
  /** `--start-ip` of its health check: the service address that gets the lowest MED. */
  readonly startIp: number;
}

export interface RouterPlan extends HostPlan {
  readonly name: RouterName;
  /** On segment 1. */
  readonly address: string;
}

export interface RouteServerPlan extends HostPlan {
  readonly name: RouteServerName;
  readonly make: string;
  readonly address: string;
}

export const segments = [1, 6, 7, 8, 1000] as const;
export const services = ['2001:db8:30::1', '2001:db8:30::2', '2001:db8:30::3'] as const;
export const nodeAs = 65001;
export const routeServerAs = 65002;
export const routerAs = 65003;
/** Where requests come from. */
export const clientAddress = '2001:db8:2000::1';

export const routers: readonly RouterPlan[] = [
  edgeRouter('ER2', 2),
  edgeRouter('ER3', 3),
  dataRouter('DR6', 6),
  dataRouter('DR7', 7),
  dataRouter('DR8', 8),
];

export const nodes: readonly NodePlan[] = [
  node('W1', 'DR6', 6, 11, 0),
  node('W2', 'DR7', 7, 12, 1),
  node('W3', 'DR8', 8, 13, 2),
];

export const routeServers: readonly RouteServerPlan[] = [
  {
    name: 'RS4',
    make: 'BIRD 2',
    number: 4,
    address: '2001:db8:1::4',
    interfaces: [eth0(1, '2001:db8:1::4')],
  },
  {
    name: 'RS5',
    make: 'FRR',
    number: 5,
    address: '2001:db8:8::5',
    interfaces: [eth0(8, '2001:db8:8::5')],
    routes: ['default via 2001:db8:8::8'],
  },
  {
    name: 'RS9',
    make: 'fingerpost',
    number: 9,
    address: '2001:db8:1::9',
    interfaces: [eth0(1, '2001:db8:1::9')],
    routes: [
      ...[6, 7, 8].map((number) => `2001:db8:${number}::/64 via 2001:db8:1::${number}`),
      'default via 2001:db8:1::2',
    ],
  },
];

const client: HostPlan = {
  name: 'R1',
  number: 1,
  interfaces: [{ device: 'eth0', segment: 1000, address: '2001:db8:1000::1/120' }],
  loopback: [`${clientAddress}/64`],
};

export const hosts: readonly HostPlan[] = [client, ...routers, ...routeServers, ...nodes];

/**
 * The published table, which results from the health checks' `--start-ip`: by service address, the nodes from the best
 * on, with MED 100, 101, 102.
 */
export const preference: Readonly<Record<string, readonly NodeName[]>> = {
  '2001:db8:30::1': ['W3', 'W2', 'W1'],
  '2001:db8:30::2': ['W2', 'W1', 'W3'],
  '2001:db8:30::3': ['W1', 'W3', 'W2'],
};

/** Returns which node should serve each address while these nodes do not. */
export function servedWithout(...out: readonly NodeName[]): Record<string, NodeName> {
  return Object.fromEntries(
    services.map((address) => [address, firstBut(preference[address], out)]),
  );
}

function firstBut(names: readonly NodeName[], out: readonly NodeName[]): NodeName {
  const first = names.find((name) => !out.includes(name));
  if (first === undefined) throw new Error('no node is left');
  return first;
}

/** The kernel's next hop for what the node serves: what the router's recursion resolves it to. */
export function kernelNextHop(router: RouterName, nodeName: NodeName): string {
  const { address, gateway } = nodePlan(nodeName);
  return gateway === router ? address : linkLocal(1, Number(gateway.slice(2)));
}

export function nodePlan(name: NodeName): NodePlan {
  const found = nodes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
}

/** Fixed, so that link-local addresses are: 02:00:00:01:00:06 gives fe80::ff:fe01:6. */
export function mac(segment: number, host: number): string {
  const [high, low] = [segment >> 8, segment & 0xff].map(octet);
  return `02:00:${high}:${low}:00:${octet(host)}`;
}

function linkLocal(segment: number, host: number): string {
  return `fe80::ff:fe${octet(segment)}:${host.toString(16)}`;
}

function octet(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function eth0(segment: number, address: string): InterfacePlan {
  return { device: 'eth0', segment, address: `${address}/64` };
}

function edgeRouter(name: RouterName, number: number): RouterPlan {
  const address = `2001:db8:1::${number}`;
  const outside = {
    device: 'eth0',
    segment: 1000,
    address: `2001:db8:1000::${number}/120`,
  };
  const inside = { device: 'eth1', segment: 1, address: `${address}/64` };
  return { name, number, address, interfaces: [outside, inside] };
}

function dataRouter(name: RouterName, number: number): RouterPlan {
  const address = `2001:db8:1::${number}`;
  const behind = {
    device: 'eth1',
    segment: number,
    address: `2001:db8:${number}::${number}/64`,
  };
  return { name, number, address, interfaces: [eth0(1, address), behind] };
}

function node(
  name: NodeName,
  gateway: RouterName,
  segment: number,
  number: number,
  startIp: number,
): NodePlan {
  const address = `2001:db8:${segment}::${number}`;
  return {
    name,
    number,
    address,
    gateway,
    startIp,
    interfaces: [eth0(segment, address)],
    loopback: services.map((service) => `${service}/128`),
    routes: [`default via 2001:db8:${segment}::${segment}`],
  };
}
