import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, type NodePlan, type Plan } from '../../interop/plan.ts';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';

/** The source of a node's routes. */
export type Announcer =
  /** exabgp-healthcheck, which checks the node's web server. */
  | { readonly kind: 'healthcheck'; readonly timing: HealthcheckTiming }
  /** What the test appends to a file, in the language of ExaBGP's API. */
  | { readonly kind: 'commands'; readonly first: readonly string[] };

export interface HealthcheckTiming {
  readonly intervalSec: number;
  readonly fastIntervalSec: number;
  readonly rise: number;
  readonly fall: number;
}

/** As published, except that the intervals are cut to a fifth: it fails and recovers within about a second. */
export const quickHealthcheck: HealthcheckTiming = {
  intervalSec: 1,
  fastIntervalSec: 0.2,
  rise: 3,
  fall: 3,
};

/** A real ExaBGP 4.2 on a node: AS 65001, which only connects out. */
export class Exabgp {
  private readonly host: Host;
  private readonly configFile: string;
  private readonly commands: string;
  private readonly disableFile: string;
  private current: Daemon;

  constructor(host: Host, node: NodePlan, plan: Plan, announcer: Announcer, options = '') {
    this.host = host;
    this.configFile = join(host.folder, 'exabgp.conf');
    this.commands = join(host.folder, 'commands');
    this.disableFile = join(host.folder, 'disabled');
    const source =
      announcer.kind === 'healthcheck'
        ? this.healthcheck(node, plan, announcer.timing)
        : this.follow(announcer.first);
    writeFileSync(this.configFile, exabgpConfig(node, plan, source, options));
    this.current = this.start();
  }

  get daemon(): Daemon {
    return this.current;
  }

  start(): Daemon {
    const env = {
      exabgp_daemon_user: 'root',
      exabgp_api_cli: 'false',
      // This is the only way to make it report which NOTIFICATION it received.
      exabgp_log_level: 'DEBUG',
      exabgp_log_packets: 'true',
      exabgp_log_configuration: 'false',
      exabgp_log_reactor: 'false',
    };
    this.current = this.host.start('exabgp', ['exabgp', this.configFile], { env });
    return this.current;
  }

  /** Sends API lines (`announce route …`), for the kind `commands`. */
  say(...lines: string[]): void {
    appendFileSync(this.commands, lines.map((line) => `${line}\n`).join(''));
  }

  /** Takes the node out of service through its health check, for the kind `healthcheck`. */
  disable(): void {
    writeFileSync(this.disableFile, '');
  }

  enable(): void {
    rmSync(this.disableFile, { force: true });
  }

  private healthcheck(node: NodePlan, plan: Plan, timing: HealthcheckTiming): string {
    const file = join(this.host.folder, 'healthcheck.conf');
    writeFileSync(file, `${healthcheckConfig(node, plan, timing)}disable = ${this.disableFile}\n`);
    const options = `--no-syslog --config ${file} --start-ip ${node.startIp}`;
    return `/usr/bin/exabgp-healthcheck ${options}`;
  }

  private follow(lines: readonly string[]): string {
    writeFileSync(this.commands, lines.map((line) => `${line}\n`).join(''));
    return `/usr/bin/tail -n +1 -F ${this.commands}`;
  }
}

function healthcheckConfig(node: NodePlan, plan: Plan, timing: HealthcheckTiming): string {
  // The order of the published lab: the last service address has the lowest MED.
  const addresses = plan.services.toReversed().map((prefix) => `ip = ${prefix}`);
  const web = plan.family === 'ipv6' ? `[${node.address}]` : node.address;
  return `
command = curl --fail --silent --max-time 4 http://${web}/
no-ip-setup
interval = ${timing.intervalSec}
fast-interval = ${timing.fastIntervalSec}
rise = ${timing.rise}
fall = ${timing.fall}
${addresses.join('\n')}
`;
}

function exabgpConfig(node: NodePlan, plan: Plan, source: string, options: string): string {
  return `
process announcer { run ${source}; encoder text; }
neighbor ${plan.routeServer} {
  router-id ${node.routerId};
  local-address ${node.address};
  local-as 65001;
  peer-as 65002;
  ${options}
  api { processes [ announcer ]; }
}
`;
}

/** Returns `announce route …` with the node itself as next hop. */
export function announce(node: NodePlan, prefix: string, attributes = 'med 100'): string {
  const nextHop = attributes.includes('next-hop') ? '' : `next-hop ${node.address} `;
  return `announce route ${prefix} ${nextHop}${attributes}`;
}

export function withdraw(node: NodePlan, prefix: string): string {
  return `withdraw route ${prefix} next-hop ${node.address}`;
}

/** Returns a URL at which the service answers. */
export function serviceUrl(prefix: string): string {
  const address = addressOf(prefix);
  return address.includes(':') ? `http://[${address}]/` : `http://${address}/`;
}
