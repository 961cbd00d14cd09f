import { type AttrsId, none, type PathId } from '#policy/ids.ts';
import { Neighbours } from './neighbours.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { PathTable } from './tables/path-table.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';

/** The steps of RFC 4271 §9.1.2.2 as this server takes them, in order, by their names in `explain`. */
export const stepNames = [
  'drained',
  'local_pref',
  'as_path_length',
  'origin',
  'med',
  'oldest',
  'router_id',
  'peer_address',
  'path_id',
] as const;
export type StepName = (typeof stepNames)[number];

const stepsAfterMed = [5, 6, 7, 8] as const;
/** Of paths with the same attributes: the peer may be drained, all else that counts is equal. */
const tieSteps = [0, ...stepsAfterMed] as const;

export interface DecisionOptions {
  /** Compare MED among the paths of one neighbour AS (RFC 4271) or of all. */
  readonly med: 'same_as' | 'always';
  readonly tieBreak: 'router_id' | 'oldest';
}

export function sameDecision(a: DecisionOptions, b: DecisionOptions): boolean {
  return a.med === b.med && a.tieBreak === b.tieBreak;
}

/**
 * Chooses among accepted paths of one prefix. A path's value at each step is an integer, the lower
 * one wins. Where MED is comparable between all of them the steps are a total order and `compare`
 * decides alone; where it is not, only `eliminate` may be asked, which never depends on arrival order.
 */
export class Decision {
  private readonly paths: PathTable;
  private readonly attrs: AttrTable;
  private readonly peers: PeerRanks;
  options: DecisionOptions;
  private readonly neighbours = new Neighbours();

  constructor(paths: PathTable, attrs: AttrTable, peers: PeerRanks, options: DecisionOptions) {
    this.paths = paths;
    this.attrs = attrs;
    this.peers = peers;
    this.options = options;
  }

  /** To be called when a path's accepted attributes change, 0 for none, before anything is compared. */
  count(was: AttrsId, accepted: AttrsId): void {
    if (was === accepted) return;
    if (accepted !== none) this.neighbours.add(this.attrs.neighbourAs(accepted));
    if (was !== none) this.neighbours.remove(this.attrs.neighbourAs(was));
  }

  /** Whether `compare` orders all accepted paths of the table. */
  get isTotal(): boolean {
    return this.options.med === 'always' || this.neighbours.isOne;
  }

  /** Below 0: `a` is better. Never 0 for two different paths. Both accepted, their MEDs comparable. */
  compare(a: PathId, b: PathId): number {
    const { paths, attrs } = this;
    const ours = paths.accepted(a);
    const theirs = paths.accepted(b);
    if (ours !== theirs) {
      // Steps 1 to 3 in one look (bench S2); a property test holds it against `eliminate`.
      const difference =
        this.value(0, a) - this.value(0, b) ||
        attrs.merit(ours) - attrs.merit(theirs) ||
        attrs.med(ours) - attrs.med(theirs);
      if (difference !== 0) return difference;
    }
    for (const step of ours === theirs ? tieSteps : stepsAfterMed) {
      const difference = this.value(step, a) - this.value(step, b);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Whether the MEDs of the two mean anything to each other (RFC 4271 §9.1.2.2 c). */
  comparesMed(a: PathId, b: PathId): boolean {
    return this.options.med === 'always' || this.neighbour(a) === this.neighbour(b);
  }

  /** What the path is judged by at a step; the sign is such that lower wins. */
  value(step: number, path: PathId): number {
    const { paths, attrs, peers } = this;
    switch (step) {
      case 0:
        return peers.demotion(paths.peer(path), attrs, paths.accepted(path));
      case 1:
        return -attrs.localPref(paths.accepted(path));
      case 2:
        return attrs.asPathLength(paths.accepted(path));
      case 3:
        return attrs.origin(paths.accepted(path));
      case 4:
        return attrs.med(paths.accepted(path));
      case 5:
        return this.options.tieBreak === 'oldest' ? paths.receivedAt(path) : 0;
      case 6:
        return peers.routerId(paths.peer(path));
      case 7:
        return peers.addressRank(paths.peer(path));
      default:
        return paths.pathId(path);
    }
  }

  /** The best accepted path from `first` along its chain, or 0. */
  best(first: PathId): PathId {
    if (!this.isTotal) return this.bestOf(this.accepted(first)) ?? (none as PathId);
    let best = none as PathId;
    for (let path = this.paths.acceptedFrom(first); path !== none; path = this.after(path)) {
      if (best === none || this.compare(path, best) < 0) best = path;
    }
    return best;
  }

  /** Every accepted path of the chain, best first. */
  ranked(first: PathId): PathId[] {
    return this.sorted(this.accepted(first));
  }

  /** As `ranked`, for who needs the first one or two: the others are put in order when they are asked for. */
  *inOrder(first: PathId): Generator<PathId, void> {
    const rest = this.accepted(first);
    for (let turn = 0; turn < 2; turn++) {
      const best = this.bestOf(rest);
      if (best === undefined) return;
      rest.splice(rest.indexOf(best), 1);
      yield best;
    }
    yield* this.sorted(rest);
  }

  /**
   * RFC 4271 §9.1.2.2 as written: at each step the paths that are not the best so far fall out.
   * `onLost` hears of each, with the step and the path that beat it there.
   */
  eliminate(
    candidates: readonly PathId[],
    onLost?: (loser: PathId, step: StepName, winner: PathId) => void,
  ): PathId | undefined {
    let left = candidates;
    for (let step = 0; step < stepNames.length && left.length > 1; step++) {
      const perNeighbour = stepNames[step] === 'med' && this.options.med === 'same_as';
      const best = this.lowest(left, step, perNeighbour);
      const group = (path: PathId): number => (perNeighbour ? this.neighbour(path) : 0);
      left = left.filter((path) => {
        const winner = best.get(group(path)) ?? path;
        if (this.value(step, path) === this.value(step, winner)) return true;
        onLost?.(path, stepNames[step], winner);
        return false;
      });
    }
    return left[0];
  }

  /** For each group (neighbour AS, or 0 for all) a path with the lowest value. */
  private lowest(
    left: readonly PathId[],
    step: number,
    perNeighbour: boolean,
  ): Map<number, PathId> {
    const best = new Map<number, PathId>();
    for (const path of left) {
      const group = perNeighbour ? this.neighbour(path) : 0;
      const sofar = best.get(group);
      if (sofar === undefined || this.value(step, path) < this.value(step, sofar)) {
        best.set(group, path);
      }
    }
    return best;
  }

  private neighbour(path: PathId): number {
    return this.attrs.neighbourAs(this.paths.accepted(path));
  }

  /** What `eliminate` leaves: the best of each neighbour AS, then, MED aside, the best of those. */
  private bestOf(paths: readonly PathId[]): PathId | undefined {
    const heads = new Map<number, PathId>();
    for (const path of paths) {
      const group = this.group(path);
      const head = heads.get(group);
      if (head === undefined || this.compare(path, head) < 0) heads.set(group, path);
    }
    let best: PathId | undefined;
    for (const head of heads.values()) {
      if (best === undefined || this.compareHeads(head, best) < 0) best = head;
    }
    return best;
  }

  /**
   * The order in which `eliminate` takes the paths out one after the other, each time the best of all that
   * are left: the groups in order, merged.
   */
  private sorted(paths: readonly PathId[]): PathId[] {
    const groups = Map.groupBy(paths, (path) => this.group(path));
    // Best last, in each queue and of the queues.
    const queues = [...groups.values()].map((group) => group.sort((a, b) => this.compare(b, a)));
    queues.sort((a, b) => this.compareQueues(b, a));
    const sorted: PathId[] = [];
    for (let queue = queues.pop(); queue !== undefined; queue = queues.pop()) {
      sorted.push(...queue.splice(-1));
      if (queue.length > 0) queues.splice(this.placeOf(queue, queues), 0, queue);
    }
    return sorted;
  }

  private placeOf(queue: readonly PathId[], queues: readonly (readonly PathId[])[]): number {
    let [low, high] = [0, queues.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compareQueues(queues[middle], queue) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compareQueues(a: readonly PathId[], b: readonly PathId[]): number {
    return this.compareHeads(a[a.length - 1], b[b.length - 1]);
  }

  /** As `compare`, for the best paths of two groups: their MEDs mean nothing to each other. */
  private compareHeads(a: PathId, b: PathId): number {
    const { paths, attrs } = this;
    const difference =
      this.value(0, a) - this.value(0, b) ||
      attrs.merit(paths.accepted(a)) - attrs.merit(paths.accepted(b));
    if (difference !== 0) return difference;
    for (const step of stepsAfterMed) {
      const later = this.value(step, a) - this.value(step, b);
      if (later !== 0) return later;
    }
    return 0;
  }

  /** Paths of one group are ordered by `compare`. */
  private group(path: PathId): number {
    return this.isTotal ? 0 : this.neighbour(path);
  }

  /** The next accepted path of the chain, or 0. */
  private after(path: PathId): PathId {
    return this.paths.acceptedFrom(this.paths.next(path));
  }

  private accepted(first: PathId): PathId[] {
    const list: PathId[] = [];
    const { paths } = this;
    for (let path = paths.acceptedFrom(first); path !== none; path = this.after(path))
      list.push(path);
    return list;
  }
}
