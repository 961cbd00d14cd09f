import { pause, waitFor } from '#support/wait.ts';
import type { Figures } from './figures.ts';
import { HonestFailover } from './honest-failover.ts';
import { announce, withdraw } from './routes.ts';
import { Server } from './server.ts';
import { Talker, type TalkerOptions } from './talker.ts';

export interface NetworkOptions {
  readonly nodes: number;
  readonly routers: number;
  /** Global keys besides. */
  readonly keys?: string;
  /** Additional keys of the group of nodes. */
  readonly nodeKeys?: string;
  /** The range of peers without a name of their own, in the group of nodes: `127.64.0.0/16`. */
  readonly range?: string;
}

const nodeAs = 65001;
const routerAs = 65003;
/** Routes of the witness, which no other peer announces. */
const witnessed = { from: 1_000_000, count: 20, med: 7 };
const fillers = 10_000;
const fillersFrom = 980_000;

/**
 * A daemon with nodes and routers, and two witnesses that take no part: a node whose routes must stay, and a router
 * that must hold them. Nodes and routers are numbered from 0.
 */
export class SoakNetwork {
  readonly server: Server;
  private readonly witnessNode: Talker;
  readonly witnessRouter: Talker;
  private readonly talkers: Talker[] = [];
  private readonly failover: HonestFailover;

  private constructor(server: Server, node: Talker, router: Talker, failover: HonestFailover) {
    this.failover = failover;
    this.server = server;
    this.witnessNode = node;
    this.witnessRouter = router;
  }

  static async start(options: NetworkOptions): Promise<SoakNetwork> {
    const server = await Server.start(configText(options));
    try {
      const node = await Talker.establish(server, { from: '127.1.255.1', as: nodeAs });
      const router = await Talker.establish(server, {
        from: '127.2.255.1',
        as: routerAs,
        isRouter: true,
      });
      await node.send(announce(witnessed.from, witnessed.count, { med: witnessed.med }));
      const failover = await HonestFailover.start(server, {
        node: { from: '127.1.255.2', as: nodeAs },
        router: { from: '127.2.255.2', as: routerAs, isRouter: true },
        prefix: witnessed.from,
        med: witnessed.med,
      });
      const network = new SoakNetwork(server, node, router, failover);
      await network.holds('the witness its routes', () => router.held === witnessed.count);
      return network;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  static nodeOptions(index: number, given: Partial<TalkerOptions> = {}): TalkerOptions {
    return { from: addressOf(1, index), as: nodeAs, ...given };
  }

  static routerOptions(index: number, given: Partial<TalkerOptions> = {}): TalkerOptions {
    return { from: addressOf(2, index), as: routerAs, ...given };
  }

  async node(index: number, given: Partial<TalkerOptions> = {}): Promise<Talker> {
    return this.keep(await Talker.establish(this.server, SoakNetwork.nodeOptions(index, given)));
  }

  /** Connects them one after the other, from this index on. */
  async nodes(first: number, count: number, given: Partial<TalkerOptions>): Promise<Talker[]> {
    const talkers: Talker[] = [];
    for (let at = 0; at < count; at++) talkers.push(await this.node(first + at, given));
    return talkers;
  }

  async router(index: number, given: Partial<TalkerOptions> = {}): Promise<Talker> {
    return this.keep(await Talker.establish(this.server, SoakNetwork.routerOptions(index, given)));
  }

  call(options: TalkerOptions): Talker {
    return this.keep(Talker.call(this.server, options));
  }

  /**
   * Makes routers read nothing. Their kernel and the daemon's take megabytes before they count as slow, so the node
   * announces again and again until all of them do.
   */
  async stalledRouters(count: number, node: Talker): Promise<void> {
    for (let index = 0; index < count; index++) (await this.router(index)).stall();
    for (let mark = 0; ; mark += fillers) {
      const queues = await this.server.metric('fingerpost_peer_output_queue_bytes');
      const full = [...queues.values()].filter((bytes) => bytes > 4 << 20);
      if (full.length >= count) break;
      if (mark > 100 * fillers) throw new Error(`${full.length} of ${count} routers are stalled`);
      const updates = Array.from({ length: fillers }, (_, at) =>
        announce(fillersFrom + at, 1, { mark: mark + at }),
      );
      await node.send(...updates);
    }
    await node.send(...Array.from({ length: fillers }, (_, at) => withdraw(fillersFrom + at, 1)));
  }

  holds(what: string, condition: () => boolean, seconds = 120): Promise<unknown> {
    return waitFor(what, condition, Boolean, { seconds, everyMs: 10 });
  }

  /**
   * Notes what became of an honest service, which failed over again and again since the start, and what the daemon
   * used.
   */
  async judgeFailovers(figures: Figures): Promise<void> {
    figures.note('resident at most', this.server.highestRssMib, 'MiB');
    figures.note('longest slice of the daemon', await this.server.longestSlice());
    await this.failover.judge(figures);
  }

  /** Returns whether the witnesses are undisturbed; waits until the router holds their routes and no others. */
  async isUndisturbed(): Promise<boolean> {
    const { witnessNode, witnessRouter } = this;
    const { from, count } = witnessed;
    const isAlone = (): boolean =>
      witnessRouter.held === count && witnessRouter.table?.at(from) === 8;
    for (let tries = 0; tries < 3000 && !isAlone(); tries++) await pause(20);
    return isAlone() && !witnessNode.isClosed && !witnessRouter.isClosed;
  }

  async close(): Promise<void> {
    await this.failover.close();
    for (const talker of [this.witnessNode, this.witnessRouter, ...this.talkers]) talker.close();
    await this.server.close();
  }

  private keep(talker: Talker): Talker {
    this.talkers.push(talker);
    return talker;
  }
}

function configText({ nodes, routers, keys = '', nodeKeys = '', range }: NetworkOptions): string {
  return `start_gate: 0
${keys}
policies:
  soaked: [{ match: { prefix: "16.0.0.0/4{24,24}" }, then: accept }]
peer_groups:
  node: { peer_as: ${nodeAs}, import: all, accept_next_hop: any, passive: true, hold_time: 180${nodeKeys} }
  router: { peer_as: ${routerAs}, export: soaked, passive: true, hold_time: 180 }
peers:
  - { name: W1, address: 127.1.255.1, group: node }
  - { name: W2, address: 127.2.255.1, group: router }
  - { name: W3, address: 127.1.255.2, group: node }
  - { name: W4, address: 127.2.255.2, group: router }
${[...rows(1, 'node', nodes), ...rows(2, 'router', routers)].join('\n')}
${range === undefined ? '' : `peer_ranges: [{ range: ${range}, max_peers: 500, group: node }]`}
`;
}

function rows(block: number, group: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `  - { name: ${group}${at}, address: ${addressOf(block, at)}, group: ${group} }`,
  );
}

function addressOf(block: number, index: number): string {
  return `127.${block}.${Math.floor(index / 250) + 1}.${(index % 250) + 1}`;
}
