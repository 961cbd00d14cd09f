import type { Work } from '#api/queries.ts';
import type { EffectCounts, EffectRowView } from '#api/views/drain.ts';
import type { Clock } from '#clock.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import {
  type EffectFacts,
  effectOf,
  type Offer,
  type RouterFacts,
  type SiblingFacts,
} from '#services/drain-effect.ts';
import { formatAddress } from '#text/address.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { SiblingRoute, SiblingRoutes } from '../siblings/sibling-routes.ts';
import { NodeAddresses } from './node-addresses.ts';

/** The length of a slice of the work. */
const sliceMs = 3;
/** How many rows an answer lists. */
const mostRows = 1000;

export interface EffectParts {
  readonly rib: RibView;
  readonly peers: RunningPeers;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly siblings: SiblingRoutes;
}

export interface Effects {
  readonly counts: EffectCounts;
  readonly rows: EffectRowView[];
}

/** Collects what is known about where routers send traffic, and has it judged address by address. */
export class EffectQuery {
  private readonly parts: EffectParts;

  constructor(parts: EffectParts) {
    this.parts = parts;
  }

  /** For every address that these peers announce, or that a route server still sends towards them. */
  *of(peers: readonly RunningPeer[]): Work<Effects> {
    const { clock } = this.parts;
    const places = this.placesOf(peers);
    const counts = { yes: 0, no: 0, unknown: 0 };
    const rows: EffectRowView[] = [];
    let untilMs = clock.monotonic() + sliceMs;
    const seen = new Set<string>();
    for (const prefix of this.candidates(places)) {
      const text = prefix && formatPrefix(prefix);
      if (prefix !== undefined && text !== undefined && !seen.has(text)) {
        seen.add(text);
        for (const row of effectOf(this.factsOf(prefix, places))) {
          counts[row.effect]++;
          if (row.effect !== 'yes' || rows.length < mostRows) rows.push({ prefix: text, ...row });
        }
      }
      if (clock.monotonic() < untilMs) continue;
      yield;
      untilMs = clock.monotonic() + sliceMs;
    }
    return { counts, rows: rows.toSorted(byUrgency).slice(0, mostRows) };
  }

  /** Yields some more than once, and `undefined` for each address that is not related to them. */
  private *candidates(places: Places): Generator<Prefix | undefined> {
    for (const family of this.parts.rib.families) {
      const isWanted = (path: PathId): boolean => isTheirs(family, path, places);
      for (const id of family.everyPrefix()) {
        yield family.hasPath(id, isWanted) ? family.prefix(id) : undefined;
      }
    }
    const { siblings } = this.parts;
    for (const name of siblings.names()) {
      yield* siblings.prefixes(name, (nextHop) => places.target.has(nextHop));
    }
  }

  private factsOf(prefix: Prefix, places: Places): EffectFacts {
    const { rib, peers, config } = this.parts;
    const family = rib.families[prefix.family];
    const id = family.find(prefix);
    const here = this.withAnnounced(family, id, places);
    const routers = [...peers].filter(({ isClient, isEnabled }) => isClient && isEnabled);
    return {
      routers: routers.map((router) => this.routerFacts(family, id, router, here)),
      siblings: this.siblingFacts(prefix, here),
      isSole: config().soleRouteServer,
    };
  }

  /**
   * Adds the next hops with which the nodes announce this prefix, apart from those of other nodes: without `next_hops` only
   * the addresses of the sessions are known, and a route with another next hop would seem to lead elsewhere.
   */
  private withAnnounced(family: FamilyView, prefix: PrefixId, places: Places): Places {
    const { rib } = this.parts;
    const { targets, nodes } = places;
    const paths =
      prefix === none ? [] : family.paths(prefix, (path) => isTheirs(family, path, places));
    const announced = paths
      .flatMap((path) => [family.received(path), family.accepted(path)])
      .map((attrs) => rib.attributes(attrs).nextHop)
      .filter((nextHop) => nextHop.length > 0 && !nodes.has(formatAddress(nextHop)));
    if (announced.length === 0) return places;
    return { ...places, target: new NodeAddresses(configsOf(targets), announced) };
  }

  private routerFacts(
    family: FamilyView,
    prefix: PrefixId,
    router: RunningPeer,
    places: Places,
  ): RouterFacts {
    const { rib } = this.parts;
    const isUp = rib.peer(router.ribId).isUp(family.family) && !router.config.shadow;
    const sent = isUp ? this.sentTo(family, prefix, router, places) : undefined;
    const best = this.bestOf(family, prefix, router, places);
    const isPending = prefix !== none && rib.isPending(family.family, prefix);
    const isTold = !isPending && !family.isBehind(router.ribId);
    return {
      router: router.name,
      isUp,
      ...(sent !== undefined && { sent }),
      received: isTold && router.hasReceivedAll ? 'yes' : 'unknown',
      ...(best !== undefined && { best }),
    };
  }

  /** If several paths are sent, returns one that leads to the node, if any does: the router may choose it. */
  private sentTo(
    family: FamilyView,
    prefix: PrefixId,
    { ribId }: RunningPeer,
    places: Places,
  ): Offer | undefined {
    if (prefix === none) return undefined;
    const sent = family.sentRoutes(prefix, ribId);
    const offers = sent.map(({ attrs }) => this.offerOf('ours', attrs, places));
    return offers.find(({ leadsToNode }) => leadsToNode) ?? offers.at(0);
  }

  /**
   * Returns what a router that exports its best routes to us uses. A router that names itself as the next hop does not
   * show where its traffic goes.
   */
  private bestOf(
    family: FamilyView,
    prefix: PrefixId,
    { ribId, config, name }: RunningPeer,
    places: Places,
  ): Offer | undefined {
    const { rib } = this.parts;
    if (!config.observe || prefix === none) return undefined;
    const path = family.pathOf(prefix, ribId);
    if (path === none) return undefined;
    const { received } = family.path(path);
    const { nextHop } = rib.attributes(received);
    if (formatAddress(nextHop) === formatAddress(config.address)) return undefined;
    return this.offerOf(name, received, places);
  }

  private siblingFacts(prefix: Prefix, places: Places): SiblingFacts[] {
    const { siblings, config } = this.parts;
    return [...siblings.names()].map((name) => {
      const why = siblings.unknown(name);
      const route = siblings.route(name, prefix);
      return {
        name,
        isRequired: config().siblings.includes(name),
        ...(why !== undefined && { unknown: why }),
        ...(route !== undefined && { best: this.offer(name, route, places) }),
      };
    });
  }

  private offerOf(from: string, id: AttrsId, places: Places): Offer {
    const { rib } = this.parts;
    const { nextHop, med } = rib.attributes(id);
    const offer = this.offer(from, { nextHop, ...rib.decisionValues(id) }, places);
    return med === undefined ? { ...offer, text: placeText(places, nextHop) } : offer;
  }

  private offer(from: string, route: SiblingRoute, places: Places): Offer {
    const { nextHop, med } = route;
    return {
      ...route,
      from,
      leadsToNode: places.target.has(nextHop),
      text: `${placeText(places, nextHop)} with MED ${med}`,
    };
  }

  private placesOf(targets: readonly RunningPeer[]): Places {
    const nodes = new Map<string, string>();
    for (const { config, isClient } of this.parts.peers) {
      if (isClient) continue;
      for (const address of [config.address, ...config.nextHops]) {
        nodes.set(formatAddress(address), config.node);
      }
    }
    const ids = new Set(targets.map(({ ribId }) => ribId));
    return { targets, ids, target: new NodeAddresses(configsOf(targets)), nodes };
  }
}

/** Returns whether a path is an accepted one of the nodes in question. */
function isTheirs(family: FamilyView, path: PathId, { ids }: Places): boolean {
  return ids.has(family.peerOf(path)) && family.accepted(path) !== none;
}

function configsOf(peers: readonly RunningPeer[]): PeerConfig[] {
  return peers.map(({ config }) => config);
}

/**
 * Returns the place alone if a route has no MED, as from a router that exports its best: MED does not cross another AS.
 */
function placeText({ nodes }: Places, nextHop: Uint8Array): string {
  const address = formatAddress(nextHop);
  const node = nodes.get(address);
  return node === undefined ? address : `${node} via ${address}`;
}

/** Where next hops lead. */
interface Places {
  /** The peers of the nodes in question. */
  readonly targets: readonly RunningPeer[];
  readonly ids: ReadonlySet<PeerId>;
  /** The addresses of the nodes in question. */
  readonly target: NodeAddresses;
  /** Names of nodes by address. */
  readonly nodes: ReadonlyMap<string, string>;
}

const urgency = { no: 0, unknown: 1, yes: 2 } as const;

function byUrgency(a: EffectRowView, b: EffectRowView): number {
  return urgency[a.effect] - urgency[b.effect];
}
