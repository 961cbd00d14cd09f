import {
  type AttrsId,
  none,
  type PathId,
  type PeerId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { DecisionOptions } from '../decision-steps.ts';
import { type FamilyRib, makeFamilyRib } from '../family-rib.ts';
import type { ServiceBands } from '../path-class.ts';
import { RibPeer, type RibPeerSettings } from '../rib-peer.ts';
import type { Rib } from '../rib.ts';
import { AttrsMemo } from '../tables/attrs-memo.ts';
import type { PeerRanks } from '../tables/peer-ranks.ts';
import { maskOf, membersOf, type PeerMask } from '../tables/peer-sets.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import { Because } from '../work/because.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';
import type { PathRow } from './path-row.ts';

/** An accepted path, by the overlay's own ids. */
export interface SimulatedPath {
  readonly peer: PeerId;
  readonly attrs: AttrsId;
  /** It ranks after those that are not drained. */
  readonly isDrained: boolean;
}

/** Clients that are sent the same route, and whose path it is. */
export interface SimulatedRoute extends SimulatedPath {
  readonly clients: PeerMask;
}

/** The state of a prefix: its accepted paths, best first, and who is sent what. */
export interface SimulatedPrefix {
  readonly ranked: readonly SimulatedPath[];
  readonly sent: readonly SimulatedRoute[];
}

/** A peer in an overlay, and its settings. */
export interface OverlayPeer {
  readonly id: PeerId;
  readonly settings: RibPeerSettings;
}

/** How paths are compared. */
export interface OverlayRules {
  readonly decision: DecisionOptions;
  /** Absent: none. */
  readonly services?: ServiceBands | undefined;
}

/**
 * One family in small: the tables, and the same code that judges, decides and exports, over the paths of one prefix at
 * a time. It shares nothing with the live RIB except the ranks, if those are the same.
 */
export class Overlay {
  readonly rib: FamilyRib;
  private readonly settings: ReadonlyMap<PeerId, RibPeerSettings>;
  private readonly peers = new Map<PeerId, RibPeer>();
  private readonly anyClients = new Map<PeerMask, PeerId>();
  private readonly attrs: OverlayAttrs;
  private readonly ranks: PeerRanks;
  private readonly scratch;

  constructor(
    live: Rib,
    family: Family,
    attrs: OverlayAttrs,
    ranks: PeerRanks,
    peers: readonly OverlayPeer[],
    { decision, services }: OverlayRules = live,
  ) {
    const verdicts = new AttrsMemo();
    const because = new Because();
    const shared = { attrs: attrs.table, ranks, peerSets: attrs.peerSets, verdicts, because };
    this.rib = makeFamilyRib(family, shared, { seed: 0, decision, output: nobody });
    this.rib.tables.classes.configure(services);
    this.attrs = attrs;
    this.ranks = ranks;
    this.scratch = scratchPrefix(family);
    this.settings = new Map(peers.map(({ id, settings }) => [id, settings]));
    for (const { id, settings } of peers) {
      if (settings.exportJudge === undefined || !settings.families[family]) continue;
      this.rib.outbound.exports.add(id, settings.address, settings.exportJudge);
      this.rib.outbound.exports.setCarriage(id, live.peers.carriage(id, family));
    }
    attrs.keepFor(this.rib, () => {
      verdicts.clear();
      this.rib.outbound.exports.forget();
    });
  }

  /** Puts in the prefix with these paths, as they were judged. `clear` must follow. */
  show(prefix: Prefix, rows: readonly PathRow[]): PrefixId {
    const id = this.rib.tables.prefixes.intern(prefix);
    for (const row of rows) this.put(id, row);
    return id;
  }

  /** Puts in a path as it was judged; its peer's counts do not include it. */
  put(prefix: PrefixId, row: PathRow): PathId {
    const { paths, locRib } = this.rib.tables;
    const path = paths.add(prefix, row.peer, row.pathId);
    paths.setReceived(path, row.received, row.receivedAt);
    paths.setStaleness(path, row.staleness);
    paths.judge(path, row.accepted, row.reason);
    if (row.accepted === none) return path;
    locRib.changed(prefix, path, none as AttrsId);
    return path;
  }

  /** Judges a path by the settings of its peer, including limits. */
  rejudge(path: PathId): void {
    this.rib.adjRibIn.rejudge(this.peer(this.rib.tables.paths.peer(path)), path);
  }

  /** Removes the paths of these peers; returns them, so that they can be put back. */
  take(prefix: PrefixId, rows: readonly PathRow[], peers: ReadonlySet<PeerId>): PathRow[] {
    const { paths } = this.rib.tables;
    const taken = rows.filter((row) => peers.has(row.peer));
    for (const { peer, pathId } of taken) this.drop(paths.find(prefix, peer, pathId));
    return taken;
  }

  /** Removes one path without counting. */
  drop(path: PathId): void {
    const { paths, locRib } = this.rib.tables;
    const prefix = paths.prefix(path);
    paths.unlink(path);
    if (paths.accepted(path) !== none) locRib.removed(prefix, path);
    paths.free(path);
  }

  clear(prefix: PrefixId): void {
    const { tables } = this.rib;
    for (let path = tables.paths.first(prefix); path !== none; path = tables.paths.first(prefix)) {
      this.drop(path);
    }
    this.settle(prefix);
  }

  /** Discards what has become dirty without sending it to anyone; the prefix is removed if it has no path. */
  settle(prefix: PrefixId): void {
    const { tables } = this.rib;
    while (tables.dirty.size > 0) tables.dirty.take();
    tables.releaseIfUnused(prefix);
  }

  /** `served` has the clients that count. */
  stateOf(prefix: PrefixId, served: PeerMask): SimulatedPrefix {
    const { tables, outbound } = this.rib;
    const { exports } = outbound;
    const ranked = tables.decision.ranked(tables.paths.first(prefix));
    const sent = this.routesOf(exports.shareOf(prefix), prefix, ranked, served);
    const { paths } = tables;
    return {
      ranked: ranked.map((path) => this.simulatedPath(paths.peer(path), paths.accepted(path))),
      sent,
    };
  }

  /** Returns the peer as the judging code knows it, including its counts. */
  peer(id: PeerId): RibPeer {
    const known = this.peers.get(id);
    if (known !== undefined) return known;
    const settings = this.settings.get(id);
    if (settings === undefined) throw new RangeError(`no peer ${id} in the overlay`);
    const peer = new RibPeer(id, settings);
    this.peers.set(id, peer);
    return peer;
  }

  private routesOf(
    share: ShareId,
    prefix: PrefixId,
    ranked: readonly PathId[],
    served: PeerMask,
  ): SimulatedRoute[] {
    const { shares } = this.rib;
    const list: SimulatedRoute[] = [];
    for (let cell = share; cell !== none; cell = shares.rest(cell)) {
      const clients = shares.mask(cell) & served;
      if (clients === 0n) continue;
      const attrs = shares.attrs(cell);
      const source = this.sourceOf(clients, attrs, prefix, ranked);
      list.push({ clients, ...this.simulatedPath(source, attrs) });
    }
    return list;
  }

  /** Returns whose path it is that the clients are sent with these attributes. */
  private sourceOf(
    clients: PeerMask,
    attrs: AttrsId,
    prefix: PrefixId,
    ranked: readonly PathId[],
  ): PeerId {
    const { tables, outbound } = this.rib;
    const { exports } = outbound;
    const client = this.anyOf(clients);
    const judge = exports.judgeOf(client);
    const prefixClass = judge?.prefixClass(tables.prefixes.read(prefix, this.scratch)) ?? 0;
    const path = ranked.find((it) => {
      const accepted = tables.paths.accepted(it);
      const verdict: number = judge?.judge(accepted, tables.paths.peer(it), prefixClass) ?? none;
      return verdict === attrs && exports.whyNot(it, attrs, client) === undefined;
    });
    return path === undefined ? (none as PeerId) : tables.paths.peer(path);
  }

  /**
   * Returns one of the clients. It is remembered, because finding it takes longer than everything else that is done
   * with it.
   */
  private anyOf(clients: PeerMask): PeerId {
    const known = this.anyClients.get(clients);
    if (known !== undefined) return known;
    const [client] = membersOf(clients);
    this.anyClients.set(clients, client);
    return client;
  }

  private simulatedPath(peer: PeerId, attrs: AttrsId): SimulatedPath {
    return { peer, attrs, isDrained: this.ranks.demotion(peer, this.attrs.table, attrs) > 0 };
  }
}

/** Returns the state as if no other clients were served. */
export function onlyFor({ ranked, sent }: SimulatedPrefix, served: PeerMask): SimulatedPrefix {
  const left = sent.map((route) => ({ ...route, clients: route.clients & served }));
  return { ranked, sent: left.filter(({ clients }) => clients !== 0n) };
}

/** Returns the set of these peers. */
export function maskOfAll(peers: Iterable<PeerId>): PeerMask {
  let mask = 0n;
  for (const peer of peers) mask |= maskOf(peer);
  return mask;
}

const nobody = { send: (): void => undefined, sendRouteRefresh: (): void => undefined };
