/**
 * The network of the demo: RS9 of deploy/lab with its three nodes and two of its routers, on loopback addresses with
 * the same endings. Routes and next hops are those of the lab.
 */

export const localAs = { nodes: 65001, routeServer: 65002, routers: 65003 } as const;

/** The addresses that must stay reachable; each node announces them all. */
export const services = ['2001:db8:30::1/128', '2001:db8:30::2/128', '2001:db8:30::3/128'] as const;

export interface RouterPlan {
  readonly name: string;
  /** The address of its end of the session. */
  readonly address: string;
  readonly routerId: string;
}

export interface NodePlan extends RouterPlan {
  readonly nextHop: string;
  readonly site: string;
  readonly rack: string;
  /**
   * The MED of each of `services` while the health check passes: the node with the lowest serves, the next one is its
   * backup.
   */
  readonly meds: readonly number[];
}

/** What a failed health check adds to each MED: 100 becomes 1000, as with ExaBGP's healthcheck. */
export const failedMed = 900;

export const routeServer: RouterPlan = {
  name: 'RS9',
  address: '127.0.0.9',
  routerId: '1.1.1.9',
};

export const nodes: readonly NodePlan[] = [
  {
    name: 'W1',
    address: '127.0.0.11',
    routerId: '1.1.1.11',
    nextHop: '2001:db8:6::11',
    site: 'dc1',
    rack: 'a',
    meds: [102, 101, 100],
  },
  {
    name: 'W2',
    address: '127.0.0.12',
    routerId: '1.1.1.12',
    nextHop: '2001:db8:7::12',
    site: 'dc1',
    rack: 'b',
    meds: [101, 100, 102],
  },
  {
    name: 'W3',
    address: '127.0.0.13',
    routerId: '1.1.1.13',
    nextHop: '2001:db8:8::13',
    site: 'dc2',
    rack: 'c',
    meds: [100, 102, 101],
  },
];

export const routers: readonly RouterPlan[] = [
  { name: 'ER2', address: '127.0.0.2', routerId: '1.1.1.2' },
  { name: 'DR6', address: '127.0.0.6', routerId: '1.1.1.6' },
];

/** Returns the node whose address a next hop is. */
export function nodeOfNextHop(nextHop: string): string | undefined {
  return nodes.find((node) => node.nextHop === nextHop)?.name;
}

/** Returns the MED that the node sends for `services[index]`. */
export function medOf(node: NodePlan, index: number, isHealthy: boolean): number {
  return node.meds[index] + (isHealthy ? 0 : failedMed);
}
