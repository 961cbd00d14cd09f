/**
 * A second opinion on nodes: what probes of their own addresses say, and when that counts. Pure: results
 * and times go in, states and rankings come out.
 */

export const probeStates = ['answering', 'not_answering', 'unknown'] as const;
export type ProbeState = (typeof probeStates)[number];

export interface ProbeRule {
  /** So many failures in a row: it does not answer. */
  readonly fall: number;
  /** So many successes in a row: it answers again. */
  readonly rise: number;
}

/** What is known of one target. */
export interface ProbeRecord {
  readonly state: ProbeState;
  readonly isLastOk: boolean;
  /** Results like the last one in a row. */
  readonly inRow: number;
}

export const unprobed: ProbeRecord = { state: 'unknown', isLastOk: false, inRow: 0 };

/** The record after one more result. What is not known yet answers as soon as it does once. */
export function observeProbe(before: ProbeRecord, isOk: boolean, rule: ProbeRule): ProbeRecord {
  const inRow = before.inRow > 0 && before.isLastOk === isOk ? before.inRow + 1 : 1;
  const needed = isOk && before.state === 'unknown' ? 1 : isOk ? rule.rise : rule.fall;
  const reached = isOk ? 'answering' : 'not_answering';
  return { state: inRow >= needed ? reached : before.state, isLastOk: isOk, inRow };
}

/** How many nodes there are, and how many of them do not answer. */
export interface Answers {
  readonly nodes: number;
  readonly notAnswering: number;
}

/**
 * Whether so many do not answer that the network of the prober, or the probe itself, is suspect: that
 * share of the service's nodes, or half of all targets. A service of one node has no brake.
 */
export function isSuspicious(service: Answers, all: Answers, maxShare: number): boolean {
  if (service.nodes < 2) return false;
  return shareOf(service) >= maxShare || (all.nodes >= 2 && shareOf(all) >= 0.5);
}

function shareOf({ nodes, notAnswering }: Answers): number {
  return nodes === 0 ? 0 : notAnswering / nodes;
}

/** A level: it holds while it is suspicious, and until that has not been so for a while. */
export interface Brake {
  readonly isOn: boolean;
  /** Since when nothing is suspicious any longer. */
  readonly calmSinceMs?: number;
}

/** `releaseMs`: how long nothing must have been suspicious. */
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

/** Whether a node's paths rank as ones that do not answer, and since when that is so. */
export interface ProbeRanking {
  readonly isLast: boolean;
  /** When it last changed by a probe; absent: never. */
  readonly changedMs?: number;
}

export interface RankingRule {
  readonly mayRank: boolean;
  /** At most one change by probes for each node in this time. */
  readonly holdDownMs: number;
}

/** The brake takes every ranking back at once; otherwise a node moves once in the hold-down. */
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
