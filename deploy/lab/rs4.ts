import { birdRouteServerConfig } from './bird-config.ts';
import { Bird } from './birdc.ts';
import type { LabHost } from './lab-host.ts';
import { type NodeName, nodes, routers, routeServers } from './plan.ts';
import { type Candidate, inOrder, type RouteServer } from './route-server.ts';

const plan = routeServers[0];

/** BIRD 2. */
export class Rs4 implements RouteServer {
  readonly name = plan.name;
  readonly make = plan.make;
  private readonly bird: Bird;
  private readonly hasBfd: boolean;

  constructor(host: LabHost, hasBfd: boolean) {
    this.hasBfd = hasBfd;
    this.bird = new Bird(host);
  }

  get isRunning(): boolean {
    return this.bird.isRunning;
  }

  start(): void {
    this.bird.start(birdRouteServerConfig(plan, this.hasBfd));
  }

  stop(): Promise<void> {
    return this.bird.stop();
  }

  kill(): Promise<void> {
    return this.bird.kill();
  }

  log(): string {
    return this.bird.log();
  }

  async established(): Promise<string[]> {
    const peers = new Set<string>([...nodes, ...routers].map(({ name }) => name));
    return (await this.bird.established()).filter((name) => peers.has(name));
  }

  /** Returns when the protocol entered its present state, in ms. */
  async sessionMark(node: NodeName): Promise<string> {
    const protocols = await this.bird.command(`show protocols ${node}`);
    return protocols.split('\n').find((line) => line.startsWith(node)) ?? '';
  }

  async bfdUp(): Promise<number> {
    const sessions = await this.bird.command('show bfd sessions');
    return sessions.split('\n').filter((line) => / Up /.test(line)).length;
  }

  async candidates(): Promise<Candidate[]> {
    const routes = await this.bird.routes('table master6');
    const candidates = routes.flatMap(({ prefix, protocol, med, best }) => {
      const node = nodes.find(({ name }) => name === protocol);
      return node === undefined ? [] : [{ prefix, node: node.name, med: med ?? 0, best }];
    });
    return candidates.toSorted(inOrder);
  }

  /** It comes back by itself after `error wait time`. */
  async readmit(node: NodeName): Promise<void> {
    await this.bird.command(`restart ${node}`);
  }
}
