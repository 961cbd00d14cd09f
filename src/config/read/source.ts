import { distance } from 'fastest-levenshtein';
import type { ConfigProblem } from '#api/problem.ts';
import { masked } from '../resolve/secret.ts';

/** The text of one configuration file: offsets to line and column, and excerpts without secrets. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  private readonly lineStarts: number[] = [0];
  private readonly secrets: { readonly start: number; readonly end: number }[] = [];

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

  /** The line that holds `offset`, secrets masked, and a caret under the place. */
  excerpt(offset: number): string {
    const { line } = this.position(offset);
    const start = this.lineStarts[line - 1];
    const next = this.lineStarts[line];
    const end = next === undefined ? this.text.length : next - 1;
    const before = this.shown(start, Math.min(offset, end));
    const whole = this.shown(start, end);
    const indent = before.replace(/[^\t]/g, ' ');
    return `${whole}\n${indent}^`;
  }

  /** A piece of one line with every secret in it replaced. */
  private shown(start: number, end: number): string {
    let result = '';
    let at = start;
    for (const secret of this.hiddenWithin(start, end)) {
      if (secret.end <= at) continue;
      result += this.text.slice(at, Math.max(at, secret.start)) + masked;
      at = Math.min(end, secret.end);
    }
    return (result + this.text.slice(at, end)).replace(/\r$/, '');
  }

  private hiddenWithin(start: number, end: number): { start: number; end: number }[] {
    return [...this.secrets, ...this.textualSecrets(start)]
      .filter((secret) => secret.start < end && secret.end > start)
      .sort((a, b) => a.start - b.start || b.end - a.end);
  }

  /** Values that look secret on the line itself, for text that is not even YAML. */
  private textualSecrets(start: number): { start: number; end: number }[] {
    const newline = this.text.indexOf('\n', start);
    const line = this.text.slice(start, newline < 0 ? this.text.length : newline);
    return [...line.matchAll(pairOnLine)]
      .filter((match) => hidesValue(match[2], /^[{[]/.test(match[3])))
      .map((match) => {
        const from = match.index + match[1].length;
        const isBlock = /^[\s-]*$/.test(line.slice(0, match.index));
        const end = isBlock ? line.length : from + match[3].length;
        return { start: start + from, end: start + end };
      });
  }
}

/** A key and its value as far as a line shows them; the groups: all before the value, key, value. */
const pairOnLine =
  /(["']?([\w-]+)["']?\s*:\s+)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s,}"'][^,}]*)/g;

/** Keys, rightly spelt or nearly so, whose values are not to be shown; the name of a file is no secret. */
export function isSecretKey(key: string): boolean {
  return hidesValue(key, false);
}

/** A map or list is hidden only under `password` itself: a group may well be called md5_peers. */
export function hidesValue(key: string, isCollection: boolean): boolean {
  if (/(file|env)$/i.test(key)) return false;
  if (distance(key.toLowerCase(), 'password') <= 3) return true;
  return !isCollection && secretWords.test(key);
}

const secretWords = /passw|pwd|secret|token|md5|auth/i;

/** Where something stands. */
export interface Place {
  readonly source: SourceText;
  readonly offset: number;
}

/** Everything that is wrong, each once, in the order of files, lines and columns. */
export class Problems {
  private readonly found: ConfigProblem[] = [];
  private readonly seen = new Set<string>();

  add(place: Place, message: string): void {
    const { source, offset } = place;
    const { line, column } = source.position(offset);
    const key = `${source.file}\0${offset}\0${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const excerpt = source.excerpt(offset);
    this.found.push({ file: source.file, line, column, message, excerpt });
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
    return this.found.toSorted(
      (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
    );
  }
}
