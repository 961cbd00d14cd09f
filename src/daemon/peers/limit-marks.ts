import type { Family } from '#wire/constants.ts';

type Counted = 'accepted' | 'received';

/** The present facts of a peer and family. */
interface LimitFacts {
  readonly accepted: number;
  readonly received: number;
  readonly blocked: number;
  /** Absent: there is no such limit any longer. */
  readonly limits: Readonly<Record<Counted, number | undefined>>;
}

/** Limits of a peer that have been reached, until there is space below them again. */
export class LimitMarks {
  private readonly marks = new Map<string, { readonly family: Family; readonly counts: Counted }>();

  reached(family: Family, counts: Counted): void {
    this.marks.set(`${family} ${counts}`, { family, counts });
  }

  /** Returns the families in which a limit that was reached is no longer reached; each is reported once. */
  takeCleared(factsOf: (family: Family) => LimitFacts): Family[] {
    const cleared: Family[] = [];
    for (const [key, { family, counts }] of this.marks) {
      const { limits, blocked, ...held } = factsOf(family);
      const limit = limits[counts] ?? Infinity;
      if (held[counts] > limit || (counts === 'accepted' && blocked > 0)) continue;
      this.marks.delete(key);
      cleared.push(family);
    }
    return [...new Set(cleared)];
  }
}
