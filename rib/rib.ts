import type { PeerId } from '#policy/ids.ts';
import type { ValidationChange } from '#policy/validation.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';
import { Collector } from './collector.ts';
import { type DecisionOptions, sameDecision } from './decision-steps.ts';
import { type FamilyOptions, type FamilyRib, makeFamilyRib } from './family-rib.ts';
import type { RibOutput } from './out/update-group.ts';
import type { ServiceBands } from './path-class.ts';
import { PeerTable } from './peer-table.ts';
import { reportChanges, reportEvents } from './reporting.ts';
import type { LimitReached, RibEvents, RouteMonitor } from './rib-events.ts';
import { RibPeer, type RibPeerSettings, type SendSettings } from './rib-peer.ts';
import { AttrTable } from './tables/attr-table.ts';
import { AttrsMemo } from './tables/attrs-memo.ts';
import { PeerRanks } from './tables/peer-ranks.ts';
import { PeerSets } from './tables/peer-sets.ts';
import { UpdateIntake } from './update-intake.ts';
import { Because } from './work/because.ts';
import { redecidingAll } from './work/family-tasks.ts';
import { OrderedWork } from './work/ordered-work.ts';
import { revalidating } from './work/revalidation.ts';
import { Slice } from './work/slice.ts';

export interface RibOptions extends Pick<FamilyOptions, 'admittedAtOnce' | 'longestChain'> {
  /** The key of the hashes, which peers must not know: a whole number up to 2^53 - 1. */
  readonly seed: number;
  readonly decision: DecisionOptions;
  readonly output: RibOutput;
  readonly events?: RibEvents;
  /** LOCAL_PREF counts as received; otherwise only policy sets it. Has no effect if `attrs` is given. */
  readonly keepsLocalPref?: boolean;
  /** The attribute sets; given if judges were compiled with them. */
  readonly attrs?: AttrTable;
  /** The number of attribute sets and shares from which unreferenced ones are swept [32768]. */
  readonly sweepAt?: number;
}

/**
 * The three RIBs of RFC 4271 §3.2 for all peers. `update` runs the first half of the path of an UPDATE at once; `work`
 * runs the second half, and everything that takes long, in slices. It is synchronous and knows no time.
 */
export class Rib {
  readonly attrs: AttrTable;
  readonly ranks = new PeerRanks();
  readonly peerSets = new PeerSets();
  readonly peers: PeerTable;
  readonly collector: Collector;
  /** The cause of what the RIB is doing; it is kept with what is done later. */
  readonly because = new Because();
  /** By `Family`. */
  readonly families: readonly FamilyRib[];
  /** Changes with everything that a reader could see. */
  version = 0;
  private readonly events: RibEvents;
  private readonly verdicts = new AttrsMemo();
  private readonly ordered: OrderedWork;
  private isHeldBack = false;
  private monitor: RouteMonitor | undefined;
  private readonly intake: UpdateIntake;

  constructor(options: RibOptions) {
    this.attrs = options.attrs ?? new AttrTable(options.seed, options);
    this.events = options.events ?? {};
    const { attrs, ranks, peerSets, verdicts, because } = this;
    const shared = { attrs, ranks, peerSets, verdicts, because };
    this.families = families.map(({ family }) => makeFamilyRib(family, shared, options));
    this.intake = new UpdateIntake(attrs, this.families, this.events);
    this.ordered = new OrderedWork(this.families, because);
    const { families: ribs, ordered } = this;
    const forget = (): void => this.forget();
    const forgetVerdicts = (): void => verdicts.clear();
    this.peers = new PeerTable({ families: ribs, ranks, ordered, forget, forgetVerdicts });
    const isUp = (id: PeerId, family: Family): boolean =>
      this.peers.find(id)?.isUp(family) === true;
    for (const rib of this.families) {
      reportEvents(rib, this.events, isUp);
      this.reportChanges(rib);
      rib.adjRibIn.waiting.onLeftOver = (task) => ordered.push(task);
    }
    this.collector = new Collector(attrs, ribs, peerSets, forget, options.sweepAt);
  }

  addPeer(settings: RibPeerSettings): PeerId {
    return this.peers.add(settings);
  }

  peer(id: PeerId): RibPeer {
    return this.peers.get(id);
  }

  /**
   * Applies new policy, limits or names to a peer without touching its session: what it sent is judged again from
   * `received`, and what it is sent is determined again.
   */
  replaceSettings(id: PeerId, settings: RibPeerSettings): void {
    this.peers.replaceSettings(id, settings);
  }

  /** Removes the peer's paths, and frees its id once no share refers to it. */
  removePeer(id: PeerId): void {
    this.peers.remove(id);
    this.version++;
  }

  /** To be called when the session is Established: the peer is sent the table, then End-of-RIB, for each family. */
  peerUp(id: PeerId, routerId: number, send: SendSettings): void {
    this.peers.up(id, routerId, send);
    this.version++;
  }

  /**
   * To be called when the session has ended: everything that the peer announced is removed, in slices. In the families
   * in `kept` (by `Family`) it stays, marked stale, until `endStale` (RFC 4724 §4.2).
   */
  peerDown(id: PeerId, kept: readonly boolean[] = []): void {
    this.peers.down(id, kept);
    this.version++;
  }

  /**
   * Removes everything that the peer has announced of a family, in slices; nothing of it may be announced meanwhile.
   */
  dropFamily(id: PeerId, family: Family): void {
    this.peers.dropFamily(id, family);
    this.version++;
  }

  /**
   * Processes one UPDATE of an Established peer, withdrawals first (RFC 4271 §3.1: a prefix that is in both is
   * announced). Returns the limit that must end the session, if one was reached. Throws a NotificationError for
   * attributes that must end it; then nothing of the message takes effect.
   */
  update(id: PeerId, update: Update, now: number): LimitReached | undefined {
    this.version++;
    return this.intake.take(this.peer(id), update, now);
  }

  /** Answers a ROUTE-REFRESH (RFC 2918). */
  sendAgain(id: PeerId, family: Family, enhanced: boolean): void {
    this.families[family].outbound.refresh(this.peer(id), enhanced);
  }

  setLagging(id: PeerId, isLagging: boolean): void {
    const peer = this.peer(id);
    for (const { outbound } of this.families) outbound.setLagging(peer, isLagging);
  }

  /**
   * While held back, nothing is advertised, not even End-of-RIB; everything else continues. For the start of the
   * daemon.
   */
  holdBack(isHeld: boolean): void {
    this.isHeldBack = isHeld;
  }

  /** To be called for a BoRR of the peer (RFC 7313): what it does not announce before `endStale` will be removed. */
  markStale(id: PeerId, family: Family): void {
    this.families[family].adjRibIn.stale.mark(this.peer(id));
  }

  /**
   * To be called for an EoRR, for End-of-RIB after a graceful restart, or when the time for it is over: what is still
   * stale is removed.
   */
  endStale(id: PeerId, family: Family): void {
    this.peers.endStale(id, family);
    this.version++;
  }

  /** To be called when the restart time is over and the long-lived one begins (RFC 9494). */
  keepLongLived(id: PeerId, family: Family): void {
    this.ordered.push(this.families[family].adjRibIn.stale.keepLongLived(this.peer(id)));
    this.version++;
  }

  get decision(): DecisionOptions {
    return this.families[0].tables.decision.options;
  }

  /** Sets how paths are compared from now on; if that is a change, every prefix is decided again. */
  setDecision(options: DecisionOptions): void {
    if (sameDecision(this.decision, options)) return;
    for (const family of this.families) family.tables.decision.options = options;
    this.ordered.whileUnsettled(() => {
      for (const family of this.families) this.ordered.push(redecidingAll(family));
    });
    this.version++;
  }

  /** To be called when validated data has changed: what that may affect is judged again, in slices. */
  revalidate(change: ValidationChange): void {
    this.forget();
    const { attrs, peers } = this;
    for (const rib of this.families) {
      const task = revalidating(rib, { attrs, peers, change });
      if (task !== undefined) this.ordered.push(task);
    }
    this.version++;
  }

  /** The paths of a drained peer rank last. */
  setDrained(id: PeerId, isDrained: boolean): void {
    if (this.ranks.isDrained(id) === isDrained) return;
    this.ranks.setDrained(id, isDrained);
    if (isDrained) this.endKept(id);
    this.peers.redecide(id);
    this.version++;
  }

  /** Who is notified of each change of a route from now on; `undefined`: nobody. */
  setMonitor(monitor: RouteMonitor | undefined): void {
    this.monitor = monitor;
    for (const rib of this.families) this.reportChanges(rib);
  }

  get services(): ServiceBands | undefined {
    return this.families[0].tables.classes.configured;
  }

  /** Sets whether the paths of the peer to addresses of a service (by its number) rank as ones whose node answers. */
  setAnswering(id: PeerId, service: number, isAnswering: boolean): void {
    if (this.ranks.isAnswering(id, service) === isAnswering) return;
    this.ranks.setAnswering(id, service, isAnswering);
    if (!isAnswering) this.endKept(id, service);
    this.peers.redecide(id);
    this.version++;
  }

  /**
   * Sets which prefixes are addresses of services, and what MED means there; every prefix is decided again. Peers that
   * do not answer are recorded by the number of the service, which may be another service's now.
   */
  setServices(services: ServiceBands | undefined): void {
    for (const rib of this.families) {
      rib.tables.classes.configure(services);
      rib.adjRibIn.kept.endUnwanted();
      this.reportChanges(rib);
    }
    this.ordered.whileUnsettled(() => {
      for (const family of this.families) this.ordered.push(redecidingAll(family));
    });
    this.version++;
  }

  /**
   * Removes paths that the peer has withdrawn and that were kept, of one service (by its number) or of all; returns
   * true if there were any.
   */
  endKept(id: PeerId, service?: number): boolean {
    const peer = this.peer(id);
    let wereAny = false;
    for (const { kept } of this.families.map(({ adjRibIn }) => adjRibIn)) {
      const end = service === undefined ? kept.endOf(peer) : kept.endOfService(peer, service);
      wereAny ||= end;
    }
    if (wereAny) this.version++;
    return wereAny;
  }

  /** Removes kept paths whose time is over; `now` as for `update`. */
  endDueKept(now: number): void {
    for (const { adjRibIn } of this.families) adjRibIn.kept.endDue(now);
    this.version++;
  }

  /** When the time of the next kept path is over; `undefined` if there is none. */
  get nextKeptEndMs(): number | undefined {
    const ends = this.families.flatMap(({ adjRibIn }) => adjRibIn.kept.nextEndMs ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  get hasWork(): boolean {
    if (!this.isSettled || this.collector.hasWork) return true;
    if (this.isHeldBack) return false;
    return this.families.some(({ outbound }) => outbound.hasWork);
  }

  /**
   * Does a slice of the waiting work: about `budget` prefixes, and only a few of each kind of work once `isLate`. Call
   * it again while `hasWork`. Paths that are to be removed come first, then changes from the network, then what a
   * change of settings has queued. A slice ends soon after the last of what follows from lost paths.
   */
  work(budget: number, isLate: () => boolean = never): void {
    this.version++;
    const isOver = this.isLosing ? () => isLate() || !this.isLosing : isLate;
    if (!this.collector.isToMark) {
      this.ordered.step(budget, isLate);
      if (!this.isHeldBack) this.advertise(budget, isOver);
    }
    this.collector.work(new Slice(budget, isOver));
    if (this.peers.hasRetired && !this.hasWork) this.peers.releaseRetired();
    this.ordered.endSlice();
  }

  /** Whether paths were lost, and what follows from that has not been advertised yet. */
  get isLosing(): boolean {
    return this.ordered.isLosing;
  }

  /** Whether every path has been judged and decided by the present settings. */
  get isSettled(): boolean {
    return this.ordered.isEmpty;
  }

  private advertise(budget: number, isLate: () => boolean): void {
    const rows = this.collector.isWaiting ? 0 : budget;
    for (const { outbound } of this.families) outbound.run(rows, isLate, this.isSettled);
  }

  private reportChanges(rib: FamilyRib): void {
    reportChanges(rib, this.events, this.monitor);
  }

  /** To be called after ids were freed or validated data changed: what is remembered by id is no longer valid. */
  private forget(): void {
    this.verdicts.clear();
    for (const { outbound } of this.families) outbound.forget();
  }
}

function never(): boolean {
  return false;
}
