import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '#support/process.ts';
import { type Family, routeServerAs, type Speaker } from '../addresses.ts';
import type { Figures } from '../measures.ts';

/** What a daemon is configured for, whatever its make. */
export interface RouteServerTask {
  readonly family: Family;
  readonly nodes: readonly Speaker[];
  readonly routers: readonly Speaker[];
  readonly holdTimeSec: number;
  /** For its files; removed with the namespace. */
  readonly folder: string;
  /** Nodes are members of an exchange: each hears the others by an export policy of its own. */
  readonly exchange?: Exchange;
  /** Who runs BFD with it at 100 ms × 3, and never calls for BGP; absent: nobody. */
  readonly bfdPeers?: readonly Speaker[];
  /** Where people ask over HTTP, who are part of the workload; absent: nobody does. */
  readonly httpListen?: string;
  /** An RTR cache, by whose VRPs the import policy of nodes refuses what is invalid; absent: no validation. */
  readonly rtrCache?: string;
  /** A BMP collector that is told of everything but what clients are sent; absent: none. */
  readonly bmpCollector?: string;
}

export interface Exchange {
  /** Routes with this community are refused by the import policy of all members; absent: none. */
  readonly refused?: string;
}

/** A member refuses to hear what bears its own community. */
export function unwantedCommunity({ index }: Speaker): string {
  return `${routeServerAs}:${1000 + index}`;
}

/** How a daemon is started as a route server, in the foreground. */
export interface Launch {
  /** Written to the folder before it starts, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

/** Every node has a limit, which none reaches. */
export const maxPrefix = 5_000_000;

export const makes = ['fingerpost', 'bird', 'frr', 'openbgpd', 'gobgp'] as const;
export type Make = (typeof makes)[number];

export interface Contender {
  readonly make: Make;
  /** Absent when it is not installed. */
  readonly program: string | undefined;
  /** Arguments that print its version. */
  readonly versionArguments: readonly string[];
  /** To be ended in order, so that its profiler writes what it has seen. */
  readonly isProfiled?: boolean;
  launch(task: RouteServerTask): Launch;
  /** The command that has it read its files again. */
  reload?(folder: string): readonly string[];
  /** What it tells of itself when the workload is over; `folder` is its task's. */
  figures?(folder: string): Promise<Figures>;
}

/** The full path of a program, looked for where Debian keeps daemons too. */
export function programPath(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  const folders = (environment.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
