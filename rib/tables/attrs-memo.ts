import type { AttrsId, PeerId } from '#policy/ids.ts';
import { capacityFor, widen } from './columns.ts';

/**
 * One remembered answer for each attribute set, valid for one peer and prefix class: a set nearly always comes from one
 * peer, because each has its own next hop. 10 bytes per set.
 */
export class AttrsMemo {
  private peers = new Uint16Array(1024);
  private classes = new Int32Array(1024);
  private answers = new Int32Array(1024);
  private isClear = true;

  /** Returns the answer, or 0 if it is not remembered. */
  get(attrs: AttrsId, peer: PeerId, prefixClass: number): number {
    if (attrs >= this.peers.length || this.peers[attrs] !== peer) return 0;
    return this.classes[attrs] === prefixClass ? this.answers[attrs] : 0;
  }

  set(attrs: AttrsId, peer: PeerId, prefixClass: number, answer: number): void {
    if (attrs >= this.peers.length) this.grow(attrs);
    this.isClear = false;
    this.peers[attrs] = peer;
    this.classes[attrs] = prefixClass;
    this.answers[attrs] = answer;
  }

  /** To be called after a change of policy, or when ids have been freed. */
  clear(): void {
    if (!this.isClear) this.peers.fill(0);
    this.isClear = true;
  }

  private grow(attrs: AttrsId): void {
    const capacity = capacityFor(attrs, this.peers.length);
    this.peers = widen(this.peers, capacity);
    this.classes = widen(this.classes, capacity);
    this.answers = widen(this.answers, capacity);
  }
}
