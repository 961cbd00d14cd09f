import type { Note } from './model.ts';

/** Collects what could not be imported, each once. */
export class Notes {
  private readonly found: Note[] = [];
  private readonly loose = new Set<number>();

  add(line: number, text: string, isLoose = false): void {
    if (isLoose) this.loose.add(line);
    if (this.found.some((note) => note.line === line && note.text === text)) return;
    this.found.push({ line, text });
  }

  /** Records that the lines, for which there is a note, reject routes that the rules do not reject. */
  loosen(lines: Iterable<number>): void {
    for (const line of lines) this.loose.add(line);
  }

  /** Returns the notes by line, those first without which too much is accepted or sent. */
  list(): Note[] {
    return this.found
      .map((note) => (this.loose.has(note.line) ? { ...note, isLoose: true } : note))
      .toSorted((a, b) => Number(mayAcceptMore(b)) - Number(mayAcceptMore(a)) || a.line - b.line);
  }
}

export function mayAcceptMore({ isLoose = false }: Note): boolean {
  return isLoose;
}
