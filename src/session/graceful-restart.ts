import { families, type Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';
import type { SessionDown, StaleEvent } from './host.ts';
import type { Negotiated } from './negotiate.ts';
import {
  type HelperSettings,
  isForwarding,
  isHelper,
  longLivedMsOf,
  outlives,
  restartMsOf,
} from './restart-terms.ts';
import type { GracefulRestartSettings } from './settings.ts';

/** Why routes are kept after their session was lost. */
export type StaleStage =
  /** The peer may come back (RFC 4724 §4.2). */
  | 'restarting'
  /** The peer has been away for long, and its routes are the last resort (RFC 9494). */
  | 'long_lived'
  /** The peer is back; what it has not announced again by its End-of-RIB is removed. */
  | 'resynchronizing';

export interface StaleFamily {
  readonly family: Family;
  readonly stage: StaleStage;
  /** When the routes are removed unless something happens before. */
  readonly untilMs: number;
}

/** The timers and state of one family whose routes are kept. */
interface Kept {
  /**
   * The end of the wait for the peer, then for its End-of-RIB; Infinity when only the long-lived time bounds
   * it.
   */
  deadline: number;
  /** Infinity until the long-lived period has begun. */
  longLivedDeadline: number;
  /** The length of the long-lived period after the restart time; 0 for none. */
  readonly longLivedMs: number;
  /** The session is Established again. */
  isBack: boolean;
  /** End-of-RIB has come, and no route before it. */
  isEndedEarly: boolean;
  hasAnnounced: boolean;
  /** The latest time to which the deadline may be moved. */
  latestMs: number;
}

const nothingKept = families.map(() => false);

/**
 * The helper's part of graceful restart with one peer (the Receiving Speaker of RFC 4724 §4.2 as
 * changed by RFC 8538 and RFC 9494): which routes outlive their session, and until when.
 */
export class GracefulRestart {
  private readonly tell: (family: Family, event: StaleEvent) => void;
  private readonly kept = new Map<Family, Kept>();
  /**
   * Families whose long-lived time ran out before End-of-RIB: routes received since then may not outlive
   * another loss.
   */
  private readonly expired = new Set<Family>();
  /** Families whose End-of-RIB is awaited; only for peers that have the capability. */
  private readonly unended = new Set<Family>();
  /** The settings of the session that is up, or of the last one. */
  private settings: GracefulRestartSettings = { kind: 'off' };

  constructor(tell: (family: Family, event: StaleEvent) => void) {
    this.tell = tell;
  }

  /**
   * Records that the session ended. Returns, by `Family`, whether its routes are kept; the owner removes the
   * others. Call `tick` once the owner has marked the kept ones, since the restart time may be 0.
   */
  lost(
    negotiated: Negotiated | undefined,
    settings: GracefulRestartSettings,
    down: SessionDown,
    now: number,
  ): readonly boolean[] {
    this.settings = settings;
    this.unended.clear();
    const mayKeep = isHelper(settings) && negotiated !== undefined && outlives(negotiated, down);
    if (!mayKeep) return this.keepNothing();
    return families.map(({ family }) => this.keep(family, negotiated, settings, now));
  }

  /**
   * Records that the session is Established (again): "MUST immediately remove" what the peer did not keep
   * forwarding.
   */
  established(negotiated: Negotiated, settings: GracefulRestartSettings, now: number): void {
    this.settings = settings;
    this.unended.clear();
    for (const { family } of families) {
      if (negotiated.gracefulRestart !== undefined && negotiated.families[family]) {
        this.unended.add(family);
      }
    }
    for (const [family, kept] of this.kept) this.resume(family, kept, negotiated, now);
  }

  /** To be called after each UPDATE of the session has been processed. */
  heard(update: Update, now: number): void {
    const { endOfRib } = update;
    if (endOfRib !== undefined) this.end(endOfRib, now);
    if (this.kept.size === 0) return;
    for (const [family, kept] of this.kept) {
      if (announces(update, family)) kept.hasAnnounced = true;
      if (kept.isEndedEarly) this.awaitSilence(kept, now);
    }
  }

  tick(now: number): void {
    for (const [family, kept] of this.kept) {
      if (now >= kept.longLivedDeadline) this.expire(family, kept);
      else if (now >= kept.deadline) this.lapse(family, kept, now);
    }
  }

  /** Returns when `tick` is to be called; Infinity if never. */
  nextDeadline(): number {
    let next = Infinity;
    for (const { deadline, longLivedDeadline } of this.kept.values()) {
      next = Math.min(next, deadline, longLivedDeadline);
    }
    return next;
  }

  /** This process was stalled: time in which no peer could come back does not count. */
  forgive(latenessMs: number): void {
    for (const kept of this.kept.values()) {
      kept.deadline += latenessMs;
      kept.latestMs += latenessMs;
      kept.longLivedDeadline += latenessMs;
    }
  }

  /** Forgets all kept routes, because the operator or the configuration wants none kept. */
  dropAll(): void {
    for (const family of this.kept.keys()) this.drop(family);
  }

  /** The family sends no more routes and no End-of-RIB in this session, so its kept routes are removed. */
  disabled(family: Family): void {
    this.unended.delete(family);
    this.expired.delete(family);
    if (this.kept.has(family)) this.drop(family);
  }

  /** RFC 7313 §4: until End-of-RIB a BoRR or EoRR of the family "MUST" be ignored. */
  awaitsEndOfRib(family: Family): boolean {
    return this.unended.has(family);
  }

  get stale(): StaleFamily[] {
    return [...this.kept].map(([family, kept]) => ({
      family,
      stage: stageOf(kept),
      untilMs: Math.min(kept.deadline, kept.longLivedDeadline),
    }));
  }

  private keepNothing(): readonly boolean[] {
    this.kept.clear();
    this.expired.clear();
    return nothingKept;
  }

  private keep(
    family: Family,
    negotiated: Negotiated,
    settings: HelperSettings,
    now: number,
  ): boolean {
    const before = this.kept.get(family);
    const isExpired = this.expired.delete(family);
    const restartMs = restartMsOf(family, negotiated, settings);
    const longLivedMs = longLivedMsOf(family, negotiated, settings);
    this.kept.delete(family);
    if (isExpired || !negotiated.families[family] || restartMs + longLivedMs === 0) return false;
    const longLivedDeadline = before?.longLivedDeadline ?? Infinity;
    // "A route (from the peer) previously marked as stale MUST be deleted", but for long-lived ones.
    if (before !== undefined && longLivedDeadline === Infinity) this.tell(family, 'over');
    this.kept.set(family, {
      deadline: now + restartMs,
      longLivedDeadline,
      longLivedMs,
      isBack: false,
      isEndedEarly: false,
      hasAnnounced: false,
      latestMs: Infinity,
    });
    return true;
  }

  private resume(family: Family, kept: Kept, negotiated: Negotiated, now: number): void {
    const { settings } = this;
    const isLongLived = kept.longLivedDeadline !== Infinity;
    if (!isHelper(settings) || !isForwarding(family, isLongLived, negotiated)) {
      return this.drop(family);
    }
    kept.isBack = true;
    kept.isEndedEarly = false;
    kept.hasAnnounced = false;
    // RFC 9494 §4.2: that timer "continues to run once the session has re-established".
    kept.latestMs = isLongLived ? kept.longLivedDeadline : now + settings.restartTimeSec * 1000;
    kept.deadline = kept.latestMs;
  }

  private end(family: Family, now: number): void {
    this.unended.delete(family);
    this.expired.delete(family);
    const kept = this.kept.get(family);
    if (kept === undefined || !kept.isBack) return;
    if (kept.hasAnnounced || this.eorGraceMs === 0) return this.drop(family);
    kept.isEndedEarly = true;
    this.awaitSilence(kept, now);
  }

  /** ExaBGP may send End-of-RIB before its routes: the routes are awaited until the peer falls silent. */
  private awaitSilence(kept: Kept, now: number): void {
    kept.deadline = Math.min(kept.latestMs, now + this.eorGraceMs);
  }

  private get eorGraceMs(): number {
    return isHelper(this.settings) ? this.settings.eorGraceMs : 0;
  }

  /** Ends the restart time, or the wait for the peer's End-of-RIB. */
  private lapse(family: Family, kept: Kept, now: number): void {
    if (kept.isBack || kept.longLivedMs === 0) return this.drop(family);
    kept.deadline = Infinity;
    kept.longLivedDeadline = Math.min(kept.longLivedDeadline, now + kept.longLivedMs);
    this.tell(family, 'long_lived');
  }

  private expire(family: Family, kept: Kept): void {
    if (kept.isBack && !kept.isEndedEarly) this.expired.add(family);
    this.drop(family);
  }

  private drop(family: Family): void {
    this.kept.delete(family);
    this.tell(family, 'over');
  }
}

function announces({ mpReach, nlri }: Update, family: Family): boolean {
  return (
    (mpReach.family === family && mpReach.start !== mpReach.end) ||
    (nlri.family === family && nlri.start !== nlri.end)
  );
}

function stageOf({ isBack, longLivedDeadline }: Kept): StaleStage {
  if (isBack) return 'resynchronizing';
  return longLivedDeadline === Infinity ? 'restarting' : 'long_lived';
}
