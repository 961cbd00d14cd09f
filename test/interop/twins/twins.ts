import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributesView } from '#daemon/views/path-views.ts';
import { type Host, Network } from '#support/netns.ts';
import type { Daemon } from '#support/process.ts';
import { pause, waitFor } from '#support/wait.ts';

/** A peer of the route server, and what it announces. */
export interface TwinPeer {
  readonly name: string;
  readonly address: string;
  readonly as: number;
  readonly routerId: string;
  readonly announces: readonly TwinRoute[];
}

export interface TwinRoute {
  readonly prefix: string;
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly med?: number;
  readonly communities?: readonly string[];
  readonly largeCommunities?: readonly string[];
}

export interface SpeakersPlan {
  /** The addresses, by family. */
  readonly routeServer: { readonly ipv4?: string; readonly ipv6?: string };
  readonly peers: readonly TwinPeer[];
}

/** A change that a peer reports; without `route` the prefix was withdrawn. */
export type Said =
  | { readonly peer: string; readonly up: boolean }
  | { readonly peer: string; readonly prefix: string; readonly route?: AttributesView };

/** A route server in a host of its own. */
export interface Twin {
  readonly label: string;
  start(host: Host): void;
}

/** Returns the routes of each peer: `PEER PREFIX via NEXT-HOP path … med … communities`, in order. */
export type Told = readonly string[];

/**
 * Starts two route servers, each in a network of its own with the same addresses and the same peers, which announce
 * the same; returns the routes that the peers of each have once neither has sent a change for a while, and prints the
 * logs if they differ. `compared` selects the part that must agree, if the two may differ otherwise.
 */
export async function compareTwins(
  twins: readonly [Twin, Twin],
  plan: SpeakersPlan,
  compared: (told: Told) => Told = (told) => told,
): Promise<readonly [Told, Told]> {
  const networks = twins.map(() => new Network());
  let areAlike = false;
  try {
    const speakers = twins.map((twin, at) => stage(networks[at], twin, plan));
    const wantUp = plan.peers.length;
    await waitFor(
      `${wantUp} sessions with ${twins.map(({ label }) => label).join(' and ')}`,
      () => speakers.map((daemon) => sideOf(daemon)),
      (seen) => seen.every(({ hasBeenUp }) => hasBeenUp.size === wantUp),
      { seconds: 90 },
    );
    const look = () => speakers.map((daemon) => compared(sideOf(daemon).told));
    await settled(look);
    const [first, second] = look();
    areAlike = first.join() === second.join();
    return [first, second];
  } finally {
    if (!areAlike) console.error(networks.map((network) => network.logs()).join('\n'));
    await Promise.all(networks.map((network) => network.close()));
  }
}

/** Waits until both are quiet: for a while if they are equal, otherwise for long. */
async function settled(look: () => readonly Told[]): Promise<void> {
  let last = '';
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < unlikeMs) {
    const told = look().map((rows) => rows.join('\n'));
    const now = told.join('\n\n');
    if (now !== last) sinceMs = performance.now();
    last = now;
    if (told[0] === told[1] && told[0] !== '' && performance.now() - sinceMs > quietMs) return;
    await pause(100);
  }
}

const quietMs = 3000;
/** A daemon that has sent nothing for this long has sent everything. */
const unlikeMs = 25_000;

/** Starts the route server and its peers on one segment; returns the process of the peers. */
export function stage(network: Network, twin: Twin, plan: SpeakersPlan): Daemon {
  network.segment('lan');
  const { ipv4, ipv6 } = plan.routeServer;
  const own = [ipv4, ipv6].filter((address) => address !== undefined);
  const server = network.host('server');
  network.plug(server, 'eth0', 'lan', own.map(onLan));
  const peers = network.host('peers');
  network.plug(
    peers,
    'eth0',
    'lan',
    plan.peers.map(({ address }) => onLan(address)),
  );
  twin.start(server);
  const file = join(peers.folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  const script = join(import.meta.dirname, 'speakers.ts');
  return peers.start('speakers', [process.execPath, script, file], { cwd: process.cwd() });
}

/** All on one link, however far apart the addresses are. */
function onLan(address: string): string {
  return address.includes(':') ? `${address}/16` : `${address}/8`;
}

interface Side {
  readonly hasBeenUp: ReadonlySet<string>;
  readonly told: Told;
}

/** The changes that the peers have reported so far. */
export function sideOf({ log }: Daemon): Side {
  const hasBeenUp = new Set<string>();
  const routes = new Map<string, string>();
  for (const line of log.split('\n').filter((text) => text.endsWith('}'))) {
    const said: Said = JSON.parse(line);
    if ('up' in said) {
      if (said.up) hasBeenUp.add(said.peer);
      else for (const key of routes.keys()) if (key.startsWith(`${said.peer} `)) routes.delete(key);
      continue;
    }
    const key = `${said.peer} ${said.prefix}`;
    if (said.route === undefined) routes.delete(key);
    else routes.set(key, routeText(said.route));
  }
  return { hasBeenUp, told: [...routes].map(([key, text]) => `${key} ${text}`).toSorted() };
}

function routeText(route: AttributesView): string {
  const {
    next_hop: nextHop,
    as_path: path,
    med,
    origin,
    communities,
    large_communities: large,
  } = route;
  const marks = [...communities.toSorted(), ...large.toSorted()];
  return [
    `via ${nextHop} path ${path.join(' ')} ${origin}`,
    ...(med === undefined ? [] : [`med ${med}`]),
    ...marks,
  ].join(' ');
}
