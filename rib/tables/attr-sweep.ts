import type { AttrsId } from '#policy/ids.ts';
import type { Slice, Task } from '../work/slice.ts';

const passes = ['spellings', 'sets', 'packing'] as const;

/** What a sweep does in the table whose sets it visits. */
export interface SweptSets {
  /** Returns 0 for an id that is not in use. */
  canonicalOf(id: number): number;
  free(id: number): void;
  /** Moves the bytes of the set to where they lie close. */
  pack(id: number): void;
}

/**
 * Frees attribute sets that nothing refers to, and all alternative encodings, in slices: first the encodings, so that
 * none ever refers to a freed set, then the sets; then it packs the bytes of the others.
 */
export class AttrSweep implements Task {
  private readonly sets: SweptSets;
  private readonly named: Uint8Array;
  private pass: (typeof passes)[number] | undefined = 'spellings';
  private at = 1;

  /** `named` has a 1 for each set that stays. */
  constructor(sets: SweptSets, named: Uint8Array) {
    this.sets = sets;
    this.named = named;
  }

  /** To be called for a set that is in use again. */
  keep(id: AttrsId): void {
    this.named[id] = 1;
    this.named[this.sets.canonicalOf(id)] = 1;
  }

  step(slice: Slice): boolean {
    for (const pass of passes) {
      if (this.pass !== pass) continue;
      for (; this.at < this.named.length; this.at++) {
        if (!slice.take()) return false;
        this.visit(this.at);
      }
      this.at = 1;
      this.pass = passes[passes.indexOf(pass) + 1];
    }
    return true;
  }

  private visit(id: number): void {
    const { sets, named, pass } = this;
    const canonical = sets.canonicalOf(id);
    if (canonical === 0) return;
    if (pass === 'packing') sets.pack(id);
    else if (named[id] !== 1 && (canonical !== id || pass === 'sets')) sets.free(id);
  }
}
