import { distance } from 'fastest-levenshtein';
import type { ConfigProblem } from '#api/problem.ts';
import { masked } from '../resolve/secret.ts';

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

/** Returns the text of one value, without what looks secret in it. */
export function withoutSecrets(text: string): string {
  const [first] = secretsOnLine(text, 0, true);
  return first === undefined ? text : text.slice(0, first.start) + masked;
}

/** Offsets into the text; `end` is the first one behind. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Only a part of a longer line is shown. */
const excerptColumns = 200;

/**
 * Finds what looks secret on the line itself: everything after `password ` if the colon was forgotten, and, if
 * asked for, the value after `password:`.
 */
function secretsOnLine(line: string, start: number, withColons: boolean): Span[] {
  const found: Span[] = [];
  for (const { 0: word, index } of line.matchAll(/[\w-]+/g)) {
    if (!isSecretKey(word)) continue;
    separator.lastIndex = index + word.length;
    const separated = separator.exec(line);
    if (separated === null || (separated[1] !== undefined && !withColons)) continue;
    const from = separator.lastIndex;
    // In block style the value is the remaining part of the line.
    const isFlow = separated[1] !== undefined && !/^["'\s-]*$/.test(line.slice(0, index));
    value.lastIndex = from;
    const length = isFlow ? (value.exec(line)?.[0].length ?? 0) : line.length - from;
    if (length > 0) found.push({ start: start + from, end: start + from + length });
  }
  return found;
}

/** What separates a key from its value; the group is set if it is a colon. */
const separator = /["']?(?:\s*(:)\s+|\s*=\s*|\s+(?!:))/y;
const value = /"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[{[].*|[^\s,}"'][^,}]*/y;

/**
 * Returns whether the key, spelt correctly or nearly so, has a value that must not be shown, nor anything
 * within it; the name of a file is not a secret.
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

/**
 * Collects errors, each once, in the order of files, lines and columns; of very many, only the first ones
 * found.
 */
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

  /** Adds an error about something without text, such as a file that cannot be read. */
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

/** More errors than this would not be read. */
const mostListed = 1000;
