import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import type { Router, RouterConfig, SeenRoute } from './router.ts';

/** One line of `show protocols`. */
export interface BirdProtocol {
  readonly name: string;
  readonly state: string;
  readonly info: string;
}

export interface BirdRoute extends SeenRoute {
  readonly protocol: string;
  readonly origin: string;
  readonly communities: string;
  readonly largeCommunities: string;
}

/** The daemon and its client, by name or path. */
export interface BirdPrograms {
  readonly server: string;
  readonly client: string;
}

export const bird2Programs: BirdPrograms = { server: 'bird', client: 'birdc' };

interface BirdOptions {
  /** The label of its files; one host may run several. */
  readonly label?: string;
  /** Further flags, such as `-R` to start as after a graceful restart. */
  readonly flags?: readonly string[];
  readonly programs?: BirdPrograms;
}

/** A BIRD in the foreground, and what `birdc` reports about it; `routes` parses the output of BIRD 2. */
export class Bird {
  readonly host: Host;
  readonly daemon: Daemon;
  private readonly configFile: string;
  private readonly socket: string;
  private readonly programs: BirdPrograms;

  constructor(host: Host, config: string, options: BirdOptions = {}) {
    const { label = 'bird', flags = [], programs = bird2Programs } = options;
    this.host = host;
    this.programs = programs;
    this.configFile = join(host.folder, `${label}.conf`);
    this.socket = join(host.folder, `${label}.ctl`);
    writeFileSync(this.configFile, config);
    this.daemon = host.start(label, [
      programs.server,
      '-f',
      ...flags,
      '-c',
      this.configFile,
      '-s',
      this.socket,
    ]);
  }

  command(words: string): Promise<string> {
    return this.host.run([this.programs.client, '-s', this.socket, ...words.split(' ')]);
  }

  async configure(config: string): Promise<void> {
    writeFileSync(this.configFile, config);
    await this.command('configure');
  }

  async protocols(): Promise<BirdProtocol[]> {
    return parseProtocols(await this.command('show protocols'));
  }

  async isEstablished(protocol: string): Promise<boolean> {
    const found = (await this.protocols()).find(({ name }) => name === protocol);
    return found?.info.startsWith('Established') ?? false;
  }

  async routes(words = ''): Promise<BirdRoute[]> {
    return parseRoutes(await this.command(`show route all ${words}`.trimEnd()));
  }
}

/** BIRD 2 as a router of the lab: recursive gateway, best routes installed in the kernel. */
export class BirdRouter implements Router {
  readonly name: string;
  readonly host: Host;
  readonly bird: Bird;
  readonly neighborName: string;

  constructor(host: Host, config: RouterConfig, options: BirdRouterOptions = {}) {
    this.name = config.name;
    this.host = host;
    this.neighborName = config.neighbor.name;
    this.bird = new Bird(host, birdRouterConfig(config, options));
  }

  get daemon(): Daemon {
    return this.bird.daemon;
  }

  isEstablished(): Promise<boolean> {
    return this.bird.isEstablished(this.neighborName);
  }

  routes(): Promise<BirdRoute[]> {
    return this.bird.routes(`protocol ${this.neighborName}`);
  }
}

export interface BirdRouterOptions {
  /** More lines for the BGP protocol: `hold time 90;`, `ttl security on;`. */
  readonly bgp?: string;
}

function birdRouterConfig(config: RouterConfig, options: BirdRouterOptions): string {
  const { plan, neighbor, capabilities = {} } = config;
  const { addPath, password, twoOctetAs, announces } = capabilities;
  const ways = plan.gateways
    .filter((gateway) => gateway.backboneAddress !== config.address)
    .map((gateway) => `route ${gateway.segment} via ${gateway.backboneAddress};`);
  const own = announces === undefined ? [] : [`route ${announces} unreachable;`];
  return `
log stderr all;
router id ${config.routerId};
protocol device { scan time 1; }
protocol direct { ${plan.family}; }
protocol static { ${plan.family}; ${[...ways, ...own].join(' ')} }
protocol kernel {
  ${plan.family} { import none; export where source = RTS_BGP; };
}
protocol bgp ${neighbor.name} {
  debug { states, events };
  local ${config.address} as ${config.as};
  neighbor ${neighbor.address} as ${neighbor.as};
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ${password === undefined ? '' : `password "${password}";`}
  ${twoOctetAs === true ? 'enable as4 off;' : ''}
  ${options.bgp ?? ''}
  ${plan.family} {
    import all; export ${announces === undefined ? 'none' : `where net = ${announces}`};
    gateway recursive;
    ${addPath === true ? 'add paths rx;' : ''}
  };
}
`;
}

/** Parses the output of `show protocols`. */
export function parseProtocols(text: string): BirdProtocol[] {
  const line = /^(\S+)\s+\S+\s+\S+\s+(\S+)\s+\S+\s*(.*)$/;
  return text
    .split('\n')
    .map((row) => line.exec(row))
    .filter((match) => match !== null)
    .map(([, name, state, info]) => ({ name, state, info }));
}

/** Parses `PREFIX unicast [PROTOCOL since from X] * (100) [AS65001i]` followed by indented attributes. */
export function parseRoutes(text: string): BirdRoute[] {
  const routes: BirdRoute[] = [];
  let prefix = '';
  for (const block of text.split(/\n(?=\S|\s+unicast|\s+unreachable|\s+blackhole)/)) {
    const head = /^(\S*)\s+(?:unicast|unreachable|blackhole|prohibit) \[(\S+) [^\]]*\]( \*)?/;
    const match = head.exec(block);
    if (match === null) continue;
    prefix = match[1] === '' ? prefix : match[1];
    routes.push(birdRoute(prefix, match[2], match[3] !== undefined, block));
  }
  return routes;
}

function birdRoute(prefix: string, protocol: string, best: boolean, block: string): BirdRoute {
  const attribute = (name: string): string | undefined =>
    new RegExp(`BGP\\.${name}: ?(.*)`).exec(block)?.[1].trim();
  const med = attribute('med');
  return {
    prefix,
    protocol,
    best,
    nextHop: attribute('next_hop') ?? '',
    asPath: (attribute('as_path') ?? '').split(' ').filter(Boolean).map(Number),
    ...(med === undefined ? {} : { med: Number(med) }),
    origin: attribute('origin') ?? '',
    communities: attribute('community') ?? '',
    largeCommunities: attribute('large_community') ?? '',
  };
}
