import type { Clock } from '#clock.ts';
import { Child } from './child.ts';
import { Failovers, type Move } from './failovers.ts';
import type { ChildMessage, HeldRoute } from './messages.ts';
import type { DemoError, Place } from './place.ts';
import {
  failedMed,
  nodeOfNextHop,
  type NodePlan,
  nodes,
  type RouterPlan,
  routers,
  routeServer,
  services,
} from './plan.ts';
import { type Role, roleArgs } from './role.ts';
import { RouteServer } from './route-server.ts';

/** What an event means for the service. */
export type Tone = 'good' | 'busy' | 'bad' | 'move' | 'detail';

export interface DemoEvent {
  readonly tone: Tone;
  /** One line. */
  readonly text: string;
}

/** A node and its announcer. */
export interface NodeState {
  readonly plan: NodePlan;
  isHealthy: boolean;
  isKilled: boolean;
  child: Child | undefined;
  /** Its session with the route server. */
  isUp: boolean;
}

export interface RouterState {
  readonly plan: RouterPlan;
  child: Child | undefined;
  isUp: boolean;
  /** By prefix. */
  routes: ReadonlyMap<string, HeldRoute>;
}

export interface NetworkOptions {
  /** The path of the program. */
  readonly program: string;
  readonly clock: Clock;
  readonly onEvent: (event: DemoEvent) => void;
  /** Called when something that the tables show has changed. */
  readonly onChange: () => void;
}

/** A router that dies is not part of the demonstration: it is restarted after this time. */
const routerRestartMs = 1000;

/** The processes of the demo, what can be done to the nodes, and what the routers have as a result. */
export class Network {
  readonly nodes: readonly NodeState[] = nodes.map((plan) => ({
    plan,
    isHealthy: true,
    isKilled: false,
    child: undefined,
    isUp: false,
  }));
  readonly routers: readonly RouterState[] = routers.map((plan) => ({
    plan,
    child: undefined,
    isUp: false,
    routes: new Map(),
  }));
  readonly lastMoves = new Map<string, Move>();
  readonly failovers = new Failovers(routers.map(({ name }) => name));
  readonly routeServer: RouteServer;
  private readonly options: NetworkOptions;
  private isStarted = false;
  private isStopping = false;

  constructor(options: NetworkOptions) {
    this.options = options;
    this.routeServer = new RouteServer({
      ...options,
      onText: (text) => this.tell('busy', `${routeServer.name}: ${text}`),
    });
  }

  /**
   * Starts every process. Resolves or rejects with the reason why the demo cannot go on; sessions may come and go
   * meanwhile.
   */
  async run(place: Place): Promise<DemoError | undefined> {
    await this.routeServer.start(place);
    if (this.isStopping) return undefined;
    const { httpPort } = this.routeServer;
    this.tell('detail', `page: http://127.0.0.1:${httpPort}/`);
    this.tell('detail', `control socket: ${place.controlSocket}`);
    this.tell('detail', 'from elsewhere: fingerpost demo fail|heal|kill|start w1|w2|w3');
    for (const router of this.routers) this.startRouter(router);
    this.isStarted = true;
    for (const node of this.nodes) if (!node.isKilled) this.startAnnouncer(node);
    return this.routeServer.broken;
  }

  /** Ends every process; resolves when none is left. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const children = [...this.nodes, ...this.routers].map(({ child }) => child?.end());
    await Promise.all([this.routeServer.end(), ...children]);
  }

  /** Sets the result of the health check from now on, whether the announcer runs or not. */
  setHealth(node: NodeState, isHealthy: boolean): void {
    if (node.isHealthy === isHealthy) return;
    node.isHealthy = isHealthy;
    this.cause(node);
    node.child?.send({ kind: 'health', isHealthy });
    const { name } = node.plan;
    if (isHealthy) this.tell('good', `${name}'s health check passes again`);
    else this.tell('bad', `${name}'s health check fails: MED +${failedMed}`);
  }

  kill(node: NodeState): void {
    const { child } = node;
    node.isKilled = true;
    if (child === undefined) return;
    this.cause(node);
    child.kill();
    this.announcerGone(node, `killed (pid ${child.pid})`);
  }

  startAnnouncer(node: NodeState): void {
    node.isKilled = false;
    if (node.child !== undefined || !this.isStarted || this.isStopping) return;
    const { isHealthy, plan } = node;
    this.cause(node);
    const role = { name: plan.name, port: this.routeServer.bgpPort, isHealthy };
    const child = this.startChild({ kind: '_announcer', ...role }, (message) => {
      if (node.child !== child || message.kind !== 'session') return;
      node.isUp = message.isUp;
      this.options.onChange();
    });
    node.child = child;
    this.tell('good', `${plan.name}'s announcer started (pid ${child.pid})`);
    void child.ended.then(({ text }) => {
      if (node.child !== child) return;
      this.cause(node);
      this.announcerGone(node, `ended: ${text}`);
    });
  }

  private announcerGone(node: NodeState, how: string): void {
    node.isKilled = true;
    node.child = undefined;
    node.isUp = false;
    this.tell('bad', `${node.plan.name}'s announcer ${how}`);
  }

  private startRouter(router: RouterState): void {
    if (this.isStopping) return;
    const { name } = router.plan;
    const role = { name, port: this.routeServer.bgpPort };
    const child = this.startChild({ kind: '_router', ...role }, (message) => {
      if (message.kind === 'session') router.isUp = message.isUp;
      else this.tableChanged(router, message.routes);
      this.options.onChange();
    });
    router.child = child;
    void child.ended.then(({ text }) => {
      if (this.isStopping) return;
      router.isUp = false;
      this.tableChanged(router, []);
      this.tell('busy', `${name} ended (${text}) and starts again`);
      this.options.clock.after(routerRestartMs, () => this.startRouter(router));
    });
  }

  private startChild(role: Role, onMessage: (message: ChildMessage) => void): Child {
    const { program, clock } = this.options;
    return new Child({
      program,
      clock,
      args: ['demo', ...roleArgs(role)],
      onLine: (line) => this.tell('busy', `${role.name}: ${line}`),
      onMessage,
    });
  }

  private tableChanged(router: RouterState, routes: readonly HeldRoute[]): void {
    if (this.isStopping) return;
    const nowMs = this.options.clock.monotonic();
    const before = router.routes;
    router.routes = new Map(routes.map((route) => [route.prefix, route]));
    for (const service of services) {
      const route = router.routes.get(service);
      if (isSame(before.get(service), route)) continue;
      this.tell('detail', `${router.plan.name}: ${routeText(service, route)}`);
      const node = route === undefined ? undefined : nodeOfNextHop(route.nextHop);
      const move = this.failovers.held(service, router.plan.name, node, nowMs);
      if (move !== undefined) this.moved(move);
    }
  }

  private moved(move: Move): void {
    this.lastMoves.set(move.service, move);
    const everywhere = routers.map(({ name }) => name).join(' and ');
    this.tell('move', `${move.service}: ${moveText(move)} on ${everywhere}`);
  }

  private cause({ plan }: NodeState): void {
    this.failovers.caused(plan.name, this.options.clock.monotonic());
  }

  private tell(tone: Tone, text: string): void {
    if (!this.isStopping) this.options.onEvent({ tone, text });
  }
}

/** Returns `W3 -> W2 in 2.1 ms`, `W1 -> none` or `by W3`. */
export function moveText({ from, to, tookMs }: Move): string {
  const what = from === undefined ? `by ${to}` : `${from} -> ${to ?? 'none'}`;
  return tookMs === undefined || from === undefined ? what : `${what} in ${durationText(tookMs)}`;
}

function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`;
}

function routeText(service: string, route: HeldRoute | undefined): string {
  if (route === undefined) return `${service} gone`;
  const { nextHop, med, asPath } = route;
  const node = nodeOfNextHop(nextHop) ?? 'nobody';
  return `${service} via ${nextHop} (${node}), MED ${med}, path ${asPath.join(' ')}`;
}

function isSame(a: HeldRoute | undefined, b: HeldRoute | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
