import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '#support/process.ts';
import { type Family, routeServerAs, type Speaker } from '../addresses.ts';
import type { Figures } from '../measures.ts';

/** What a daemon of any make is configured for. */
export interface RouteServerTask {
  readonly family: Family;
  readonly nodes: readonly Speaker[];
  readonly routers: readonly Speaker[];
  readonly holdTimeSec: number;
  /** The folder for its files, which is removed with the namespace. */
  readonly folder: string;
  /** Nodes are members of an exchange: each is sent the others' routes by an export policy of its own. */
  readonly exchange?: Exchange;
  /** The peer that runs BFD with it at 100 ms × 3 and never opens a BGP connection; absent: there is none. */
  readonly bfdPeers?: readonly Speaker[];
  /** Where HTTP clients connect, if they are part of the workload; absent: there are none. */
  readonly httpListen?: string;
  /** An RTR cache, by whose VRPs the import policy of nodes refuses what is invalid; absent: there is no validation. */
  readonly rtrCache?: string;
  /** A BMP collector that is sent everything except what clients are sent; absent: there is none. */
  readonly bmpCollector?: string;
}

export interface Exchange {
  /** Routes with this community are refused by the import policy of all members; absent: none are. */
  readonly refused?: string;
}

/** Each member refuses routes that have its own community. */
export function unwantedCommunity({ index }: Speaker): string {
  return `${routeServerAs}:${1000 + index}`;
}

/** How a daemon is started as a route server, in the foreground. */
export interface Launch {
  /** Files that are written to the folder before it starts, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

/** Every node has a limit, which none of them reaches. */
export const maxPrefix = 5_000_000;

export const makes = ['fingerpost', 'bird', 'frr', 'openbgpd', 'gobgp'] as const;
export type Make = (typeof makes)[number];

export interface Contender {
  readonly make: Make;
  /** Absent if it is not installed. */
  readonly program: string | undefined;
  /** The arguments that make it print its version. */
  readonly versionArguments: readonly string[];
  /** It is ended in an orderly way, so that its profiler writes what it has seen. */
  readonly isProfiled?: boolean;
  /** The signal that puts it into the state of a daemon that has had nothing to do for long (age.ts). */
  readonly ageSignal?: NodeJS.Signals;
  launch(task: RouteServerTask): Launch;
  /** The command that makes it read its files again. */
  reload?(folder: string): readonly string[];
  /** The command that sends the requests of people and programs, and prints the figures of each as JSON. */
  ask?(folder: string): readonly string[];
  /** What it reports about itself when the workload is over; `folder` is that of its task. */
  figures?(folder: string): Promise<Figures>;
}

/** Returns the full path of a program, which is also looked for where Debian keeps daemons. */
export function programPath(name: string): string | undefined {
  if (name.startsWith('/')) return existsSync(name) ? name : undefined;
  const folders = (environment.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
