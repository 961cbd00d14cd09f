import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { families, type Family } from '#wire/constants.ts';
import type { RouteMonitor } from './rib-events.ts';
import { WaitingIds } from './tables/ids/waiting-ids.ts';
import type { FamilyView, RibView } from './view.ts';

/** Adj-RIB-In before policy, Adj-RIB-In after policy, Loc-RIB. */
export const followedTables = ['received', 'accepted', 'best'] as const;
export type FollowedTable = (typeof followedTables)[number];

/** A route that a table has no more; `peer` and `pathId` are 0 for the Loc-RIB. */
export interface GoneRoute {
  readonly table: FollowedTable;
  readonly family: Family;
  readonly prefix: PrefixId;
  readonly peer: PeerId;
  readonly pathId: number;
}

/** Called during the call that takes the route out: its prefix can be read for the last time. */
export type RouteGone = (route: GoneRoute) => void;

/**
 * Which routes of some tables have changed since they were last asked for, for one follower. Routes that are there
 * wait as ids, each once, however often they change, and are read when they are taken; those that are removed are
 * reported at once. A byte for each path and table. A follower that takes everything knows, in the end, what the tables
 * have.
 */
export class RouteChanges implements RouteMonitor {
  private readonly view: RibView;
  private readonly onGone: RouteGone;
  /** By table and `Family`; absent for tables that are not followed. */
  private readonly waiting: Readonly<Partial<Record<FollowedTable, readonly WaitingIds[]>>>;

  constructor(view: RibView, tables: ReadonlySet<FollowedTable>, gone: RouteGone) {
    this.view = view;
    this.onGone = gone;
    const rows = [...tables].map((table) => [table, families.map(() => new WaitingIds())] as const);
    this.waiting = Object.fromEntries(rows);
  }

  get isEmpty(): boolean {
    return Object.values(this.waiting).every((sets) => sets.every(({ size }) => size === 0));
  }

  received(family: Family, path: PathId): void {
    this.waiting.received?.[family].add(path);
  }

  accepted(family: Family, path: PathId, was: AttrsId): void {
    const waiting = this.waiting.accepted?.[family];
    if (waiting === undefined) return;
    if (this.familyOf(family).accepted(path) !== none) return waiting.add(path);
    waiting.delete(path);
    if (was !== none) this.pathGone('accepted', family, path);
  }

  gone(family: Family, path: PathId): void {
    const { received, accepted } = this.waiting;
    received?.[family].delete(path);
    accepted?.[family].delete(path);
    if (received !== undefined) this.pathGone('received', family, path);
    const isAccepted = this.familyOf(family).accepted(path) !== none;
    if (accepted !== undefined && isAccepted) this.pathGone('accepted', family, path);
  }

  best(family: Family, prefix: PrefixId, to: PathId): void {
    const waiting = this.waiting.best?.[family];
    if (waiting === undefined) return;
    if (to !== none) return waiting.add(prefix);
    waiting.delete(prefix);
    this.onGone({ table: 'best', family, prefix, peer: none as PeerId, pathId: 0 });
  }

  /** Returns the path that has waited longest, or 0. One with spoiled attributes is reported as removed instead. */
  takePath(table: 'received' | 'accepted', family: Family): PathId {
    const waiting = this.waiting[table]?.[family];
    for (;;) {
      const path = (waiting?.take() ?? none) as PathId;
      if (path === none || table === 'accepted' || !this.isSpoiled(family, path)) return path;
      this.pathGone(table, family, path);
    }
  }

  /** The prefix whose best path has waited longest, or 0. */
  takePrefix(family: Family): PrefixId {
    return (this.waiting.best?.[family].take() ?? none) as PrefixId;
  }

  private isSpoiled(family: Family, path: PathId): boolean {
    return this.view.isMalformed(this.familyOf(family).received(path));
  }

  private pathGone(table: FollowedTable, family: Family, path: PathId): void {
    const view = this.familyOf(family);
    const prefix = view.prefixOf(path);
    this.onGone({ table, family, prefix, peer: view.peerOf(path), pathId: view.pathIdOf(path) });
  }

  private familyOf(family: Family): FamilyView {
    return this.view.families[family];
  }
}
