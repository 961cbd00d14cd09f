import { families, type Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';

/** Routes that come this soon after an End-of-RIB without any routes were part of the first exchange. */
const soonMs = 10_000;

/** Distinguishes a peer that sends End-of-RIB before its routes, as ExaBGP does, from one that had none to send. */
export class EarlyEndOfRib {
  private readonly emptyAtMs: (number | undefined)[] = [];
  private readonly found = new Set<Family>();

  /** Families in which it happened in this session. */
  get families(): ReadonlySet<Family> {
    return this.found;
  }

  sessionBegan(): void {
    this.emptyAtMs.length = 0;
    this.found.clear();
  }

  /** To be called after the RIB has processed the UPDATE; `received` counts the prefixes of a family. */
  update(
    { endOfRib }: Pick<Update, 'endOfRib'>,
    now: number,
    received: (of: Family) => number,
  ): void {
    if (endOfRib !== undefined) {
      if (received(endOfRib) === 0) this.emptyAtMs[endOfRib] = now;
      return;
    }
    if (this.emptyAtMs.length === 0) return;
    for (const { family } of families) {
      const emptyAtMs = this.emptyAtMs[family];
      if (emptyAtMs === undefined || received(family) === 0) continue;
      if (now - emptyAtMs <= soonMs) this.found.add(family);
      this.emptyAtMs[family] = undefined;
    }
    if (this.emptyAtMs.every((at) => at === undefined)) this.emptyAtMs.length = 0;
  }
}
