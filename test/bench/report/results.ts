import type { Make } from '../daemons/contender.ts';
import { type Failure, median, type Outcome } from '../measures.ts';

/** Outcomes of all rounds by trial and make. */
export class Results {
  private readonly outcomes = new Map<string, Outcome[]>();

  add(trial: string, make: Make, outcome: Outcome): void {
    const key = keyOf(trial, make);
    this.outcomes.set(key, [...this.of(trial, make), outcome]);
  }

  of(trial: string, make: Make): readonly Outcome[] {
    return this.outcomes.get(keyOf(trial, make)) ?? [];
  }

  /** Returns the median over the rounds; `undefined` if no round has the figure. */
  figure(trial: string, make: Make, phase: string, figure: string): number | undefined {
    const values = this.of(trial, make).flatMap((outcome) => {
      const value = outcome.measures[phase]?.[figure];
      return value === undefined ? [] : [value];
    });
    return values.length === 0 ? undefined : median(values);
  }

  /** Returns why the last round failed, if it did. */
  failure(trial: string, make: Make): Failure | undefined {
    return this.of(trial, make).at(-1)?.failure;
  }

  /** Returns all results, for JSON. */
  all(): Readonly<Record<string, readonly Outcome[]>> {
    return Object.fromEntries(this.outcomes);
  }
}

function keyOf(trial: string, make: Make): string {
  return `${trial} / ${make}`;
}
