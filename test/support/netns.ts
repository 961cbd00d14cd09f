import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelEvents } from './kernel-events.ts';
import { Daemon, type DaemonOptions, environment, sendSignal } from './process.ts';

/** How many lines of kernel events a report has. */
const mostKernelLines = 400;

/**
 * A small network of its own: each host is a network namespace, and each segment a bridge in a namespace that acts as
 * the switch. Names are unique, so networks of several test processes can run side by side. `close` ends what runs in
 * it and removes it; if this process dies before, its reaper does.
 */
export class Network {
  /** For configurations and sockets; removed by `close`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'fingerpost-'));
  private readonly id = `fp${process.pid}x${randomBytes(3).toString('hex')}`;
  private readonly hosts: Host[] = [];
  private readonly kernels = new KernelEvents();
  private readonly switch: Host;
  private ports = 0;

  constructor() {
    reaper(`folder ${this.folder}`);
    this.switch = this.host('switch');
  }

  host(name: string): Host {
    const namespace = `${this.id}-${name}`;
    const folder = join(this.folder, name);
    mkdirSync(folder);
    reaper(`namespace ${namespace}`);
    ip(['netns', 'add', namespace]);
    ip(['netns', 'exec', namespace, 'sh', '-c', hostSettings]);
    const host = new Host(name, namespace, folder);
    this.hosts.push(host);
    this.kernels.follow(name, namespace);
    return host;
  }

  /** Adds a bridge. Its name has at most 15 characters, as that of any interface. */
  segment(name: string): void {
    batch(this.switch.namespace, [
      `link add ${name} type bridge forward_delay 0 mcast_snooping 0`,
      `link set ${name} up`,
    ]);
  }

  /** Connects the host's `device` to the segment, with its addresses (`2001:db8:1::9/64`). */
  plug(host: Host, device: string, segment: string, addresses: readonly string[]): Cable {
    const port = `port${++this.ports}`;
    batch(this.switch.namespace, [
      `link add ${port} type veth peer name ${device} netns ${host.namespace}`,
      `link set ${port} master ${segment} up`,
    ]);
    batch(host.namespace, [
      ...addresses.map((address) => `address add ${address} dev ${device}${noDad(address)}`),
      `link set ${device} up`,
    ]);
    return new Cable(this.switch, port);
  }

  /** Starts a program beside the bridges, such as one that is a cable between two of them. */
  startInSwitch(label: string, argv: readonly string[]): Daemon {
    return this.switch.start(label, argv);
  }

  /**
   * Returns text for the message of a failed test: what the daemons logged, and what the kernels reported about links
   * and routes since this Date.now(); without one, the last lines.
   */
  logs(sinceMs?: number): string {
    const kernels = this.kernels.since(sinceMs ?? 0).slice(-mostKernelLines);
    const daemons = this.hosts.map((host) => host.logs(sinceMs));
    return [...daemons, '--- kernels\n', ...kernels.map((line) => `${line}\n`)].join('');
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.killAll()));
    this.kernels.close();
    for (const { namespace } of this.hosts) {
      killLeftOvers(namespace);
      ip(['netns', 'delete', namespace]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A network namespace and what runs in it. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly folder: string;
  private readonly daemons: Daemon[] = [];

  constructor(name: string, namespace: string, folder: string) {
    this.name = name;
    this.namespace = namespace;
    this.folder = folder;
  }

  address(address: string, device: string): void {
    ip(['-n', this.namespace, ...`address add ${address} dev ${device}`.split(' ')]);
  }

  routes(routes: readonly string[]): void {
    batch(
      this.namespace,
      routes.map((route) => `route add ${route}`),
    );
  }

  start(label: string, argv: readonly string[], options: DaemonOptions = {}): Daemon {
    const inside = ['ip', 'netns', 'exec', this.namespace, ...argv];
    const daemon = new Daemon(`${this.name} ${label}`, inside, { cwd: this.folder, ...options });
    this.daemons.push(daemon);
    return daemon;
  }

  /** Runs a command to its end and returns its stdout; a status other than 0 is an error. */
  run(argv: readonly string[]): Promise<string> {
    const inside = ['netns', 'exec', this.namespace, ...argv];
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: environment, timeout: 60_000, maxBuffer: 64 << 20 };
      execFile('ip', inside, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${argv.join(' ')}: ${stderr || stdout || error.message}`));
        else resolve(stdout);
      });
    });
  }

  logs(sinceMs?: number): string {
    return this.daemons.map((daemon) => daemon.report(sinceMs)).join('');
  }

  async killAll(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.kill()));
  }
}

/** The switch's end of a cable: pulling it does not affect the host's addresses, as with a real one. */
export class Cable {
  private readonly end: Host;
  private readonly port: string;

  constructor(end: Host, port: string) {
    this.end = end;
    this.port = port;
  }

  pull(): void {
    batch(this.end.namespace, [`link set ${this.port} down`]);
  }

  plug(): void {
    batch(this.end.namespace, [`link set ${this.port} up`]);
  }
}

/** Without duplicate address detection an address can be used at once. */
const hostSettings = `
  cd /proc/sys/net
  for each in all default; do
    echo 0 >ipv6/conf/$each/accept_dad
    echo 0 >ipv6/conf/$each/accept_ra
    echo 0 >ipv6/conf/$each/router_solicitations
  done
  echo 1 >ipv6/conf/all/forwarding
  echo 1 >ipv4/ip_forward
  ip link set lo up`;

function noDad(address: string): string {
  return address.includes(':') ? ' nodad' : '';
}

function ip(args: readonly string[]): string {
  return execFileSync('ip', args, { env: environment, encoding: 'utf8' });
}

function batch(namespace: string, lines: readonly string[]): void {
  const input = `${lines.join('\n')}\n`;
  execFileSync('ip', ['-n', namespace, '-batch', '-'], { env: environment, input });
}

/** Kills what a daemon left behind in a separate process group (ExaBGP's helpers). */
function killLeftOvers(namespace: string): void {
  for (const pid of ip(['netns', 'pids', namespace]).split('\n').filter(Boolean)) {
    sendSignal(Number(pid), 'SIGKILL');
  }
}

const reaperScript = `
  trap '' INT TERM HUP
  while read -r kind name; do
    case $kind in
      namespace) namespaces="$namespaces $name" ;;
      folder) folders="$folders $name" ;;
    esac
  done
  for name in $namespaces; do
    [ -e "/run/netns/$name" ] || continue
    for pid in $(ip netns pids "$name"); do kill -9 "$pid"; done
    ip netns delete "$name"
  done
  [ -z "$folders" ] || rm -rf $folders`;

let tellReaper: ((line: string) => void) | undefined;

/**
 * Registers something to be removed when this process ends, for whatever reason: a shell in its own process session
 * reads the names from a pipe, and acts when that pipe closes.
 */
function reaper(line: string): void {
  tellReaper ??= startReaper();
  tellReaper(line);
}

function startReaper(): (line: string) => void {
  const shell = spawn('sh', ['-c', reaperScript], {
    detached: true,
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  const pipe = shell.stdin;
  if (pipe instanceof Socket) pipe.unref();
  return (line) => pipe.write(`${line}\n`);
}
