import type { AttrsId, PeerId } from '#policy/ids.ts';
import type { AttrsInterner } from '#policy/judge.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { Rib } from './rib.ts';
import { membersOf, type PeerMask } from './tables/peer-sets.ts';
import { OverlayAttrs } from './whatif/overlay-attrs.ts';
import type { SimulatedSettings } from './whatif/settings-change.ts';
import { simulateSettings } from './whatif/simulate-settings.ts';
import { type PrefixOutcome, type SimulatedPeer, simulateLosses } from './whatif/simulate.ts';

export { type ClientMove, clientMoves } from './whatif/client-moves.ts';
export type { SimulatedPrefix, SimulatedPath } from './whatif/overlay.ts';
export type { PrefixOutcome, SimulatedPeer } from './whatif/simulate.ts';

/**
 * A simulation beside the live RIB, which it reads and never changes. It has attribute sets of its own, with which the
 * judges of its peers are compiled.
 */
export class Simulation {
  private readonly live: Rib;
  private readonly attrs: OverlayAttrs;

  /** Peers must not know `seed`. */
  constructor(live: Rib, seed: number) {
    this.live = live;
    this.attrs = new OverlayAttrs(live, seed);
  }

  /** The table in which judges intern their attribute sets. */
  get interner(): AttrsInterner {
    return this.attrs.table;
  }

  attributes(id: AttrsId): PathAttributes {
    return this.attrs.table.read(id);
  }

  med(id: AttrsId): number | undefined {
    const { table } = this.attrs;
    return table.hasMed(id) ? table.med(id) : undefined;
  }

  /**
   * Yields what would become of each prefix that peers have a path of if they were gone: each set of peers by itself,
   * by index.
   */
  losses(
    peers: readonly SimulatedPeer[],
    losses: readonly ReadonlySet<PeerId>[],
    visit: (loss: number, outcome: PrefixOutcome) => void,
  ): Generator<void> {
    return simulateLosses(this.live, this.attrs, peers, losses, visit);
  }

  /** Yields what would become of each prefix that a change of settings affects, and of those that are requested. */
  settings(
    before: readonly SimulatedPeer[],
    after: SimulatedSettings,
    visit: (outcome: PrefixOutcome) => void,
    isAskedFor?: (prefix: Prefix) => boolean,
  ): Generator<void> {
    return simulateSettings(this.live, this.attrs, before, after, visit, isAskedFor);
  }
}

/** Returns the clients of a move or a share. */
export function clientsOf({ clients }: { readonly clients: PeerMask }): PeerId[] {
  return membersOf(clients);
}
