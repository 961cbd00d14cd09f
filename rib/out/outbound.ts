import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { FamilyTables } from '../family-tables.ts';
import { carriageOf, type RibPeer, type RibPeerSettings, type SendSettings } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { PeerSets } from '../tables/peer-sets.ts';
import type { ShareTable } from '../tables/share-table.ts';
import { Advertiser } from './advertiser.ts';
import { BestPath } from './best-path.ts';
import { EveryPath } from './every-path.ts';
import { Exports } from './exports.ts';
import type { RibOutput } from './update-group.ts';

/**
 * The outbound side of one family: to clients that take one path of a prefix, and to those that take several (RFC
 * 7911). Each session is served by one of the two.
 */
export class Outbound {
  /** The paths that each client may be sent: for clients that take one path, and for those that may take several. */
  readonly exports: Exports;
  readonly pathExports: Exports;
  private readonly everyPath: EveryPath;
  private readonly toOnePath: Advertiser;
  private readonly toSeveralPaths: Advertiser;
  private readonly advertisers: readonly Advertiser[];
  private readonly tables: FamilyTables;
  private readonly peerSets: PeerSets;

  constructor(
    tables: FamilyTables,
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

  /**
   * Called with a route that is too long for the messages of a client. The prefix is scratch, valid during the call.
   */
  set onTooLong(tell: (client: PeerId, prefix: Prefix) => void) {
    this.exports.onTooLong = tell;
    this.pathExports.onTooLong = tell;
  }

  /** Makes the peer a client, if its settings say so. */
  addClient(peer: RibPeer): void {
    const { address, exportJudge, families, mayAddPath } = peer.settings;
    if (exportJudge === undefined || !families[this.tables.family]) return;
    this.exports.add(peer.id, address, exportJudge);
    if (mayAddPath) this.pathExports.add(peer.id, address, exportJudge);
    this.setCarriageOf(peer);
    this.shareAgain();
  }

  /** `settings` are those that it was added with. */
  removeClient(peer: PeerId, { address, mayAddPath }: RibPeerSettings): void {
    if (!this.exports.hasClient(peer)) return;
    this.exports.remove(peer, address);
    if (mayAddPath) this.pathExports.remove(peer, address);
    this.shareAgain();
  }

  /** Takes into account which routes the last session of the peer could carry. */
  takeCarriage(peer: RibPeer): void {
    if (this.setCarriageOf(peer)) this.shareAgain();
  }

  /** Sends the peer the table, then End-of-RIB, if the family is negotiated. */
  join(peer: RibPeer, send: SendSettings): void {
    const { family } = this.tables;
    if (!send.families[family]) return;
    const { clients } = send.addPath[family] ? this.toSeveralPaths : this.toOnePath;
    clients.join(peer);
  }

  /** The session stays, and everything that the peer has been sent is withdrawn. */
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

  /** Returns whether the peer has not yet been sent everything that it is to hold. */
  isBehind(peer: PeerId): boolean {
    return this.advertisers.some(({ clients }) => clients.isBehind(peer));
  }

  /** As `Clients.isUnheld`; not known while `isDeferring`. */
  isUnheld(peer: PeerId, prefix: PrefixId, path: PathId): boolean {
    return this.advertisers.some(({ clients }) => clients.isUnheld(peer, prefix, path));
  }

  /** Whether clients that catch up do not know yet all that they await. */
  get isDeferring(): boolean {
    return this.advertisers.some(({ isDeferring }) => isDeferring);
  }

  get hasWork(): boolean {
    return this.advertisers.some(({ hasWork }) => hasWork);
  }

  /** Whether changes are on their way to clients, which refer to ids that no column refers to yet. */
  get isDelivering(): boolean {
    return this.advertisers.some(({ isDelivering }) => isDelivering);
  }

  /** Returns whether clients may still have to be sent the prefix. */
  isPending(prefix: PrefixId): boolean {
    const { dirty, dirtyPaths } = this.tables;
    return dirty.has(prefix) || dirtyPaths.has(prefix) || this.isDelivering;
  }

  /** Whether the prefix is pending, and no client of either kind can have been sent it yet. */
  isUnsent(prefix: PrefixId): boolean {
    const { dirty, dirtyPaths, locRib } = this.tables;
    return dirty.has(prefix) && (locRib.everyChange === undefined || dirtyPaths.has(prefix));
  }

  /** Whether a change from the network waits to be advertised. */
  get isUrgent(): boolean {
    return this.advertisers.some(({ isUrgent }) => isUrgent);
  }

  /**
   * Runs a slice for each of the two. `isSettled` means that every prefix whose share has to be determined again is
   * dirty.
   */
  run(budget: number, isLate: () => boolean, isSettled: boolean): void {
    for (const advertiser of this.advertisers) advertiser.run(budget, isLate, isSettled);
  }

  /** Returns the number of prefixes that the peer has been sent; paths, if it takes several of a prefix. */
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

  /** Returns what a client that takes several paths has been sent of a prefix; `undefined` for another client. */
  sentPaths(prefix: PrefixId, client: PeerId): ReturnType<EveryPath['sentTo']> | undefined {
    return this.takesSeveral(client) ? this.everyPath.sentTo(client, prefix) : undefined;
  }

  /** Runs `work`; prefixes that it makes dirty wait behind changes from the network. */
  behind(work: () => void): void {
    const { dirty, dirtyPaths } = this.tables;
    dirty.behind(() => dirtyPaths.behind(work));
  }

  /** To be called when what export policies have answered, or what ids mean, is no longer valid. */
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
    const hasChanged = this.exports.setCarriage(id, carriage);
    return this.pathExports.setCarriage(id, carriage) || hasChanged;
  }

  /** Determines the share of every prefix again: in one pass, however many clients require it. */
  private shareAgain(): void {
    const { tables } = this;
    const hadPathClients = tables.locRib.everyChange !== undefined;
    const hasPathClients = this.pathExports.hasClients;
    tables.locRib.everyChange = hasPathClients ? tables.dirtyPaths : undefined;
    tables.dirty.addAll();
    if (hasPathClients || hadPathClients) tables.dirtyPaths.addAll();
  }
}
