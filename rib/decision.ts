import { type AttrsId, none, type PathId } from '#policy/ids.ts';
import {
  age,
  type DecisionOptions,
  type DecisionTables,
  medStep,
  pathClass,
  type StepName,
  steps,
} from './decision-steps.ts';
import { Neighbours } from './neighbours.ts';

/**
 * Chooses among the accepted paths of one prefix by `steps`. If MED is comparable between all of them, the steps are a
 * total order and `compare` alone decides. Otherwise only `eliminate` may be used, which never depends on the order of
 * arrival.
 */
export class Decision {
  private tables: DecisionTables;
  private readonly neighbours: Neighbours;

  /** Peers must not know `seed`. */
  constructor(tables: DecisionTables, seed: number) {
    this.tables = tables;
    this.neighbours = new Neighbours(seed);
  }

  get options(): DecisionOptions {
    return this.tables.options;
  }

  set options(options: DecisionOptions) {
    this.tables = { ...this.tables, options };
  }

  /** To be called when a path's accepted attributes change (0 means none), before anything is compared. */
  count(was: AttrsId, accepted: AttrsId): void {
    if (was === accepted) return;
    const { neighbours } = this;
    const { attrs } = this.tables;
    if (was === none) return neighbours.add(attrs.neighbourAs(accepted));
    const before = attrs.neighbourAs(was);
    const after = accepted === none ? none : attrs.neighbourAs(accepted);
    if (accepted !== none && before === after) return;
    if (accepted !== none) neighbours.add(after);
    neighbours.remove(before);
  }

  /** Whether `compare` orders all accepted paths of the table. */
  get isTotal(): boolean {
    return this.options.med === 'always' || this.neighbours.isOne;
  }

  /**
   * Returns a value below 0 if `a` is better, and never 0 for two different paths. Both must be accepted and their MEDs
   * comparable. The preference, the AS path and the origin are one number here (bench S2); a property test checks this
   * against `eliminate`.
   */
  compare(a: PathId, b: PathId): number {
    const { tables } = this;
    const { paths, attrs } = tables;
    const ours = paths.accepted(a);
    const theirs = paths.accepted(b);
    const apart = tables.classes.areOne ? 0 : pathClass(tables, a) - pathClass(tables, b);
    if (apart !== 0) return apart;
    if (ours !== theirs) {
      const difference =
        attrs.merit(ours) - attrs.merit(theirs) || attrs.med(ours) - attrs.med(theirs);
      if (difference !== 0) return difference;
    }
    return this.breakTie(a, b);
  }

  /** Returns whether the MEDs of the two paths may be compared (RFC 4271 §9.1.2.2 c). */
  comparesMed(a: PathId, b: PathId): boolean {
    return this.options.med === 'always' || this.neighbour(a) === this.neighbour(b);
  }

  /** Returns the value of the path at a step, an index of `steps`; the lower wins. */
  value(step: number, path: PathId): number {
    return steps[step].value(this.tables, path);
  }

  /** Returns the best accepted path from `first` along its chain, or 0. */
  best(first: PathId): PathId {
    if (!this.isTotal) return this.bestOf(this.accepted(first)) ?? (none as PathId);
    let best = none as PathId;
    for (let path = this.tables.paths.acceptedFrom(first); path !== none; path = this.after(path)) {
      if (best === none || this.compare(path, best) < 0) best = path;
    }
    return best;
  }

  /** Returns every accepted path of the chain, best first. */
  ranked(first: PathId): PathId[] {
    return this.sorted(this.accepted(first));
  }

  /** As `ranked`, for callers that need only the first one or two: the others are sorted when they are requested. */
  *inOrder(first: PathId): Generator<PathId, void> {
    const best = this.best(first);
    if (best === none) return;
    yield best;
    yield* this.othersInOrder(first, best);
  }

  /** As `inOrder`, without the best one. */
  *othersInOrder(first: PathId, best: PathId): Generator<PathId, void> {
    const others = this.accepted(first).filter((path) => path !== best);
    const second = this.bestOf(others);
    if (second === undefined) return;
    yield second;
    yield* this.sorted(others.filter((path) => path !== second));
  }

  /**
   * RFC 4271 §9.1.2.2 as written: each step removes the paths that are not the best so far. `onLost` is called for each
   * with the step and the path that beat it there.
   */
  eliminate(
    candidates: readonly PathId[],
    onLost?: (loser: PathId, step: StepName, winner: PathId) => void,
  ): PathId | undefined {
    let left = candidates;
    for (const [step, { name }] of steps.entries()) {
      if (left.length <= 1) break;
      const perNeighbour = step === medStep && this.options.med === 'same_as';
      const best = this.lowest(left, step, perNeighbour);
      const group = (path: PathId): number => (perNeighbour ? this.neighbour(path) : 0);
      left = left.filter((path) => {
        const winner = best.get(group(path)) ?? path;
        if (this.value(step, path) === this.value(step, winner)) return true;
        onLost?.(path, name, winner);
        return false;
      });
    }
    return left[0];
  }

  /** Returns for each group (neighbour AS, or 0 for all) a path with the lowest value. */
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
    return this.tables.attrs.neighbourAs(this.tables.paths.accepted(path));
  }

  /** Returns what `eliminate` leaves: of the best paths of each neighbour AS, the best one without regard to MED. */
  private bestOf(paths: readonly PathId[]): PathId | undefined {
    if (paths.length <= 1) return paths[0];
    if (paths.length === 2) return this.betterOf(paths[0], paths[1]);
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

  private betterOf(a: PathId, b: PathId): PathId {
    const isOneGroup = this.group(a) === this.group(b);
    return (isOneGroup ? this.compare(a, b) : this.compareHeads(a, b)) < 0 ? a : b;
  }

  /**
   * Returns the order in which `eliminate` would take the paths out one after the other, each time the best of all that
   * are left. The groups are sorted and then merged.
   */
  private sorted(paths: readonly PathId[]): PathId[] {
    const groups = Map.groupBy(paths, (path) => this.group(path));
    // The best is last, both in each queue and among the queues.
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

  /** As `compare`, for the best paths of two groups, whose MEDs cannot be compared. */
  private compareHeads(a: PathId, b: PathId): number {
    const { tables } = this;
    const { paths, attrs } = tables;
    return (
      pathClass(tables, a) - pathClass(tables, b) ||
      attrs.merit(paths.accepted(a)) - attrs.merit(paths.accepted(b)) ||
      this.breakTie(a, b)
    );
  }

  /** Compares by the steps after MED. */
  private breakTie(a: PathId, b: PathId): number {
    const { tables } = this;
    const { paths, peers } = tables;
    const ours = paths.peer(a);
    const theirs = paths.peer(b);
    return (
      age(tables, a) - age(tables, b) ||
      peers.routerId(ours) - peers.routerId(theirs) ||
      peers.addressRank(ours) - peers.addressRank(theirs) ||
      paths.pathId(a) - paths.pathId(b)
    );
  }

  /** Returns the group of a path; paths of one group are ordered by `compare`. */
  private group(path: PathId): number {
    return this.isTotal ? 0 : this.neighbour(path);
  }

  /** Returns the next accepted path of the chain, or 0. */
  private after(path: PathId): PathId {
    return this.tables.paths.acceptedFrom(this.tables.paths.next(path));
  }

  private accepted(first: PathId): PathId[] {
    const list: PathId[] = [];
    const { paths } = this.tables;
    for (let path = paths.acceptedFrom(first); path !== none; path = this.after(path))
      list.push(path);
    return list;
  }
}
