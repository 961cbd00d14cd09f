import type { CandidateView, ExplainView, ExportView } from '#api/explain.ts';
import type { PathView, RuleView } from '#api/path.ts';
import type { Cli } from '../host.ts';
import { type Column, ColumnTable } from '../table.ts';
import { marks } from './paths.ts';

/** Who won and why, where each other lost, what would change it, and what each client is sent. */
export function explainText(cli: Cli, view: ExplainView): string {
  return [headline(cli, view), candidateTable(cli, view), exportTable(cli, view)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headline({ style }: Cli, { prefix, best }: ExplainView): string {
  const name = style.strong(prefix);
  if (best === undefined) return `${name}: ${style.bad('no path is accepted')}`;
  const node = best.node === undefined || best.node === best.peer ? '' : ` (${best.node})`;
  const med = best.med === undefined ? 'no MED' : `MED ${best.med}`;
  return `${name}: best is ${style.good(best.peer)}${node} via ${best.next_hop}, ${med}`;
}

const why: Column = { head: 'Why', elastic: 'wrap' };

function candidateTable(cli: Cli, view: ExplainView): string {
  const columns: readonly Column[] = [
    { head: '   Candidate' },
    { head: 'Next Hop' },
    { head: 'Metric', align: 'right' },
    why,
  ];
  const rows = view.candidates.map((candidate) => [
    `${marks(cli, candidate)} ${candidate.peer}`,
    candidate.next_hop,
    String(candidate.med ?? ''),
    [...candidateReasons(cli, candidate), ...ruleLine(cli, candidate.rule)].join('\n'),
  ]);
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function candidateReasons({ style }: Cli, candidate: CandidateView): string[] {
  if (!candidate.accepted) {
    const { pattern, would_be_accepted_if: condition } = candidate;
    return [
      style.bad(`rejected: ${candidate.reason ?? 'unknown'}`),
      ...(condition === undefined ? [] : [`accepted if ${condition}: ${pattern ?? ''}`]),
    ];
  }
  if (candidate.best) return [style.good('best')];
  const { lost_at: step, ours, winners, would_win_if: condition } = candidate;
  return [
    ...(candidate.drained === true ? [style.busy('drained')] : []),
    step === undefined
      ? 'not best'
      : `lost at ${step}: ${ours ?? 'none'} against ${winners ?? 'none'}`,
    ...(condition === undefined ? [] : [`wins if ${condition}`]),
  ];
}

function exportTable(cli: Cli, { exports }: ExplainView): string {
  if (exports.length === 0) return '';
  const columns: readonly Column[] = [
    { head: '   To' },
    { head: 'Sent' },
    { head: 'Next Hop' },
    why,
  ];
  const rows = exports.map((one) => exportRow(cli, one));
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function exportRow(cli: Cli, { peer, sent, reason, rule, withheld = [] }: ExportView): string[] {
  const isSent = sent !== undefined;
  return [
    `   ${peer}`,
    isSent ? cli.style.good(sent.peer) : cli.style.faint('nothing'),
    sent?.next_hop ?? '',
    [exportText(reason), ...ruleLine(cli, rule), ...withheld.map(withheldText)].join('\n'),
  ];
}

function withheldText({ peer, reason = 'withheld' }: PathView): string {
  return `not ${peer}: ${exportText(reason)}`;
}

/** The stable word, and what it means. */
function exportText(reason: string): string {
  const meaning = exportMeanings.get(reason);
  return meaning === undefined ? reason : `${reason}: ${meaning}`;
}

const exportMeanings = new Map([
  ['peer_down', 'the session is down'],
  ['no_policy', 'export is none'],
  ['no_export', 'a well-known community such as NO_EXPORT forbids it'],
  ['policy', 'an export rule rejects it'],
  ['prefix_not_allowed', 'no export rule matches it'],
  ['next_hop_unusable', 'the peer could not use the next hop'],
  ['too_long', 'its attributes do not fit into a message of this session (RFC 8654)'],
  ['stale', 'long-lived stale, and the peer did not announce capability 71 (RFC 9494)'],
  ['family_not_negotiated', 'the session did not negotiate this address family'],
  ['no_path', 'no path is accepted'],
  ['own_route', 'the peer announced the path itself'],
  ['own_next_hop', 'the peer itself is the next hop'],
  ['otc_leak', 'the BGP roles forbid it (RFC 9234)'],
  ['not_best', 'a better path is sent'],
]);

/** `by only_loopbacks "service loopbacks", rs9.yaml:17` */
function ruleLine({ style }: Cli, rule: RuleView | undefined): string[] {
  if (rule === undefined) return [];
  const name = rule.name === undefined ? '' : ` "${rule.name}"`;
  return [style.faint(`by ${rule.policy}${name}, ${rule.file}:${rule.line}`)];
}
