import type { BfdListView, BfdView } from '#api/views/bfd.ts';
import { ageText, secondsSince } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

const columns: readonly Column[] = [
  { head: 'Peer' },
  { head: 'State' },
  { head: 'Remote' },
  { head: 'Since', align: 'right' },
  { head: 'Hops', spare: 1 },
  { head: 'Tx', align: 'right' },
  { head: 'Rx', align: 'right' },
  { head: 'Detect', align: 'right' },
  { head: 'Downs', align: 'right' },
  { head: 'Diagnostic', elastic: 'cut' },
];

/**
 * Returns the table of `show bfd`, one line for each session, and the state of the brake if it was ever
 * applied.
 */
export function bfdText(cli: Cli, { items, brake }: BfdListView): string {
  if (items.length === 0) return 'no peer uses BFD';
  const table = new ColumnTable(columns, cli.width);
  const rows = table.render(
    items.map((row) => bfdRow(cli, row)),
    cli.style.strong,
  );
  if (brake === undefined) return rows;
  const age = ageText(secondsSince(brake.last_applied, cli.host.clock.wall()));
  return `${rows}\nThe brake was applied ${age} ago (${brake.reason}), ${brake.applied} times in all.`;
}

function bfdRow(cli: Cli, row: BfdView): string[] {
  return [
    row.peer,
    paint(cli, row),
    row.remote_state,
    ageText(secondsSince(row.since, cli.host.clock.wall())),
    row.multihop ? 'several' : 'one',
    row.tx_ms === 0 ? '-' : msText(row.tx_ms),
    row.rx_ms === 0 ? 'no packet received yet' : msText(row.rx_ms),
    row.detect_ms === 0 ? '-' : msText(row.detect_ms),
    String(row.downs),
    row.diag === 'none' ? '' : row.diag.replaceAll('_', ' '),
  ];
}

function paint({ style }: Cli, { state }: BfdView): string {
  if (state === 'up') return style.good(state);
  return state === 'admin_down' ? style.busy(state) : style.bad(state);
}

function msText(ms: number): string {
  return `${Math.round(ms)} ms`;
}
