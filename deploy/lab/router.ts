import type { BirdRoute } from '#support/daemons/bird.ts';
import { dataRouterConfig, edgeRouterConfig } from './bird-config.ts';
import { Bird } from './birdc.ts';
import type { LabHost } from './lab-host.ts';
import {
  type RouterName,
  type RouterPlan,
  routers,
  type RouteServerName,
  routeServers,
} from './plan.ts';

/** ER2, ER3, DR6, DR7 or DR8: a client of the three route servers. */
export class Router {
  readonly name: RouterName;
  readonly host: LabHost;
  readonly bird: Bird;
  private readonly plan: RouterPlan;
  private readonly hasBfd: boolean;

  constructor(host: LabHost, plan: RouterPlan, hasBfd: boolean) {
    this.name = plan.name;
    this.plan = plan;
    this.host = host;
    this.hasBfd = hasBfd;
    this.bird = new Bird(host);
  }

  start(): void {
    const other = routers.find(({ name }) => name.startsWith('ER') && name !== this.name);
    const isEdge = this.name.startsWith('ER') && other !== undefined;
    const { plan, hasBfd } = this;
    this.bird.start(
      isEdge ? edgeRouterConfig(plan, other, hasBfd) : dataRouterConfig(plan, hasBfd),
    );
  }

  /** Returns what came from the route servers, without iBGP. */
  async routes(): Promise<BirdRoute[]> {
    const names = new Set<string>(routeServers.map(({ name }) => name));
    return (await this.bird.routes()).filter(({ protocol }) => names.has(protocol));
  }

  /** Makes it use these route servers and no others. */
  async listenTo(names: readonly RouteServerName[]): Promise<void> {
    for (const { name } of routeServers) {
      await this.bird.command(`${names.includes(name) ? 'enable' : 'disable'} ${name}`);
    }
  }
}
