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
  /** Unless it runs. */
  start(): void;
  /** SIGTERM. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** What it has written since the lab began. */
  log(): string;
  /** Names of the peers, nodes and routers, whose session is up. */
  established(): Promise<string[]>;
  /** A text that is another one after each end of a session with the node. */
  sessionMark(node: NodeName): Promise<string>;
  /** How many sessions of BFD, with nodes and routers, are up. */
  bfdUp(): Promise<number>;
  /** Those of one prefix stand together, the best first, then who would be next. */
  candidates(): Promise<Candidate[]>;
  /** Lets a node in again that has exceeded its limit. */
  readmit(node: NodeName): Promise<void>;
}

/**
 * BIRD and FRR show which path is best and no rank below it: the rest is put in order of what they compare,
 * MED and then the router id.
 */
export function inOrder(a: Candidate, b: Candidate): number {
  const byPrefix = a.prefix.localeCompare(b.prefix);
  const byRank = Number(b.best) - Number(a.best) || a.med - b.med;
  return byPrefix || byRank || nodePlan(a.node).number - nodePlan(b.node).number;
}
