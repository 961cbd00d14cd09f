import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import { pathClasses } from '../path-class.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { Staleness } from '../tables/staleness.ts';

/** The part of Adj-RIB-In that kept paths use. */
interface KeptOwner {
  /** Paths whose session has ended; none of them counts as a path that an address still has. */
  readonly leaving: { has(path: PathId): boolean };
  remove(peer: RibPeer, path: PathId): void;
}

interface Kept {
  readonly peer: RibPeer;
  readonly path: PathId;
  readonly untilMs: number;
}

/** Called with a path that is kept, and until when. */
export type PathKept = (peer: RibPeer, prefix: PrefixId, path: PathId, untilMs: number) => void;

/** The least attractive MED: whoever has another path uses that one. */
const highestMed = 0xffff_ffff;

/**
 * Paths of one family that their peers have withdrawn, each of them the last accepted one to an address of a service
 * that keeps its last path for a while (`on_last_withdrawal`). A kept path has the highest MED. It is removed as soon
 * as any other path of the address is accepted, a limit of its peer needs the space, its peer is lost, drained or
 * refused, or its time is over. The counts of its peer include it as they include stale paths.
 */
export class KeptPaths {
  onKept: PathKept | undefined;
  private readonly tables: FamilyTables;
  private readonly attrs: AttrTable;
  private readonly owner: KeptOwner;
  private readonly byPrefix = new Map<PrefixId, Kept>();
  /** Paths kept by the UPDATE that is being processed, which may announce them again. */
  private latest: Kept[] = [];

  constructor(tables: FamilyTables, attrs: AttrTable, owner: KeptOwner) {
    this.tables = tables;
    this.attrs = attrs;
    this.owner = owner;
  }

  get isEmpty(): boolean {
    return this.byPrefix.size === 0;
  }

  has(path: PathId): boolean {
    return this.tables.paths.staleness(path) === Staleness.kept;
  }

  /**
   * Returns when the path will be removed, in terms of the `now` of UPDATEs; `undefined` for a path that is not kept.
   */
  untilOf(path: PathId): number | undefined {
    const kept = this.byPrefix.get(this.tables.paths.prefix(path));
    return kept?.path === path ? kept.untilMs : undefined;
  }

  /** When the next kept path will be removed. */
  get nextEndMs(): number | undefined {
    if (this.isEmpty) return undefined;
    return Math.min(...[...this.byPrefix.values()].map(({ untilMs }) => untilMs));
  }

  /** Returns whether another path of the same peer and prefix is kept. */
  hasSibling(path: PathId): boolean {
    const { paths } = this.tables;
    const kept = this.byPrefix.get(paths.prefix(path));
    return kept !== undefined && kept.path !== path && kept.peer.id === paths.peer(path);
  }

  /** Returns how long a path stays after its peer has withdrawn it, ms; `undefined` if it is removed at once. */
  termOf(path: PathId): number | undefined {
    const { paths, classes } = this.tables;
    const keepMs = classes.keepMs(paths.prefix(path));
    return keepMs !== undefined && this.isLast(path) && this.isWorthKeeping(path)
      ? keepMs
      : undefined;
  }

  /** Keeps the path, which is fresh, for `keepMs` from now. */
  keep(peer: RibPeer, path: PathId, now: number, keepMs: number): void {
    const { paths, locRib } = this.tables;
    const prefix = paths.prefix(path);
    const kept = { peer, path, untilMs: now + keepMs };
    this.byPrefix.set(prefix, kept);
    this.latest.push(kept);
    const was = paths.accepted(path);
    paths.setStaleness(path, Staleness.kept);
    paths.judge(path, this.pushedAway(was), 0);
    locRib.changed(prefix, path, was);
  }

  /** Called when the path is announced again or removed. */
  release(path: PathId): void {
    const { paths } = this.tables;
    paths.setStaleness(path, Staleness.fresh);
    this.byPrefix.delete(paths.prefix(path));
  }

  /** Reports which paths the last UPDATE has left kept. */
  report(): void {
    if (this.latest.length === 0) return;
    const { latest } = this;
    this.latest = [];
    for (const kept of latest) {
      const prefix = this.tables.paths.prefix(kept.path);
      if (this.byPrefix.get(prefix) !== kept) continue;
      this.onKept?.(kept.peer, prefix, kept.path, kept.untilMs);
    }
  }

  /** Called when another path of the prefix has been accepted. */
  yieldTo(path: PathId): void {
    const kept = this.byPrefix.get(this.tables.paths.prefix(path));
    if (kept !== undefined && kept.path !== path) this.owner.remove(kept.peer, kept.path);
  }

  /** Removes the kept paths of the peer; returns true if there were any. */
  endOf(peer: RibPeer): boolean {
    return this.endWhere((kept) => kept.peer === peer);
  }

  /** As `endOf`, for one service, by its number. */
  endOfService(peer: RibPeer, service: number): boolean {
    const { classes, paths } = this.tables;
    return this.endWhere(
      (kept) => kept.peer === peer && classes.service(paths.prefix(kept.path)) === service,
    );
  }

  /** Removes those whose time is over. */
  endDue(now: number): void {
    this.endWhere(({ untilMs }) => untilMs <= now);
  }

  /** Removes those whose service, if they still belong to one, keeps no path. */
  endUnwanted(): void {
    const { classes, paths } = this.tables;
    this.endWhere(({ path }) => classes.keepMs(paths.prefix(path)) === undefined);
  }

  /** Returns the attributes of a kept path, given what policy accepts. */
  pushedAway(accepted: AttrsId): AttrsId {
    const { attrs } = this;
    return attrs.intern({ ...attrs.read(accepted), med: highestMed });
  }

  private endWhere(isOver: (kept: Kept) => boolean): boolean {
    const over = [...this.byPrefix.values()].filter(isOver);
    for (const { peer, path } of over) this.owner.remove(peer, path);
    return over.length > 0;
  }

  private isLast(path: PathId): boolean {
    const { paths } = this.tables;
    if (paths.accepted(path) === none) return false;
    let other = paths.acceptedFrom(paths.first(paths.prefix(path)));
    while (other !== none && (other === path || this.owner.leaving.has(other))) {
      other = paths.acceptedFrom(paths.next(other));
    }
    return other === none;
  }

  /** Returns false for a path that was disabled, drained, not answering or long-lived stale. */
  private isWorthKeeping(path: PathId): boolean {
    const { classes, paths } = this.tables;
    if (paths.staleness(path) === Staleness.ageing) return false;
    const worth = pathClasses[classes.of(path)];
    return (worth === 'up' || worth === 'down') && classes.demotions(path).length === 0;
  }
}
