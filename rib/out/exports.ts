import {
  type AttrsId,
  none,
  type PathId,
  type PeerId,
  type PeerSetId,
  type PrefixId,
  type ShareId,
} from '#policy/ids.ts';
import type { ExportJudge } from '#policy/judge.ts';
import type { Prefix } from '#wire/nlri.ts';
import { readU32 } from '#wire/octets.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { Carriage } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import { AttrsMemo } from '../tables/attrs-memo.ts';
import { maskOf, membersOf, type PeerMask } from '../tables/peer-sets.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import { ShareMemo } from '../tables/share-memo.ts';
import type { Cell, ShareTable } from '../tables/share-table.ts';
import { Carriers, type Uncarried } from './carriers.ts';
import { ExportClasses } from './export-classes.ts';

interface Owner {
  readonly address: Uint8Array;
  readonly mask: PeerMask;
}

/** This many judgements are as much work as deciding about a prefix from what is remembered. */
const judgementsPerRow = 16;

/** The clients that are sent a path that every client may have. */
interface Audience {
  readonly set: PeerSetId;
  /** The path came from a client, which must be sent another one. */
  readonly unserved: boolean;
}

/**
 * Decides who is sent a prefix, and with which attributes: step 9, for one family. Each client gets the first ranked
 * path that its export policy allows (RFC 7947 §2.3.2.1: no path hiding), but never one of its own, one whose next hop
 * it is (RFC 4271 §5.1.3) or one that its session cannot carry (`Carriers`). Decided once per attribute set.
 */
export class Exports {
  private readonly tables: FamilyTables;
  private readonly attrs: AttrTable;
  private readonly shares: ShareTable;
  private readonly classes: ExportClasses;
  /** Clients by the last four bytes of their address, for the next-hop rule. */
  private readonly owners = new Map<number, Owner[]>();
  /**
   * Judgements since the start, converted to rows of a slice: if each of 300 policies has to be asked, one new attribute
   * set takes as long as hundreds that are remembered.
   */
  judgedRows = 0;
  /** Called once each time that a set of attributes is judged; the prefix is scratch. */
  onTooLong: ((client: PeerId, prefix: Prefix) => void) | undefined;
  private readonly carriers: Carriers;
  private readonly scratch;
  /** What `offer` returned. */
  private readonly memo = new AttrsMemo();
  /** What `dealMore` returned. */
  private readonly deals = new ShareMemo();
  /** By the peer that a path came from. */
  private audiences: Audience[] = [];

  constructor(tables: FamilyTables, attrs: AttrTable, shares: ShareTable) {
    this.tables = tables;
    this.attrs = attrs;
    this.shares = shares;
    this.classes = new ExportClasses(tables, attrs);
    this.scratch = scratchPrefix(tables.family);
    this.carriers = new Carriers(tables.family, attrs);
  }

  /** Adds a client. Afterwards the share of every prefix must be determined again. */
  add(peer: PeerId, address: Uint8Array, judge: ExportJudge): void {
    this.classes.add(peer, judge);
    const mask = maskOf(peer);
    const key = addressKey(address);
    this.owners.set(key, [...(this.owners.get(key) ?? []), { address, mask }]);
    this.forget();
  }

  /** Removes a client. Afterwards the share of every prefix must be determined again. */
  remove(peer: PeerId, address: Uint8Array): void {
    this.classes.remove(peer);
    const mask = maskOf(peer);
    this.carriers.remove(mask);
    const key = addressKey(address);
    const others = this.owners.get(key)?.filter((owner) => owner.mask !== mask) ?? [];
    if (others.length > 0) this.owners.set(key, others);
    else this.owners.delete(key);
    this.forget();
  }

  /** Drops every remembered answer, because policy changed or ids were freed. */
  forget(): void {
    this.memo.clear();
    this.deals.clear();
    this.audiences = [];
    this.classes.forget();
  }

  /** Returns true if the change affects a route; then the share of every prefix must be determined again. */
  setCarriage(peer: PeerId, carriage: Carriage): boolean {
    const mask = maskOf(peer);
    if ((this.clients & mask) === 0n || !this.carriers.set(mask, carriage)) return false;
    this.forget();
    return this.carriers.areAsked;
  }

  private get clients(): PeerMask {
    return this.classes.clients;
  }

  get hasClients(): boolean {
    return this.clients !== 0n;
  }

  hasClient(peer: PeerId): boolean {
    return (this.clients & maskOf(peer)) !== 0n;
  }

  /** The judge of a client. */
  judgeOf(peer: PeerId): ExportJudge | undefined {
    return this.classes.judgeOf(peer);
  }

  /** Returns the share of a prefix with its present paths, and updates its `open` mark in the Loc-RIB. */
  shareOf(prefix: PrefixId): ShareId {
    const { locRib, paths } = this.tables;
    const best = locRib.bestOf(prefix);
    if (best === none || this.clients === 0n) {
      if (best !== none) locRib.setOpen(prefix, false);
      return none as ShareId;
    }
    const prefixClass = this.classes.prefixClass(prefix);
    const alone = this.offer(best, prefix, prefixClass);
    locRib.setOpen(prefix, alone < 0);
    if (alone > 0) return shareIn(alone);
    const hasOthers = paths.next(paths.first(prefix)) !== none;
    return hasOthers ? this.deal(best, alone, prefix, prefixClass) : shareIn(alone);
  }

  /** Returns who may have this one path, whatever its rank; nobody if it is not accepted. */
  shareOfPath(path: PathId, prefix: PrefixId): ShareId {
    if (this.tables.paths.accepted(path) === none) return none as ShareId;
    return shareIn(this.offer(path, prefix, this.classes.prefixClass(prefix)));
  }

  /**
   * Returns why the client cannot have the path although its policy allows it. Its own path it cannot have in any case.
   */
  whyNot(
    path: PathId,
    attrs: AttrsId,
    client: PeerId,
  ): 'own_route' | 'own_next_hop' | Uncarried | undefined {
    if (this.tables.paths.peer(path) === client) return 'own_route';
    if (attrs === none) return undefined;
    const uncarried = this.carriers.whyNot(attrs, maskOf(client));
    if (uncarried !== undefined) return uncarried;
    return (this.ownersOfNextHop(attrs) & maskOf(client)) === 0n ? undefined : 'own_next_hop';
  }

  /**
   * Returns what clients may have of one path: its share + 1, negative if it does not serve every client. Judged once
   * for each attribute set: with a policy for each of 300 clients that was nine tenths of all work.
   */
  private offer(path: PathId, prefix: PrefixId, prefixClass: number): number {
    const { paths } = this.tables;
    const attrs = paths.accepted(path);
    const source = paths.peer(path);
    let offer = this.memo.get(attrs, source, prefixClass);
    if (offer === 0) {
      offer = this.judgeOffer(path, prefix);
      this.memo.set(attrs, source, prefixClass, offer);
    }
    return offer;
  }

  private judgeOffer(path: PathId, prefix: PrefixId): number {
    const { classes } = this;
    const { paths } = this.tables;
    const source = paths.peer(path);
    const judgements = classes.judge(paths.accepted(path), source, prefix);
    this.judgedRows += Math.floor(judgements / judgementsPerRow);
    const same = classes.sameForAll();
    if (same !== none && this.isOrdinary(same)) {
      const { set, unserved } = this.audienceOf(source);
      const share = set === none ? none : this.shares.consSet(set, same, none as ShareId);
      return unserved ? -(share + 1) : share + 1;
    }
    const cells = this.cellsOf(maskOf(source), prefix);
    const served = cells.reduce((all, { mask }) => all | mask, 0n);
    const share = this.shareOfCells(cells);
    return served === this.clients ? share + 1 : -(share + 1);
  }

  /** Returns whether every session can carry the route, and its next hop is no client's address. */
  private isOrdinary(attrs: AttrsId): boolean {
    const nextHop = this.attrs.nextHopAt(attrs);
    if (!this.carriers.areAll(attrs, nextHop)) return false;
    return !this.owners.has(addressKey(nextHop.bytes, nextHop.start, nextHop.end));
  }

  private cellsOf(source: PeerMask, prefix: PrefixId): Cell[] {
    const cells: Cell[] = [];
    for (const [attrs, members] of this.classes.clientsByVerdict()) {
      const wanted = members & ~source;
      const carried = this.carriers.of(attrs, wanted);
      if (carried !== wanted) this.tellTooLong(attrs, wanted & ~carried, prefix);
      const mask = carried & ~this.ownersOfNextHop(attrs);
      if (mask !== 0n) cells.push({ mask, attrs });
    }
    return cells;
  }

  private tellTooLong(attrs: AttrsId, clients: PeerMask, prefix: PrefixId): void {
    const { onTooLong, carriers } = this;
    if (onTooLong === undefined) return;
    for (const client of membersOf(clients)) {
      if (carriers.whyNot(attrs, maskOf(client)) !== 'too_long') continue;
      onTooLong(client, this.tables.prefixes.read(prefix, this.scratch));
    }
  }

  private shareOfCells(cells: readonly Cell[]): ShareId {
    let share = none as ShareId;
    for (const { mask, attrs } of cells.toReversed()) share = this.shares.cons(mask, attrs, share);
    return share;
  }

  /**
   * Returns all clients except the peer itself. They are remembered, because bigints for each set were five sixths of
   * the remaining garbage (bench:micro).
   */
  private audienceOf(source: PeerId): Audience {
    let audience = this.audiences[source];
    if (audience === undefined) {
      const mask = this.clients & ~maskOf(source);
      const set = mask === 0n ? (none as PeerSetId) : this.shares.internSet(mask);
      audience = { set, unserved: mask !== this.clients };
      this.audiences[source] = audience;
    }
    return audience;
  }

  /** Gives each client the first of the paths that it may have; `alone` is what the best path has for them. */
  private deal(best: PathId, alone: number, prefix: PrefixId, prefixClass: number): ShareId {
    const { decision, paths } = this.tables;
    let dealt = shareIn(alone);
    for (const path of decision.othersInOrder(paths.first(prefix), best)) {
      const offer = this.offer(path, prefix, prefixClass);
      const all = dealt === none ? offer : this.dealMore(dealt, shareIn(offer));
      dealt = shareIn(all);
      if (all > 0) break;
    }
    return dealt;
  }

  /**
   * Returns all that is dealt once the clients that have no path yet are given this offer: the share + 1, negative if
   * it does not serve every client. It is remembered, because the bigints of 300 clients were most of the work.
   */
  private dealMore(dealt: ShareId, offer: ShareId): number {
    let all = this.deals.get(dealt, offer);
    if (all === 0) {
      const share = this.join(dealt, offer);
      all = this.shares.everyone(share) === this.clients ? share + 1 : -(share + 1);
      this.deals.set(dealt, offer, all);
    }
    return all;
  }

  /** Adds to a share what an offer has for the clients that are not in it. */
  private join(dealt: ShareId, offer: ShareId): ShareId {
    const { shares } = this;
    const served = shares.everyone(dealt);
    const cells = shares.cells(dealt);
    for (const { mask, attrs } of shares.cells(offer)) {
      const left = mask & ~served;
      if (left === 0n) continue;
      const same = cells.find((cell) => cell.attrs === attrs);
      if (same === undefined) cells.push({ mask: left, attrs });
      else same.mask |= left;
    }
    return this.shareOfCells(cells);
  }

  private ownersOfNextHop(attrs: AttrsId): PeerMask {
    const { bytes, start, end } = this.attrs.nextHopAt(attrs);
    const candidates = this.owners.get(addressKey(bytes, start, end));
    if (candidates === undefined) return 0n;
    const owners = candidates.filter(({ address }) => this.attrs.isNextHop(attrs, address));
    return owners.reduce((all, { mask }) => all | mask, 0n);
  }
}

/** Returns the share of what `offer` or `dealMore` returned. */
function shareIn(answer: number): ShareId {
  return (Math.abs(answer) - 1) as ShareId;
}

/** Returns the last four bytes: enough to exclude nearly every next hop without making a string. */
function addressKey(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return end - start < 4 ? 0 : readU32(bytes, end - 4);
}
