import type { Plan } from '../../interop/plan.ts';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';

/** A route as a router shows it, whatever its make. */
export interface SeenRoute {
  readonly prefix: string;
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly med?: number;
  readonly best: boolean;
}

/** A client of the route server, of any make. */
export interface Router {
  readonly name: string;
  readonly host: Host;
  readonly daemon: Daemon;
  isEstablished(): Promise<boolean>;
  /** Returns what came from the route server. */
  routes(): Promise<SeenRoute[]>;
}

/** What a router's configuration needs; every make is given the same. */
export interface RouterConfig {
  readonly plan: Plan;
  readonly name: string;
  readonly routerId: string;
  readonly address: string;
  readonly as: number;
  /** Name and address of the route server. */
  readonly neighbor: { readonly name: string; readonly address: string; readonly as: number };
  readonly capabilities?: RouterCapabilities;
}

/** What a router of any make may do beyond its defaults. */
export interface RouterCapabilities {
  /** Takes several paths for a prefix (RFC 7911). */
  readonly addPath?: boolean;
  /** The TCP MD5 key (RFC 2385). */
  readonly password?: string;
  /** It behaves like one from before RFC 6793; FRR, like one from before RFC 5492. */
  readonly twoOctetAs?: boolean;
  /** What it announces to the route server. */
  readonly announces?: string;
}
