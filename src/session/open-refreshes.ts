import type { Family } from '#wire/constants.ts';

/** Families between the peer's BoRR and its EoRR, each with the time by which the EoRR is due (RFC 7313 §4). */
export class OpenRefreshes {
  private readonly deadlines = new Map<Family, number>();
  private next = Infinity;

  begin(family: Family, deadline: number): void {
    this.deadlines.set(family, deadline);
    this.changed();
  }

  end(family: Family): void {
    this.deadlines.delete(family);
    this.changed();
  }

  /** Removes and returns the families whose EoRR is overdue. */
  takeOverdue(now: number): readonly Family[] {
    if (now < this.next) return [];
    const overdue = [...this.deadlines].filter(([, deadline]) => now >= deadline);
    for (const [family] of overdue) this.deadlines.delete(family);
    this.changed();
    return overdue.map(([family]) => family);
  }

  /** Returns the next deadline; Infinity if there is none. */
  nextDeadline(): number {
    return this.next;
  }

  /** This process was stalled: time in which the peer could not be heard does not count. */
  forgive(latenessMs: number): void {
    for (const [family, deadline] of this.deadlines) {
      this.deadlines.set(family, deadline + latenessMs);
    }
    this.changed();
  }

  clear(): void {
    this.deadlines.clear();
    this.next = Infinity;
  }

  private changed(): void {
    this.next = Math.min(Infinity, ...this.deadlines.values());
  }
}
