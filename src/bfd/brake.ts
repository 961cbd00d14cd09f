/** When BFD is trusted about the loss of many sessions at once. */
export interface BrakeTerms {
  /** A share of the sessions that were Up: above 0, at most 1. */
  readonly maxShare: number;
  readonly withinMs: number;
  /** The loss of fewer sessions than this never applies the brake. */
  readonly atLeast: number;
}

/** Why BFD ends no session at present. */
export const brakeReasons = ['share', 'carrier', 'stall'] as const;
export type BrakeReason = (typeof brakeReasons)[number];

/** A session that is Up. */
export interface Heard {
  /** When its last packet arrived. */
  readonly heardMs: number;
  /** The interval between packets that the other end has promised. */
  readonly rxMs: number;
}

/** A session that is Up, and how long each end waits for the other, in milliseconds. */
export interface Waiting {
  readonly toleranceMs: number;
  readonly detectMs: number;
}

/**
 * A session that is Up becomes a suspect after this many intervals without a packet: one packet may be lost.
 */
const silentIntervals = 2;

/**
 * Distinguishes the failure of a peer from a failure of our own, which looks like the failure of many peers:
 * while the brake applies, a session that goes Down ends nothing, and hold timers decide. It cannot wait to see
 * how many others follow, so sessions that are Up but already overdue count with those that are Down.
 */
export class BfdBrake {
  private terms: BrakeTerms;
  private downAtMs: number[] = [];
  private ownFault: { readonly reason: BrakeReason; readonly untilMs: number } | undefined;

  constructor(terms: BrakeTerms) {
    this.terms = terms;
  }

  /** The new terms take effect with the next loss; past losses are remembered. */
  change(terms: BrakeTerms): void {
    this.terms = terms;
  }

  /**
   * Judges the loss of a session, which left Up without being asked to. `others` are the sessions that are still Up.
   * Returns why the loss is to be ignored, or `undefined` if it is real.
   */
  judge(others: Iterable<Heard>, now: number): BrakeReason | undefined {
    this.downAtMs.push(now);
    const { maxShare, atLeast } = this.terms;
    let suspects = this.recent(now);
    let all = suspects;
    for (const { heardMs, rxMs } of others) {
      all++;
      if (now - heardMs > silentIntervals * rxMs) suspects++;
    }
    const isShared = suspects >= atLeast && suspects >= maxShare * all;
    return isShared ? 'share' : this.ownReason(now);
  }

  /**
   * Records that this process did not run for `lateMs`. If the peer of any session in `up` waits for less than that,
   * the losses that follow are doubted. Shorter delays are common on a busy host and are ignored.
   */
  wasLate(lateMs: number, up: Iterable<Waiting>, now: number): void {
    const all = [...up];
    if (!all.some(({ toleranceMs }) => lateMs > toleranceMs)) return;
    this.suspectOurselves('stall', Math.max(...all.map(({ detectMs }) => detectMs)), now);
  }

  /**
   * Records that this process was stalled, or that our own interface lost its carrier. Losses are doubted for
   * `withinMs` plus `forMs` from now on.
   */
  suspectOurselves(reason: 'carrier' | 'stall', forMs: number, now: number): void {
    this.ownFault = { reason, untilMs: now + this.terms.withinMs + forMs };
  }

  private ownReason(now: number): BrakeReason | undefined {
    return this.ownFault !== undefined && now <= this.ownFault.untilMs
      ? this.ownFault.reason
      : undefined;
  }

  private recent(now: number): number {
    this.downAtMs = this.downAtMs.filter((at) => now - at <= this.terms.withinMs);
    return this.downAtMs.length;
  }
}
