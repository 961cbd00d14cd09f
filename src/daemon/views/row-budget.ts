/** About 50 ms of work at once, then 3 ms of each second. */
const burstRows = 16_000_000;
const rowsPerSec = 1_000_000;

/**
 * Bounds, in rows walked, work that a peer requests with a few octets and that walks the RIB: a flood of such requests
 * must not delay the others. A table of a thousand paths may be walked a thousand times a second.
 */
export class RowBudget {
  private rows = burstRows;
  private atMs = 0;

  /** Returns whether the walk may be done; then it has been paid for. */
  spend(rows: number, nowMs: number): boolean {
    const earned = ((nowMs - this.atMs) / 1000) * rowsPerSec;
    this.rows = Math.min(this.rows + earned, burstRows);
    this.atMs = nowMs;
    if (this.rows < rows) return false;
    this.rows -= rows;
    return true;
  }
}
