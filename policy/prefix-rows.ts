/** A key that matches at the lengths `from`..`to`, both included. */
export interface Span {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/** Spans by their content, so that equal ones are kept once. */
export type Spans = ReadonlyMap<string, Span>;

/** Adds the part of `span` that lies between two lengths. */
export function addSpan(spans: Map<string, Span>, span: Span, lowest: number, highest: number) {
  const from = Math.max(span.from, lowest);
  const to = Math.min(span.to, highest);
  if (from <= to) spans.set(`${span.key}:${from}-${to}`, { key: span.key, from, to });
}

/**
 * Interns sets of keys as classes, and rows of classes by length. Equal rows are kept once, so that ten thousand
 * patterns of one shape share a few rows.
 */
export class RowTable {
  /** The rows, one after the other; each has the class at length 0, 1, ... */
  readonly cells: number[] = [];
  readonly classes: ReadonlySet<number>[] = [new Set()];
  private readonly classByKeys = new Map<string, number>([['', 0]]);
  private readonly starts = new Map<string, number>();

  /** Returns where in `cells` the row of these spans starts. */
  startOf(spans: Spans, maxLengthBits: number): number {
    const name = `${maxLengthBits}|${[...spans.keys()].sort().join()}`;
    const known = this.starts.get(name);
    if (known !== undefined) return known;
    const start = this.cells.length;
    this.starts.set(name, start);
    this.append([...spans.values()], maxLengthBits);
    return start;
  }

  private append(spans: readonly Span[], maxLengthBits: number): void {
    const edges = new Set(spans.flatMap((span) => [span.from, span.to + 1]));
    let current = 0;
    for (let length = 0; length <= maxLengthBits; length++) {
      if (edges.has(length)) current = this.classAt(spans, length);
      this.cells.push(current);
    }
  }

  private classAt(spans: readonly Span[], length: number): number {
    const matching = spans.filter((span) => span.from <= length && length <= span.to);
    const keys = new Set(matching.map((span) => span.key));
    const name = [...keys].sort((a, b) => a - b).join();
    const known = this.classByKeys.get(name);
    if (known !== undefined) return known;
    const fresh = this.classes.push(keys) - 1;
    this.classByKeys.set(name, fresh);
    return fresh;
  }
}
