import { BirdRouter, type BirdRouterOptions } from '#support/daemons/bird.ts';
import { type Announcer, Exabgp, quickHealthcheck, serviceUrl } from '#support/daemons/exabgp.ts';
import { makeRouteServer, routeServerMake } from '#support/daemons/make-route-server.ts';
import { Nginx } from '#support/daemons/nginx.ts';
import {
  type PeerSpec,
  type RouteServer,
  routeServerAs,
  type RouteServerSpec,
} from '#support/daemons/route-server.ts';
import type { Router, RouterConfig, SeenRoute } from '#support/daemons/router.ts';
import { type Cable, type Host, Network } from '#support/netns.ts';
import { waitFor } from '#support/wait.ts';
import type { GatewayPlan, NodePlan, Plan } from './plan.ts';

/** A node of the lab, and the cable that joins it. */
export interface Node {
  readonly plan: NodePlan;
  readonly host: Host;
  readonly cable: Cable;
}

/**
 * A small copy of the published network: a backbone segment with the route server and the routers, and three
 * gateways, each with a node behind it. At first there are only the hosts; a test starts what it needs.
 */
export class Lab {
  readonly plan: Plan;
  readonly network = new Network();
  readonly nodes: readonly Node[];
  readonly routeServerHost: Host;
  private readonly gateways = new Map<string, Host>();

  constructor(plan: Plan) {
    this.plan = plan;
    this.network.segment('backbone');
    this.routeServerHost = this.backboneHost('RS9', plan.routeServer);
    for (const gateway of plan.gateways) this.addGateway(gateway);
    this.nodes = plan.nodes.map((node) => this.addNode(node));
    for (const node of plan.nodes) this.leadTo(node);
  }

  /** A host on the backbone that knows the ways to the nodes. */
  backboneHost(name: string, address: string): Host {
    const host = this.network.host(name);
    this.network.plug(host, 'eth0', 'backbone', [`${address}/${this.plan.backboneLengthBits}`]);
    const gateways = this.plan.gateways.filter((each) => each.backboneAddress !== address);
    host.routes(gateways.map((each) => `${each.segment} via ${each.backboneAddress}`));
    return host;
  }

  gateway(name: string): Host {
    const host = this.gateways.get(name);
    if (host === undefined) throw new Error(`no gateway ${name}`);
    return host;
  }

  routerConfig(name: string, number: number): RouterConfig {
    return {
      plan: this.plan,
      name,
      routerId: `1.1.1.${number}`,
      address: this.plan.router(number),
      as: routerAs,
      neighbor: { name: 'RS9', address: this.plan.routeServer, as: routeServerAs },
    };
  }

  /** A BIRD router on a new host of the backbone. */
  birdRouter(name: string, number: number, options: BirdRouterOptions = {}): BirdRouter {
    const host = this.backboneHost(name, this.plan.router(number));
    return new BirdRouter(host, this.routerConfig(name, number), options);
  }

  routeServer(spec: RouteServerSpec): RouteServer {
    return makeRouteServer(routeServerMake, this.routeServerHost, spec);
  }

  /** Announces by its health check by default. */
  exabgp(node: Node, announcer: Announcer = healthcheck, options = ''): Exabgp {
    return new Exabgp(node.host, node.plan, this.plan, announcer, options);
  }

  close(): Promise<void> {
    return this.network.close();
  }

  private addGateway(gateway: GatewayPlan): void {
    const host = this.network.host(gateway.name);
    const behind = `node-side${gateway.host}`;
    this.network.segment(behind);
    this.network.plug(host, 'eth0', 'backbone', [
      `${gateway.backboneAddress}/${this.plan.backboneLengthBits}`,
    ]);
    this.network.plug(host, 'eth1', behind, [
      `${gateway.nodeSideAddress}/${lengthOf(gateway.segment)}`,
    ]);
    this.gateways.set(gateway.name, host);
  }

  /** The router in front decides which node serves; a gateway only forwards to its own node. */
  private leadTo({ address, gateway }: NodePlan): void {
    const services = this.plan.services.map((prefix) => `${prefix} via ${address} metric 2000`);
    this.gateway(gateway.name).routes(services);
  }

  /** A host behind the node's gateway, with the service addresses. */
  addNode(plan: NodePlan): Node {
    const host = this.network.host(plan.name);
    const segment = `node-side${plan.gateway.host}`;
    const cable = this.network.plug(host, 'eth0', segment, [`${plan.address}/${plan.lengthBits}`]);
    for (const prefix of this.plan.services) host.address(prefix, 'lo');
    host.routes([`default via ${plan.gateway.nodeSideAddress}`]);
    return { plan, host, cable };
  }
}

export const routerAs = 65003;
export const nodeAs = 65001;
const healthcheck: Announcer = { kind: 'healthcheck', timing: quickHealthcheck };

/** Longer than any wait, so that in tests about other things a stalled machine ends no session. */
const holdTimeSec = 90;

/** A node as the route server's peer. */
export function nodePeer(node: NodePlan, more: Partial<PeerSpec> = {}): PeerSpec {
  const { name, address } = node;
  return { role: 'node', name, address, as: nodeAs, holdTimeSec, ...more };
}

/** A router as the route server's peer. */
export function routerPeer(name: string, address: string, more: Partial<PeerSpec> = {}): PeerSpec {
  return { role: 'router', name, address, as: routerAs, holdTimeSec, ...more };
}

export function startWebServers(lab: Lab): Nginx[] {
  return lab.nodes.map(({ host }) => new Nginx(host));
}

/** Waits until it is this node that answers at the service address when the host asks for the page. */
export async function waitForPage(host: Host, prefix: string, node: string): Promise<void> {
  const argv = ['curl', '-s', '-g', '--max-time', '4', serviceUrl(prefix)];
  await waitFor(
    `${prefix} to be served by ${node}`,
    () => host.run(argv),
    (page) => page.trim() === node,
  );
}

/** Waits until the log, which may lag behind the wire, has exactly these NOTIFICATIONs to the peer. */
export async function waitForNotifications(
  routeServer: RouteServer,
  peer: string,
  want: readonly string[],
): Promise<void> {
  await waitFor(
    `NOTIFICATION ${want.join(', ')} to ${peer}`,
    () => routeServer.notificationsSent(peer),
    (sent) => sent.join() === want.join(),
  );
}

/** Waits until the router uses exactly these next hops, by prefix. */
export function waitForNextHops(
  router: Router,
  want: Readonly<Record<string, string>>,
): Promise<SeenRoute[]> {
  return waitFor(
    `${router.name} to have ${JSON.stringify(want)}`,
    () => router.routes(),
    (routes) => {
      const best = routes.filter((route) => route.best);
      return (
        best.length === Object.keys(want).length &&
        best.every(({ prefix, nextHop }) => want[prefix] === nextHop)
      );
    },
  );
}

function lengthOf(prefix: string): string {
  return prefix.slice(prefix.indexOf('/') + 1);
}
