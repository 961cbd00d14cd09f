import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { Decision } from './decision.ts';
import type { PathChanged } from './rib-events.ts';
import { capacityFor, widen } from './tables/columns.ts';
import type { DirtySet } from './tables/ids/dirty-set.ts';
import type { PathTable } from './tables/path-table.ts';

/** Called for each change of a best path; `PathId` 0 is "no path". Called before the change is advertised. */
export type BestChanged = (prefix: PrefixId, from: PathId, to: PathId) => void;

/** Whether the best path of a prefix is known and, if not, whether its attributes have changed. */
const DecisionState = { decided: 0, undecided: 1, touched: 2 } as const;

/**
 * The best path of each prefix of one family: 6 bytes per prefix. Other accepted paths stay in the path table and are
 * ranked only on request. When the best path itself changes, the prefix is decided again once, when it is needed,
 * however often it changes until then (bench S2, churn).
 */
export class LocRib {
  /** Prefixes that have a best path. */
  prefixes = 0;
  /** Accepted paths, the best among them. */
  acceptedPaths = 0;
  bestChanges = 0;
  onBestChanged: BestChanged | undefined;
  onPathChanged: PathChanged | undefined;
  /** Records every change of an accepted path; absent while no client takes all paths. */
  everyChange: DirtySet | undefined;
  /** Above 0: ranks of paths are changing, and the best path of a prefix may be out of date. */
  unsettled = 0;
  private best = new Uint32Array(64);
  /** By `DecisionState`. */
  private decisionStates = new Uint8Array(64);
  /** 1: the best path does not serve every client, so any path of the prefix matters. */
  private open = new Uint8Array(64);
  private bestOfPeer = new Float64Array(64);
  private readonly paths: PathTable;
  private readonly decision: Decision;
  private readonly dirty: DirtySet;

  constructor(paths: PathTable, decision: Decision, dirty: DirtySet) {
    this.paths = paths;
    this.decision = decision;
    this.dirty = dirty;
  }

  bestOf(prefix: PrefixId): PathId {
    if (prefix >= this.best.length) return none as PathId;
    // It is dirty already, or being shared out right now.
    if (this.decisionStates[prefix] !== DecisionState.decided) this.decide(prefix);
    return this.best[prefix] as PathId;
  }

  /** Returns whether the path is the best as far as is known; an undecided prefix stays undecided. */
  isBest(prefix: PrefixId, path: PathId): boolean {
    return prefix < this.best.length && this.best[prefix] === path;
  }

  /** Returns the number of prefixes whose best path is from the peer. */
  bestCount(peer: PeerId): number {
    return peer < this.bestOfPeer.length ? this.bestOfPeer[peer] : 0;
  }

  /**
   * Sets whether a change of any path of the prefix, and not only of the best one, may change what clients are sent.
   */
  setOpen(prefix: PrefixId, open: boolean): void {
    this.open[prefix] = open ? 1 : 0;
  }

  /** To be called after a path's accepted attributes have changed from `was` (0 = none). */
  changed(prefix: PrefixId, path: PathId, was: AttrsId): void {
    const accepted = this.paths.accepted(path);
    if (accepted === none && was === none) return;
    this.onPathChanged?.(prefix, path, was, false);
    this.everyChange?.add(prefix);
    this.decision.count(was, accepted);
    this.acceptedPaths += Number(accepted !== none) - Number(was !== none);
    if (prefix >= this.best.length) this.grow(prefix);
    const best = this.best[prefix] as PathId;
    if (best === path && accepted === none) this.redecide(prefix);
    else if (best === path || !this.isCertain)
      this.defer(prefix, best === path && accepted !== was);
    else if (this.decisionStates[prefix] !== DecisionState.decided) return;
    else if (accepted !== none && (best === none || this.decision.compare(path, best) < 0)) {
      this.setBest(prefix, best, path);
      this.dirty.add(prefix);
    } else if (this.open[prefix] === 1) this.dirty.add(prefix);
  }

  /** To be called when an accepted path has been unlinked from its chain, before its row is freed. */
  removed(prefix: PrefixId, path: PathId): void {
    this.onPathChanged?.(prefix, path, this.paths.accepted(path), true);
    this.acceptedPaths--;
    this.decision.count(this.paths.accepted(path), none as AttrsId);
    if (this.best[prefix] === path) this.redecide(prefix);
    else if (!this.isCertain) this.defer(prefix, false);
    else if (this.open[prefix] === 1) this.dirty.add(prefix);
  }

  /** Decides again. If the best path itself has changed, clients are sent it again even if it stays the best. */
  redecide(prefix: PrefixId): void {
    if (prefix >= this.best.length) this.grow(prefix);
    if (this.decide(prefix)) this.dirty.add(prefix);
  }

  get bytes(): number {
    return this.best.byteLength + this.open.byteLength + this.decisionStates.byteLength;
  }

  /** Whether the rank of any other path follows from the best path alone. */
  private get isCertain(): boolean {
    return this.unsettled === 0 && this.decision.isTotal;
  }

  /** The prefix will be decided when it is advertised, or earlier if it is needed. */
  private defer(prefix: PrefixId, touched: boolean): void {
    if (touched) this.decisionStates[prefix] = DecisionState.touched;
    else if (this.decisionStates[prefix] === DecisionState.decided)
      this.decisionStates[prefix] = DecisionState.undecided;
    this.dirty.add(prefix);
  }

  /** Returns whether clients may have to be sent something else. */
  private decide(prefix: PrefixId): boolean {
    const isTouched = this.decisionStates[prefix] === DecisionState.touched;
    this.decisionStates[prefix] = DecisionState.decided;
    const before = this.best[prefix] as PathId;
    const best = this.decision.best(this.paths.first(prefix));
    if (best !== before) this.setBest(prefix, before, best);
    else if (isTouched && best !== none) this.announce(prefix, best, best);
    else return this.open[prefix] === 1;
    return true;
  }

  private setBest(prefix: PrefixId, from: PathId, to: PathId): void {
    if (from !== none) {
      this.bestOfPeer[this.paths.peer(from)]--;
      this.prefixes--;
    }
    this.best[prefix] = to;
    if (to !== none) this.countBest(to);
    this.announce(prefix, from, to);
  }

  private countBest(path: PathId): void {
    this.prefixes++;
    const peer = this.paths.peer(path);
    if (peer >= this.bestOfPeer.length) {
      this.bestOfPeer = widen(this.bestOfPeer, capacityFor(peer, this.bestOfPeer.length));
    }
    this.bestOfPeer[peer]++;
  }

  private announce(prefix: PrefixId, from: PathId, to: PathId): void {
    this.bestChanges++;
    this.onBestChanged?.(prefix, from, to);
  }

  private grow(prefix: PrefixId): void {
    const capacity = capacityFor(prefix, this.best.length);
    this.best = widen(this.best, capacity);
    this.open = widen(this.open, capacity);
    this.decisionStates = widen(this.decisionStates, capacity);
  }
}
