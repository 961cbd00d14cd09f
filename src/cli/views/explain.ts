import type { CandidateView, ExplainView, ExportView } from '#api/views/explain.ts';
import type { RuleView } from '#api/views/path.ts';
import {
  candidateTexts,
  exportText,
  lastServedText,
  notListedText,
  ruleText,
  vrpsText,
  withheldTexts,
} from '#words/explain.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';
import { marks } from './paths.ts';

/**
 * Returns which path is best and why, where each other path lost, what would change that, and what each client
 * is sent.
 */
export function explainText(cli: Cli, view: ExplainView): string {
  return [
    headline(cli, view),
    vrpsText(view.vrps) ?? '',
    candidateTable(cli, view),
    notListed(cli, view),
    exportTable(cli, view),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headline({ style }: Cli, view: ExplainView): string {
  const { prefix, best } = view;
  const name = style.strong(prefix);
  if (best === undefined) {
    const what = view.candidates.length === 0 ? 'no peer announces it' : 'no path is accepted';
    const last = lastServedText(view);
    return `${name}: ${style.bad(what)}${last === undefined ? '' : `; ${last}`}`;
  }
  const node = best.node === undefined || best.node === best.peer ? '' : ` (${best.node})`;
  const med = best.med === undefined ? 'no MED' : `MED ${best.med}`;
  return `${name}: best is ${style.good(best.peer)}${node} via ${best.next_hop}, ${med}`;
}

const why: Column = { head: 'Why', elastic: 'wrap' };

function candidateTable(cli: Cli, view: ExplainView): string {
  if (view.candidates.length === 0) return '';
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

function notListed({ style }: Cli, view: ExplainView): string {
  const text = notListedText(view);
  return text === undefined ? '' : style.faint(text);
}

const paints = { rejected: 'bad', best: 'good', drained: 'busy' } as const;

function candidateReasons({ style }: Cli, candidate: CandidateView): string[] {
  return candidateTexts(candidate).map(({ kind, text }) =>
    kind in paints ? style[paints[kind as keyof typeof paints]](text) : text,
  );
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

function exportRow(cli: Cli, one: ExportView): string[] {
  const { peer, sent, reason, rule } = one;
  const isSent = sent !== undefined;
  return [
    `   ${peer}`,
    isSent ? cli.style.good(sent.peer) : cli.style.faint('nothing'),
    sent?.next_hop ?? '',
    [exportText(reason), ...ruleLine(cli, rule), ...withheldTexts(one)].join('\n'),
  ];
}

function ruleLine({ style }: Cli, rule: RuleView | undefined): string[] {
  return rule === undefined ? [] : [style.faint(`by ${ruleText(rule)}`)];
}
