import { masked, secretsOnLine, type Span } from './secrets.ts';

/** Only a part of a longer line is shown. */
const excerptColumns = 200;

/** Where something stands. */
export interface Place {
  readonly source: SourceText;
  readonly offset: number;
}

/** The text of one configuration file: offsets to line and column, and excerpts without secrets. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  private readonly lineStarts: number[] = [0];
  /** In the order in which they stand, except for what an alias names. */
  private readonly secrets: Span[] = [];
  private readonly secretStarts = new Set<number>();
  private isWhollyHidden = false;
  /** The text is not even YAML: the places of values must be guessed line by line. */
  private isBroken = false;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.lineStarts.push(at + 1);
    }
  }

  /** Hides the text from `start` to `end` for ever. */
  hide(start: number, end: number): void {
    this.secrets.push({ start, end });
    this.secretStarts.add(start);
  }

  /** Hides the whole text for ever: it is not a configuration, and may be anything. */
  hideAll(): void {
    this.isWhollyHidden = true;
  }

  /** Records that the parser found errors, so that what it took for values may be none. */
  distrust(): void {
    this.isBroken = true;
  }

  /** Whether what begins there is never shown: an alias may bring a secret under a key that is none. */
  isHiddenAt(offset: number): boolean {
    return this.isWhollyHidden || this.secretStarts.has(offset);
  }

  /** Both 1-based; a column counts UTF-16 units. */
  position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.lineStarts[low] + 1 };
  }

  /** Returns the line that contains `offset` as it is, secrets included: it may be examined, but not shown. */
  line(offset: number): string {
    const { line } = this.position(offset);
    return this.text.slice(this.lineStarts[line - 1], this.lineStarts[line]);
  }

  /**
   * Returns the line that contains `offset`, with secrets masked and a caret below the place; of a long line
   * only the part around it. Undefined if nothing may be shown.
   */
  excerpt(offset: number): string | undefined {
    if (this.isWhollyHidden) return undefined;
    const { line } = this.position(offset);
    const start = this.lineStarts[line - 1];
    const next = this.lineStarts[line];
    const end = next === undefined ? this.text.length : next - 1;
    const hidden = this.hiddenWithin(start, end);
    const before = this.shown(start, Math.min(offset, end), hidden);
    const whole = this.shown(start, end, hidden);
    const from = before.length > excerptColumns ? before.length - excerptColumns / 2 : 0;
    const part = whole.slice(from, from + 2 * excerptColumns);
    const head = from === 0 ? '' : '…';
    const tail = from + part.length < whole.length ? '…' : '';
    const indent = (head + before.slice(from)).replace(/[^\t]/g, ' ');
    return `${head}${part}${tail}\n${indent}^`;
  }

  /** Returns a piece of one line with every secret in it replaced. */
  private shown(start: number, end: number, hidden: readonly Span[]): string {
    let result = '';
    let at = start;
    for (const secret of hidden) {
      if (secret.end <= at || secret.start >= end) continue;
      result += this.text.slice(at, Math.max(at, secret.start)) + masked;
      at = Math.min(end, secret.end);
    }
    return (result + this.text.slice(at, end)).replace(/\r$/, '');
  }

  private hiddenWithin(start: number, end: number): Span[] {
    return [...this.secrets, ...secretsOnLine(this.text.slice(start, end), start, this.isBroken)]
      .filter((secret) => secret.start < end && secret.end > start)
      .sort((a, b) => a.start - b.start || b.end - a.end);
  }
}
