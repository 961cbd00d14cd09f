import type { ConfigProblem } from '#api/problem.ts';
import type { Place } from './source.ts';

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
