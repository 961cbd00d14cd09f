import type { Host } from '../netns.ts';
import type { Plan } from '../plan.ts';
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
  /** What came from the route server. */
  routes(): Promise<SeenRoute[]>;
}

/** What a router's configuration needs to know; every make is given the same. */
export interface RouterConfig {
  readonly plan: Plan;
  readonly name: string;
  readonly routerId: string;
  readonly address: string;
  readonly as: number;
  /** Name and address of the route server. */
  readonly neighbor: { readonly name: string; readonly address: string; readonly as: number };
}
