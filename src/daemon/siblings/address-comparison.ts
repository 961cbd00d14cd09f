import type { PeerConfig } from '#config/config.ts';
import { none, type PathId, type PeerId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import {
  compareAddress,
  type ComparedRoute,
  type Comparison,
  type LossEvidence,
} from '#services/coherence.ts';
import type { DropReason, SessionDown } from '#session/host.ts';
import { formatAddress } from '#text/address.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { SiblingRoutes } from './sibling-routes.ts';

/** Our best route to an address, with the node that it leads to. */
export interface OurRoute extends ComparedRoute {
  readonly node: string;
}

/** What is looked at in a peer of our own. */
export interface ComparedPeer {
  readonly name: string;
  readonly ribId: PeerId;
  readonly config: PeerConfig;
  readonly isClient: boolean;
  readonly isUp: boolean;
  readonly lastEnd?: Pick<SessionDown, 'kind' | 'text'> | undefined;
}

interface ComparisonParts {
  readonly rib: RibView;
  readonly peers: Iterable<ComparedPeer> & { withId(id: PeerId): ComparedPeer | undefined };
  readonly siblings: Pick<SiblingRoutes, 'route' | 'unknown'>;
  /** Returns what a probe says about a node whose session is down; `undefined` if it is not known to be gone. */
  readonly whyGone: (peer: PeerId) => string | undefined;
}

/** Collects what is known about an address here and at a sibling, and has the two compared. */
export class AddressComparison {
  private readonly parts: ComparisonParts;
  /** The peers of nodes by the addresses that lead to them. */
  private owners: ReadonlyMap<string, readonly ComparedPeer[]> = new Map();

  constructor(parts: ComparisonParts) {
    this.parts = parts;
  }

  /** To be called before a pass over addresses, because peers may have come and gone. */
  begin(): void {
    const owners = new Map<string, ComparedPeer[]>();
    for (const peer of this.parts.peers) {
      if (peer.isClient || peer.config.observer) continue;
      for (const address of [peer.config.address, ...peer.config.nextHops]) {
        const text = formatAddress(address);
        owners.set(text, [...(owners.get(text) ?? []), peer]);
      }
    }
    this.owners = owners;
  }

  ours(prefix: Prefix): OurRoute | undefined {
    const { rib, peers } = this.parts;
    const family = rib.families[prefix.family];
    const id = family.find(prefix);
    const best = id === none ? none : family.best(id);
    if (best === none) return undefined;
    const attrs = family.accepted(best);
    return {
      node: peers.withId(family.peerOf(best))?.config.node ?? '',
      nextHop: formatAddress(rib.attributes(attrs).nextHop),
      ...rib.decisionValues(attrs),
    };
  }

  theirs(sibling: string, prefix: Prefix): ComparedRoute | undefined {
    const route = this.parts.siblings.route(sibling, prefix);
    return route === undefined ? undefined : { ...route, nextHop: formatAddress(route.nextHop) };
  }

  compare(
    sibling: string,
    prefix: Prefix,
    ours: ComparedRoute | undefined,
    theirs: ComparedRoute | undefined,
  ): Comparison {
    const unknown = this.parts.siblings.unknown(sibling);
    const lost = theirs === undefined ? undefined : this.lossOf(theirs.nextHop);
    const here = theirs === undefined ? undefined : this.pathHere(prefix, theirs.nextHop);
    return compareAddress({
      ...(ours !== undefined && { ours }),
      ...(unknown !== undefined && { unknown }),
      ...(theirs !== undefined && { theirs }),
      ...(lost !== undefined && { lost }),
      ...(here !== undefined && { theirsHere: here }),
    });
  }

  /** Returns why the node is no longer heard here; `undefined` if one of its sessions is up, or it never was heard. */
  private lossOf(nextHop: string): LossEvidence | undefined {
    const owners = this.owners.get(nextHop) ?? [];
    if (owners.some(({ isUp }) => isUp)) return undefined;
    const losses = owners.flatMap((peer) => this.lossOfPeer(peer) ?? []);
    return losses.find(({ kind }) => kind === 'gone') ?? losses.at(0);
  }

  /** If a node fell silent, probing its own address may show that it is gone. */
  private lossOfPeer({ name, ribId, lastEnd }: ComparedPeer): LossEvidence | undefined {
    const kind = lastEnd === undefined ? undefined : evidence[lastEnd.kind];
    if (kind === undefined || lastEnd === undefined) return undefined;
    const text = `the session of ${name} with this server ended: ${lastEnd.text}`;
    const gone = kind === 'silence' ? this.parts.whyGone(ribId) : undefined;
    return gone === undefined ? { kind, text } : { kind: 'gone', text: `${text}, and ${gone}` };
  }

  /** Returns how this server judges its own path with that next hop, if that is not the best. */
  private pathHere(prefix: Prefix, nextHop: string): string | undefined {
    const { rib } = this.parts;
    const family = rib.families[prefix.family];
    const id = family.find(prefix);
    const paths =
      id === none ? [] : family.paths(id, (path) => this.nextHopOf(family, path) === nextHop);
    if (paths.length === 0) return this.announcerHere(nextHop);
    const [path] = paths;
    return family.best(id) === path ? undefined : standingOf(family, path);
  }

  private nextHopOf(family: FamilyView, path: PathId): string {
    const { accepted, received } = family.path(path);
    return formatAddress(
      this.parts.rib.attributes(accepted === none ? received : accepted).nextHop,
    );
  }

  private announcerHere(nextHop: string): string | undefined {
    const owners = this.owners.get(nextHop) ?? [];
    if (owners.length === 0) return undefined;
    const [{ config, name }] = owners;
    return owners.some(({ isUp }) => isUp)
      ? `${config.node} does not announce it here`
      : `the session with ${name} is not up here`;
  }
}

function standingOf(family: FamilyView, path: PathId): string | undefined {
  const { accepted, reason } = family.path(path);
  if (accepted === none) return `it is refused here: ${rejectReasons[reason]}`;
  const name = family.serviceClass(path);
  if (name === undefined) return family.isDrained(path) ? 'it is drained here' : undefined;
  return name === 'up' ? undefined : `it is ${name.replaceAll('_', ' ')} here`;
}

/** What each kind of end of a session says about the node; an end from our side says nothing. */
const evidence: Partial<Record<DropReason, LossEvidence['kind']>> = {
  hold_timer_expired: 'silence',
  bfd_down: 'silence',
  tcp_closed: 'gone',
  notification_received: 'gone',
};
