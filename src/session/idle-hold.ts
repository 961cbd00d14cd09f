/**
 * How long we wait before dialling after a session ended: `idle_hold`, doubled for each session that did not
 * last.
 */
export class IdleHold {
  private failures = 0;

  nextMs(initialMs: number, maxMs: number): number {
    const ms = Math.min(initialMs * 2 ** this.failures, Math.max(initialMs, maxMs));
    // 2 ** 31 × 1 ms is past every maximum that a configuration may hold.
    this.failures = Math.min(this.failures + 1, 31);
    return ms;
  }

  /** To be called after a session that lasted, or when an operator starts the peer. */
  reset(): void {
    this.failures = 0;
  }
}
