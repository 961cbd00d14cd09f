/** How text is drawn. The command line, which owns the tables and colours, passes this in. */

type Paint = (text: string) => string;

export interface Style {
  readonly good: Paint;
  readonly busy: Paint;
  readonly bad: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Columns with the highest number are left out first if there is not enough space. */
  readonly spare?: number;
  readonly elastic?: 'cut' | 'wrap';
}

export interface Look {
  readonly style: Style;
  /** Draws columns under their headings, in lines of at most `width` characters. */
  readonly table: (
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    width: number,
  ) => string;
}
