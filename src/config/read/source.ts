import { distance } from 'fastest-levenshtein';
import type { ConfigProblem } from '#api/problem.ts';
import { masked } from '../resolve/secret.ts';

/** The text of one configuration file: offsets to line and column, and excerpts without secrets. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  private readonly lineStarts: number[] = [0];
  /** In the order in which they stand, but for what an alias names. */
  private readonly secrets: Span[] = [];
  private readonly secretStarts = new Set<number>();
  private isWhollyHidden = false;
  /** It is not even YAML: where values stand must be guessed line by line. */
  private isBroken = false;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.lineStarts.push(at + 1);
    }
  }

  /** What stands from `start` to `end` is never shown. */
  hide(start: number, end: number): void {
    this.secrets.push({ start, end });
    this.secretStarts.add(start);
  }

  /** Nothing of the text is ever shown: it is no configuration, and may be anything. */
  hideAll(): void {
    this.isWhollyHidden = true;
  }

  /** The parser has found faults, so that what it took for values may be none. */
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

  /** The line that holds `offset` as it is, secrets too: to be looked at, not to be shown. */
  line(offset: number): string {
    const { line } = this.position(offset);
    return this.text.slice(this.lineStarts[line - 1], this.lineStarts[line]);
  }

  /**
   * The line that holds `offset`, secrets masked, and a caret under the place; of a long line the part
   * around it. Absent where nothing may be shown.
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

  /** A piece of one line with every secret in it replaced. */
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

/** A short text of one value, without what looks secret in it. */
export function withoutSecrets(text: string): string {
  const [first] = secretsOnLine(text, 0, true);
  return first === undefined ? text : text.slice(0, first.start) + masked;
}

/** Offsets into the text; `end` is the first one behind. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A longer line is shown in part. */
const excerptColumns = 200;

/**
 * What looks secret on the line itself: all that follows `password ` where the colon was forgotten,
 * and, if asked for, the value behind `password:`.
 */
function secretsOnLine(line: string, start: number, withColons: boolean): Span[] {
  const found: Span[] = [];
  for (const { 0: word, index } of line.matchAll(/[\w-]+/g)) {
    if (!isSecretKey(word)) continue;
    separator.lastIndex = index + word.length;
    const separated = separator.exec(line);
    if (separated === null || (separated[1] !== undefined && !withColons)) continue;
    const from = separator.lastIndex;
    // In a block the value is all that is left of the line.
    const isFlow = separated[1] !== undefined && !/^["'\s-]*$/.test(line.slice(0, index));
    value.lastIndex = from;
    const length = isFlow ? (value.exec(line)?.[0].length ?? 0) : line.length - from;
    if (length > 0) found.push({ start: start + from, end: start + from + length });
  }
  return found;
}

/** Between a key and its value; the group takes part where it is a colon. */
const separator = /["']?(?:\s*(:)\s+|\s*=\s*|\s+(?!:))/y;
const value = /"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[{[].*|[^\s,}"'][^,}]*/y;

/**
 * Keys, rightly spelt or nearly so, whose values are not to be shown, nor what is within them; the
 * name of a file is no secret.
 */
export function isSecretKey(key: string): boolean {
  if (/(file|env)$/i.test(key)) return false;
  return secretWords.test(key) || isNearlyPassword(key);
}

function isNearlyPassword(key: string): boolean {
  return Math.abs(key.length - 8) <= 3 && distance(key.toLowerCase(), 'password') <= 3;
}

const secretWords =
  /passw|pass_?(?:phrase|code|key)|(?:^|[_-])pass$|pwd|psk|secret|token|md5|auth|(?:^|[_-])key$/i;

/** Where something stands. */
export interface Place {
  readonly source: SourceText;
  readonly offset: number;
}

/** What is wrong, each once, in the order of files, lines and columns; of very many the first found. */
export class Problems {
  private readonly found: ConfigProblem[] = [];
  private readonly seen = new Set<string>();
  private unlisted = 0;

  add(place: Place, message: string): void {
    const { source, offset } = place;
    const { line, column } = source.position(offset);
    const key = `${source.file}\0${offset}\0${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.found.length >= mostListed) {
      this.unlisted++;
      return;
    }
    const excerpt = source.excerpt(offset);
    const shown = excerpt === undefined ? {} : { excerpt };
    this.found.push({ file: source.file, line, column, message, ...shown });
  }

  /** For what has no text: a file that cannot be read. */
  addFile(file: string, message: string): void {
    this.found.push({ file, line: 1, column: 1, message });
  }

  get count(): number {
    return this.found.length;
  }

  list(): ConfigProblem[] {
    const files = [...new Set(this.found.map((problem) => problem.file))];
    const order = new Map(files.map((file, index) => [file, index]));
    const rank = (problem: ConfigProblem) => order.get(problem.file) ?? 0;
    const listed = this.found.toSorted(
      (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
    );
    const [first] = this.found;
    if (this.unlisted === 0) return listed;
    const message = `${this.unlisted} more errors are not listed`;
    return [...listed, { file: first.file, line: 1, column: 1, message }];
  }
}

/** Nobody reads more at a time. */
const mostListed = 1000;
