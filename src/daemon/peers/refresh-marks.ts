import type { Family } from '#wire/constants.ts';
import { RowBudget } from '../views/row-budget.ts';

/**
 * Decides which of a peer's refreshes (RFC 7313) remove routes at their EoRR: those whose BoRR was acted on. A peer
 * that sends BoRR too often must not cause a walk of the RIB for each. Such a BoRR is ignored, and then so is its EoRR,
 * because routes sent before and after it cannot be distinguished.
 */
export class RefreshMarks {
  private readonly budget = new RowBudget();
  private readonly marked = new Set<Family>();

  /** BoRR: returns whether the peer's paths are to be marked, which is a walk over `rows` rows. */
  begin(family: Family, rows: number, nowMs: number): boolean {
    const mayWalk = this.budget.spend(rows, nowMs);
    if (mayWalk) this.marked.add(family);
    else this.marked.delete(family);
    return mayWalk;
  }

  /** EoRR: returns whether what is still marked is to be removed. */
  end(family: Family): boolean {
    return this.marked.delete(family);
  }

  /** Begins a new session. */
  clear(): void {
    this.marked.clear();
  }
}
