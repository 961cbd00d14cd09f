import { type AttrsId, none, type PathId, type PrefixId } from '#policy/ids.ts';
import { pathClasses } from '../path-class.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { Staleness } from '../tables/path-table.ts';
import type { Tables } from '../tables/tables.ts';

/** Adj-RIB-In, as far as kept paths need it. */
interface KeptOwner {
  /** Paths whose session has ended: none of these is a path that an address still has. */
  readonly leaving: { has(path: PathId): boolean };
  remove(peer: RibPeer, path: PathId): void;
}

interface Kept {
  readonly peer: RibPeer;
  readonly path: PathId;
  readonly untilMs: number;
}

/** Told of a path that is kept, and until when. */
export type PathKept = (peer: RibPeer, prefix: PrefixId, path: PathId, untilMs: number) => void;

/** The least attractive MED there is: whoever has another path uses that one. */
const highestMed = 0xffff_ffff;

/**
 * Paths of one family that their peers have withdrawn, each the last accepted one to an address of a service
 * that keeps its last path for a while (`on_last_withdrawal`). A kept path has the highest MED and goes at once
 * when any other path of the address is accepted, when a limit of its peer needs the room, when its peer is
 * lost, drained or refused, and when its time is over. Its peer's counts include it as they include stale paths.
 */
export class KeptPaths {
  onKept: PathKept | undefined;
  private readonly tables: Tables;
  private readonly attrs: AttrTable;
  private readonly owner: KeptOwner;
  private readonly byPrefix = new Map<PrefixId, Kept>();
  /** Kept by the UPDATE that is being taken in, which may announce them again. */
  private latest: Kept[] = [];

  constructor(tables: Tables, attrs: AttrTable, owner: KeptOwner) {
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

  /** When the path goes, by the `now` of UPDATEs; `undefined` for a path that is not kept. */
  untilOf(path: PathId): number | undefined {
    const kept = this.byPrefix.get(this.tables.paths.prefix(path));
    return kept?.path === path ? kept.untilMs : undefined;
  }

  /** When the next one goes. */
  get nextEndMs(): number | undefined {
    if (this.isEmpty) return undefined;
    return Math.min(...[...this.byPrefix.values()].map(({ untilMs }) => untilMs));
  }

  /** Another path of the same peer and prefix is kept. */
  hasSibling(path: PathId): boolean {
    const { paths } = this.tables;
    const kept = this.byPrefix.get(paths.prefix(path));
    return kept !== undefined && kept.path !== path && kept.peer.id === paths.peer(path);
  }

  /** How long a path stays that its peer withdraws, ms; `undefined`: it goes. */
  termOf(path: PathId): number | undefined {
    const { paths, classes } = this.tables;
    const keepMs = classes.keepMs(paths.prefix(path));
    return keepMs !== undefined && this.isLast(path) && this.isWorthKeeping(path)
      ? keepMs
      : undefined;
  }

  /** The path, which is fresh, stays `keepMs` from now. */
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

  /** The path is announced again, or goes. */
  release(path: PathId): void {
    const { paths } = this.tables;
    paths.setStaleness(path, Staleness.fresh);
    this.byPrefix.delete(paths.prefix(path));
  }

  /** Tells of what the last UPDATE has left kept. */
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

  /** Another path of the prefix has been accepted. */
  yieldTo(path: PathId): void {
    const kept = this.byPrefix.get(this.tables.paths.prefix(path));
    if (kept !== undefined && kept.path !== path) this.owner.remove(kept.peer, kept.path);
  }

  /** True if there were any. */
  endOf(peer: RibPeer): boolean {
    return this.endWhere((kept) => kept.peer === peer);
  }

  /** As `endOf`, of one service, by its number. */
  endOfService(peer: RibPeer, service: number): boolean {
    const { classes, paths } = this.tables;
    return this.endWhere(
      (kept) => kept.peer === peer && classes.service(paths.prefix(kept.path)) === service,
    );
  }

  /** Those whose time is over. */
  endDue(now: number): void {
    this.endWhere(({ untilMs }) => untilMs <= now);
  }

  /** Those whose service, if they are of one still, keeps no path. */
  endUnwanted(): void {
    const { classes, paths } = this.tables;
    this.endWhere(({ path }) => classes.keepMs(paths.prefix(path)) === undefined);
  }

  /** The attributes of a kept path, given what policy accepts. */
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

  /** Not one that was disabled, drained, silent or long stale. */
  private isWorthKeeping(path: PathId): boolean {
    const { classes, paths } = this.tables;
    if (paths.staleness(path) === Staleness.ageing) return false;
    const worth = pathClasses[classes.of(path)];
    return (worth === 'up' || worth === 'down') && classes.demotions(path).length === 0;
  }
}
