import type {
  ChangesView,
  PrefixChangeView,
  RouterMoveView,
  ScenarioView,
  ServerView,
} from '#api/views/changes.ts';
import {
  effectTexts,
  outcomeTexts,
  serverText,
  stateChangeText,
  type Weighed,
} from '#words/changes.ts';
import { plural } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

/**
 * Returns what would change for the routers: counts for each router, then each prefix; and what would not
 * change yet.
 */
export function routerChangesText(cli: Cli, view: ChangesView): string {
  const { dark, no_backup: bare } = view.counts;
  const parts = [
    ...routerParts(cli, view),
    notesText(view),
    dark + bare === 0 ? '' : `${summaryOf(cli, view)}: see whatif --config`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function routerParts(cli: Cli, view: ChangesView): string[] {
  if (view.routers.length === 0) return ['no router gains or loses a prefix, or sees one move'];
  const seen = view.changes.filter(({ routers }) => routers.length > 0);
  return [routersTable(cli, view), movesTable(cli, seen), moreText(view)];
}

/** Returns `if node w1 (W1) failed: …`, then one line for each address. */
export function scenarioText(cli: Cli, scenario: ScenarioView): string {
  const { changes } = scenario;
  const table = changes.length === 0 ? '' : changesTable(cli, changes);
  return [titleOf(cli, scenario), table, moreText(scenario), notesText(scenario)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function notesText({ notes = [] }: ChangesView): string {
  return notes.join('\n');
}

/** Returns one line for each node, site, rack or peer. */
export function scenariosText(cli: Cli, scenarios: readonly ScenarioView[]): string {
  if (scenarios.length === 0) return 'none is configured';
  const [{ kind }] = scenarios;
  const columns: readonly Column[] = [
    { head: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}` },
    ...(kind === 'peer' ? [] : [{ head: 'Peers', elastic: 'cut' } as const]),
    { head: 'Moves', align: 'right' },
    { head: 'Dark', align: 'right' },
    { head: 'No backup', align: 'right' },
  ];
  const rows = scenarios.map(({ name, peers, counts }) => [
    name,
    ...(kind === 'peer' ? [] : [namesText(peers, 'peer')]),
    String(counts.moves),
    paintIf(cli.style.bad, counts.dark),
    paintIf(cli.style.busy, counts.no_backup),
  ]);
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function titleOf(cli: Cli, scenario: ScenarioView): string {
  const { kind, name, peers } = scenario;
  const whose =
    peers.length === 1 && peers[0] === name ? '' : ` (${namesText(peers, 'peer', ', ')})`;
  const what = kind === 'config' ? 'with this configuration' : `if ${kind} ${name}${whose} failed`;
  return `${cli.style.strong(what)}: ${summaryOf(cli, scenario)}`;
}

/** Returns some of the names, or how many there are. */
function namesText(names: readonly string[], noun: string, separator = ' '): string {
  return names.length > mostNames ? plural(names.length, noun) : names.join(separator);
}

const mostNames = 8;

/** Returns `nothing goes dark, 2 left without a backup`. */
function summaryOf(cli: Cli, changes: ChangesView): string {
  return outcomeTexts(changes)
    .map((word) => painted(cli, word))
    .join(', ');
}

function painted({ style }: Cli, { gravity, text }: Weighed): string {
  return gravity === 'plain' ? text : style[gravity](text);
}

function changesTable(cli: Cli, changes: readonly PrefixChangeView[]): string {
  const isAudited = changes.some(({ state }) => state !== undefined);
  const columns: readonly Column[] = [
    { head: 'Address' },
    { head: 'Now' },
    { head: 'Then' },
    { head: 'Backups', elastic: 'cut' },
    { head: 'Effect' },
    ...(isAudited ? [{ head: 'State' }, { head: 'Missing', spare: 1 }] : []),
  ];
  const rows = changes.map((change) => [
    change.prefix,
    serverText(change.before.best),
    serverText(change.after.best),
    change.after.backups.join(' ') || '-',
    change.effects.map((effect) => painted(cli, effectTexts[effect])).join(', ') || '-',
    ...(isAudited ? [stateChangeText(change), (change.findings ?? []).join('; ')] : []),
  ]);
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function routersTable(cli: Cli, { routers }: ChangesView): string {
  const columns: readonly Column[] = [
    { head: 'Router' },
    { head: 'Gains', align: 'right' },
    { head: 'Loses', align: 'right' },
    { head: 'Moves', align: 'right' },
  ];
  const rows = routers.map(({ peer, gain, lose, move }) => [
    peer,
    paintIf(cli.style.good, gain),
    paintIf(cli.style.bad, lose),
    paintIf(cli.style.busy, move),
  ]);
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function movesTable(cli: Cli, changes: readonly PrefixChangeView[]): string {
  if (changes.length === 0) return '';
  const columns: readonly Column[] = [
    { head: 'Prefix' },
    { head: 'Effect' },
    { head: 'Now' },
    { head: 'Then' },
    { head: 'Routers', elastic: 'cut' },
  ];
  const rows = changes.flatMap(({ prefix, routers }) =>
    routers.map((move) => [prefix, ...moveCells(cli, move)]),
  );
  return new ColumnTable(columns, cli.width).render(rows, cli.style.strong);
}

function moveCells({ style }: Cli, { effect, before, after, peers }: RouterMoveView): string[] {
  const paints = { gain: style.good, lose: style.bad, move: style.busy };
  return [paints[effect](effect), routeText(before), routeText(after), namesText(peers, 'router')];
}

/** Returns `w1 2001:db8:6::11 102`. */
function routeText(server: ServerView | undefined): string {
  if (server === undefined) return '-';
  return [server.node, server.next_hop, server.med ?? []].flat().join(' ');
}

function moreText({ counts, changes }: ChangesView): string {
  const more = counts.changed - changes.length;
  return more <= 0 || changes.length === 0 ? '' : `and ${plural(more, 'more prefix')} (--all)`;
}

function paintIf(paint: (text: string) => string, count: number): string {
  return count === 0 ? '0' : paint(String(count));
}
