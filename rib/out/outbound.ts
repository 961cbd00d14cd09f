import type { PeerId, PrefixId } from '#policy/ids.ts';
import type { Prefix } from '#wire/nlri.ts';
import { carriageOf, type RibPeer, type RibPeerSettings, type SendSettings } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Tables } from '../tables/tables.ts';
import { Advertiser } from './advertiser.ts';
import { BestPath } from './best-path.ts';
import { EveryPath } from './every-path.ts';
import { Exports } from './exports.ts';
import type { RibOutput } from './update-group.ts';

/**
 * The way out of one family: to clients that take one path of a prefix, and to those that take several
 * (RFC 7911). Each session is served by one of the two.
 */
export class Outbound {
  /** Who may have what: of clients that take one path, and of those that may take several. */
  readonly exports: Exports;
  readonly pathExports: Exports;
  private readonly everyPath: EveryPath;
  private readonly toOnePath: Advertiser;
  private readonly toSeveralPaths: Advertiser;
  private readonly advertisers: readonly Advertiser[];
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
    const parts = { tables, attrs, shares, output };
    const bestPath = new BestPath(tables, shares, this.exports);
    this.everyPath = new EveryPath(tables, shares, this.pathExports);
    this.toOnePath = new Advertiser({ ...parts, selection: bestPath });
    this.toSeveralPaths = new Advertiser({ ...parts, selection: this.everyPath });
    this.advertisers = [this.toOnePath, this.toSeveralPaths];
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
    const { clients } = send.addPath[family] ? this.toSeveralPaths : this.toOnePath;
    clients.join(peer);
  }

  /** The session stays, and all that the peer has been sent is withdrawn. */
  takeBack(peer: RibPeer): void {
    for (const { clients } of this.advertisers) clients.takeBack(peer);
  }

  leave(peer: RibPeer): void {
    for (const { clients } of this.advertisers) clients.leave(peer);
  }

  /** Answers a ROUTE-REFRESH (RFC 2918, RFC 7313). */
  refresh(peer: RibPeer, enhanced: boolean): void {
    for (const { clients } of this.advertisers) clients.refresh(peer, enhanced);
  }

  setLagging(peer: RibPeer, isLagging: boolean): void {
    for (const { clients } of this.advertisers) clients.setLagging(peer, isLagging);
  }

  /** Whether the peer has not been sent yet all that it is to hold. */
  isBehind(peer: PeerId): boolean {
    return this.advertisers.some(({ clients }) => clients.isBehind(peer));
  }

  get hasWork(): boolean {
    return this.advertisers.some(({ hasWork }) => hasWork);
  }

  /** Changes are on their way to clients: they name ids that no column does yet. */
  get isDelivering(): boolean {
    return this.advertisers.some(({ isDelivering }) => isDelivering);
  }

  /** Whether clients may still have to be sent the prefix. */
  isPending(prefix: PrefixId): boolean {
    const { dirty, dirtyPaths } = this.tables;
    return dirty.has(prefix) || dirtyPaths.has(prefix) || this.isDelivering;
  }

  /** Whether the prefix is pending, and no client of either kind can have been sent it yet. */
  isUnsent(prefix: PrefixId): boolean {
    const { dirty, dirtyPaths, locRib } = this.tables;
    return dirty.has(prefix) && (locRib.everyChange === undefined || dirtyPaths.has(prefix));
  }

  /** Something that the network has said waits to be advertised. */
  get isUrgent(): boolean {
    return this.tables.dirty.isUrgent || this.tables.dirtyPaths.isUrgent;
  }

  /** A slice for each of the two. `isSettled`: every prefix that is to be shared out again is dirty. */
  run(budget: number, isLate: () => boolean, isSettled: boolean): void {
    for (const advertiser of this.advertisers) advertiser.run(budget, isLate, isSettled);
  }

  /** How many prefixes the peer has been sent; paths, if it takes several of a prefix. */
  advertisedTo(peer: RibPeer): number {
    const { family, adjRibOut } = this.tables;
    if (!peer.isUp(family) || peer.settings.isShadow) return 0;
    const sent = this.takesSeveral(peer.id) ? this.tables.sentPaths : adjRibOut;
    return sent.advertisedTo(peer.id, this.peerSets);
  }

  /** Prefixes written to clients that take one path of each, since the start. */
  get written(): Advertiser['written'] {
    return this.toOnePath.written;
  }

  /** What a client that takes several paths has been sent of a prefix; `undefined` for another client. */
  sentPaths(prefix: PrefixId, client: PeerId): ReturnType<EveryPath['sentTo']> | undefined {
    return this.takesSeveral(client) ? this.everyPath.sentTo(client, prefix) : undefined;
  }

  /** What becomes dirty by this work waits behind what the network says. */
  behind(work: () => void): void {
    const { dirty, dirtyPaths } = this.tables;
    dirty.behind(() => dirtyPaths.behind(work));
  }

  /** After ids were freed, or settings changed. */
  forget(): void {
    this.exports.forget();
    this.pathExports.forget();
    for (const advertiser of this.advertisers) advertiser.forget();
  }

  private takesSeveral(client: PeerId): boolean {
    return this.toSeveralPaths.clients.has(client);
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
