import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import { Bird } from './bird.ts';
import {
  type Candidate,
  collision,
  type LimitSpec,
  type PeerSpec,
  type RouteServer,
  routeServerAs,
  routeServerId,
  type RouteServerSpec,
} from './route-server.ts';

/** BIRD 2 in the route server's place, as published: it verifies the tests and our expectations. */
export class BirdRouteServer implements RouteServer {
  readonly make = 'bird';
  private readonly host: Host;
  private spec: RouteServerSpec;
  private bird: Bird;

  constructor(host: Host, spec: RouteServerSpec) {
    this.host = host;
    this.spec = spec;
    this.bird = this.launch();
  }

  get daemon(): Daemon {
    return this.bird.daemon;
  }

  start(): void {
    this.bird = this.launch();
  }

  async established(): Promise<string[]> {
    const protocols = await this.bird.protocols();
    return protocols.filter(({ info }) => info.startsWith('Established')).map(({ name }) => name);
  }

  async candidates(): Promise<Candidate[]> {
    const routes = await this.bird.routes();
    return routes.map(({ prefix, protocol, best, med }) => ({
      prefix,
      peer: protocol,
      best,
      med: med ?? 0,
    }));
  }

  notificationsSent(peer: string): string[] {
    const sent = new RegExp(`${peer}: Sending NOTIFICATION\\(code=(\\d+)\\.(\\d+)\\)`, 'g');
    const notifications = [...this.daemon.log.matchAll(sent)];
    return notifications
      .map(([, code, subcode]) => `${code}/${subcode}`)
      .filter((each) => each !== collision);
  }

  reload(spec: RouteServerSpec): void {
    this.spec = spec;
    writeFileSync(join(this.host.folder, 'bird.conf'), birdRouteServerConfig(spec));
    this.daemon.signal('SIGHUP');
  }

  private launch(): Bird {
    return new Bird(this.host, birdRouteServerConfig(this.spec));
  }
}

function birdRouteServerConfig(spec: RouteServerSpec): string {
  const patterns = spec.patterns ?? [spec.plan.servicePattern];
  return `
log stderr all;
router id ${routeServerId};
protocol device { }
filter only_loopbacks { if net ~ [ ${patterns.join(', ')} ] then accept; reject; }
${spec.peers.map((peer) => birdPeer(spec, peer)).join('')}
`;
}

function birdPeer({ plan }: RouteServerSpec, peer: PeerSpec): string {
  const channel =
    peer.role === 'node'
      ? `import filter only_loopbacks; export none; import table; ${birdLimit(peer.limit)}`
      : 'import none; export all;';
  return `
protocol bgp ${peer.name} {
  debug { states, events, packets };
  local ${plan.routeServer} as ${routeServerAs};
  neighbor ${peer.address} as ${peer.as};
  rs client;
  hold time ${peer.holdTimeSec};
  error wait time 1, 2; connect retry time 1; connect delay time 1;
  ${peer.role === 'node' ? 'multihop 10; passive;' : ''}
  ${peer.gtsm === true ? 'ttl security on;' : ''}
  ${peer.password === undefined ? '' : `password "${peer.password}";`}
  ${plan.family} { ${channel} };
}
`;
}

function birdLimit(limit: LimitSpec | undefined): string {
  if (limit === undefined) return '';
  const actions = { block: 'block', warning: 'warn', restart: 'restart', shutdown: 'disable' };
  return `import limit ${limit.limit} action ${actions[limit.action]};`;
}
