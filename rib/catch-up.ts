import type { PrefixId, ShareId } from './ids.ts';
import { none } from './ids.ts';
import type { RibPeer } from './rib-peer.ts';
import type { ShareTable } from './share-table.ts';
import type { Tables } from './tables.ts';

/**
 * A peer that is not on the shared stream: new, asking for a refresh, or slow. It remembers only
 * *which* prefixes the peer awaits, one bit each; what it is sent is what the Adj-RIB-Out says when
 * its turn comes. Changes of awaited prefixes so merge into one.
 */
export class CatchUp {
  readonly peer: RibPeer;
  /** End-of-RIB is due once it has caught up (RFC 4724 §2): at the first table of a session. */
  owesEndOfRib = false;
  /** EoRR is due once it has caught up (RFC 7313 §4). */
  owesEndOfRefresh = false;
  /** A refresh asked for while an answer is under way waits for its end: a table at a time, however often a peer asks. */
  refreshAsked: 'plain' | 'enhanced' | undefined;
  /** All of the table is awaited, and nothing has been sent of it. */
  isUntouched = false;
  /** The peer reads too slowly: nothing is encoded for it. */
  isPaused = false;
  private bits = new Uint32Array(64);
  private count = 0;
  /** Awaited prefixes in the order to send them; some may have been sent since. */
  private order: Uint32Array = new Uint32Array(0);
  private at = 0;

  constructor(peer: RibPeer) {
    this.peer = peer;
  }

  get isDone(): boolean {
    return this.count === 0;
  }

  has(prefix: PrefixId): boolean {
    const word = prefix >> 5;
    return word < this.bits.length && ((this.bits[word] >>> (prefix & 31)) & 1) === 1;
  }

  add(prefix: PrefixId): void {
    const word = prefix >> 5;
    if (word >= this.bits.length) this.grow(word);
    if (this.has(prefix)) return;
    this.bits[word] |= 1 << (prefix & 31);
    this.count++;
  }

  /** Everything that the peer is to have, from the start. */
  addAll(tables: Tables, shares: ShareTable): void {
    for (let prefix = 1; prefix < tables.prefixes.limit; prefix++) {
      const share = tables.adjRibOut.share(prefix as PrefixId);
      if (share !== none && shares.attrsFor(share, this.peer.id) !== none) {
        this.add(prefix as PrefixId);
      }
    }
  }

  askAgain(enhanced: boolean): void {
    if (enhanced) this.refreshAsked = 'enhanced';
    else this.refreshAsked ??= 'plain';
  }

  /** The next awaited prefix, which thereby is awaited no longer; 0 when there is none. */
  take(tables: Tables): PrefixId {
    this.isUntouched = false;
    if (this.count === 0) return none as PrefixId;
    for (;;) {
      if (this.at >= this.order.length) this.arrange(tables);
      const prefix = this.order[this.at++] as PrefixId;
      if (!this.has(prefix)) continue;
      this.bits[prefix >> 5] &= ~(1 << (prefix & 31));
      this.count--;
      return prefix;
    }
  }

  /** Calls back with every awaited prefix, lowest id first. */
  each(visit: (prefix: PrefixId) => void): void {
    for (let word = 0; word < this.bits.length; word++) {
      for (let rest = this.bits[word]; rest !== 0; rest &= rest - 1) {
        visit((word * 32 + (31 - Math.clz32(rest & -rest))) as PrefixId);
      }
    }
  }

  /** Orders what is awaited by share, so that equal attributes go out together: a counting sort. */
  private arrange(tables: Tables): void {
    const { adjRibOut } = tables;
    const starts = new Uint32Array(this.highestShare(tables) + 2);
    this.each((prefix) => starts[adjRibOut.share(prefix) + 1]++);
    for (let share = 1; share < starts.length; share++) starts[share] += starts[share - 1];
    this.order = new Uint32Array(this.count);
    this.at = 0;
    this.each((prefix) => {
      this.order[starts[adjRibOut.share(prefix)]++] = prefix;
    });
  }

  private highestShare(tables: Tables): ShareId {
    let highest = none;
    this.each((prefix) => {
      highest = Math.max(highest, tables.adjRibOut.share(prefix));
    });
    return highest as ShareId;
  }

  private grow(word: number): void {
    const wide = new Uint32Array(Math.max(word + 1, this.bits.length * 2));
    wide.set(this.bits);
    this.bits = wide;
  }
}
