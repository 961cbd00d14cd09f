import type { PeerId, PrefixId } from '#policy/ids.ts';
import type { Prefix } from '#wire/nlri.ts';
import { carriageOf, type RibPeer, type RibPeerSettings, type SendSettings } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Tables } from '../tables/tables.ts';
import { Advertiser } from './advertiser.ts';
import { Exports } from './exports.ts';
import { PathAdvertiser } from './path-advertiser.ts';
import type { RibOutput } from './update-group.ts';

/**
 * The way out of one family: to clients that take one path of a prefix, and to those that take several
 * (RFC 7911). Each session is served by one of the two.
 */
export class Outbound {
  /** Who may have what: of clients that take one path, and of those that may take several. */
  readonly exports: Exports;
  readonly pathExports: Exports;
  readonly advertiser: Advertiser;
  readonly pathAdvertiser: PathAdvertiser;
  private readonly tables: Tables;
  private readonly peerSets: PeerSets;

  constructor(
    tables: Tables,
    attrs: AttrTable,
    shares: ShareTable,
    peerSets: PeerSets,
    output: RibOutput,
  ) {
    this.tables = tables;
    this.peerSets = peerSets;
    this.exports = new Exports(tables, attrs, shares);
    this.pathExports = new Exports(tables, attrs, shares);
    this.advertiser = new Advertiser(tables, attrs, shares, this.exports, output);
    this.pathAdvertiser = new PathAdvertiser(tables, attrs, shares, this.pathExports, output);
  }

  /** Told of a route that is too long for the messages of a client; scratch, valid during the call. */
  set onTooLong(tell: (client: PeerId, prefix: Prefix) => void) {
    this.exports.onTooLong = tell;
    this.pathExports.onTooLong = tell;
  }

  /** The peer becomes a client, if by its settings it is one. */
  addClient(peer: RibPeer): void {
    const { address, exportJudge, families, mayAddPath } = peer.settings;
    if (exportJudge === undefined || !families[this.tables.family]) return;
    this.exports.add(peer.id, address, exportJudge);
    if (mayAddPath) this.pathExports.add(peer.id, address, exportJudge);
    this.setCarriageOf(peer);
    this.shareAnew();
  }

  /** `settings`: those that it was added with. */
  removeClient(peer: PeerId, { address, mayAddPath }: RibPeerSettings): void {
    if (!this.exports.hasClient(peer)) return;
    this.exports.remove(peer, address);
    if (mayAddPath) this.pathExports.remove(peer, address);
    this.shareAnew();
  }

  /** What the peer's last session could carry decides what it may have. */
  takeCarriage(peer: RibPeer): void {
    if (this.setCarriageOf(peer)) this.shareAnew();
  }

  /** The peer is sent the table, then End-of-RIB, if the family is negotiated. */
  join(peer: RibPeer, send: SendSettings): void {
    const { family } = this.tables;
    if (!send.families[family]) return;
    if (send.addPath[family]) this.pathAdvertiser.join(peer);
    else this.advertiser.join(peer);
  }

  /** The session stays, and all that the peer has been sent is withdrawn. */
  takeBack(peer: RibPeer): void {
    this.advertiser.takeBack(peer);
    this.pathAdvertiser.takeBack(peer);
  }

  leave(peer: RibPeer): void {
    this.advertiser.leave(peer);
    this.pathAdvertiser.leave(peer);
  }

  /** Answers a ROUTE-REFRESH (RFC 2918, RFC 7313). */
  refresh(peer: RibPeer, enhanced: boolean): void {
    this.advertiser.refresh(peer, enhanced);
    this.pathAdvertiser.refresh(peer, enhanced);
  }

  setLagging(peer: RibPeer, isLagging: boolean): void {
    this.advertiser.setLagging(peer, isLagging);
    this.pathAdvertiser.setLagging(peer, isLagging);
  }

  /** Whether the peer has not been sent yet all that it is to hold. */
  isBehind(peer: PeerId): boolean {
    return this.advertiser.isBehind(peer) || this.pathAdvertiser.isBehind(peer);
  }

  get hasWork(): boolean {
    return this.advertiser.hasWork || this.pathAdvertiser.hasWork;
  }

  /** Something that the network has said waits to be advertised. */
  get isUrgent(): boolean {
    return this.tables.dirty.isUrgent || this.tables.dirtyPaths.isUrgent;
  }

  /** A slice for each of the two. `isSettled`: every prefix that is to be shared out anew is dirty. */
  run(budget: number, isLate: () => boolean, isSettled: boolean): void {
    this.advertiser.run(budget, isLate, isSettled);
    this.pathAdvertiser.run(budget, isLate, isSettled);
  }

  /** How many prefixes the peer has been sent; paths, if it takes several of a prefix. */
  advertisedTo(peer: RibPeer): number {
    const { family, adjRibOut } = this.tables;
    if (!peer.isUp(family) || peer.settings.isShadow) return 0;
    const sent = this.pathAdvertiser.has(peer.id) ? this.tables.sentPaths : adjRibOut;
    return sent.advertisedTo(peer.id, this.peerSets);
  }

  /** Prefixes written to clients that take one path of each, since the start. */
  get written(): Advertiser['written'] {
    return this.advertiser.written;
  }

  /** What a client that takes several paths has been sent of a prefix; `undefined` for another client. */
  sentPaths(prefix: PrefixId, client: PeerId): ReturnType<PathAdvertiser['sentTo']> | undefined {
    const { pathAdvertiser } = this;
    return pathAdvertiser.has(client) ? pathAdvertiser.sentTo(client, prefix) : undefined;
  }

  /** What becomes dirty by this work waits behind what the network says. */
  behind(work: () => void): void {
    const { dirty, dirtyPaths } = this.tables;
    dirty.behind(() => dirtyPaths.behind(work));
  }

  /** After ids were freed, or settings changed. */
  forget(): void {
    this.exports.forget();
    this.advertiser.forget();
    this.pathExports.forget();
    this.pathAdvertiser.forget();
  }

  private setCarriageOf({ id, lastSend }: RibPeer): boolean {
    const carriage = carriageOf(lastSend, this.tables.family);
    const isNews = this.exports.setCarriage(id, carriage);
    return this.pathExports.setCarriage(id, carriage) || isNews;
  }

  /** Every prefix is shared out anew: in one pass, for however many clients it is ordered. */
  private shareAnew(): void {
    const { tables } = this;
    const hadPathClients = tables.locRib.everyChange !== undefined;
    const hasPathClients = this.pathExports.hasClients;
    tables.locRib.everyChange = hasPathClients ? tables.dirtyPaths : undefined;
    tables.dirty.addAll();
    if (hasPathClients || hadPathClients) tables.dirtyPaths.addAll();
  }
}
