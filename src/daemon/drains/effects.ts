import type { Work } from '#api/changes.ts';
import type { EffectCounts, EffectRowView } from '#api/drain.ts';
import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import type { Rib } from '#rib/rib.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
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
import { NodeAddresses } from './node-addresses.ts';
import type { SiblingRoute, SiblingRoutes } from './sibling-routes.ts';

/** A slice of the work. */
const sliceMs = 3;
/** Rows that an answer lists. */
const mostRows = 1000;

export interface EffectParts {
  readonly rib: Rib;
  readonly peers: RunningPeers;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly siblings: SiblingRoutes;
}

export interface Effects {
  readonly counts: EffectCounts;
  readonly rows: EffectRowView[];
}

/** Collects what is known of where routers send traffic, and has it judged address by address. */
export class EffectQuery {
  private readonly parts: EffectParts;

  constructor(parts: EffectParts) {
    this.parts = parts;
  }

  /** Of every address that these peers announce, or that a route server still sends towards them. */
  *of(peers: readonly RunningPeer[]): Work<Effects> {
    const { clock } = this.parts;
    const places = this.placesOf(peers);
    const counts = { yes: 0, no: 0, unknown: 0 };
    const rows: EffectRowView[] = [];
    let untilMs = clock.monotonic() + sliceMs;
    for (const prefix of this.prefixesOf(peers, places)) {
      const text = formatPrefix(prefix);
      for (const row of effectOf(this.factsOf(prefix, places))) {
        counts[row.effect]++;
        if (row.effect !== 'yes' || rows.length < mostRows) rows.push({ prefix: text, ...row });
      }
      if (clock.monotonic() < untilMs) continue;
      yield;
      untilMs = clock.monotonic() + sliceMs;
    }
    return { counts, rows: rows.toSorted(byUrgency).slice(0, mostRows) };
  }

  /** Each once. */
  private *prefixesOf(peers: readonly RunningPeer[], places: Places): Generator<Prefix> {
    const seen = new Set<string>();
    for (const prefix of this.candidates(peers, places)) {
      const text = formatPrefix(prefix);
      if (seen.has(text)) continue;
      seen.add(text);
      yield prefix;
    }
  }

  private *candidates(peers: readonly RunningPeer[], places: Places): Generator<Prefix> {
    const ids = new Set(peers.map(({ ribId }) => ribId));
    for (const { tables } of this.parts.rib.families) {
      const { paths, prefixes, family } = tables;
      for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
        for (let path = paths.first(id); path !== none; path = paths.next(path)) {
          if (!ids.has(paths.peer(path)) || paths.accepted(path) === none) continue;
          yield { ...prefixes.read(id, scratchPrefix(family)) };
          break;
        }
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
    const id = family.tables.prefixes.find(prefix);
    const routers = [...peers].filter(({ isClient, isEnabled }) => isClient && isEnabled);
    return {
      routers: routers.map((router) => this.routerFacts(family, id, router, places)),
      siblings: this.siblingFacts(prefix, places),
      isSole: config().soleRouteServer,
    };
  }

  private routerFacts(
    family: FamilyRib,
    prefix: PrefixId,
    router: RunningPeer,
    places: Places,
  ): RouterFacts {
    const { rib } = this.parts;
    const isUp = rib.peer(router.ribId).isUp(family.tables.family) && !router.config.shadow;
    const sent = isUp ? this.sentTo(family, prefix, router, places) : undefined;
    const best = this.bestOf(family, prefix, router, places);
    const isPending = prefix !== none && rib.isPending(family.tables.family, prefix);
    const isTold = !isPending && !family.outbound.isBehind(router.ribId);
    return {
      router: router.name,
      isUp,
      ...(sent !== undefined && { sent }),
      received: isTold && router.hasReceivedAll ? 'yes' : 'unknown',
      ...(best !== undefined && { best }),
    };
  }

  /** Of several paths one that leads to the node, if any does: the router may choose it. */
  private sentTo(
    family: FamilyRib,
    prefix: PrefixId,
    { ribId }: RunningPeer,
    places: Places,
  ): Offer | undefined {
    if (prefix === none) return undefined;
    const { tables, shares, outbound } = family;
    const sent = outbound.pathAdvertiser.has(ribId)
      ? outbound.pathAdvertiser.sentTo(ribId, prefix).map(({ attrs }) => attrs)
      : [shares.attrsFor(tables.adjRibOut.share(prefix), ribId)];
    const offers = sent
      .filter((attrs) => attrs !== none)
      .map((attrs) => this.offerOf('ours', attrs, places));
    return offers.find(({ leadsToNode }) => leadsToNode) ?? offers.at(0);
  }

  /** What a router that exports its best routes to us uses. */
  private bestOf(
    { tables: { paths } }: FamilyRib,
    prefix: PrefixId,
    { ribId, config, name }: RunningPeer,
    places: Places,
  ): Offer | undefined {
    if (!config.observe || prefix === none) return undefined;
    const path: PathId = paths.find(prefix, ribId, 0);
    return path === none ? undefined : this.offerOf(name, paths.received(path), places);
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
    const { attrs } = this.parts.rib;
    const { nextHop } = attrs.read(id);
    const route = {
      nextHop,
      asPathLength: attrs.asPathLength(id),
      origin: attrs.origin(id),
      med: attrs.med(id),
      neighbourAs: attrs.neighbourAs(id),
    };
    return this.offer(from, route, places);
  }

  private offer(from: string, route: SiblingRoute, places: Places): Offer {
    const { nextHop, med } = route;
    const address = formatAddress(nextHop);
    const node = places.nodes.get(address);
    return {
      ...route,
      from,
      leadsToNode: places.target.has(nextHop),
      text: `${node === undefined ? '' : `${node} via `}${address} with MED ${med}`,
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
    return { target: new NodeAddresses(targets.map(({ config }) => config)), nodes };
  }
}

/** Where next hops lead. */
interface Places {
  /** The addresses of the nodes whose effect is asked for. */
  readonly target: NodeAddresses;
  /** Names of nodes by address. */
  readonly nodes: ReadonlyMap<string, string>;
}

const urgency = { no: 0, unknown: 1, yes: 2 } as const;

function byUrgency(a: EffectRowView, b: EffectRowView): number {
  return urgency[a.effect] - urgency[b.effect];
}
