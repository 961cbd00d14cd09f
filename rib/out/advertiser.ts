import { none, type PeerId, type PeerSetId, type PrefixId, type ShareId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { membersOf } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { Slice } from '../work/slice.ts';
import { Clients } from './clients.ts';
import type { PathSelection } from './path-selection.ts';
import { StagedChanges } from './staged-changes.ts';
import { type RibOutput, type UpdateGroup, UpdateGroups } from './update-group.ts';

/** The most bytes handed over in one piece: large enough to be cheap, small enough to be fair. */
const pieceBytes = 256 * 1024;

/** How many withdrawn prefixes are freed between two checks of the time. */
const releasesPerStep = 256;

export interface AdvertiserParts {
  readonly tables: FamilyTables;
  readonly attrs: AttrTable;
  readonly shares: ShareTable;
  /** What its clients are sent of each prefix. */
  readonly selection: PathSelection;
  readonly output: RibOutput;
}

/**
 * The second half of the path of an UPDATE, for one family: has changes staged and writes them, once for each update
 * group, to the clients on the shared stream. After that it is the turn of clients that catch up on their own.
 */
export class Advertiser {
  readonly clients: Clients;
  /** Prefixes (or paths) written to the shared stream since the start. */
  readonly written = { announced: 0, withdrawn: 0 };
  private readonly tables: FamilyTables;
  private readonly shares: ShareTable;
  private readonly selection: PathSelection;
  private readonly groups: UpdateGroups;
  private readonly staged: StagedChanges;
  /** The delivery of staged changes to the groups; absent while nothing is staged. */
  private delivery: Iterator<void, void> | undefined;
  /** Whether a change from the network is among what is staged. */
  private isDeliveryUrgent = false;
  /**
   * Clients that catch up do not know all of what is staged yet: what they were sent now would be treated as unsent.
   */
  isDeferring = false;

  constructor({ tables, attrs, shares, selection, output }: AdvertiserParts) {
    this.tables = tables;
    this.shares = shares;
    this.selection = selection;
    this.groups = new UpdateGroups(attrs, tables.prefixes);
    this.staged = new StagedChanges(shares);
    const { groups, staged } = this;
    this.clients = new Clients({ tables, selection, staged, groups, output });
    tables.adjRibOut.await(staged);
  }

  /** Whether `run` has anything to do. */
  get hasWork(): boolean {
    return this.isDelivering || this.selection.hasChanges || this.clients.hasWork;
  }

  /** Whether a change from the network has not yet been handed to all clients that keep up. */
  get isUrgent(): boolean {
    return this.selection.isUrgent || (this.isDelivering && this.isDeliveryUrgent);
  }

  /** Whether staged changes refer to ids that no column refers to yet. */
  get isDelivering(): boolean {
    return this.delivery !== undefined;
  }

  /**
   * Advertises changes of at most `budget` prefixes, and as many for each client that catches up; once `isLate`, only a
   * few of each. `mayEndRib` means that every prefix whose share has to be determined again is dirty.
   */
  run(budget: number, isLate: () => boolean, mayEndRib: boolean): void {
    const { staged, selection, clients } = this;
    this.deliver(isLate);
    if (!this.isDelivering && selection.hasChanges) {
      this.isDeliveryUrgent = selection.isUrgent;
      selection.stage(staged, new Slice(budget, isLate));
      if (!staged.isEmpty) this.delivery = this.delivering();
      this.deliver(isLate);
    }
    if (this.isDeferring) return;
    const isWhole = mayEndRib && !this.isDelivering && !selection.hasChanges;
    if (isWhole) clients.endRib();
    clients.feedAll(budget, isLate, isWhole);
  }

  /** To be called after ids were freed. */
  forget(): void {
    for (const group of this.groups) group.forget();
  }

  /** Continues until everything that is staged is written, or it is late. */
  private deliver(isLate: () => boolean): void {
    while (this.delivery !== undefined) {
      if (this.delivery.next().done === true) this.delivery = undefined;
      else if (isLate()) return;
    }
  }

  /**
   * Writes what is staged to the clients on the shared stream. Between two steps peers may come, go and fall behind.
   * The Adj-RIB-Out does not change meanwhile, so being sent something twice does no harm.
   */
  private *delivering(): Generator<void, void> {
    const { staged } = this;
    const cells = staged.ordered();
    this.isDeferring = true;
    yield* this.clients.deferring();
    this.isDeferring = false;
    for (const group of this.groups) {
      if (group.synced !== 0n) yield* this.deliveringTo(group, cells);
    }
    this.selection.release();
    yield* this.releasing(staged.clear());
  }

  /** A step ends only when nothing is left in the group's writer. */
  private *deliveringTo(group: UpdateGroup, cells: Uint32Array): Generator<void, void> {
    const { shares, clients } = this;
    let readers: readonly PeerId[] = [];
    let mask = 0n;
    let set = none as PeerSetId;
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] as ShareId;
      if (group.pendingBytes > pieceBytes) {
        clients.flush(group, readers);
        set = none as PeerSetId;
        yield;
      }
      if (shares.set(cell) !== set) {
        set = shares.set(cell);
        if ((shares.mask(cell) & group.synced) !== mask) {
          if (clients.flush(group, readers)) yield;
          mask = shares.mask(cell) & group.synced;
          readers = mask === shares.mask(cell) ? shares.members(set) : membersOf(mask);
        }
      }
      if (readers.length > 0) this.write(group, cell);
    }
    if (clients.flush(group, readers)) yield;
  }

  private write(group: UpdateGroup, cell: ShareId): void {
    const { shares, staged } = this;
    const kind = shares.attrs(cell) === none ? 'withdrawn' : 'announced';
    const before = group[kind];
    group.begin(shares.attrs(cell));
    for (let link = staged.first(cell); link !== none; link = staged.next(link)) {
      group.add(staged.prefix(link), staged.path(link));
    }
    group.end();
    this.written[kind] += group[kind] - before;
  }

  private *releasing(prefixes: readonly PrefixId[]): Generator<void, void> {
    const { staged, tables } = this;
    for (const [at, prefix] of prefixes.entries()) {
      staged.release(prefix);
      tables.releaseIfUnused(prefix);
      if (at % releasesPerStep === releasesPerStep - 1) yield;
    }
  }
}
