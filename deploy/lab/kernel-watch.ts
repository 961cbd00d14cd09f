import { execFileSync } from 'node:child_process';
import { clockText, followKernel } from '#support/kernel-events.ts';
import { environment } from '#support/process.ts';
import type { LabHost } from './lab-host.ts';
import { kernelNextHop, type NodeName, type RouterName, services } from './plan.ts';
import type { Request } from './requests.ts';

/** By service address, the node that serves it; `undefined`: none does. */
export type Serving = Readonly<Record<string, NodeName | undefined>>;

/** A line of `ip monitor route` about a service address. */
interface RouteEvent {
  /** Date.now() */
  readonly atMs: number;
  readonly router: RouterName;
  readonly line: string;
}

/** When the routers did not lead to one and the same node: from and until a Date.now(). */
interface Apart {
  readonly address: string;
  readonly fromMs: number;
  toMs: number;
}

/** How much later than a kernel changes that may be seen, and how much later than it is made a request may leave. */
const latenessMs = 50;

interface Watched {
  readonly name: RouterName;
  readonly host: LabHost;
}

/** What the five kernels would do with a packet for each service address, followed as it changes. */
export class KernelWatch {
  /** Router and address -> next hop. */
  private readonly nextHops = new Map<string, string>();
  private readonly watched: readonly Watched[];
  private readonly events: RouteEvent[] = [];
  private readonly aparts: Apart[] = [];
  private readonly monitors: readonly (() => void)[];
  private readonly listeners = new Set<(atMs: number) => void>();

  constructor(watched: readonly Watched[]) {
    this.watched = watched;
    this.monitors = watched.map((router) => this.follow(router));
    for (const { name, host } of watched) this.read(name, host);
  }

  close(): void {
    for (const end of this.monitors) end();
  }

  /** Calls back on each change, with Date.now(); returns the function that ends it. */
  onChange(listener: (atMs: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The node that the router's kernel leads to. */
  node(router: RouterName, address: string): NodeName | undefined {
    const nextHop = this.nextHops.get(key(router, address));
    return (['W1', 'W2', 'W3'] as const).find((node) => kernelNextHop(router, node) === nextHop);
  }

  /**
   * Whether a request was made while some routers led to one node and some to another, so that its first packet may
   * have gone in a circle between two routers. No move of an address is without such a moment: the routers are told
   * one after the other, and the slowest of three route servers decides when.
   */
  readonly wereApart = ({ address, askedAt }: Pick<Request, 'address' | 'askedAt'>): boolean =>
    this.aparts.some(
      (apart) =>
        apart.address === address &&
        askedAt >= apart.fromMs - latenessMs &&
        askedAt <= apart.toMs + latenessMs,
    );

  /** Returns what the kernels reported between two times (Date.now()): `12:00:00.123 ER2 2001:db8:30::3 via …`. */
  told(fromMs: number, toMs: number): string[] {
    return this.events
      .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
      .map(({ atMs, router, line }) => `${clockText(atMs)} ${router} ${line}`);
  }

  /** Returns whether that is so on all five routers. */
  serves(want: Serving): boolean {
    return this.differences(want).length === 0;
  }

  /** Returns `ER2 ER3: 2001:db8:30::3 via fe80::ff:fe01:8` for everything that is not as wanted. */
  differences(want: Serving): string[] {
    const found = new Map<string, RouterName[]>();
    for (const [address, node] of Object.entries(want)) {
      for (const { name } of this.watched) {
        const seen = this.nextHops.get(key(name, address));
        const wanted = node === undefined ? undefined : kernelNextHop(name, node);
        if (seen === wanted) continue;
        const text = `${address} via ${seen ?? 'nothing'}`;
        found.set(text, [...(found.get(text) ?? []), name]);
      }
    }
    return [...found].map(([text, names]) => `${names.join(' ')}: ${text}`);
  }

  /** Resolves with the Date.now() of the change that made it so, or at once if it is so already. */
  until(want: Serving, seconds: number): Promise<number> {
    if (this.serves(want)) return Promise.resolve(Date.now());
    return new Promise((resolve, reject) => {
      const end = this.onChange((atMs) => {
        if (!this.serves(want)) return;
        clearTimeout(timer);
        end();
        resolve(atMs);
      });
      const timer = setTimeout(() => {
        end();
        reject(new Error(`after ${seconds} s: ${this.differences(want).join('; ')}`));
      }, seconds * 1000);
    });
  }

  private read(name: RouterName, { namespace }: LabHost): void {
    const argv = ['-n', namespace, '-6', '-o', 'route', 'show', 'proto', 'bird'];
    const table = execFileSync('ip', argv, { env: environment, encoding: 'utf8' });
    for (const line of table.split('\n')) this.apply(name, line);
  }

  private follow({ name, host }: Watched): () => void {
    return followKernel(host.namespace, ['-6', '-o', 'monitor', 'route'], (line, atMs) => {
      const address = this.apply(name, line);
      if (address === undefined) return;
      this.compare(address, atMs);
      this.events.push({ atMs, router: name, line: line.trim() });
      for (const listener of this.listeners) listener(atMs);
    });
  }

  /** Notes whether the routers lead to different nodes now, or did so until now. */
  private compare(address: string, atMs: number): void {
    const open = this.aparts.find((apart) => apart.address === address && apart.toMs === Infinity);
    const nodes = new Set(this.watched.map(({ name }) => this.node(name, address)));
    if (nodes.size > 1 && open === undefined) {
      this.aparts.push({ address, fromMs: atMs, toMs: Infinity });
    } else if (nodes.size === 1 && open !== undefined) open.toMs = atMs;
  }

  /**
   * One line of `ip route` or `ip monitor`: `[Deleted ]2001:db8:30::3 via fe80::… dev eth1 …`. Returns the service
   * address that it is about.
   */
  private apply(router: RouterName, line: string): string | undefined {
    const match = /^(Deleted )?(\S+) via (\S+) /.exec(line);
    if (match === null || !services.some((address) => address === match[2])) return undefined;
    const [, deleted, address, nextHop] = match;
    const at = key(router, address);
    if (deleted === undefined) this.nextHops.set(at, nextHop);
    else if (this.nextHops.get(at) === nextHop) this.nextHops.delete(at);
    return address;
  }
}

function key(router: string, address: string): string {
  return `${router} ${address}`;
}
