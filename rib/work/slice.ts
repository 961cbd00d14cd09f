/** How many rows are done between two checks of the time. */
const rowsPerLook = 16;

/**
 * How much is done before the caller has its turn again: a number of rows, and no more than a few once `isLate` says
 * that the time is up. The core knows no time, so the caller measures it. At least 16 rows, or one that is as much
 * work, are done, however late it is, so that every slice makes progress.
 */
export class Slice {
  private left: number;
  private readonly isLate: () => boolean;

  /** `rows` is whole and above 0, or Infinity. */
  constructor(rows: number, isLate: () => boolean = () => false) {
    this.left = rows;
    this.isLate = isLate;
  }

  /** Takes one row of the slice; returns false if there is none left. */
  take(): boolean {
    if (this.left === 0) return false;
    this.left--;
    if (this.left % rowsPerLook === 0 && this.isLate()) this.left = 0;
    return true;
  }

  /** Takes this many rows more, because the last one was as much work. Checks the time if that is worthwhile. */
  spend(rows: number): void {
    const before = this.left;
    this.left = Math.max(0, before - rows);
    const isLook = Math.floor(before / rowsPerLook) !== Math.floor(this.left / rowsPerLook);
    if (isLook && this.isLate()) this.left = 0;
  }
}

/** Work that is done in slices. */
export interface Task {
  /** Does as many rows of it as the slice has. Returns true if nothing is left. */
  step(slice: Slice): boolean;
}
