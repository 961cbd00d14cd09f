import type { Config } from '#config/config.ts';
import { type BirdDaemon, birdFamilies, type BirdFamily } from '../render/bird-syntax.ts';
import { Names, type Neighbour } from './names.ts';

/** What every part of the file is written for. */
export interface BirdContext {
  readonly config: Config;
  readonly daemon: BirdDaemon;
  /** The clients of the route server. */
  readonly peers: readonly Neighbour[];
  readonly names: Names;
  /** Whether next hops are behind routers. */
  readonly isFar: boolean;
  /** The only family that a BIRD 1.6 knows; its grammar has no addresses of the other. Absent: BIRD 2. */
  readonly onlyFamily?: BirdFamily;
}

export function birdContext(
  config: Config,
  daemon: BirdDaemon,
  peers: readonly Neighbour[],
  onlyFamily?: BirdFamily,
): BirdContext {
  const known = { config, daemon, peers, names: new Names(), isFar: !isOnOneLan(peers) };
  return onlyFamily === undefined ? known : { ...known, onlyFamily };
}

function isOnOneLan(peers: readonly Neighbour[]): boolean {
  return peers.every(
    ({ multihop, gtsm, acceptNextHop }) =>
      (multihop === undefined || gtsm) && acceptNextHop === 'peer',
  );
}

export function hasFamily({ families }: Neighbour, family: BirdFamily): boolean {
  return families.some((it) => birdFamilies[it] === family);
}

/**
 * Returns the name of the session with a client; for a range BIRD adds a number. All keywords of BIRD are in lower
 * case, and no name can equal one of them.
 */
export function protocolName({ name }: Neighbour, names: Names): string {
  const own = names.of(name);
  return own === own.toLowerCase() ? own[0].toUpperCase() + own.slice(1) : own;
}
