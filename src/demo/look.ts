/** How text is drawn: handed in by the command line, whose tables and colours these are. */

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
  /** Left out where there is no room, the highest first. */
  readonly spare?: number;
  readonly elastic?: 'cut' | 'wrap';
}

export interface Look {
  readonly style: Style;
  /** Columns under their heads, lines at most `room` wide. */
  readonly table: (
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    room: number,
  ) => string;
}
