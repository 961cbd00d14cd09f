import type { CoherenceItemView, CoherenceView, SiblingStateView } from '#api/coherence.ts';
import { ageText, plural, secondsSince } from '#words/text.ts';
import type { Cli } from '../host.ts';
import { type Column, ColumnTable } from '../table.ts';

const harmless: ReadonlySet<string> = new Set(['same', 'tie', 'unknown']);

/** Whether route servers have differed for longer than the debounce. */
export function isIncoherent({ items }: CoherenceView): boolean {
  return items.some(({ state, pending }) => pending !== true && !harmless.has(state));
}

/** A line a sibling, then what differs. */
export function coherenceText(cli: Cli, view: CoherenceView): string {
  if (view.siblings.length === 0) return 'no other route server is observed (observer: true)';
  const heads = view.siblings.map(({ peer, unknown }) =>
    unknown === undefined ? `${peer} is heard` : cli.style.busy(`${peer} is unknown: ${unknown}`),
  );
  const summary =
    view.items.length === 0
      ? `${plural(view.compared, 'address')} compared: the same everywhere`
      : `${plural(view.compared, 'address')} compared, ${view.items.length} not the same everywhere`;
  const table = view.items.length === 0 ? [] : ['', itemsTable(cli, view.items)];
  return [...heads, summary, ...table].join('\n');
}

function itemsTable(cli: Cli, items: readonly CoherenceItemView[]): string {
  const columns: readonly Column[] = [
    { head: 'Address' },
    { head: 'Ours' },
    { head: 'Sibling' },
    { head: 'State' },
    { head: 'For' },
    { head: 'Why', elastic: 'wrap' },
  ];
  const rows = items.flatMap((item) =>
    item.siblings
      .filter(({ state }) => state !== 'same')
      .map((sibling, index) => row(cli, item, sibling, index)),
  );
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function row(
  cli: Cli,
  item: CoherenceItemView,
  sibling: SiblingStateView,
  index: number,
): string[] {
  const { prefix, ours, since, pending } = item;
  const age = since === undefined ? '' : ageText(secondsSince(since, cli.host.clock.wall()));
  return [
    index === 0 ? prefix : '',
    index > 0 || ours === undefined ? '' : `${ours.node} ${ours.med ?? 0}`,
    sibling.peer,
    stateText(cli, sibling.state, pending === true),
    index === 0 ? age : '',
    sibling.why ?? '',
  ];
}

function stateText({ style }: Cli, state: SiblingStateView['state'], isPending: boolean): string {
  const text = isPending ? `${state} (pending)` : state;
  if (isPending || harmless.has(state)) return style.busy(text);
  return style.bad(text);
}
