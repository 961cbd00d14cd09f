import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Host, Network } from '#support/netns.ts';
import { environment } from '#support/process.ts';
import { type Family, networkLengthBits, routeServerAddress, type Speaker } from './addresses.ts';

/**
 * Two network namespaces and a veth pair between them: the daemon in one, in the other the load
 * generator with an address for each of its speakers. Neighbours are known from the start, so that
 * no measurement pays for their discovery.
 */
export class Wire {
  readonly daemonHost: Host;
  readonly loadHost: Host;
  private readonly network = new Network();

  constructor(family: Family, speakers: readonly Speaker[]) {
    this.daemonHost = this.network.host('daemon');
    this.loadHost = this.network.host('load');
    batch(this.daemonHost, [
      `link add wire type veth peer name wire netns ${this.loadHost.namespace}`,
    ]);
    batch(this.daemonHost, up([routeServerAddress[family]], family));
    const addresses = speakers.map(({ address }) => address);
    batch(this.loadHost, up(addresses, family));
    batch(this.daemonHost, neighbours(addresses, macAddress(this.loadHost)));
    batch(this.loadHost, neighbours([routeServerAddress[family]], macAddress(this.daemonHost)));
  }

  /**
   * Returns the processes in the namespace of the daemon, which are its process tree, but not the `ip monitor` with
   * which the network collects evidence.
   */
  daemonPids(): number[] {
    const pids = run(['netns', 'pids', this.daemonHost.namespace]);
    const all = pids.split('\n').filter(Boolean).map(Number);
    return all.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1').trim() !== 'ip');
  }

  close(): Promise<void> {
    return this.network.close();
  }
}

function up(addresses: readonly string[], family: Family): string[] {
  const noDad = family === 'ipv6' ? ' nodad' : '';
  const length = networkLengthBits[family];
  return [
    ...addresses.map((address) => `address add ${address}/${length} dev wire${noDad}`),
    'link set wire up',
  ];
}

function neighbours(addresses: readonly string[], mac: string): string[] {
  return addresses.map(
    (address) => `neigh replace ${address} lladdr ${mac} dev wire nud permanent`,
  );
}

function macAddress(host: Host): string {
  const [link]: { readonly address: string }[] = JSON.parse(
    run(['-n', host.namespace, '-json', 'link', 'show', 'wire']),
  );
  return link.address;
}

function batch(host: Host, lines: readonly string[]): void {
  const input = `${lines.join('\n')}\n`;
  execFileSync('ip', ['-n', host.namespace, '-batch', '-'], { env: environment, input });
}

function run(args: readonly string[]): string {
  return execFileSync('ip', args, { env: environment, encoding: 'utf8' });
}
