/** How many rows are done between two looks at the time. */
const rowsPerLook = 16;

/**
 * How much is done before whoever asked for it has its turn again: so many rows, and no more than a few
 * once `isLate` says that the time is up. The core knows no time: the caller measures it. At least 16 rows
 * are done, however late it is, so that every slice gets on.
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
}
