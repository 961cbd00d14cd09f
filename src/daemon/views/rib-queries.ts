import type { Lookup, PeerTable } from '#api/names.ts';
import { type Page, type PageRequest, QueryError, type RouteQuery } from '#api/queries.ts';
import type { Explanation } from '#api/views/explain.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView, SourceView } from '#api/views/peer.ts';
import { type AttrsId, none, type PeerId, type PrefixId } from '#policy/ids.ts';
import { truncate } from '#policy/prefix-bits.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import {
  formatCommunity,
  formatLargeCommunity,
  parseCommunityPattern,
  parseLargeCommunityPattern,
} from '#text/community.ts';
import { parseAddressOrPrefix, parsePrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import type { Family, FamilyName } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { familyNames } from '../peers/peer-statistics.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { ExplainViews } from './explain-views.ts';
import type { ObservedViews } from './observed-views.ts';
import type { PathViews } from './path-views.ts';
import type { PeerViews } from './peer-views.ts';
import {
  listRoutes,
  type PathTest,
  type Range,
  type Row,
  type RowsOf,
  rowsWhere,
} from './route-listing.ts';

/** Answers queries of the RIBs and peers; each answer is made when it is requested. */
export class RibQueries {
  private readonly rib: RibView;
  private readonly running: RunningPeers;
  private readonly paths: PathViews;
  private readonly peerViews: PeerViews;
  private readonly explains: ExplainViews;
  private readonly observed: ObservedViews;
  private readonly monotonic: () => number;

  constructor(
    rib: RibView,
    running: RunningPeers,
    paths: PathViews,
    peerViews: PeerViews,
    explains: ExplainViews,
    observed: ObservedViews,
    monotonic: () => number,
  ) {
    this.observed = observed;
    this.monotonic = monotonic;
    this.rib = rib;
    this.running = running;
    this.paths = paths;
    this.peerViews = peerViews;
    this.explains = explains;
  }

  /** Yields after each peer. */
  *peers(): Generator<void, PeerView[]> {
    const views: PeerView[] = [];
    for (const peer of this.listed()) {
      views.push(this.peerViews.peer(peer));
      yield;
    }
    return views;
  }

  peerNames(): string[] {
    return this.listed().map(({ name }) => name);
  }

  sources(): SourceView[] {
    return this.listed()
      .filter(({ config }) => config.import !== 'none')
      .map(({ name, config: { node, site, rack } }) => ({
        name,
        node,
        ...(site !== undefined && { site }),
        ...(rack !== undefined && { rack }),
      }));
  }

  private listed(): RunningPeer[] {
    return [...this.running].filter(({ isStranger }) => !isStranger);
  }

  peer(nameOrAddress: string): PeerView | undefined {
    const peer = this.running.find(nameOrAddress);
    return peer === undefined ? undefined : this.peerViews.detail(peer);
  }

  /** Returns accepted paths, best first within a prefix. */
  routes(query: RouteQuery, page: PageRequest): Page<PathView> {
    const source = query.peer === undefined ? undefined : this.running.find(query.peer);
    if (query.peer !== undefined && source === undefined) {
      throw new QueryError('unknown_peer', `no peer ${query.peer}`);
    }
    const isWanted = this.wantedBy(source?.ribId, attributesTest(query));
    const rowsOf: RowsOf = (family, prefix) =>
      this.acceptedRows(family, prefix, isWanted, query.best === true);
    return listRoutes(this.rib, this.rangeOf(query), rowsOf, page, this.monotonic);
  }

  peerRoutes(name: string, table: PeerTable, page: PageRequest): Page<PathView> | undefined {
    const peer = this.running.find(name);
    if (peer === undefined) return undefined;
    const observed = table === 'received' ? this.observed.received(peer) : undefined;
    if (observed !== undefined) {
      return listRoutes(this.observed.rib, { kind: 'all' }, observed, page, this.monotonic);
    }
    const rowsOf = this.rowsOfTable(peer, table);
    return listRoutes(this.rib, { kind: 'all' }, rowsOf, page, this.monotonic);
  }

  /** Returns the refused paths of all peers. */
  rejected(family: FamilyName | undefined, page: PageRequest): Page<PathView> {
    const rowsOf = rowsWhere(
      (table, path) => table.accepted(path) === none,
      (table, path) => this.paths.path(table, path),
    );
    return listRoutes(this.rib, inFamily(family), rowsOf, page, this.monotonic);
  }

  explain(text: string, peer?: string): Explanation | undefined {
    const client = peer === undefined ? undefined : this.running.find(peer);
    if (peer !== undefined && client === undefined) {
      throw new QueryError('unknown_peer', `no peer ${peer}`);
    }
    const asked = prefixIn(text);
    const found = this.longest(asked);
    return found === undefined ? undefined : this.explains.explain(found, client);
  }

  private acceptedRows(
    family: FamilyView,
    prefix: PrefixId,
    isWanted: PathTest,
    bestOnly: boolean,
  ): Row[] {
    if (!family.hasPath(prefix, (path) => isWanted(family, path))) return [];
    const ranked = family.ranked(prefix);
    const shown = bestOnly ? ranked.slice(0, 1) : ranked;
    return shown.flatMap((path, at) =>
      isWanted(family, path) ? [() => this.paths.path(family, path, at + 1)] : [],
    );
  }

  /**
   * Returns a test of whether a path is accepted, comes from the source, and has the attributes. It uses columns alone:
   * nothing is rendered or ranked for a path that is not shown, and each set of attributes is read once.
   */
  private wantedBy(source: PeerId | undefined, isWanted?: AttributesTest): PathTest {
    const known = new Map<AttrsId, boolean>();
    return (family, path) => {
      const attrs = family.accepted(path);
      if (attrs === none || (source !== undefined && family.peerOf(path) !== source)) return false;
      if (isWanted === undefined) return true;
      const before = known.get(attrs);
      if (before !== undefined) return before;
      const answer = isWanted(this.rib.attributes(attrs));
      known.set(attrs, answer);
      return answer;
    };
  }

  private rowsOfTable(peer: RunningPeer, table: PeerTable): RowsOf {
    const isFrom: PathTest = (family, path) => family.peerOf(path) === peer.ribId;
    switch (table) {
      case 'received':
        return rowsWhere(isFrom, (family, path) => this.paths.received(family, path));
      case 'accepted': {
        const isWanted = this.wantedBy(peer.ribId);
        return (family, prefix) => this.acceptedRows(family, prefix, isWanted, false);
      }
      case 'rejected':
        return rowsWhere(
          (family, path) => isFrom(family, path) && family.accepted(path) === none,
          (family, path) => this.explains.refused(family, path),
        );
      case 'advertised':
        return (family, prefix) => this.advertisedRows(peer, family, prefix);
      case 'withheld':
        return (family, prefix) => this.explains.withheld(family, prefix, peer.ribId);
      default:
        return table satisfies never;
    }
  }

  /** Returns what the peer has been sent, according to the Adj-RIB-Out. */
  private advertisedRows(peer: RunningPeer, family: FamilyView, prefix: PrefixId): Row[] {
    if (!this.rib.peer(peer.ribId).isUp(family.family)) return [];
    const several = family.sentPaths(prefix, peer.ribId);
    if (several !== undefined) {
      return several.map(({ path, attrs }) => () => ({
        ...this.paths.advertised(family, path, attrs),
        path_id: path,
      }));
    }
    const attrs = family.sentAttributes(prefix, peer.ribId);
    if (attrs === none) return [];
    const sent = this.explains.outcome(family, prefix, peer.ribId).sent;
    return sent === undefined ? [] : [() => this.paths.advertised(family, sent.path, attrs)];
  }

  private rangeOf(query: RouteQuery): Range {
    if (query.prefix === undefined) return inFamily(query.family);
    const prefix = prefixIn(query.prefix);
    return this.lookUp(prefix, query.lookup ?? (query.prefix.includes('/') ? 'exact' : 'longest'));
  }

  private lookUp(prefix: Prefix, lookup: Lookup): Range {
    switch (lookup) {
      case 'exact':
        return { kind: 'these', prefixes: [prefix] };
      case 'longer':
        return { kind: 'within', network: prefix };
      case 'shorter':
        return { kind: 'these', prefixes: shorterOf(prefix) };
      case 'longest': {
        const found = this.longest(prefix);
        return { kind: 'these', prefixes: found === undefined ? [] : [found] };
      }
      default:
        return lookup satisfies never;
    }
  }

  /** Returns the longest known prefix that covers the given one. */
  private longest(asked: Prefix): Prefix | undefined {
    const family = this.rib.families[asked.family];
    return shorterOf(asked).findLast((prefix) => {
      const id = family.find(prefix);
      return id !== none && family.hasPath(id);
    });
  }
}

function inFamily(family: FamilyName | undefined): Range {
  if (family === undefined) return { kind: 'all' };
  return { kind: 'all', family: familyNames.indexOf(family) as Family };
}

/** Returns the prefix and all prefixes that cover it, shortest first. */
function shorterOf(prefix: Prefix): Prefix[] {
  return Array.from({ length: prefix.lengthBits + 1 }, (_, lengthBits) =>
    truncate(prefix, lengthBits),
  );
}

/** An address counts as the prefix of its full length. Throws QueryError `bad_prefix`. */
export function prefixIn(text: string): Prefix {
  try {
    return text.includes('/') ? parsePrefix(text) : parseAddressOrPrefix(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new QueryError('bad_prefix', error.message);
  }
}

type AttributesTest = (attributes: PathAttributes) => boolean;

/** Returns a test of attributes; undefined if any are wanted. Throws QueryError `bad_community`. */
function attributesTest(query: RouteQuery): AttributesTest | undefined {
  const { as: asn, community, large_community: large } = query;
  const tests: AttributesTest[] = [
    ...(community === undefined ? [] : [communityTest(community)]),
    ...(large === undefined ? [] : [largeCommunityTest(large)]),
    ...(asn === undefined ? [] : [asTest(asn)]),
  ];
  return tests.length === 0 ? undefined : (attributes) => tests.every((test) => test(attributes));
}

/** Returns a test of whether the AS number is anywhere in AS_PATH, including AS_SETs. */
function asTest(asn: number): AttributesTest {
  return ({ asPath }) => asPath.some(({ asns }) => asns.includes(asn));
}

/** Returns a test of whether a path has a large community of the pattern. Throws QueryError `bad_community`. */
function largeCommunityTest(text: string): AttributesTest {
  if (text.split(':').length === 3) return communityTest(text);
  throw new QueryError(
    'bad_community',
    `expected a large community such as 65000:1:2, not ${text}`,
  );
}

/**
 * Returns a test of whether a path has a community of the pattern, standard or large. Throws QueryError
 * `bad_community`.
 */
function communityTest(text: string): AttributesTest {
  const parts = text.split(':');
  try {
    if (parts.length === 3) parseLargeCommunityPattern(text);
    else parseCommunityPattern(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new QueryError('bad_community', error.message);
  }
  const matches = (community: string): boolean =>
    community.split(':').every((part, at) => parts[at] === '*' || parts[at] === part);
  return parts.length === 3
    ? ({ largeCommunities }) =>
        largeCommunities.some((community) => matches(formatLargeCommunity(community)))
    : ({ communities }) => communities.some((community) => matches(formatCommunity(community)));
}
