import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { NearMiss } from '#policy/judge.ts';
import { type ExportReason, exportReasons, rejectReasons } from '#policy/reasons.ts';
import type { JudgeTrace } from '#policy/verdict.ts';
import type { Family } from '#wire/constants.ts';
import { medStep, type StepName, steps } from './decision-steps.ts';
import type { FamilyTables } from './family-tables.ts';
import type { Demotion } from './path-class.ts';
import type { Rib } from './rib.ts';
import type { PathTable } from './tables/path-table.ts';
import { scratchPrefix } from './tables/prefix-table.ts';

/** A path of the prefix, the step at which it lost, and what would change that. */
export interface Candidate {
  readonly path: PathId;
  /** 1 is the best; absent for a refused path. */
  readonly rank?: number;
  /** The verdict of import policy, with the rule that gave it. */
  readonly judged: JudgeTrace;
  /** If only its length is refused: the rule that has its network. */
  readonly nearMiss?: NearMiss;
  /** The step at which another path beat it, and both values there (lower wins). */
  readonly lost?: { readonly step: StepName; readonly ours: number; readonly winners: number };
  /** The highest MED with which it would be the best, with everything else unchanged. */
  readonly winsWithMed?: number;
  /** What puts it into a lower class, if it would be the best without that. */
  readonly winsWithout?: readonly Demotion[];
}

type Remedies = Pick<Candidate, 'winsWithMed' | 'winsWithout'>;

/** What a client is sent, and the reason for that or for sending nothing. */
export interface ClientOutcome {
  readonly client: PeerId;
  readonly reason: ExportReason;
  /** The path that it is sent, and the attributes as they are sent; absent if nothing is sent. */
  readonly sent?: { readonly path: PathId; readonly attrs: AttrsId };
  readonly judged?: JudgeTrace;
  /**
   * Paths that rank before the one that is sent, or all: the client may not have them. Its own paths are not among
   * them.
   */
  readonly withheld: readonly WithheldPath[];
}

/** A path from another peer that a client is not sent, and why. */
export interface WithheldPath {
  readonly path: PathId;
  readonly reason: ExportReason;
  readonly judged: JudgeTrace;
}

const highestMed = 0xffff_ffff;
/**
 * The number of refused paths of one prefix that are explained, since a peer with ADD-PATH may send any number of them.
 */
const mostRefused = 100;

/**
 * Yields every accepted path of the prefix, best first, then the first hundred refused ones, as they are when the first
 * one is taken. A path that is gone by the time it is reached is left out. Runs the decision itself, with its trace.
 */
export function* explainPaths(rib: Rib, family: Family, prefix: PrefixId): Generator<Candidate> {
  const { tables } = rib.families[family];
  const { paths, decision } = tables;
  const ranked = decision.ranked(paths.first(prefix));
  const refused = [...firstRefused(paths, prefix)];
  const lost = new Map<PathId, Candidate['lost']>();
  decision.eliminate(ranked, (loser, step, winner) => {
    const at = steps.findIndex(({ name }) => name === step);
    const ours = decision.value(at, loser);
    lost.set(loser, { step, ours, winners: decision.value(at, winner) });
  });
  const remedies = ranked.map((path, index) =>
    index === 0 ? {} : remediesOf(tables, path, ranked[0]),
  );
  const isThere = (path: PathId): boolean =>
    paths.peer(path) !== none && paths.prefix(path) === prefix;
  for (const [index, path] of ranked.entries()) {
    if (!isThere(path) || paths.accepted(path) === none) continue;
    const loss = lost.get(path);
    yield {
      path,
      rank: index + 1,
      judged: traceImport(rib, tables, path),
      ...(loss !== undefined && { lost: loss }),
      ...remedies[index],
    };
  }
  for (const path of refused) {
    if (isThere(path) && paths.accepted(path) === none) yield refusedCandidate(rib, tables, path);
  }
}

/** Returns how many refused paths of the prefix `explainPaths` leaves out. */
export function refusedBeyond(rib: Rib, family: Family, prefix: PrefixId): number {
  const { paths } = rib.families[family].tables;
  let refused = 0;
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    if (paths.accepted(path) === none) refused++;
  }
  return Math.max(0, refused - mostRefused);
}

function* firstRefused(paths: PathTable, prefix: PrefixId): Generator<PathId> {
  let left = mostRefused;
  for (let path = paths.first(prefix); path !== none && left > 0; path = paths.next(path)) {
    if (paths.accepted(path) !== none) continue;
    left--;
    yield path;
  }
}

/** Explains what one client is sent of the prefix: the same steps as in `Exports`, with their trace. */
export function explainClient(
  rib: Rib,
  family: Family,
  prefix: PrefixId,
  client: PeerId,
): ClientOutcome {
  const { tables, outbound } = rib.families[family];
  const { exports } = outbound;
  const judge = exports.judgeOf(client);
  if (judge === undefined) return { client, reason: 'no_policy', withheld: [] };
  const { paths, prefixes, decision } = tables;
  const prefixClass = judge.prefixClass(prefixes.read(prefix, scratchPrefix(tables.family)));
  let first: Pick<ClientOutcome, 'reason' | 'judged'> | undefined;
  const withheld: WithheldPath[] = [];
  for (const path of decision.inOrder(paths.first(prefix))) {
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

/** Explains a path that was refused: which rule refused it, or nearly accepted it. */
export function explainRefused(rib: Rib, family: Family, path: PathId): Candidate {
  return refusedCandidate(rib, rib.families[family].tables, path);
}

function refusedCandidate(rib: Rib, tables: FamilyTables, path: PathId): Candidate {
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

function traceImport(rib: Rib, tables: FamilyTables, path: PathId): JudgeTrace {
  const { paths, prefixes, family } = tables;
  const { importJudge } = rib.peer(paths.peer(path)).settings;
  const words = prefixes.read(paths.prefix(path), scratchPrefix(family));
  return importJudge.trace(paths.received(path), importJudge.prefixClass(words));
}

/** Returns what would have to change, with everything else unchanged, for the path to beat the best. */
function remediesOf(tables: FamilyTables, path: PathId, best: PathId): Remedies {
  const { classes, decision } = tables;
  if (!decision.comparesMed(path, best)) return {};
  const winsWithMed = winningMed(tables, path, best);
  const demotions = classes.demotions(path);
  const undemoted = { class: classes.byMed(path), med: decision.value(medStep, path) };
  const winsWithout = demotions.length > 0 && wouldWin(tables, path, best, undemoted);
  return {
    ...(winsWithMed !== undefined && { winsWithMed }),
    ...(winsWithout && { winsWithout: demotions }),
  };
}

/** Returns the highest MED with which the path would beat the best; `undefined` if no MED would do. */
function winningMed(tables: FamilyTables, path: PathId, best: PathId): number | undefined {
  const { decision, classes, paths } = tables;
  const bestMed = decision.value(medStep, best);
  const edges = classes.medEdges(paths.prefix(path));
  const tried = [bestMed, bestMed - 1, ...edges].filter((med) => med >= 0 && med <= highestMed);
  const winning = tried.filter((med) =>
    wouldWin(tables, path, best, { class: classes.withMed(path, med), med }),
  );
  return winning.length === 0 ? undefined : Math.max(...winning);
}

/** Returns whether the path would beat the best with this class and MED. */
function wouldWin(
  { decision }: FamilyTables,
  path: PathId,
  best: PathId,
  supposed: { readonly class: number; readonly med: number },
): boolean {
  for (const [step, { name }] of steps.entries()) {
    const ours = name === 'class' || name === 'med' ? supposed[name] : decision.value(step, path);
    const difference = ours - decision.value(step, best);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
