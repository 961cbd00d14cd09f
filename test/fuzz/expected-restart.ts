import type { Negotiated } from '#session/negotiate.ts';
import { families, type Family } from '#wire/constants.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { type NaiveNlri, type NaiveRoute, noLongLived } from '../oracle/rib-oracle.ts';
import type { NaiveUpdate } from '../oracle/update-oracle.ts';

export interface HeldRoute extends NaiveNlri {
  readonly route: NaiveRoute;
  stale?: 'stale' | 'long_lived';
}

/** The settings of the helper, as in the daemon's configuration, in milliseconds. */
export interface RestartRules {
  readonly restartMs: number;
  readonly longLivedMs: number;
  readonly eorGraceMs: number;
}

/** How a session ended: by a NOTIFICATION of either side, or without one. */
export interface Ending {
  readonly code?: number;
  readonly subcode?: number;
}

interface Wait {
  readonly family: Family;
  /** The peer is away until its restart time is over; or it is back, and has until then to announce everything. */
  isBack: boolean;
  untilMs: number;
  longUntilMs: number;
  readonly longLivedMs: number;
  hasAnnounced: boolean;
  isEndedEarly: boolean;
  latestMs: number;
}

/** The daemon acts on deadlines at most this much later. */
export const latenessMs = 60;

/**
 * All routes of one peer, also those of lost sessions: the naive twin of graceful restart and of stale paths (RFC 4724
 * §4.2, RFC 8538 §4, RFC 9494 §4.2). Without `rules` nothing outlives a session.
 */
export class ExpectedRestart {
  routes: HeldRoute[] = [];
  /** What was negotiated in the last Established session. */
  last: Negotiated | undefined;
  private readonly rules: RestartRules | undefined;
  /** Returns the attributes of a route after the present import policy; `undefined` if it is rejected. */
  private readonly accepted: (held: HeldRoute) => PathAttributes | undefined;
  private waits: Wait[] = [];
  /** The last deadline that has passed. */
  private judgedMs = -Infinity;
  /**
   * The families whose long-lived time ended before the peer had announced everything: another loss removes all of
   * their routes.
   */
  private spoiled = new Set<Family>();

  constructor(
    rules: RestartRules | undefined,
    accepted: (held: HeldRoute) => PathAttributes | undefined,
  ) {
    this.rules = rules;
    this.accepted = accepted;
  }

  get isHelper(): boolean {
    return this.rules !== undefined;
  }

  /** Whether a deadline has just passed, so that it is unknown whether the daemon has acted on it. */
  isOnEdge(nowMs: number): boolean {
    const isNear = (at: number): boolean => Math.abs(at - nowMs) < latenessMs;
    return (
      isNear(this.judgedMs) ||
      this.waits.some(({ untilMs, longUntilMs }) => isNear(untilMs) || isNear(longUntilMs))
    );
  }

  lost(negotiated: Negotiated, ending: Ending, nowMs: number): void {
    this.expire(nowMs);
    const kept = families.map(({ family }) => this.keeps(family, negotiated, ending));
    for (const { family } of families) {
      const before = this.waitOf(family);
      this.forget(family);
      if (!kept[family]) this.remove((held) => isIn(held, family));
      else this.await(family, negotiated, before, nowMs);
    }
    this.spoiled.clear();
    this.expire(nowMs);
  }

  established(negotiated: Negotiated, nowMs: number): void {
    this.last = negotiated;
    for (const wait of this.waits) {
      const { family, longUntilMs } = wait;
      const isLong = longUntilMs !== Infinity;
      if (!forwards(family, isLong, negotiated)) {
        this.drop(family);
        continue;
      }
      wait.isBack = true;
      wait.latestMs = isLong ? longUntilMs : nowMs + (this.rules?.restartMs ?? 0);
      wait.untilMs = wait.latestMs;
      wait.hasAnnounced = false;
      wait.isEndedEarly = false;
    }
  }

  /** To be called after the routes of the UPDATE have been stored. */
  heard({ announced, endOfRib }: NaiveUpdate, nowMs: number): void {
    if (endOfRib !== undefined) this.end(endOfRib);
    for (const wait of this.waits) {
      if (announced.some(({ nlri }) => isIn(nlri, wait.family))) wait.hasAnnounced = true;
      if (!wait.isEndedEarly) continue;
      wait.untilMs = Math.min(wait.latestMs, nowMs + (this.rules?.eorGraceMs ?? 0));
    }
  }

  /** An operator or a limit ended the session, so that nothing is kept. */
  dropAll(): void {
    for (const { family } of this.waits) this.drop(family);
  }

  /** The family is disabled: its routes cannot be told apart any more. */
  disable(family: Family): void {
    this.spoiled.delete(family);
    this.forget(family);
    this.remove((held) => isIn(held, family));
  }

  /** Acts on the deadlines that have passed. */
  expire(nowMs: number): void {
    for (const wait of this.waits) {
      const { family, longLivedMs } = wait;
      const dueMs = Math.min(wait.untilMs, wait.longUntilMs);
      if (nowMs >= dueMs) this.judgedMs = Math.max(this.judgedMs, dueMs);
      if (nowMs >= wait.untilMs && nowMs < wait.longUntilMs && !wait.isBack && longLivedMs > 0) {
        wait.longUntilMs = Math.min(wait.longUntilMs, wait.untilMs + longLivedMs);
        wait.untilMs = Infinity;
        this.makeLongLived(family);
      }
      if (nowMs >= wait.longUntilMs && wait.isBack && !wait.isEndedEarly) this.spoiled.add(family);
      if (nowMs >= wait.longUntilMs || nowMs >= wait.untilMs) this.drop(family);
    }
  }

  remove(isGone: (held: HeldRoute) => boolean): void {
    this.routes = this.routes.filter((held) => !isGone(held));
  }

  /** A NOTIFICATION ends a session for good unless both sides sent N; a Hard Reset always does (RFC 8538 §3.1, §4). */
  private keeps(family: Family, negotiated: Negotiated, { code, subcode }: Ending): boolean {
    const { gracefulRestart } = negotiated;
    if (this.rules === undefined || gracefulRestart === undefined) return false;
    if (code !== undefined && !gracefulRestart.notification) return false;
    if (code === 6 && subcode === 9) return false;
    if (!negotiated.families[family] || this.spoiled.has(family)) return false;
    return restartMs(family, negotiated, this.rules) + longMs(family, negotiated, this.rules) > 0;
  }

  private await(
    family: Family,
    negotiated: Negotiated,
    before: Wait | undefined,
    nowMs: number,
  ): void {
    const { rules } = this;
    if (rules === undefined) return;
    const longUntilMs = before?.longUntilMs ?? Infinity;
    if (before !== undefined && longUntilMs === Infinity) this.removeStale(family);
    for (const held of this.routes) if (isIn(held, family)) held.stale ??= 'stale';
    this.waits.push({
      family,
      isBack: false,
      untilMs: nowMs + restartMs(family, negotiated, rules),
      longUntilMs,
      longLivedMs: longMs(family, negotiated, rules),
      hasAnnounced: false,
      isEndedEarly: false,
      latestMs: Infinity,
    });
  }

  /** ExaBGP sends an End-of-RIB before any route, so it is ignored for a while. */
  private end(family: Family): void {
    this.spoiled.delete(family);
    const wait = this.waitOf(family);
    if (wait?.isBack !== true) return;
    if (wait.hasAnnounced || this.rules?.eorGraceMs === 0) this.drop(family);
    else wait.isEndedEarly = true;
  }

  private makeLongLived(family: Family): void {
    this.remove(
      (held) =>
        isIn(held, family) &&
        held.stale === 'stale' &&
        this.accepted(held)?.communities.includes(noLongLived) === true,
    );
    for (const held of this.routes) {
      if (isIn(held, family) && held.stale !== undefined) held.stale = 'long_lived';
    }
  }

  private drop(family: Family): void {
    this.forget(family);
    this.removeStale(family);
  }

  private removeStale(family: Family): void {
    this.remove((held) => isIn(held, family) && held.stale !== undefined);
  }

  private forget(family: Family): void {
    this.waits = this.waits.filter((wait) => wait.family !== family);
  }

  private waitOf(family: Family): Wait | undefined {
    return this.waits.find((wait) => wait.family === family);
  }
}

export function isIn({ prefix }: NaiveNlri, family: Family): boolean {
  return prefix.family === family;
}

function restartMs(family: Family, { gracefulRestart }: Negotiated, rules: RestartRules): number {
  const isListed = gracefulRestart?.families.some(
    ({ afi, safi }) => afi === family + 1 && safi === 1,
  );
  if (gracefulRestart === undefined || isListed !== true) return 0;
  return Math.min(gracefulRestart.restartTimeSec * 1000, rules.restartMs);
}

function longMs(family: Family, { longLived }: Negotiated, rules: RestartRules): number {
  const row = longLived?.families.find(({ afi, safi }) => afi === family + 1 && safi === 1);
  return Math.min((row?.staleTimeSec ?? 0) * 1000, rules.longLivedMs);
}

/** Returns the F bit of the capability by which the routes are kept. */
function forwards(family: Family, isLong: boolean, negotiated: Negotiated): boolean {
  const { gracefulRestart, longLived } = negotiated;
  if (gracefulRestart === undefined || !negotiated.families[family]) return false;
  const rows = isLong ? (longLived?.families ?? []) : gracefulRestart.families;
  return rows.find(({ afi, safi }) => afi === family + 1 && safi === 1)?.forwarding === true;
}
