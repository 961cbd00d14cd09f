import { execFileSync } from 'node:child_process';
import { clockText, followKernel } from '#support/kernel-events.ts';
import { environment } from '#support/process.ts';
import type { LabHost } from './lab-host.ts';
import { kernelNextHop, type NodeName, type RouterName, services } from './plan.ts';

/** By service address, the node that serves it; `undefined`: none does. */
export type Serving = Readonly<Record<string, NodeName | undefined>>;

/** A line of `ip monitor route` about a service address. */
interface RouteEvent {
  /** Date.now() */
  readonly atMs: number;
  readonly router: RouterName;
  readonly line: string;
}

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
      if (!this.apply(name, line)) return;
      this.events.push({ atMs, router: name, line: line.trim() });
      for (const listener of this.listeners) listener(atMs);
    });
  }

  /** One line of `ip route` or `ip monitor`: `[Deleted ]2001:db8:30::3 via fe80::… dev eth1 …`. */
  private apply(router: RouterName, line: string): boolean {
    const match = /^(Deleted )?(\S+) via (\S+) /.exec(line);
    if (match === null || !services.some((address) => address === match[2])) return false;
    const [, deleted, address, nextHop] = match;
    const at = key(router, address);
    if (deleted === undefined) this.nextHops.set(at, nextHop);
    else if (this.nextHops.get(at) === nextHop) this.nextHops.delete(at);
    return true;
  }
}

function key(router: string, address: string): string {
  return `${router} ${address}`;
}
