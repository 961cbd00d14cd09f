import { IdBits } from '../tables/id-bits.ts';
import type { PrefixId, ShareId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { ShareTable } from '../tables/share-table.ts';
import type { Tables } from '../tables/tables.ts';

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
  private readonly awaited = new IdBits();
  /** Of those awaited: what was announced for the first time meanwhile, so that the peer holds nothing of it. */
  private readonly unheld = new IdBits();
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
    return this.awaited.has(prefix);
  }

  /** `isNew`: no peer had been sent it. */
  add(prefix: PrefixId, isNew = false): void {
    if (this.has(prefix)) return;
    this.awaited.add(prefix);
    if (isNew) this.unheld.add(prefix);
    this.count++;
  }

  /**
   * The prefix is withdrawn. What came and went past the peer needs no withdrawal, and is awaited no
   * longer: else a peer that reads nothing would hold on to every prefix that there ever was.
   */
  withdraw(prefix: PrefixId): void {
    if (!this.unheld.has(prefix)) return this.add(prefix);
    this.drop(prefix);
  }

  /** Awaits the prefix no longer. */
  drop(prefix: PrefixId): void {
    if (!this.has(prefix)) return;
    this.awaited.delete(prefix);
    this.unheld.delete(prefix);
    this.count--;
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

  /**
   * Whether a refresh must wait until the peer has caught up: something of the table is sent, so that the
   * whole of it is to follow; or the first table is, whose End-of-RIB comes before any BoRR (RFC 7313 §4).
   */
  get mustFinishFirst(): boolean {
    return this.owesEndOfRib || !this.isUntouched;
  }

  /** A table of which nothing is sent yet answers a plain request as it is. */
  askAgain(enhanced: boolean): void {
    if (enhanced) this.refreshAsked = 'enhanced';
    else if (!this.isUntouched) this.refreshAsked ??= 'plain';
  }

  /** The next awaited prefix, which thereby is awaited no longer; 0 when there is none. */
  take(tables: Tables): PrefixId {
    this.isUntouched = false;
    if (this.count === 0) return none as PrefixId;
    for (;;) {
      if (this.at >= this.order.length) this.arrange(tables);
      const prefix = this.order[this.at++] as PrefixId;
      if (!this.has(prefix)) continue;
      this.drop(prefix);
      return prefix;
    }
  }

  /** Calls back with every awaited prefix, lowest id first. */
  each(visit: (prefix: PrefixId) => void): void {
    this.awaited.each((prefix) => visit(prefix as PrefixId));
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
}
