import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Columns with the highest number are left out first if the table is too wide; 0 or absent: never. */
  readonly spare?: number;
  /**
   * How the column shrinks once no more columns can be left out: cut short with an ellipsis, or wrapped over
   * several lines. Only the last column may be wrapped; where it would be too narrow to read, its text stands below
   * each row.
   */
  readonly elastic?: 'cut' | 'wrap';
}

const gap = '  ';
const narrowest = 8;

/** A wrapped column that would have to be narrower than this stands below its rows. */
const narrowestBeside = 20;

/**
 * Columns with two spaces between, no lines: as birdc and vtysh print, and `awk` reads. Widths are
 * kept from one call to the next, so that a long list can be printed page by page.
 */
export class ColumnTable {
  private readonly columns: readonly Column[];
  private readonly maxWidth: number;
  private readonly widths: number[];
  /** The longest word of each column; a word is never broken. */
  private readonly words: number[];
  private isHeadPrinted = false;

  constructor(columns: readonly Column[], maxWidth: number) {
    this.columns = columns;
    this.maxWidth = maxWidth;
    this.widths = columns.map(({ head }) => head.length);
    this.words = columns.map(({ head }) => head.length);
  }

  /** Returns the rows as text without a final line end; the first call begins with the head. */
  render(rows: readonly (readonly string[])[], paintHead: (text: string) => string): string {
    for (const row of rows) {
      for (const [index, cell] of row.entries()) {
        this.widths[index] = Math.max(this.widths[index], visibleLength(cell));
        this.words[index] = Math.max(this.words[index], longestWord(cell));
      }
    }
    const { kept, widths, below } = this.fit();
    const table = new Table({
      chars: noLines,
      colWidths: widths,
      colAligns: kept.map((index) => this.columns[index].align ?? 'left'),
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    });
    if (!this.isHeadPrinted) table.push(kept.map((index) => paintHead(this.columns[index].head)));
    this.isHeadPrinted = true;
    for (const row of rows) {
      table.push(kept.map((index) => this.cell(index, row[index])));
      const content = below === undefined ? '' : row[below];
      if (content === '') continue;
      table.push(['', { content, wordWrap: true, colSpan: kept.length, hAlign: 'left' }]);
    }
    return table.toString().replace(/[ \t]+$/gm, '');
  }

  private cell(index: number, content: string): { content: string; wordWrap: boolean } {
    return { content, wordWrap: this.columns[index].elastic === 'wrap' };
  }

  /**
   * Returns the columns that are shown beside each other, their widths, and the one whose text stands below; the last
   * width is then that of what is left of the line.
   */
  private fit(): { kept: number[]; widths: number[]; below?: number } {
    let kept = this.columns.map((_, index) => index);
    const spare = kept
      .filter((index) => (this.columns[index].spare ?? 0) > 0)
      .sort((left, right) => (this.columns[right].spare ?? 0) - (this.columns[left].spare ?? 0));
    for (const index of spare) {
      if (this.total(kept, narrowest) <= this.maxWidth) break;
      kept = kept.filter((one) => one !== index);
    }
    const last = kept[kept.length - 1];
    if (kept.length > 2 && this.isTooNarrow(kept, last)) {
      const beside = kept.slice(0, -1);
      const widths = beside.map((index) => this.widths[index]);
      const left = this.maxWidth - this.total(beside) - gap.length;
      return { kept: beside, widths: [...widths, Math.max(1, left)], below: last };
    }
    const over = Math.max(0, this.total(kept) - this.maxWidth);
    const widths = kept.map((index) => {
      const width = this.widths[index];
      return Math.max(Math.min(this.narrowest(index), width), width - over);
    });
    return { kept, widths };
  }

  private isTooNarrow(kept: readonly number[], last: number): boolean {
    if (this.columns[last].elastic !== 'wrap') return false;
    const least = Math.max(this.narrowest(last), Math.min(narrowestBeside, this.widths[last]));
    return this.total(kept.slice(0, -1)) + gap.length + least > this.maxWidth;
  }

  /** Returns the least width of a column: a few characters if it is cut, its longest word if it is wrapped. */
  private narrowest(index: number): number {
    const { elastic } = this.columns[index];
    if (elastic === undefined) return this.widths[index];
    return elastic === 'cut' ? narrowest : Math.max(narrowest, this.words[index]);
  }

  /** Returns the width of a line whose elastic columns are at most `elasticWidth` wide. */
  private total(kept: readonly number[], elasticWidth = Infinity): number {
    const widths = kept.map((index) => {
      const width = this.widths[index];
      return this.columns[index].elastic !== undefined ? Math.min(width, elasticWidth) : width;
    });
    return widths.reduce((sum, width) => sum + width, gap.length * (kept.length - 1));
  }
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: gap,
};

function longestWord(text: string): number {
  return visibleLength(text.replaceAll(/\s+/g, '\n'));
}

/** Returns the width of the longest line. */
function visibleLength(text: string): number {
  const lines = stripVTControlCharacters(text).split('\n');
  return Math.max(...lines.map((line) => line.length));
}
