import type { CoherenceItemView, CoherenceView, SiblingStateView } from '#api/views/coherence.ts';
import { differencesOf, gravityOfState } from '#words/coherence.ts';
import { ageText, plural, secondsSince } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

/** Returns one line for each sibling, then the differences. */
export function coherenceText(cli: Cli, view: CoherenceView): string {
  if (view.siblings.length === 0)
    return 'no other route server is observed; make it a peer with observer: true';
  const heads = view.siblings.map(({ peer, unknown }) =>
    unknown === undefined
      ? `${peer} sends its routes`
      : cli.style.busy(`${peer} is unknown: ${unknown}`),
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
  const rows = differencesOf({ items: [...items] }).map(({ item, sibling, isFirst }) =>
    row(cli, item, sibling, isFirst),
  );
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function row(
  cli: Cli,
  item: CoherenceItemView,
  sibling: SiblingStateView,
  isFirst: boolean,
): string[] {
  const { prefix, ours, since, pending } = item;
  const age = since === undefined ? '' : ageText(secondsSince(since, cli.host.clock.wall()));
  return [
    isFirst ? prefix : '',
    !isFirst || ours === undefined ? '' : `${ours.node} ${ours.med ?? 0}`,
    sibling.peer,
    stateText(cli, sibling.state, pending === true),
    isFirst ? age : '',
    sibling.why ?? '',
  ];
}

function stateText({ style }: Cli, state: SiblingStateView['state'], isPending: boolean): string {
  const text = isPending ? `${state} (pending)` : state;
  return style[gravityOfState(state, isPending)](text);
}
