import type { ShareId } from '#policy/ids.ts';
import { capacityFor, widen } from './columns.ts';

/**
 * One remembered answer for each share, valid beside one other share: what is second best nearly always goes with what
 * is best. 8 bytes per share.
 */
export class ShareMemo {
  private others = new Uint32Array(64);
  private answers = new Int32Array(64);
  private isClear = true;

  /** Returns the answer, or 0 if it is not remembered. */
  get(share: ShareId, other: ShareId): number {
    return share < this.others.length && this.others[share] === other ? this.answers[share] : 0;
  }

  set(share: ShareId, other: ShareId, answer: number): void {
    if (share >= this.others.length) this.grow(share);
    this.isClear = false;
    this.others[share] = other;
    this.answers[share] = answer;
  }

  /** To be called after a change of policy, or when ids have been freed. */
  clear(): void {
    if (!this.isClear) this.answers.fill(0);
    this.isClear = true;
  }

  private grow(share: ShareId): void {
    const capacity = capacityFor(share, this.others.length);
    this.others = widen(this.others, capacity);
    this.answers = widen(this.answers, capacity);
  }
}
