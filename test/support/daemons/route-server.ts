import type { Plan } from '../../interop/plan.ts';
import type { Daemon } from '../process.ts';

/** A session of the route server: a node that announces routes, or a router that receives them. */
export interface PeerSpec {
  readonly role: 'node' | 'router';
  /** Letters and digits, because it names BIRD's protocol too. */
  readonly name: string;
  readonly address: string;
  readonly as: number;
  readonly holdTimeSec: number;
  /** For fingerpost only. */
  readonly idleHoldSec?: number;
  readonly limit?: LimitSpec;
  readonly password?: string;
  readonly gtsm?: boolean;
  /** A router that announces routes too, as a node does; for fingerpost only. */
  readonly announces?: boolean;
  /** The peer is sent every path; for fingerpost only. */
  readonly addPath?: boolean;
  /** YAML of `graceful_restart`; for fingerpost only. */
  readonly gracefulRestart?: string;
  /** Accept any next hop and any first AS, as BIRD and FRR do. */
  readonly lenient?: boolean;
}

export interface LimitSpec {
  readonly limit: number;
  readonly action: 'block' | 'warning' | 'restart' | 'shutdown';
  readonly restartAfterSec: number;
}

/** One description for both makes of route servers. */
export interface RouteServerSpec {
  readonly plan: Plan;
  readonly peers: readonly PeerSpec[];
  /** What nodes may announce; by default the plan's `servicePattern`. */
  readonly patterns?: readonly string[];
  /** YAML of `start_gate`; by default none; for fingerpost only. */
  readonly startGate?: string;
  /** Both families, whatever the plan has; for fingerpost only. */
  readonly isDualStack?: boolean;
}

/** An accepted path in the route server's table. */
export interface Candidate {
  readonly prefix: string;
  readonly peer: string;
  readonly best: boolean;
  readonly med: number;
}

export interface RouteServer {
  readonly make: 'bird' | 'fingerpost';
  /** The running process, or the last one. */
  readonly daemon: Daemon;
  start(): void;
  /** Returns the names of the peers whose session is up. */
  established(): Promise<string[]>;
  candidates(): Promise<Candidate[]>;
  /**
   * Returns code and subcode (`4/0`) of each NOTIFICATION sent to the peer, according to the log of the present
   * process. Those that resolve a collision are left out, because a router and the route server may connect at the same
   * time.
   */
  notificationsSent(peer: string): string[];
  /** Writes the new configuration and sends SIGHUP. */
  reload(spec: RouteServerSpec): void;
}

export const routeServerAs = 65002;
export const routeServerId = '1.1.1.9';

/** Connection Collision Resolution (RFC 4486). */
export const collision = '6/7';
