import type { Family } from '#wire/constants.ts';
import { RowBudget } from '../views/row-budget.ts';

/**
 * Which of a peer's refreshes (RFC 7313) take out routes at their EoRR: those whose BoRR has been followed.
 * A peer that sends BoRR too often must not have the RIB walked for each; such a BoRR is ignored, and then
 * its EoRR is too, since what came before it is not told from what came after.
 */
export class RefreshMarks {
  private readonly budget = new RowBudget();
  private readonly marked = new Set<Family>();

  /** BoRR: whether the peer's paths are to be marked, which is a walk over `rows` rows. */
  begin(family: Family, rows: number, nowMs: number): boolean {
    const mayWalk = this.budget.spend(rows, nowMs);
    if (mayWalk) this.marked.add(family);
    else this.marked.delete(family);
    return mayWalk;
  }

  /** EoRR: whether what is still marked is to go. */
  end(family: Family): boolean {
    return this.marked.delete(family);
  }

  /** A new session. */
  clear(): void {
    this.marked.clear();
  }
}
