import type { Plan } from '../../interop/plan.ts';
import type { Daemon } from '../process.ts';

/** A session of the route server: a node that announces, or a router that listens. */
export interface PeerSpec {
  readonly role: 'node' | 'router';
  /** Letters and digits: it names BIRD's protocol too. */
  readonly name: string;
  readonly address: string;
  readonly as: number;
  readonly holdTimeSec: number;
  /** fingerpost only. */
  readonly idleHoldSec?: number;
  readonly limit?: LimitSpec;
  readonly password?: string;
  readonly gtsm?: boolean;
  /** A router that announces too, as a node does; fingerpost only. */
  readonly announces?: boolean;
  /** Is sent every path; fingerpost only. */
  readonly addPath?: boolean;
  /** YAML of `graceful_restart`; fingerpost only. */
  readonly gracefulRestart?: string;
  /** Accept any next hop and any first AS, as BIRD and FRR do. */
  readonly lenient?: boolean;
}

export interface LimitSpec {
  readonly limit: number;
  readonly action: 'block' | 'warning' | 'restart' | 'shutdown';
  readonly restartAfterSec: number;
}

/** One description for both makes of route server. */
export interface RouteServerSpec {
  readonly plan: Plan;
  readonly peers: readonly PeerSpec[];
  /** What nodes may announce; the plan's `servicePattern` unless given. */
  readonly patterns?: readonly string[];
  /** YAML of `start_gate`, none unless given; fingerpost only. */
  readonly startGate?: string;
  /** Both families, whatever the plan's; fingerpost only. */
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
  /** The process that runs now, or ran last. */
  readonly daemon: Daemon;
  start(): void;
  /** Names of the peers whose session is up. */
  established(): Promise<string[]>;
  candidates(): Promise<Candidate[]>;
  /**
   * Code and subcode (`4/0`) of each NOTIFICATION sent to the peer, by the log of the present process;
   * without those that settle a collision, for a router and the route server may call at once.
   */
  notificationsSent(peer: string): string[];
  /** Writes the new configuration and sends SIGHUP. */
  reload(spec: RouteServerSpec): void;
}

export const routeServerAs = 65002;
export const routeServerId = '1.1.1.9';

/** Connection Collision Resolution (RFC 4486). */
export const collision = '6/7';
