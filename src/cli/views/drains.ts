import { byText } from '#api/by.ts';
import type { DrainAnswerView, DrainView, EffectCounts, EffectRowView } from '#api/views/drain.ts';
import { timeText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

/** The number of rows that are printed; the JSON has all of them. */
const mostRows = 40;

/** Returns whether traffic is shown, or can be inferred, to have moved everywhere. */
export function isEffective({ counts }: { readonly counts: EffectCounts }): boolean {
  return counts.no + counts.unknown === 0;
}

/** Returns what `drain` did, and whether it has taken effect. */
export function drainedText(cli: Cli, drain: DrainAnswerView): string {
  const { target, id, until, nodes } = drain;
  const ends = until === undefined ? '' : ` until ${timeText(until)} UTC`;
  const names = nodes.join(', ');
  return [
    cli.style.strong(`${target.kind} ${target.name} is drained${ends} (${id})`),
    `a drain moves routes, not connections: connections open to ${names} end when the routers move`,
    '',
    effectText(cli, drain),
  ].join('\n');
}

/** Returns one line for each drain, then the rows that are not shown to have moved. */
export function drainsText(cli: Cli, drains: readonly DrainView[]): string {
  if (drains.length === 0) return 'nothing is drained on this server';
  const columns: readonly Column[] = [
    { head: 'Id' },
    { head: 'Target' },
    { head: 'Since' },
    { head: 'Until' },
    { head: 'By', elastic: 'cut' },
    { head: 'Effective' },
    { head: 'Comment', elastic: 'cut', spare: 1 },
  ];
  const rows = drains.map((drain) => [
    drain.id,
    `${drain.target.kind} ${drain.target.name}`,
    timeText(drain.since),
    untilText(cli, drain),
    byText(drain.by),
    drain.nodes.length === 0 ? cli.style.bad('covers no peer') : countsText(cli, drain.counts),
    drain.comment ?? '',
  ]);
  const table = new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
  const overdue = drains.flatMap(({ id, overdue: why }) =>
    why === undefined ? [] : [`${id} is overdue: ${why}`],
  );
  const details = drains.filter((drain) => !isEffective(drain)).map((it) => effectText(cli, it));
  return [table, ...overdue, ...details].join('\n\n');
}

function untilText({ style }: Cli, { until, overdue }: DrainView): string {
  if (overdue !== undefined) return style.bad('overdue');
  return until === undefined ? '-' : timeText(until);
}

function effectText(cli: Cli, drain: DrainView): string {
  const { rows, counts, nodes } = drain;
  if (rows.length === 0) return 'no route server is known to send any router to the node';
  const shown = rows.slice(0, mostRows);
  const columns: readonly Column[] = [
    { head: 'Address' },
    { head: 'Router' },
    { head: 'Moved' },
    { head: 'Basis' },
    { head: 'Why', elastic: 'wrap' },
  ];
  const cells = shown.map((row) => [
    row.prefix,
    row.router,
    wordText(cli, row),
    row.basis ?? '-',
    row.why,
  ]);
  const table = new ColumnTable(columns, cli.width).render(cells, cli.style.strong);
  const total = counts.yes + counts.no + counts.unknown;
  const more = total > shown.length ? [`and ${total - shown.length} more (--json)`] : [];
  return [table, ...more, ...(isEffective(drain) ? [] : ['', adviceText(nodes)])].join('\n');
}

/**
 * Routers take the lowest MED of all that they hear: where another route server has not moved, only the node
 * itself can move traffic away.
 */
function adviceText(nodes: readonly string[]): string {
  return (
    'the drain is not shown to be effective everywhere; to move every router,\n' +
    `take ${nodes.join(', ')} out of service at the node itself: create its health check's\n` +
    'disable file, or announce MED 500 or more to every route server'
  );
}

function countsText({ style }: Cli, { yes, no, unknown }: EffectCounts): string {
  if (no > 0) return style.bad(`no (${no} of ${yes + no + unknown})`);
  return unknown > 0 ? style.busy(`unknown (${unknown} of ${yes + unknown})`) : style.good('yes');
}

function wordText({ style }: Cli, { effect }: EffectRowView): string {
  const paints = { yes: style.good, no: style.bad, unknown: style.busy };
  return paints[effect](effect);
}
