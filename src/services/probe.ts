/**
 * A second opinion on nodes: what probes of their own addresses show, and when that counts. Pure: results and times go
 * in, states and rankings come out.
 */

export const probeStates = ['answering', 'not_answering', 'unknown'] as const;
export type ProbeState = (typeof probeStates)[number];

export interface ProbeRule {
  /** After this many failures in a row it does not answer. */
  readonly fall: number;
  /** After this many successes in a row it answers again. */
  readonly rise: number;
}

/** What is known about one target. */
export interface ProbeRecord {
  readonly state: ProbeState;
  readonly isLastOk: boolean;
  /** How many results in a row were like the last one. */
  readonly inRow: number;
}

export const unprobed: ProbeRecord = { state: 'unknown', isLastOk: false, inRow: 0 };

/**
 * Returns the record after one more result. A target that is not known yet counts as answering as soon as it does so
 * once.
 */
export function observeProbe(before: ProbeRecord, isOk: boolean, rule: ProbeRule): ProbeRecord {
  const inRow = before.inRow > 0 && before.isLastOk === isOk ? before.inRow + 1 : 1;
  const needed = isOk && before.state === 'unknown' ? 1 : isOk ? rule.rise : rule.fall;
  const reached = isOk ? 'answering' : 'not_answering';
  return { state: inRow >= needed ? reached : before.state, isLastOk: isOk, inRow };
}

/** The number of nodes, and of those that do not answer. */
export interface Answers {
  readonly nodes: number;
  readonly notAnswering: number;
}

/**
 * Returns whether so many do not answer that the prober's network, or the probe itself, is suspect: that share of the
 * service's nodes, or half of all targets. A service of one node has no brake.
 */
export function isSuspicious(service: Answers, all: Answers, maxShare: number): boolean {
  if (service.nodes < 2) return false;
  return shareOf(service) >= maxShare || (all.nodes >= 2 && shareOf(all) >= 0.5);
}

function shareOf({ nodes, notAnswering }: Answers): number {
  return nodes === 0 ? 0 : notAnswering / nodes;
}

/** The brake holds while the answers are suspicious, and until they have not been so for a while. */
export interface Brake {
  readonly isOn: boolean;
  /** Since when nothing is suspicious any longer. */
  readonly calmSinceMs?: number;
}

/** `releaseMs` is how long nothing must have been suspicious. */
export function stepBrake(
  before: Brake,
  isSuspiciousNow: boolean,
  nowMs: number,
  releaseMs: number,
): Brake {
  if (isSuspiciousNow) return { isOn: true };
  if (!before.isOn) return before;
  const { calmSinceMs = nowMs } = before;
  return nowMs - calmSinceMs >= releaseMs ? { isOn: false } : { isOn: true, calmSinceMs };
}

/** Whether a node's paths rank as not answering, and since when. */
export interface ProbeRanking {
  readonly isLast: boolean;
  /** When a probe last changed it; absent: never. */
  readonly changedMs?: number;
}

export interface RankingRule {
  readonly mayRank: boolean;
  /** Probes change the ranking of each node at most once in this time. */
  readonly holdDownMs: number;
}

/** The brake undoes every ranking at once; otherwise a node moves once in the hold-down. */
export function stepRanking(
  before: ProbeRanking,
  state: ProbeState,
  isBraked: boolean,
  nowMs: number,
  { mayRank, holdDownMs }: RankingRule,
): ProbeRanking {
  const wanted = mayRank && !isBraked && state === 'not_answering';
  if (wanted === before.isLast) return before;
  if (isBraked || !mayRank) return { ...before, isLast: false };
  const { changedMs } = before;
  if (changedMs !== undefined && nowMs - changedMs < holdDownMs) return before;
  return { isLast: wanted, changedMs: nowMs };
}
