/** How many rows are done between two looks at the time. */
const rowsPerLook = 16;

/**
 * How much is done before whoever asked for it has its turn again: so many rows, and no more than a few
 * once `isLate` says that the time is up. The core knows no time: the caller measures it. At least 16 rows,
 * or one that is as much work, are done, however late it is, so that every slice gets on.
 */
export class Slice {
  private left: number;
  private readonly isLate: () => boolean;

  /** `rows`: whole and above 0, or Infinity. */
  constructor(rows: number, isLate: () => boolean = () => false) {
    this.left = rows;
    this.isLate = isLate;
  }

  /** Takes one row of the slice; false when there is none left. */
  take(): boolean {
    if (this.left === 0) return false;
    this.left--;
    if (this.left % rowsPerLook === 0 && this.isLate()) this.left = 0;
    return true;
  }

  /** Takes so many rows more: the last one was as much work as they. Looks at the time if that is worth it. */
  spend(rows: number): void {
    const before = this.left;
    this.left = Math.max(0, before - rows);
    const isLook = Math.floor(before / rowsPerLook) !== Math.floor(this.left / rowsPerLook);
    if (isLook && this.isLate()) this.left = 0;
  }
}
