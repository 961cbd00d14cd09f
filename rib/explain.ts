import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import {
  type ExportReason,
  exportReasons,
  type JudgeTrace,
  type NearMiss,
  rejectReasons,
} from '#policy/policy.ts';
import { medStep, type StepName, steps } from './decision-steps.ts';
import type { FamilyRib } from './family-rib.ts';
import type { Rib } from './rib.ts';
import { scratchPrefix } from './tables/prefix-table.ts';

/** A path of the prefix, where it fell out, and what would have kept it in. */
export interface Candidate {
  readonly path: PathId;
  /** 1 is the best; absent for a refused path. */
  readonly rank?: number;
  /** The verdict of import policy, with the rule that gave it. */
  readonly judged: JudgeTrace;
  /** Where only its length is refused: the rule that has its network. */
  readonly nearMiss?: NearMiss;
  /** The step at which another path beat it, and both values there (lower wins). */
  readonly lost?: { readonly step: StepName; readonly ours: number; readonly winners: number };
  /** The highest MED with which it would be the best, all else unchanged. */
  readonly winsWithMed?: number;
}

/** What a client is sent, and why that or why nothing. */
export interface ClientOutcome {
  readonly client: PeerId;
  readonly reason: ExportReason;
  /** The path it is sent, and the attributes as they leave; absent when nothing is sent. */
  readonly sent?: { readonly path: PathId; readonly attrs: AttrsId };
  readonly judged?: JudgeTrace;
  /** Paths that rank before the one that is sent, or all: the client may not have them. Not its own. */
  readonly withheld: readonly WithheldPath[];
}

/** A path that a client is not sent though it is not its own, and why. */
export interface WithheldPath {
  readonly path: PathId;
  readonly reason: ExportReason;
  readonly judged: JudgeTrace;
}

/** Every path of the prefix, best first, refused ones last. Runs the decision itself, with its trace. */
export function explainPaths(rib: Rib, { tables }: FamilyRib, prefix: PrefixId): Candidate[] {
  const { paths, decision } = tables;
  const ranked = decision.ranked(paths.first(prefix));
  const lost = new Map<PathId, Candidate['lost']>();
  decision.eliminate(ranked, (loser, step, winner) => {
    const at = steps.findIndex(({ name }) => name === step);
    const ours = decision.value(at, loser);
    lost.set(loser, { step, ours, winners: decision.value(at, winner) });
  });
  const candidates = ranked.map((path, index): Candidate => {
    const loss = lost.get(path);
    const med = index === 0 ? undefined : winningMed(tables, path, ranked[0]);
    return {
      path,
      rank: index + 1,
      judged: traceImport(rib, tables, path),
      ...(loss !== undefined && { lost: loss }),
      ...(med !== undefined && { winsWithMed: med }),
    };
  });
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    if (paths.accepted(path) !== none) continue;
    candidates.push(refusedCandidate(rib, tables, path));
  }
  return candidates;
}

/** What one client is sent of the prefix: the same walk as `Exports`, with its trace. */
export function explainClient(
  { tables, outbound: { exports } }: FamilyRib,
  prefix: PrefixId,
  client: PeerId,
): ClientOutcome {
  const judge = exports.judgeOf(client);
  if (judge === undefined) return { client, reason: 'no_policy', withheld: [] };
  const { paths, prefixes, decision } = tables;
  const prefixClass = judge.prefixClass(prefixes.read(prefix, scratchPrefix(tables.family)));
  let first: Pick<ClientOutcome, 'reason' | 'judged'> | undefined;
  const withheld: WithheldPath[] = [];
  for (const path of decision.ranked(paths.first(prefix))) {
    const judged = judge.trace(paths.accepted(path), paths.peer(path), prefixClass);
    const attrs = (judged.verdict > 0 ? judged.verdict : none) as AttrsId;
    const refusal = exports.whyNot(path, attrs, client);
    if (attrs !== none && refusal === undefined) {
      return { client, reason: 'sent', sent: { path, attrs }, judged, withheld };
    }
    const reason = refusal ?? exportReasons[-judged.verdict];
    first ??= { reason, judged };
    if (!isOwn(reason)) withheld.push({ path, reason, judged });
  }
  return { client, withheld, ...(first ?? { reason: 'no_path' }) };
}

function refusedCandidate(rib: Rib, tables: FamilyRib['tables'], path: PathId): Candidate {
  const { paths, prefixes, family } = tables;
  const judged = traceImport(rib, tables, path);
  if (rejectReasons[paths.reason(path)] !== 'prefix_length') return { path, judged };
  const words = prefixes.read(paths.prefix(path), scratchPrefix(family));
  const nearMiss = rib.peer(paths.peer(path)).settings.importJudge.nearMiss(words);
  return { path, judged, ...(nearMiss !== undefined && { nearMiss }) };
}

function isOwn(reason: ExportReason): boolean {
  return reason === 'own_route' || reason === 'own_next_hop';
}

function traceImport(rib: Rib, tables: FamilyRib['tables'], path: PathId): JudgeTrace {
  const { paths, prefixes, family } = tables;
  const { importJudge } = rib.peer(paths.peer(path)).settings;
  const words = prefixes.read(paths.prefix(path), scratchPrefix(family));
  return importJudge.trace(paths.received(path), importJudge.prefixClass(words));
}

/** With which MED the path would beat the best; `undefined` where no MED would do. */
function winningMed(
  { decision, paths }: FamilyRib['tables'],
  path: PathId,
  best: PathId,
): number | undefined {
  if (!decision.comparesMed(path, best)) return undefined;
  for (let step = 0; step < steps.length; step++) {
    if (step === medStep) continue;
    const difference = decision.value(step, path) - decision.value(step, best);
    if (difference === 0) continue;
    const bestMed = decision.value(medStep, best);
    if (step < medStep) return undefined;
    const highest = difference < 0 ? bestMed : bestMed - 1;
    return highest < 0 || paths.accepted(path) === none ? undefined : highest;
  }
  return undefined;
}
