import { type NodeName, nodePlan, type RouteServerName } from './plan.ts';

/** A path that a route server accepted. */
export interface Candidate {
  /** `2001:db8:30::3/128` */
  readonly prefix: string;
  readonly node: NodeName;
  readonly med: number;
  readonly best: boolean;
}

/** RS4, RS5 or RS9, whatever its make. */
export interface RouteServer {
  readonly name: RouteServerName;
  readonly make: string;
  readonly isRunning: boolean;
  /** Does nothing if it runs already. */
  start(): void;
  /** Sends SIGTERM. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** What it has written since the lab began. */
  log(): string;
  /** Names of the peers, nodes and routers, whose session is up. */
  established(): Promise<string[]>;
  /** Returns a text that changes with each end of a session with the node. */
  sessionMark(node: NodeName): Promise<string>;
  /** How many sessions of BFD, with nodes and routers, are up. */
  bfdUp(): Promise<number>;
  /** Those of one prefix are together, the best first, then the next ones in order. */
  candidates(): Promise<Candidate[]>;
  /** Lets a node in again that has exceeded its limit. */
  readmit(node: NodeName): Promise<void>;
}

/**
 * BIRD and FRR show which path is best and no rank below it, so the others are sorted by what they compare: MED and
 * then the router id.
 */
export function inOrder(a: Candidate, b: Candidate): number {
  const byPrefix = a.prefix.localeCompare(b.prefix);
  const byRank = Number(b.best) - Number(a.best) || a.med - b.med;
  return byPrefix || byRank || nodePlan(a.node).number - nodePlan(b.node).number;
}
