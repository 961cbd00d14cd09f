import { none, type PrefixId } from '#policy/ids.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { RibPeer } from '../rib-peer.ts';
import { bitCount, IdBits } from '../tables/ids/id-bits.ts';
import type { StagedSection } from './staged-section.ts';

/**
 * The number of prefixes that are sorted at a time: a millisecond or two of work, where sorting a table of a million
 * took a hundred. Each window begins new messages; with half of this a table of 500,000 takes a fifth more of them.
 */
const windowPrefixes = 65_536;

/**
 * The first window of a client; each one is twice as large as the one before. The first client of a process arranges
 * its first windows in code that is not compiled yet, which takes 11 to 15 ms for a full window.
 */
const firstWindow = 8192;

/**
 * A peer that is not on the shared stream: new, asking for a refresh, or slow. It remembers only *which* prefixes the
 * peer awaits, one bit each, or how far a pass over the whole table has come. What it is sent is what the Adj-RIB-Out
 * says when its turn comes, so several changes of an awaited prefix merge into one.
 */
export class CatchUp {
  readonly peer: RibPeer;
  /** End-of-RIB is due once it has caught up (RFC 4724 §2): at the first table of a session. */
  owesEndOfRib = false;
  /** EoRR is due once it has caught up (RFC 7313 §4). */
  owesEndOfRefresh = false;
  /**
   * A refresh requested while another one is being answered waits for its end: one table at a time, however often a
   * peer asks.
   */
  refreshAsked: 'plain' | 'enhanced' | undefined;
  /** All of the table is awaited, and nothing of it has been sent. */
  isUntouched = false;
  /** The peer is to be sent nothing more: what it may hold is withdrawn, and then it is no longer served. */
  isLeaving = false;
  /** After it has left, it is to be sent the table again. */
  isToRejoin = false;
  /** The peer reads too slowly, so nothing is encoded for it. */
  isPaused = false;
  /** The prefix whose paths are being sent one after another, which keeps its id; 0 for none. */
  inHand = none as PrefixId;
  private readonly awaited = new IdBits();
  /** What was announced for the first time meanwhile, so that the peer holds nothing of it. */
  private readonly unheld = new IdBits();
  private count = 0;
  /** The pass: those prefixes from `passAt` up to but excluding `passEnd` that are wanted are awaited too. */
  private passAt = 0;
  private passEnd = 0;
  private wanted: () => (prefix: PrefixId) => boolean = () => () => false;
  /** Awaited prefixes in the order of sending; some may have been sent since. */
  private order: Uint32Array = new Uint32Array(0);
  private at = 0;
  private window = firstWindow;

  constructor(peer: RibPeer) {
    this.peer = peer;
  }

  get isDone(): boolean {
    return this.count === 0 && this.passAt >= this.passEnd && this.inHand === none;
  }

  /** Returns whether the prefix must keep its id: it is being sent, or awaited for another reason than the pass. */
  has(prefix: PrefixId): boolean {
    return this.awaited.has(prefix) || prefix === this.inHand;
  }

  add(prefix: PrefixId): void {
    if (!this.awaited.has(prefix) && !this.isToCome(prefix)) this.await(prefix);
  }

  /** Does what `add` does for every prefix of the section; `areUnsent` means that those of its `newBits` are new. */
  addWords({ words, bits, newBits }: StagedSection, areUnsent: boolean): void {
    for (let row = 0; row < words.length; row++) {
      const word = words[row];
      const missing = this.awaited.missing(word, bits[row]);
      if (missing === 0) continue;
      if (areUnsent) this.unheld.addWord(word, missing & newBits[row]);
      const due = missing & ~this.toComeOf(word);
      this.awaited.addWord(word, due);
      this.count += bitCount(due);
    }
  }

  /**
   * Called when the prefix is withdrawn. If it came and went without having been sent to the peer, it needs no
   * withdrawal and is no longer awaited: otherwise a peer that reads nothing would hold on to every prefix that ever
   * existed.
   */
  withdraw(prefix: PrefixId): void {
    if (this.unheld.has(prefix)) return this.drop(prefix);
    if (!this.owesEndOfRib || !this.isToCome(prefix)) this.await(prefix);
  }

  /**
   * Returns whether the peer has not been sent the prefix in this session, so that nothing is sent either if it is
   * withdrawn now.
   */
  isUnheld(prefix: PrefixId): boolean {
    return this.unheld.has(prefix) || (this.owesEndOfRib && this.isToCome(prefix));
  }

  /** Awaits the prefix, and keeps its id, even if the pass will reach it. */
  await(prefix: PrefixId): void {
    if (this.awaited.has(prefix)) return;
    this.awaited.add(prefix);
    this.count++;
  }

  /** Stops awaiting the prefix. */
  drop(prefix: PrefixId): void {
    this.unheld.delete(prefix);
    if (!this.awaited.has(prefix)) return;
    this.awaited.delete(prefix);
    this.count--;
  }

  /**
   * Awaits everything below `limit` that the peer is to have when its turn comes, from the beginning. `wanted` returns
   * the test for that, which may remember ids until its caller returns, and no longer.
   */
  addAll(limit: number, wanted: () => (prefix: PrefixId) => boolean): void {
    this.passAt = 1;
    this.passEnd = limit;
    this.wanted = wanted;
    this.isUntouched = true;
  }

  /**
   * Whether a refresh must wait until the peer has caught up. This is so if a part of the table has been sent, so that
   * the whole of it must follow, or if the first table is being sent, whose End-of-RIB comes before any BoRR (RFC 7313
   * §4).
   */
  get mustFinishFirst(): boolean {
    return this.isLeaving || this.owesEndOfRib || !this.isUntouched;
  }

  /** A table of which nothing is sent yet already answers a plain request. */
  askAgain(enhanced: boolean): void {
    if (enhanced) this.refreshAsked = 'enhanced';
    else if (!this.isUntouched) this.refreshAsked ??= 'plain';
  }

  /**
   * Returns the next awaited prefix, which is then no longer awaited. Returns 0 if there is none, or if none was found
   * in a window of the pass: then `isDone` is false, and the remaining ones are for another slice.
   */
  take(tables: FamilyTables): PrefixId {
    this.isUntouched = false;
    for (;;) {
      if (this.at >= this.order.length && !this.arrange(tables)) return none as PrefixId;
      const prefix = this.order[this.at++] as PrefixId;
      if (!this.awaited.has(prefix)) continue;
      this.unheld.delete(prefix);
      this.awaited.delete(prefix);
      this.count--;
      return prefix;
    }
  }

  /** Calls back with every prefix that keeps its id for this peer. */
  each(visit: (prefix: PrefixId) => void): void {
    this.awaited.each((prefix) => visit(prefix as PrefixId));
    if (this.inHand !== none) visit(this.inHand);
  }

  /** Returns which of the 32 prefixes the pass will reach. */
  private toComeOf(word: number): number {
    const first = word * 32;
    if (first >= this.passEnd || first + 32 <= this.passAt) return 0;
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) {
      if (this.isToCome((first + bit) as PrefixId)) bits |= 1 << bit;
    }
    return bits;
  }

  private isToCome(prefix: PrefixId): boolean {
    return prefix >= this.passAt && prefix < this.passEnd;
  }

  /** Sorts the next window of what is awaited; returns false if nothing is. */
  private arrange(tables: FamilyTables): boolean {
    if (this.count === 0 && this.passAt < this.passEnd) this.advance(tables);
    if (this.count === 0) return false;
    const ids = new Uint32Array(Math.min(this.count, this.window));
    this.awaited.lowest(ids);
    this.order = byShare(ids, tables);
    this.at = 0;
    this.window = Math.min(this.window * 2, windowPrefixes);
    return true;
  }

  /** Awaits the contents of a window of the pass. */
  private advance({ prefixes }: FamilyTables): void {
    const end = Math.min(this.passEnd, this.passAt + this.window);
    const isWanted = this.wanted();
    for (let id = this.passAt as PrefixId; id < end; id++) {
      if (prefixes.has(id) && isWanted(id)) this.await(id);
    }
    this.passAt = end;
  }
}

/** Sorts by share, with a counting sort, so that equal attributes are sent together. */
function byShare(ids: Uint32Array, { adjRibOut }: FamilyTables): Uint32Array {
  const count = ids.length;
  const shares = new Int32Array(count);
  let lowest: number = adjRibOut.share(ids[0] as PrefixId);
  let highest = lowest;
  for (let at = 0; at < count; at++) {
    const share = adjRibOut.share(ids[at] as PrefixId);
    shares[at] = share;
    if (share < lowest) lowest = share;
    if (share > highest) highest = share;
  }
  const starts = new Int32Array(highest - lowest + 2);
  for (let at = 0; at < count; at++) starts[shares[at] - lowest + 1]++;
  for (let at = 1; at < starts.length; at++) starts[at] += starts[at - 1];
  const sorted = new Uint32Array(count);
  for (let at = 0; at < count; at++) sorted[starts[shares[at] - lowest]++] = ids[at];
  return sorted;
}
