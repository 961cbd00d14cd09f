import type { CandidateView, ExplainView, ExportView, RuleView } from '../../watch.ts';
import type { Cli } from '../host.ts';
import { ColumnTable } from '../table.ts';
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

function candidateTable(cli: Cli, view: ExplainView): string {
  const columns = [
    { head: '  ' },
    { head: 'Candidate' },
    { head: 'Next Hop' },
    { head: 'Metric', align: 'right' as const },
    { head: 'Why' },
    { head: 'Rule' },
  ];
  const rows = view.candidates.map((candidate) => [
    marks(cli, candidate),
    candidate.peer,
    candidate.next_hop,
    String(candidate.med ?? ''),
    whyText(cli, candidate),
    ruleText(candidate.rule),
  ]);
  return new ColumnTable(columns, Infinity).render(rows, cli.style.strong);
}

function whyText({ style }: Cli, candidate: CandidateView): string {
  if (!candidate.accepted) return style.bad(`rejected: ${candidate.reason ?? ''}`);
  if (candidate.best) return style.good('best');
  const { lost_at: step, ours, winners, would_win_if: condition } = candidate;
  const lost =
    step === undefined ? 'not best' : `lost at ${step}: ${ours ?? '-'} against ${winners ?? '-'}`;
  const drained = candidate.drained === true ? 'drained; ' : '';
  return `${drained}${lost}${condition === undefined ? '' : `; wins if ${condition}`}`;
}

function exportTable(cli: Cli, { exports }: ExplainView): string {
  if (exports.length === 0) return '';
  const columns = [
    { head: '  ' },
    { head: 'To' },
    { head: 'Sent' },
    { head: 'Next Hop' },
    { head: 'Why' },
    { head: 'Rule' },
  ];
  const rows = exports.map((one) => exportRow(cli, one));
  return new ColumnTable(columns, Infinity).render(rows, cli.style.strong);
}

function exportRow({ style }: Cli, { peer, sent, reason, rule }: ExportView): string[] {
  const isSent = sent !== undefined;
  return [
    '  ',
    peer,
    isSent ? style.good(sent.peer) : style.faint('nothing'),
    sent?.next_hop ?? '',
    reason === 'sent' ? '' : reason,
    ruleText(rule),
  ];
}

/** `only_loopbacks "service loopbacks" rs9.yaml:17` */
export function ruleText(rule: RuleView | undefined): string {
  if (rule === undefined) return '';
  const name = rule.name === undefined ? '' : ` "${rule.name}"`;
  return `${rule.policy}${name} ${rule.file}:${rule.line}`;
}
