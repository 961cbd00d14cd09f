import type { PeerId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { FamilyRib } from './family-rib.ts';
import {
  type Carriage,
  carriageOf,
  Refusal,
  RibPeer,
  type RibPeerSettings,
  type SendSettings,
  sharesAlike,
} from './rib-peer.ts';
import { IdPool } from './tables/ids/id-pool.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';
import { redeciding, rejudging } from './work/family-tasks.ts';
import type { OrderedWork } from './work/ordered-work.ts';
import { once } from './work/task.ts';

export interface PeerTableParts {
  readonly families: readonly FamilyRib[];
  readonly ranks: PeerRanks;
  readonly ordered: OrderedWork;
  /** Forgets what is remembered by id. */
  readonly forget: () => void;
  /** Forgets what import policies have answered. */
  readonly forgetVerdicts: () => void;
}

/** The peers by PeerId, and what it means for the RIBs that one comes, changes or goes. */
export class PeerTable {
  private readonly parts: PeerTableParts;
  private readonly ids = new IdPool();
  private readonly peers: (RibPeer | undefined)[] = [];
  /** Ids of removed peers that a share may still refer to. */
  private retired: PeerId[] = [];

  constructor(parts: PeerTableParts) {
    this.parts = parts;
  }

  add(settings: RibPeerSettings): PeerId {
    const id = this.ids.take() as PeerId;
    const peer = new RibPeer(id, settings);
    this.peers[id] = peer;
    this.parts.ranks.add(id, settings.address, settings.honourGracefulShutdown);
    for (const { outbound } of this.parts.families) outbound.addClient(peer);
    return id;
  }

  /** Throws a RangeError for an id that no peer has. */
  get(id: PeerId): RibPeer {
    const peer = this.peers[id];
    if (peer === undefined) throw new RangeError(`no peer ${id}`);
    return peer;
  }

  /** Returns `undefined` once the peer has been removed. */
  find(id: PeerId): RibPeer | undefined {
    return this.peers[id];
  }

  all(): RibPeer[] {
    return this.peers.filter((peer) => peer !== undefined);
  }

  /** Returns what the peer's last session could carry. */
  carriage(id: PeerId, family: Family): Carriage {
    return carriageOf(this.peers[id]?.lastSend, family);
  }

  replaceSettings(id: PeerId, settings: RibPeerSettings): void {
    const { families, ordered, forgetVerdicts } = this.parts;
    const peer = this.get(id);
    const old = peer.settings;
    peer.settings = settings;
    forgetVerdicts();
    const isSameSource = old.name === settings.name && old.peerAs === settings.peerAs;
    if (!isSameSource) for (const { outbound } of families) outbound.forget();
    if (!sharesAlike(old, settings)) {
      for (const { outbound } of families) {
        outbound.removeClient(id, old);
        outbound.addClient(peer);
      }
    }
    if (settings.isShadow !== old.isShadow) this.takeShadow(peer);
    if (!this.takeRanks(id, old, settings)) return this.rejudge(peer);
    ordered.whileUnsettled(() => this.rejudge(peer));
  }

  remove(id: PeerId): void {
    const { families, ranks, ordered, forget } = this.parts;
    const peer = this.get(id);
    this.down(id, []);
    for (const { tables } of families) this.endStale(id, tables.family);
    for (const { outbound } of families) outbound.removeClient(id, peer.settings);
    ordered.pushLoss(
      once(() => {
        ranks.remove(id);
        this.peers[id] = undefined;
        this.retired.push(id);
        forget();
      }),
    );
  }

  up(id: PeerId, routerId: number, send: SendSettings): void {
    const { families, ranks } = this.parts;
    const peer = this.get(id);
    for (const { adjRibIn } of families) adjRibIn.leaving.comeBack(peer);
    const keptRank = ranks.routerId(id) === routerId;
    ranks.setRouterId(id, routerId);
    const hasPaths = peer.counts.some(({ received, hasFormer }) => received > 0 || hasFormer);
    if (!keptRank && hasPaths) this.redecide(id);
    peer.send = send;
    peer.lastSend = send;
    for (const { refusals } of peer.counts) refusals.fill(Refusal.none);
    for (const { outbound } of families) outbound.takeCarriage(peer);
    if (!peer.settings.isShadow) this.join(peer, send);
  }

  /** Does nothing if the session had not been Established. */
  down(id: PeerId, kept: readonly boolean[]): void {
    const { families, ordered } = this.parts;
    const peer = this.get(id);
    if (peer.send === undefined) return;
    for (const { outbound } of families) outbound.leave(peer);
    peer.send = undefined;
    for (const { adjRibIn, tables } of families) {
      adjRibIn.kept.endOf(peer);
      if (kept[tables.family] === true) adjRibIn.stale.mark(peer);
      else ordered.pushLoss(adjRibIn.leaving.flush(peer));
    }
  }

  dropFamily(id: PeerId, family: Family): void {
    const { families, ordered } = this.parts;
    const { kept, leaving } = families[family].adjRibIn;
    const peer = this.get(id);
    kept.endOf(peer);
    ordered.pushLoss(leaving.flush(peer));
  }

  /** Removes what is still stale. */
  endStale(id: PeerId, family: Family): void {
    const { families, ordered } = this.parts;
    const peer = this.get(id);
    if (peer.counts[family].stale === 0) return;
    ordered.pushLoss(families[family].adjRibIn.stale.sweep(peer));
  }

  /** To be called when the peer's rank has already changed. */
  redecide(id: PeerId): void {
    const { families, ordered } = this.parts;
    ordered.whileUnsettled(() => {
      for (const family of families) ordered.push(redeciding(family, id));
    });
  }

  /** Whether ids of removed peers wait for `releaseRetired`. */
  get hasRetired(): boolean {
    return this.retired.length > 0;
  }

  /** To be called when no work is left, since every prefix then has a share without the removed peers. */
  releaseRetired(): void {
    for (const id of this.retired) this.ids.give(id);
    this.retired = [];
  }

  /** Sends the peer the table, then End-of-RIB, for each family. */
  private join(peer: RibPeer, send: SendSettings): void {
    for (const { outbound } of this.parts.families) outbound.join(peer, send);
  }

  /**
   * When the peer becomes a shadow, what was advertised is withdrawn; when it stops being one, it is sent the table,
   * then End-of-RIB.
   */
  private takeShadow(peer: RibPeer): void {
    if (!peer.settings.isShadow && peer.send !== undefined) return this.join(peer, peer.send);
    for (const { outbound } of this.parts.families) outbound.takeBack(peer);
  }

  /**
   * Updates what the decision knows about the peer from its settings; returns whether ranks of its paths have changed.
   * Each of them is decided again when it is judged again.
   */
  private takeRanks(id: PeerId, old: RibPeerSettings, settings: RibPeerSettings): boolean {
    const { ranks } = this.parts;
    const hasMoved = ranks.setAddress(id, settings.address);
    const honours = settings.honourGracefulShutdown;
    ranks.setHonoursShutdown(id, honours);
    return hasMoved || honours !== old.honourGracefulShutdown;
  }

  private rejudge(peer: RibPeer): void {
    for (const rib of this.parts.families) {
      if (peer.counts[rib.tables.family].received === 0) continue;
      this.parts.ordered.push(rejudging(rib, peer));
    }
  }
}
