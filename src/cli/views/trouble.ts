import type { TroubleView } from '#api/views/trouble.ts';
import { plural, timeText } from '#words/text.ts';
import {
  ageOf,
  besidesText,
  headline,
  kindTexts,
  noChangeText,
  placeOf,
  reasonOf,
  recurrenceText,
  untilText,
  untouchableText,
} from '#words/trouble.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

/** How many rows of each table are printed; the API has more. */
const mostRows = 15;

/**
 * Returns what is wrong now, in the order in which it is needed at night; sections that would be empty are left out.
 */
export function troubleText(cli: Cli, view: TroubleView): string {
  const { style } = cli;
  const paint = view.is_trouble ? style.bad : style.good;
  const besides = besidesText(view);
  const sections = [
    [paint(headline(view)), ...(besides === '' ? [] : [`and ${besides}`])],
    addresses(cli, view),
    sessions(cli, view),
    listed(
      cli,
      'Heals',
      view.heals.map(({ about, text }) => [about, text]),
    ),
    listed(
      cli,
      'Do not touch',
      view.do_not_touch.map((node) => [node.node, untouchableText(node)]),
    ),
    listed(
      cli,
      'Siblings',
      view.siblings.map(({ peer, text }) => [peer, text]),
    ),
    listed(
      cli,
      'Also wrong',
      view.others.map((text) => ['', text]),
    ),
    listed(
      cli,
      'Timers',
      view.clocks.map(({ ends_at: end, text }) => [untilText(end, view.at), text]),
    ),
    listed(cli, 'Last causes', dated(view.causes, view)),
    changes(cli, view),
    listed(
      cli,
      'How often',
      view.often.map((row) => [row.about, recurrenceText(row)]),
    ),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function addresses(cli: Cli, { at, addresses: { items, counts } }: TroubleView): string[] {
  if (items.length === 0) return [];
  const columns: readonly Column[] = [
    { head: 'State' },
    { head: 'Address' },
    { head: 'For', align: 'right' },
    { head: 'Why', elastic: 'wrap' },
  ];
  const rows = items
    .slice(0, mostRows)
    .map((item) => [
      cli.style[item.kind === 'no_backup' ? 'busy' : 'bad'](kindTexts[item.kind]),
      item.prefix,
      ageOf(item.since, at),
      reasonOf(item),
    ]);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return [
    new ColumnTable(columns, cli.width).render(rows, cli.style.strong),
    ...moreThan(cli, total, 'address'),
  ];
}

function sessions(cli: Cli, { at, sessions: { down, count, common } }: TroubleView): string[] {
  if (count === 0) return [];
  const columns: readonly Column[] = [
    { head: 'Lost' },
    { head: 'Where', spare: 1 },
    { head: 'For', align: 'right' },
    { head: 'Why', elastic: 'wrap' },
  ];
  const rows = down
    .slice(0, mostRows)
    .map((session) => [session.peer, placeOf(session), ageOf(session.since, at), session.text]);
  return [
    new ColumnTable(columns, cli.width).render(rows, cli.style.strong),
    ...moreThan(cli, count, 'session'),
    ...(common === undefined ? [] : [cli.style.busy(common)]),
  ];
}

function moreThan({ style }: Cli, total: number, noun: string): string[] {
  const more = total - mostRows;
  return more > 0 ? [style.faint(`and ${plural(more, noun)} more (--json has up to 100)`)] : [];
}

function changes(cli: Cli, view: TroubleView): string[] {
  const { changes: rows, incomplete } = view;
  if (rows.length === 0) return [cli.style.faint(noChangeText(view))];
  const last = `no earlier changes since ${timeText(view.changes_since)} UTC`;
  return [
    ...listed(cli, 'Changed', dated(rows, view)),
    ...(incomplete === undefined ? [cli.style.faint(last)] : []),
  ];
}

/** Returns lines that begin with an age. */
function dated(
  rows: readonly { readonly at: string; readonly text: string }[],
  { at }: TroubleView,
): [string, string][] {
  return rows.map((row) => [`${ageOf(row.at, at)} ago`, row.text]);
}

/** Returns a list of subjects, with a text about each. */
function listed(cli: Cli, head: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const table = new ColumnTable([{ head }, { head: '', elastic: 'wrap' }], cli.width);
  return [table.render(rows, cli.style.strong)];
}
