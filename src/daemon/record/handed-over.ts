/** Portions of one router that are remembered: of changes that take more slices the first is not known. */
const remembered = 64;

/** What is written to a router, and what its kernel has acknowledged of that; bytes of one connection. */
export interface RouterProgress {
  readonly name: string;
  /** It has not been sent yet all that it is to hold: it has just come, or reads slowly. */
  readonly isBehind: () => boolean;
  readonly writtenBytes: () => number;
  /** When our kernel had taken so many; `undefined` where it has not yet, or that is too long ago. */
  readonly sentAtMs: (bytes: number) => number | undefined;
  /** `undefined` once the connection is gone. */
  readonly acknowledgedBytes: () => number | undefined;
}

/** What was handed over for a router in one slice of work. */
export interface Portion {
  readonly slice: number;
  /** With all that was handed over before, since its connection began. */
  readonly bytes: number;
  /** When our kernel had taken so many, once that is known. */
  sentMs?: number | undefined;
}

/** In which slices of work something was handed over to be written to each router, since the last `forget`. */
export class HandedOver {
  /** The number of the slice that is under way. */
  slice = 0;
  /** By the name of the router. */
  private readonly portions = new Map<string, Portion[]>();

  /** To be called after each slice while something is under way. */
  sliceEnded(routers: readonly RouterProgress[]): void {
    const slice = this.slice++;
    for (const router of routers) {
      const bytes = router.writtenBytes();
      const before = this.portions.get(router.name);
      const last = before?.at(-1);
      // Fewer than before are those of another connection.
      if (before === undefined || last === undefined || bytes < last.bytes) {
        this.portions.set(router.name, [{ slice, bytes }]);
        continue;
      }
      last.sentMs ??= router.sentAtMs(last.bytes);
      if (bytes > last.bytes) before.push({ slice, bytes });
      if (before.length > remembered) before.shift();
    }
  }

  /** Those of the router so far, oldest first. What is remembered of them is found out later, too. */
  to({ name }: RouterProgress): readonly Portion[] {
    return [...(this.portions.get(name) ?? [])];
  }

  /** Nothing is under way. */
  forget(): void {
    this.portions.clear();
  }
}
