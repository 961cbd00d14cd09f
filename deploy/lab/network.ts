import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Cable, Host } from '#support/netns.ts';
import { environment, sendSignal } from '#support/process.ts';
import { inhabitants, LabHost } from './lab-host.ts';
import { type HostPlan, hosts, type InterfacePlan, mac, segments } from './plan.ts';

const switchName = 'switch';

/**
 * The hosts and cables of one lab, found by its name alone, so that any process can find them. Each host is a network
 * namespace, and each segment a bridge in a namespace that acts as the switch.
 */
export class LabNetwork {
  readonly name: string;
  /** Configurations, sockets, logs and process ids. */
  readonly folder: string;
  private readonly hosts: ReadonlyMap<string, LabHost>;

  constructor(name: string) {
    this.name = name;
    this.folder = join('/run/fingerpost-lab', name);
    const names = [switchName, ...hosts.map((host) => host.name)];
    this.hosts = new Map(names.map((each) => [each, new LabHost(name, each, this.folder)]));
  }

  host(name: string): LabHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** Every namespace is there. */
  get exists(): boolean {
    return [...this.hosts.values()].every(({ namespace }) => existsSync(netns(namespace)));
  }

  /** The cable between a host's device and the switch. */
  cable(host: string, device = 'eth0'): Cable {
    const { namespace, folder } = this.host(switchName);
    return new Cable(new Host(switchName, namespace, folder), port(host, device));
  }

  build(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o755 });
    for (const host of this.hosts.values()) addNamespace(host);
    this.batch(
      switchName,
      segments.flatMap((segment) => [
        `link add seg${segment} type bridge forward_delay 0 mcast_snooping 0`,
        `link set seg${segment} up`,
      ]),
    );
    for (const host of hosts) this.connect(host);
    for (const host of hosts) this.lead(host);
  }

  /**
   * Ends everything that runs in it and removes it; does nothing if there is no such lab. Leaves no trace, and does not
   * wait.
   */
  remove(): void {
    for (const { namespace } of this.hosts.values()) removeNamespace(namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Has the lab removed if this process dies, for whatever reason: a shell in its own process session waits for the end
   * of a pipe. The returned function cancels that.
   */
  removeWhenDead(): () => void {
    const names = [...this.hosts.values()].map(({ namespace }) => namespace);
    const shell = spawn('sh', ['-c', undertaker, 'sh', this.folder, ...names], {
      detached: true,
      env: environment,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    shell.unref();
    return () => shell.stdin.end('keep\n');
  }

  private connect(host: HostPlan): void {
    const { namespace } = this.host(host.name);
    for (const plan of host.interfaces) {
      const end = port(host.name, plan.device);
      const peer = `peer name ${plan.device} address ${mac(plan.segment, host.number)}`;
      this.batch(switchName, [
        `link add ${end} type veth ${peer} netns ${namespace}`,
        `link set ${end} master seg${plan.segment} up`,
      ]);
    }
    this.batch(host.name, [
      ...host.interfaces.flatMap(addressLines),
      ...(host.loopback ?? []).map((address) => `address add ${address} dev lo`),
    ]);
  }

  private lead(host: HostPlan): void {
    this.batch(
      host.name,
      (host.routes ?? []).map((route) => `route add ${route}`),
    );
  }

  private batch(host: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const input = `${lines.join('\n')}\n`;
    const options = { env: environment, input };
    execFileSync('ip', ['-n', this.host(host).namespace, '-batch', '-'], options);
  }
}

/** Without duplicate address detection an address can be used at once. */
const hostSettings = `
  cd /proc/sys/net/ipv6/conf
  for each in all default; do
    echo 0 >$each/accept_dad
    echo 0 >$each/accept_ra
    echo 0 >$each/router_solicitations
  done
  echo 1 >all/forwarding
  ip link set lo up`;

const undertaker = `
  trap '' INT TERM HUP
  read -r word && [ "$word" = keep ] && exit
  folder=$1
  shift
  for name in "$@"; do
    [ -e "/run/netns/$name" ] || continue
    while [ -n "$(ip netns pids "$name")" ]; do
      for pid in $(ip netns pids "$name"); do kill -9 "$pid"; done
    done
    ip netns delete "$name"
  done
  rm -rf "$folder"`;

function addNamespace({ namespace, folder }: LabHost): void {
  mkdirSync(folder, { recursive: true });
  ip(['netns', 'add', namespace]);
  ip(['netns', 'exec', namespace, 'sh', '-c', hostSettings]);
}

function removeNamespace(namespace: string): void {
  if (!existsSync(netns(namespace))) return;
  // Repeated, because one of them may just have started another.
  for (let pids = inhabitants(namespace); pids.length > 0; pids = inhabitants(namespace)) {
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
  }
  ip(['netns', 'delete', namespace]);
}

function addressLines({ device, address }: InterfacePlan): string[] {
  return [`address add ${address} dev ${device} nodad`, `link set ${device} up`];
}

function port(host: string, device: string): string {
  return `${host}-${device}`;
}

function netns(namespace: string): string {
  return join('/run/netns', namespace);
}

function ip(args: readonly string[]): string {
  return execFileSync('ip', args, { env: environment, encoding: 'utf8' });
}
