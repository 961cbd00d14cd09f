import type { BirdRoute } from '#support/daemons/bird.ts';
import { pause, waitFor } from '#support/wait.ts';
import { clientConfig } from './bird-config.ts';
import { Bird } from './birdc.ts';
import { KernelWatch } from './kernel-watch.ts';
import { LabNetwork } from './network.ts';
import { Node } from './node.ts';
import {
  hosts,
  type NodeName,
  nodes,
  routers,
  type RouteServerName,
  routeServers,
  servedWithout,
  services,
} from './plan.ts';
import type { RouteServer } from './route-server.ts';
import { Router } from './router.ts';
import { Rs4 } from './rs4.ts';
import { Rs5 } from './rs5.ts';
import { Rs9 } from './rs9.ts';

/** Each as published. */
export const published = servedWithout();

/** Everything in the lab, by the names of the plan. */
export class RunningLab {
  readonly network: LabNetwork;
  readonly client: Bird;
  readonly routers: readonly Router[];
  readonly nodes: readonly Node[];
  readonly rs9: Rs9;
  readonly routeServers: readonly RouteServer[];
  private readonly hasBfd: boolean;

  /** With BFD on every session of a route server, or as published, without. */
  constructor(name: string, hasBfd = false) {
    this.hasBfd = hasBfd;
    this.network = new LabNetwork(name);
    const host = (each: { readonly name: string }) => this.network.host(each.name);
    this.client = new Bird(host(hosts[0]));
    this.routers = routers.map((plan) => new Router(host(plan), plan, hasBfd));
    this.nodes = nodes.map((plan) => new Node(host(plan), plan));
    const [rs4, rs5, rs9] = routeServers.map(host);
    this.rs9 = new Rs9(rs9, hasBfd);
    this.routeServers = [new Rs4(rs4, hasBfd), new Rs5(rs5, hasBfd), this.rs9];
  }

  node(name: NodeName): Node {
    return found(this.nodes, name);
  }

  routeServer(name: RouteServerName): RouteServer {
    return found(this.routeServers, name);
  }

  watchKernels(): KernelWatch {
    return new KernelWatch(this.routers);
  }

  /** Starts what does not run; ExaBGP last, when everything that it connects to may answer. */
  async start(): Promise<void> {
    this.client.start(clientConfig(hosts[0]));
    for (const router of this.routers) router.start();
    for (const routeServer of this.routeServers) routeServer.start();
    for (const node of this.nodes) node.startWeb();
    if (this.hasBfd) for (const node of this.nodes) node.startBfd();
    if (this.nodes.some((node) => !node.isExabgpRunning)) await this.untilReachable();
    for (const node of this.nodes) node.startExabgp();
  }

  /**
   * Brings the lab into the published state, whatever was done to it. `who` are the route servers that the routers are
   * to use. If in a hurry, it restarts nodes that are late, which moves what they serve.
   */
  async settle(
    who: readonly RouteServerName[] = allRouteServers,
    seconds = 240,
    isInHurry = true,
  ): Promise<void> {
    for (const host of hosts) this.network.cable(host.name).plug();
    for (const node of this.nodes) {
      node.thaw();
      node.enable();
    }
    await this.start();
    await Promise.all(this.routers.map((router) => router.listenTo(who)));
    const deadline = Date.now() + seconds * 1000;
    let patienceUntil = Date.now() + 8000;
    for (let missing = await this.missing(who); missing.length > 0;) {
      if (Date.now() > deadline) throw new Error(`not settled: ${missing.join('; ')}`);
      if (isInHurry && Date.now() > patienceUntil) {
        await this.hasten(missing);
        patienceUntil = Date.now() + 6000;
      }
      await pause(250);
      missing = await this.missing(who);
    }
  }

  /** Returns what is not as published: sessions that are down, missing routes, kernels that lead elsewhere. */
  async missing(who: readonly RouteServerName[] = allRouteServers): Promise<string[]> {
    const [sessions, listeners] = await Promise.all([this.sessionsDown(), this.notHeard(who)]);
    const watch = this.watchKernels();
    watch.close();
    return [...sessions, ...listeners, ...watch.differences(published)];
  }

  /** `RS4 - W1`, for each session of a route server with a node that is not up. */
  private async sessionsDown(): Promise<string[]> {
    const lists = await Promise.all(
      this.routeServers.map(async (routeServer) => {
        const up = await routeServer.established().catch((): string[] => []);
        return nodes
          .filter(({ name }) => !up.includes(name))
          .map(({ name }) => `${routeServer.name} - ${name}`);
      }),
    );
    return lists.flat();
  }

  /** `RS4 - ER2`, for each router that does not have a route for each address from one of these. */
  private async notHeard(who: readonly RouteServerName[]): Promise<string[]> {
    const lists = await Promise.all(
      this.routers.map(async (router) => {
        const routes = await router.routes().catch((): BirdRoute[] => []);
        return who
          .filter((name) => !services.every((address) => isHeard(routes, name, address)))
          .map((name) => `${name} - ${router.name}`);
      }),
    );
    return lists.flat();
  }

  /**
   * A node that was refused waits longer and longer, so its ExaBGP is restarted. One at a time, so that the service
   * continues.
   */
  private async hasten(missing: readonly string[]): Promise<void> {
    const late = this.nodes.find(({ name }) => missing.some((line) => line.endsWith(`- ${name}`)));
    await late?.restartExabgp();
  }

  /** Waits until the route servers and the nodes have routes to each other: OSPF has converged. */
  private async untilReachable(): Promise<void> {
    const pages = routeServers.flatMap((routeServer) =>
      nodes.map((node) => () => this.fetch(routeServer.name, node.address)),
    );
    await waitFor(
      'route servers to reach the nodes',
      () => Promise.all(pages.map((page) => page())),
      () => true,
      { everyMs: 200 },
    );
  }

  /** What the web server there answers to this host. */
  async fetch(host: string, address: string): Promise<string> {
    const argv = ['curl', '-s', '-g', '--max-time', '4', `http://[${address}]/`];
    return (await this.network.host(host).run(argv)).trim();
  }
}

export const allRouteServers = routeServers.map(({ name }) => name);

function isHeard(routes: readonly BirdRoute[], from: RouteServerName, address: string): boolean {
  return routes.some(({ prefix, protocol }) => prefix === `${address}/128` && protocol === from);
}

function found<Named extends { readonly name: string }>(
  list: readonly Named[],
  name: string,
): Named {
  const one = list.find((each) => each.name === name);
  if (one === undefined) throw new Error(`no ${name} in the lab`);
  return one;
}
