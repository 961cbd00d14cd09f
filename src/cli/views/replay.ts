import type { ExplainView } from '#api/views/explain.ts';
import type { ReplayReport } from '#replay/replay.ts';
import { printable } from '#text/printable.ts';
import { plural } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { ColumnTable } from '../table.ts';
import { explainText } from './explain.ts';

/** How many changes, and how many malformed UPDATEs, are printed: the last ones. */
const mostPrinted = 50;

/** Returns what was replayed: the peers, what moved, and what each asked-for prefix came to. */
export function replayText(
  cli: Cli,
  report: ReplayReport,
  explained: readonly ExplainView[],
): string {
  const parts = [
    head(report),
    peersText(cli, report),
    ...unknownPeersText(report),
    ...movesText(report),
    ...malformedText(report),
    ...explained.map((view) => explainText(cli, view)),
  ];
  return parts.join('\n\n');
}

function head({ records, skipped, first, last }: ReplayReport): string {
  const others = skipped > 0 ? `, ${skipped} of other kinds` : '';
  const span = first === undefined ? '' : `, ${first} to ${last}`;
  return `${plural(records, 'record')}${others}${span}`;
}

function peersText(cli: Cli, { peers }: ReplayReport): string {
  const table = new ColumnTable(
    [
      { head: 'Peer' },
      { head: 'State' },
      { head: 'Accepted', align: 'right' },
      { head: 'Refused', elastic: 'wrap' },
    ],
    cli.width,
  );
  const rows = peers.map(({ name, is_up, accepted, refused }) => [
    printable(name),
    is_up ? 'up' : 'down',
    String(accepted),
    Object.entries(refused)
      .map(([reason, count]) => `${count} ${reason}`)
      .join(', ') || '0',
  ]);
  return table.render(rows, cli.style.strong);
}

function unknownPeersText({ unknown_peers: unknown }: ReplayReport): string[] {
  if (unknown.length === 0) return [];
  const named = unknown
    .slice(0, 10)
    .map(({ address, peer_as, records }) => `${address} AS ${peer_as} (${records})`);
  const more = unknown.length > 10 ? ` and ${unknown.length - 10} more` : '';
  return [`Left out, because they are not peers of this configuration: ${named.join(', ')}${more}`];
}

function movesText({ moves, moves_in_all }: ReplayReport): string[] {
  if (moves_in_all === 0) return [];
  const shown = moves.slice(-mostPrinted);
  const lines = shown.map(
    ({ at, prefix, from, to }) =>
      `${at}  ${prefix}  ${printable(from ?? 'none')} -> ${printable(to ?? 'none')}`,
  );
  return [[titleOf('Best paths of services', moves_in_all, shown.length), ...lines].join('\n')];
}

function malformedText({ malformed, malformed_in_all }: ReplayReport): string[] {
  if (malformed_in_all === 0) return [];
  const shown = malformed.slice(-mostPrinted);
  const lines = shown.map(({ at, peer, text }) => `${at}  ${printable(peer)}  ${printable(text)}`);
  const title = titleOf('UPDATEs that would end a session', malformed_in_all, shown.length);
  return [[title, ...lines].join('\n')];
}

function titleOf(what: string, all: number, shown: number): string {
  return shown < all ? `${what} (the last ${shown} of ${all}):` : `${what}:`;
}
