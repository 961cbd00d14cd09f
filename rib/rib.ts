import type { Family } from '#wire/constants.ts';
import { families } from '#wire/constants.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { LimitReached } from './in/adj-rib-in.ts';
import type { AttributeErrors } from './tables/attr-table.ts';
import { AttrTable } from './tables/attr-table.ts';
import { AttrsMemo } from './tables/attrs-memo.ts';
import type { DecisionOptions } from './decision.ts';
import { sameDecision } from './decision.ts';
import { IdPool } from './tables/id-pool.ts';
import type { AttrsId, PeerId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';
import { PeerRanks } from './tables/peer-ranks.ts';
import { PeerSets } from './tables/peer-sets.ts';
import type { RibEvents } from './rib-events.ts';
import type { RibPeerSettings, SendSettings } from './rib-peer.ts';
import { RibPeer, sharesAlike } from './rib-peer.ts';
import type { FamilyRib } from './family-rib.ts';
import { makeFamilyRib, takeNextHops } from './family-rib.ts';
import { redeciding, redecidingAll, rejudging, sharingOut } from './family-tasks.ts';
import { TaskQueue, eachPathOf, followed, once } from './task.ts';
import { Collector } from './collector.ts';
import type { RibOutput } from './out/update-group.ts';

export interface RibOptions {
  /** Unknown to peers: the key of the hashes, a whole number up to 2^53 - 1. */
  readonly seed: number;
  readonly decision: DecisionOptions;
  readonly output: RibOutput;
  readonly events?: RibEvents;
  /** The attribute sets; given when judges were compiled against them. */
  readonly attrs?: AttrTable;
  /** Attribute sets and shares from which on unnamed ones are swept [32768]. */
  readonly sweepAt?: number;
}

/**
 * The three RIBs of RFC 4271 §3.2 for all peers. `update` does the first half of the walk at once;
 * `work` does the second half, and everything long, in slices. Synchronous, knows no time.
 */
export class Rib {
  readonly attrs: AttrTable;
  readonly ranks = new PeerRanks();
  readonly peerSets = new PeerSets();
  /** By `Family`. */
  readonly families: readonly FamilyRib[];
  /** Changes with everything that a reader could see. */
  version = 0;
  private readonly events: RibEvents;
  private readonly peerIds = new IdPool();
  private readonly peers: (RibPeer | undefined)[] = [];
  private readonly verdicts = new AttrsMemo();
  private readonly tasks = new TaskQueue();
  /** Ids of removed peers that a share may still name. */
  private retired: PeerId[] = [];
  private isHeldBack = false;
  /** Of the UPDATE that is being taken in. */
  private errors: AttributeErrors | undefined;
  readonly collector: Collector;

  constructor(options: RibOptions) {
    this.attrs = options.attrs ?? new AttrTable(options.seed);
    this.events = options.events ?? {};
    const { attrs, ranks, peerSets, verdicts } = this;
    const shared = { attrs, ranks, peerSets, verdicts };
    this.families = families.map(({ family }) => makeFamilyRib(family, shared, options));
    for (const rib of this.families) this.listenTo(rib);
    this.collector = new Collector(
      this.attrs,
      this.families,
      this.peerSets,
      () => this.forget(),
      options.sweepAt,
    );
  }

  addPeer(settings: RibPeerSettings): PeerId {
    const id = this.peerIds.take() as PeerId;
    this.peers[id] = new RibPeer(id, settings);
    this.ranks.add(id, settings.address, settings.honourGracefulShutdown);
    this.addExports(id, settings);
    return id;
  }

  peer(id: PeerId): RibPeer {
    const peer = this.peers[id];
    if (peer === undefined) throw new RangeError(`no peer ${id}`);
    return peer;
  }

  /**
   * New policy, limits or names for a peer, session untouched: what it sent is judged again from
   * `received`, what it is sent is shared out again.
   */
  replaceSettings(id: PeerId, settings: RibPeerSettings): void {
    const peer = this.peer(id);
    const old = peer.settings;
    peer.settings = settings;
    if (!sharesAlike(old, settings)) {
      this.removeExports(id, old);
      this.addExports(id, settings);
    }
    this.forget();
    if (old.isShadow && !settings.isShadow && peer.send !== undefined) this.join(peer, peer.send);
    if (!this.takeRanks(id, old, settings)) return this.rejudge(peer);
    this.whileUnsettled(() => this.rejudge(peer));
  }

  /** What the decision knows of the peer by its settings; whether ranks of its paths have changed. */
  private takeRanks(id: PeerId, old: RibPeerSettings, settings: RibPeerSettings): boolean {
    const hasMoved = this.ranks.setAddress(id, settings.address);
    if (hasMoved) this.redecide(id);
    const honours = settings.honourGracefulShutdown;
    this.ranks.setHonoursShutdown(id, honours);
    return hasMoved || honours !== old.honourGracefulShutdown;
  }

  /** The peer's paths go, then its id is free: once no share names it. */
  removePeer(id: PeerId): void {
    const peer = this.peer(id);
    this.peerDown(id);
    for (const { tables } of this.families) this.endStale(id, tables.family);
    this.removeExports(id, peer.settings);
    this.tasks.push(
      once(() => {
        this.ranks.remove(id);
        this.peers[id] = undefined;
        this.retired.push(id);
        this.forget();
      }),
    );
  }

  /** The session is Established: the peer is sent the table, then End-of-RIB, for each family. */
  peerUp(id: PeerId, routerId: number, send: SendSettings): void {
    const peer = this.peer(id);
    if (peer.counts.some(({ isFlushing }) => isFlushing)) this.tasks.finish();
    const keptRank = this.ranks.routerId(id) === routerId;
    this.ranks.setRouterId(id, routerId);
    if (!keptRank && peer.counts.some(({ received }) => received > 0)) this.redecide(id);
    peer.send = send;
    peer.takesAnyNextHop = send.extendedNextHop;
    for (const rib of this.families) if (takeNextHops(rib, peer)) this.shareAnew(rib);
    if (!peer.settings.isShadow) this.join(peer, send);
    this.version++;
  }

  /** The peer is sent the table, then End-of-RIB, for each family. */
  private join(peer: RibPeer, send: SendSettings): void {
    for (const { tables, advertiser, pathAdvertiser } of this.families) {
      if (!send.families[tables.family]) continue;
      if (send.addPath[tables.family]) pathAdvertiser.join(peer);
      else advertiser.join(peer);
    }
  }

  /**
   * The session has ended: all that the peer announced goes, in slices; but for the families in
   * `kept` (by `Family`) it stays, marked stale, until `endStale` (RFC 4724 §4.2).
   */
  peerDown(id: PeerId, kept: readonly boolean[] = []): void {
    const peer = this.peer(id);
    if (peer.send === undefined) return;
    for (const { advertiser, pathAdvertiser } of this.families) {
      advertiser.leave(peer);
      pathAdvertiser.leave(peer);
    }
    peer.send = undefined;
    for (const rib of this.families) {
      const { family } = rib.tables;
      if (kept[family] === true) {
        rib.adjRibIn.stale.mark(peer);
        continue;
      }
      this.flush(peer, rib);
    }
    this.version++;
  }

  /** All that the peer has announced of a family goes, in slices; none of it may be announced meanwhile. */
  dropFamily(id: PeerId, family: Family): void {
    this.flush(this.peer(id), this.families[family]);
    this.version++;
  }

  /**
   * One UPDATE of an Established peer, withdrawals first (RFC 4271 §3.1: what is in both is
   * announced). Returns the limit that must end the session, if one was reached. Throws a
   * NotificationError for attributes that must end it: then nothing of the message counts.
   */
  update(id: PeerId, update: Update, now: number): LimitReached | undefined {
    const peer = this.peer(id);
    this.version++;
    const { mpReach, nlri } = update;
    const mpAttrs = this.received(update, mpReach, true);
    const attrs = this.received(update, nlri, false);
    this.withdraw(peer, update, update.withdrawn);
    this.withdraw(peer, update, update.mpUnreach);
    const reached =
      this.announce(peer, update, mpReach, mpAttrs, now) ??
      this.announce(peer, update, nlri, attrs, now);
    if (this.errors !== undefined) this.reportErrors(peer, update, this.errors);
    return reached;
  }

  /** Answers a ROUTE-REFRESH (RFC 2918). */
  sendAgain(id: PeerId, family: Family, enhanced: boolean): void {
    const { advertiser, pathAdvertiser } = this.families[family];
    advertiser.refresh(this.peer(id), enhanced);
    pathAdvertiser.refresh(this.peer(id), enhanced);
  }

  setLagging(id: PeerId, isLagging: boolean): void {
    const peer = this.peer(id);
    for (const rib of this.families) {
      rib.advertiser.setLagging(peer, isLagging);
      rib.pathAdvertiser.setLagging(peer, isLagging);
    }
  }

  /** While held, nothing is advertised, End-of-RIB included; all else goes on. For the start of the daemon. */
  holdBack(isHeld: boolean): void {
    this.isHeldBack = isHeld;
  }

  /** BoRR of the peer (RFC 7313): what it does not announce until `endStale` will go. */
  markStale(id: PeerId, family: Family): void {
    this.families[family].adjRibIn.stale.mark(this.peer(id));
  }

  /** EoRR, End-of-RIB after a graceful restart, or its time is over: what is still stale goes. */
  endStale(id: PeerId, family: Family): void {
    const peer = this.peer(id);
    const { stale, onCredit } = peer.counts[family];
    if (stale === 0) return;
    const { adjRibIn } = this.families[family];
    this.tasks.push(adjRibIn.stale.sweep(peer));
    // Whether the session may go on depends on what is left.
    if (onCredit.accepted + onCredit.received > 0) adjRibIn.stale.finish(peer);
    this.version++;
  }

  /** The restart time is over, the long-lived one begins (RFC 9494). */
  keepLongLived(id: PeerId, family: Family): void {
    this.tasks.push(this.families[family].adjRibIn.stale.keepLongLived(this.peer(id)));
    this.version++;
  }

  /** As the last session said; of a peer that is not known yet nothing is ruled out. */
  takesAnyNextHop(id: PeerId, family: Family): boolean {
    return this.peers[id]?.takesAnyNextHop[family] ?? true;
  }

  /** Paths of all peers. */
  get pathCount(): number {
    return this.families.reduce((sum, { tables }) => sum + tables.paths.size, 0);
  }

  get decision(): DecisionOptions {
    return this.families[0].tables.decision.options;
  }

  /** How paths are compared from now on; where that is news, every prefix is decided anew. */
  setDecision(options: DecisionOptions): void {
    if (sameDecision(this.decision, options)) return;
    for (const family of this.families) family.tables.decision.options = options;
    this.whileUnsettled(() => {
      for (const family of this.families) this.tasks.push(redecidingAll(family));
    });
    this.version++;
  }

  /** A drained peer's paths rank last. */
  setDrained(id: PeerId, isDrained: boolean): void {
    if (this.ranks.isDrained(id) === isDrained) return;
    this.ranks.setDrained(id, isDrained);
    this.redecide(id);
    this.version++;
  }

  get hasWork(): boolean {
    if (!this.tasks.isEmpty) return true;
    if (this.isHeldBack) return false;
    return this.families.some((rib) => rib.advertiser.hasWork || rib.pathAdvertiser.hasWork);
  }

  /** A slice of what waits: about `budget` prefixes. Call again while `hasWork`. */
  work(budget: number): void {
    this.version++;
    this.tasks.step(budget);
    if (!this.isHeldBack) this.advertise(budget);
    this.collector.collectIfDue();
    this.releaseRetired();
  }

  /** How many prefixes the peer has been sent; paths, if it takes several of a prefix. */
  advertisedCount(id: PeerId, family: Family): number {
    const { tables, pathAdvertiser } = this.families[family];
    const peer = this.peer(id);
    if (!peer.isUp(family) || peer.settings.isShadow) return 0;
    if (pathAdvertiser.has(id)) return pathAdvertiser.countSentTo(id);
    return tables.adjRibOut.advertisedTo(id, this.peerSets);
  }

  private flush(peer: RibPeer, rib: FamilyRib): void {
    const counts = peer.counts[rib.tables.family];
    counts.isFlushing = true;
    Object.assign(counts.onCredit, { accepted: 0, received: 0 });
    const flush = eachPathOf(rib.tables, peer.id, (path) => rib.adjRibIn.remove(peer, path));
    this.tasks.push(followed(flush, () => (counts.isFlushing = false)));
  }

  private advertise(budget: number): void {
    const isSettled = this.tasks.isEmpty;
    for (const { advertiser, pathAdvertiser } of this.families) {
      advertiser.run(budget, isSettled);
      pathAdvertiser.run(budget, isSettled);
    }
  }

  private listenTo({ tables, adjRibIn }: FamilyRib): void {
    const { events } = this;
    adjRibIn.onLimit = (peer, reached) => events.limitReached?.(peer.id, reached);
    adjRibIn.onBogus = (peer, prefix) => events.prefixIgnored?.(peer.id, prefix);
    if (events.bestChanged === undefined) return;
    tables.locRib.onBestChanged = (...change) => events.bestChanged?.(tables.family, ...change);
  }

  private withdraw(peer: RibPeer, update: Update, range: NlriRange): void {
    if (range.start === range.end) return;
    this.families[range.family].adjRibIn.withdraw(peer, update, range);
  }

  /** The attributes of the range's routes; 0 where there are none. */
  private received(update: Update, range: NlriRange, mp: boolean): AttrsId {
    if (range.start === range.end) return none as AttrsId;
    const received = this.attrs.internReceived(update, mp);
    // Routes of both kinds have the same attributes: what spoils routes is told, and once.
    if (this.errors?.malformed === undefined) this.errors = this.attrs.errorsOf(received);
    return this.attrs.canonicalOf(received);
  }

  private announce(
    peer: RibPeer,
    update: Update,
    range: NlriRange,
    attrs: AttrsId,
    now: number,
  ): LimitReached | undefined {
    if (attrs === none) return undefined;
    return this.families[range.family].adjRibIn.announce(peer, update.bytes, range, attrs, now);
  }

  private reportErrors(peer: RibPeer, update: Update, errors: AttributeErrors): void {
    this.errors = undefined;
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const block = attributeBytes.subarray(attributesStart, attributesEnd);
    this.events.attributeErrors?.(peer.id, errors, block);
  }

  private rejudge(peer: RibPeer): void {
    for (const rib of this.families) {
      if (peer.counts[rib.tables.family].received === 0) continue;
      this.tasks.push(rejudging(rib, peer));
    }
  }

  /** The peer's rank has changed already. */
  private redecide(id: PeerId): void {
    this.whileUnsettled(() => {
      for (const family of this.families) this.tasks.push(redeciding(family, id));
    });
  }

  /** Queues tasks that bring the best paths up to ranks that have changed already. */
  private whileUnsettled(queueTasks: () => void): void {
    for (const { tables } of this.families) tables.locRib.unsettled++;
    queueTasks();
    this.tasks.push(
      once(() => {
        for (const { tables } of this.families) tables.locRib.unsettled--;
      }),
    );
  }

  private addExports(id: PeerId, settings: RibPeerSettings): void {
    for (const rib of this.families) {
      if (settings.exportJudge === undefined || !settings.families[rib.tables.family]) continue;
      rib.exports.add(id, settings.address, settings.exportJudge);
      if (settings.mayAddPath) rib.pathExports.add(id, settings.address, settings.exportJudge);
      takeNextHops(rib, this.peer(id));
      this.shareAnew(rib);
    }
  }

  private removeExports(id: PeerId, settings: RibPeerSettings): void {
    for (const rib of this.families) {
      if (!rib.exports.hasClient(id)) continue;
      rib.exports.remove(id, settings.address);
      if (settings.mayAddPath) rib.pathExports.remove(id, settings.address);
      this.shareAnew(rib);
    }
  }

  private shareAnew({ tables, pathExports }: FamilyRib): void {
    const hasPathClients = pathExports.hasClients || tables.locRib.everyChange !== undefined;
    tables.locRib.everyChange = pathExports.hasClients ? tables.dirtyPaths : undefined;
    if (tables.prefixes.size === 0) return;
    this.tasks.push(sharingOut(tables, hasPathClients));
  }

  /** An id may be a new peer's once every prefix is shared out without the old one. */
  private releaseRetired(): void {
    if (this.retired.length === 0 || this.hasWork) return;
    for (const id of this.retired) this.peerIds.give(id);
    this.retired = [];
  }

  /** After ids were freed or settings changed: what is remembered by id is no longer true. */
  private forget(): void {
    this.verdicts.clear();
    for (const rib of this.families) {
      rib.exports.forget();
      rib.advertiser.forget();
      rib.pathExports.forget();
      rib.pathAdvertiser.forget();
    }
  }
}
