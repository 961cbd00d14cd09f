import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { FamilyRib } from './family-rib.ts';
import { type PathClass, pathClasses } from './path-class.ts';
import { scratchPrefix } from './tables/prefix-table.ts';
import { isStale } from './tables/staleness.ts';
import { Slice } from './work/slice.ts';

/** A path as the tables have it; ids are valid until the RIB changes. */
export interface PathRecord {
  readonly prefix: PrefixId;
  readonly peer: PeerId;
  /** Before import policy. */
  readonly received: AttrsId;
  /** After import policy; 0 if the path is refused for the `reason`, an index of `rejectReasons`. */
  readonly accepted: AttrsId;
  readonly reason: number;
  /** By the monotonic clock. */
  readonly receivedAtMs: number;
  /** The path identifier that the peer gave it (RFC 7911); 0 without. */
  readonly pathId: number;
  /** Kept for a peer that may be restarting (RFC 4724), or not announced again yet (RFC 7313). */
  readonly isStale: boolean;
  /** For a path that the peer has withdrawn and that is kept: until when, by the monotonic clock; absent for others. */
  readonly keptUntilMs?: number | undefined;
}

/** A route that a client has been sent. */
export interface SentRoute {
  readonly path: PathId;
  readonly attrs: AttrsId;
}

/** What may be read of one family. */
export class FamilyView {
  readonly family: Family;
  private readonly rib: FamilyRib;

  constructor(rib: FamilyRib) {
    this.rib = rib;
    this.family = rib.tables.family;
  }

  /** Prefixes that have a best path. */
  get prefixCount(): number {
    return this.rib.tables.locRib.prefixes;
  }

  /** Accepted paths, the best among them. */
  get pathCount(): number {
    return this.rib.tables.locRib.acceptedPaths;
  }

  /** How often a best path has changed. */
  get bestChanges(): number {
    return this.rib.tables.locRib.bestChanges;
  }

  get bytes(): number {
    return this.rib.tables.bytes;
  }

  /** The rows of the path table, which is the cost of a walk over all paths. */
  get pathRows(): number {
    return this.rib.tables.paths.limit;
  }

  /** The NLRI that have been written to clients since the start. */
  get written(): { readonly announced: number; readonly withdrawn: number } {
    return this.rib.outbound.written;
  }

  /** Returns 0 if no path has the prefix. */
  find(prefix: Prefix): PrefixId {
    return this.rib.tables.prefixes.find(prefix);
  }

  /** Writes the prefix to `into` and returns that; without it, returns a new object. */
  prefix(id: PrefixId, into: Prefix = scratchPrefix(this.family)): Prefix {
    return this.rib.tables.prefixes.read(id, into);
  }

  /**
   * Brings the order of `prefixIds` up to date, in slices: so many prefixes, and no more once `isLate`. True:
   * it is.
   */
  prepareOrder(prefixes: number, isLate: () => boolean): boolean {
    return this.rib.tables.order.prepare(new Slice(prefixes, isLate));
  }

  /**
   * Every prefix of the tables in order of address, then length, from the first that is not before `from`, once
   * `prepareOrder` has returned true.
   */
  prefixIds(from?: Prefix): Generator<PrefixId, void> {
    return this.rib.tables.order.ids(from);
  }

  /** Yields every prefix of the tables, in no particular order. */
  *everyPrefix(): Generator<PrefixId, void> {
    const { prefixes } = this.rib.tables;
    for (let id = 1 as PrefixId; id < prefixes.limit; id++) if (prefixes.has(id)) yield id;
  }

  /** Yields every prefix that has a best path, in no particular order. */
  *decidedPrefixes(): Generator<PrefixId, void> {
    const { prefixes, locRib } = this.rib.tables;
    for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
      if (prefixes.has(id) && locRib.bestOf(id) !== none) yield id;
    }
  }

  /** Returns 0 if there is none. */
  best(prefix: PrefixId): PathId {
    return this.rib.tables.locRib.bestOf(prefix);
  }

  /** Returns whether the path is the best as far as is known; an undecided prefix stays undecided. */
  isBest(prefix: PrefixId, path: PathId): boolean {
    return this.rib.tables.locRib.isBest(prefix, path);
  }

  /** Returns the number of best paths that are from the peer. */
  bestCount(peer: PeerId): number {
    return this.rib.tables.locRib.bestCount(peer);
  }

  /** Returns the accepted paths of a prefix, best first. */
  ranked(prefix: PrefixId): PathId[] {
    const { decision, paths } = this.rib.tables;
    return decision.ranked(paths.first(prefix));
  }

  /** As `ranked`, for callers that need only the first one or two. */
  inOrder(prefix: PrefixId): Generator<PathId, void> {
    const { decision, paths } = this.rib.tables;
    return decision.inOrder(paths.first(prefix));
  }

  /** Returns the one path of the peer, if it sends one per prefix; 0 if there is none. */
  pathOf(prefix: PrefixId, peer: PeerId): PathId {
    return this.rib.tables.paths.find(prefix, peer, 0);
  }

  /**
   * Yields the paths of a prefix, including refused ones, in no particular order; the table must not change meanwhile.
   */
  *eachPath(prefix: PrefixId): Generator<PathId, void> {
    const { paths } = this.rib.tables;
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) yield path;
  }

  /** Returns the paths of a prefix that are wanted, including refused ones, in no particular order. */
  paths(prefix: PrefixId, isWanted: (path: PathId) => boolean = () => true): PathId[] {
    const { paths } = this.rib.tables;
    const found: PathId[] = [];
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
      if (isWanted(path)) found.push(path);
    }
    return found;
  }

  /** Returns whether a path of the prefix passes the test, which is applied to refused ones too. */
  hasPath(prefix: PrefixId, test: (path: PathId) => boolean = () => true): boolean {
    const { paths } = this.rib.tables;
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
      if (test(path)) return true;
    }
    return false;
  }

  /** Returns the peer's first path after this one (0 for the first of all), or 0. */
  nextPathOf(peer: PeerId, after: PathId): PathId {
    return this.rib.tables.paths.nextOf(peer, after);
  }

  /** 0 for a row that no path has. */
  peerOf(path: PathId): PeerId {
    return this.rib.tables.paths.peer(path);
  }

  prefixOf(path: PathId): PrefixId {
    return this.rib.tables.paths.prefix(path);
  }

  pathIdOf(path: PathId): number {
    return this.rib.tables.paths.pathId(path);
  }

  /** By the monotonic clock. */
  receivedAtMs(path: PathId): number {
    return this.rib.tables.paths.receivedAt(path);
  }

  received(path: PathId): AttrsId {
    return this.rib.tables.paths.received(path);
  }

  /** Whether the path is as good as gone, because its session has ended or its time is over. */
  isLeaving(path: PathId): boolean {
    return this.rib.adjRibIn.leaving.has(path);
  }

  /** Returns 0 if import policy refuses the path. */
  accepted(path: PathId): AttrsId {
    return this.rib.tables.paths.accepted(path);
  }

  path(path: PathId): PathRecord {
    const { paths } = this.rib.tables;
    return {
      prefix: paths.prefix(path),
      peer: paths.peer(path),
      received: paths.received(path),
      accepted: paths.accepted(path),
      reason: paths.reason(path),
      receivedAtMs: paths.receivedAt(path),
      pathId: paths.pathId(path),
      isStale: isStale(paths.staleness(path)),
      keptUntilMs: this.keptUntilMs(path),
    };
  }

  /** Returns until when a path is kept that its peer has withdrawn; `undefined` for another. */
  keptUntilMs(path: PathId): number | undefined {
    return this.rib.adjRibIn.kept.untilOf(path);
  }

  /** Returns whether the path has been withdrawn, so that only what was sent of it still refers to it. */
  isGone(path: PathId): boolean {
    const { paths } = this.rib.tables;
    return paths.find(paths.prefix(path), paths.peer(path), paths.pathId(path)) !== path;
  }

  /** Yields every path that is held, including refused ones, in no particular order. */
  *everyPath(): Generator<PathId, void> {
    const { paths } = this.rib.tables;
    for (let path = 1 as PathId; path < paths.limit; path++) if (paths.peer(path) !== 0) yield path;
  }

  /** Returns the class of an accepted path to an address of a service; `undefined` for other prefixes. */
  serviceClass(path: PathId): PathClass | undefined {
    const { classes, paths } = this.rib.tables;
    return classes.service(paths.prefix(path)) > 0 ? pathClasses[classes.of(path)] : undefined;
  }

  /** Returns the class of an accepted path by its MED alone: what its node says about itself. */
  classByMed(path: PathId): PathClass {
    return pathClasses[this.rib.tables.classes.byMed(path)];
  }

  /** Returns whether the accepted path is of the best class: nothing speaks against its node. */
  isHealthy(path: PathId): boolean {
    return this.rib.tables.classes.of(path) === 0 && this.keptUntilMs(path) === undefined;
  }

  /** Returns the number of the service that the prefix is an address of, from 1; 0 for none. */
  service(prefix: PrefixId): number {
    return this.rib.tables.classes.service(prefix);
  }

  /** Returns whether a drain or GRACEFUL_SHUTDOWN puts the accepted path into a lower class. */
  isDrained(path: PathId): boolean {
    return this.rib.tables.classes.isDrained(path);
  }

  /**
   * Returns what a client that takes all paths (RFC 7911) has been sent of the prefix; `undefined` for another client.
   */
  sentPaths(prefix: PrefixId, client: PeerId): readonly SentRoute[] | undefined {
    return this.rib.outbound.sentPaths(prefix, client);
  }

  /** Returns every route to the prefix that a client has been sent; `path` is 0 for a client of one per prefix. */
  sentRoutes(prefix: PrefixId, client: PeerId): readonly SentRoute[] {
    const several = this.sentPaths(prefix, client);
    if (several !== undefined) return several;
    const attrs = this.sentAttributes(prefix, client);
    return attrs === none ? [] : [{ path: none as PathId, attrs }];
  }

  /** Returns whether the client has not yet been written something that the others have. */
  isBehind(client: PeerId): boolean {
    return this.rib.outbound.isBehind(client);
  }

  /**
   * Returns whether a route of `sentRoutes` has not been written to the client yet, and would never be if it were
   * withdrawn now. Not known while `isDeferring`.
   */
  isUnheld(prefix: PrefixId, client: PeerId, path: PathId): boolean {
    return this.rib.outbound.isUnheld(client, prefix, path);
  }

  /** Whether clients that catch up do not know yet all that they await. It is over after a few slices. */
  get isDeferring(): boolean {
    return this.rib.outbound.isDeferring;
  }

  /** Returns the attributes of the route that a client of one path per prefix has been sent; 0 for none. */
  sentAttributes(prefix: PrefixId, client: PeerId): AttrsId {
    const { shares, tables } = this.rib;
    return shares.attrsFor(tables.adjRibOut.share(prefix), client);
  }
}
