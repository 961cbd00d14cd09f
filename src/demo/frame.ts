import { stripVTControlCharacters } from 'node:util';
import type { Column, Look, Style } from './look.ts';
import type { HeldRoute } from './messages.ts';
import {
  type DemoEvent,
  moveText,
  type Network,
  type NodeState,
  type RouterState,
} from './network.ts';
import { failedMed, localAs, medOf, nodeOfNextHop, routeServer, services } from './plan.ts';

/** An event and its time on the clock of `FrameOptions.nowMs`. */
export interface PastEvent extends DemoEvent {
  readonly atMs: number;
}

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** The newest first. */
  readonly events: readonly PastEvent[];
  readonly controlSocket: string;
  /** Whether keys have an effect. */
  readonly hasKeys: boolean;
}

/** The width from which events are shown beside the tables; below it they go under them. */
const wideColumns = 126;
const tableColumns = 80;
const gap = '   ';
/** Columns keep their width while their contents change: these fit `1000 backup` and `2001:db8:6::11`. */
const nodeColumns = 11;
const nextHopColumns = 14;

/** Returns the whole screen as lines: at most as many as it has rows, none too wide; the keys come last. */
export function frame(network: Network, look: Look, options: FrameOptions): string[] {
  const { columns, rows } = options;
  const isWide = columns >= wideColumns;
  const width = isWide ? tableColumns : columns;
  const tables = [
    ...matrix(network, look, width),
    '',
    ...routerTables(network.routers, look, width),
  ];
  const head = heading(network, look.style, options);
  const keys = keyLine(look.style, options);
  const body = isWide
    ? beside(tables, eventLines(look.style, options, columns - tableColumns - gap.length))
    : [...tables, '', ...eventLines(look.style, options, columns)];
  const bodyRows = Math.max(0, rows - head.length - 2);
  const fitting = Array.from({ length: bodyRows }, (_, at) => body[at] ?? '');
  return [...head, ...fitting, '', keys].slice(-rows).map((line) => cut(line, columns));
}

function heading({ routeServer: server }: Network, style: Style, options: FrameOptions): string[] {
  const title = `fingerpost demo: ${routeServer.name}, AS ${localAs.routeServer}`;
  const page = server.httpPort === 0 ? 'starting' : `http://127.0.0.1:${server.httpPort}/`;
  return [
    `${style.strong(title)}${gap}${page}`,
    ...commandLines(options).map((line) => style.faint(line)),
    '',
  ];
}

/** The command in as many lines as it needs, broken as a shell takes it. */
function commandLines({ controlSocket, columns }: FrameOptions): string[] {
  const lines = ['npx fingerpost'];
  for (const [words, mark] of [
    [`-s ${controlSocket}`, ' \\'],
    ['show route', ''],
  ]) {
    const line = `${lines.at(-1)} ${words}`;
    if (line.length + mark.length <= columns) lines.splice(-1, 1, line);
    else lines.splice(-1, 1, `${lines.at(-1)} \\`, `  ${words}`);
  }
  return lines;
}

const lastMoveHead = 'Last move';
/** Between two columns of a table. */
const columnGap = 2;

/** Draws services × nodes: what each node announces, and which node the routers choose. */
function matrix(network: Network, look: Look, width: number): string[] {
  const { style } = look;
  const columns: Column[] = [
    { head: 'Service' },
    ...network.nodes.map(({ plan }) => ({ head: plan.name.padEnd(nodeColumns) })),
    { head: lastMoveHead, elastic: 'cut' },
  ];
  const rows = services.map((service, index) => [
    service,
    ...medCells(network, style, service, index),
    lastMove(network, service),
  ]);
  const health = network.nodes.map((node) => healthText(node, style));
  const process = network.nodes.map((node) => processText(node, style));
  rows.push(['health check', ...health, ''], ['announcer', ...process, '']);
  const widths = [
    Math.max(...services.map(({ length }) => length)),
    ...health.map(() => nodeColumns),
  ];
  const used = widths.reduce((sum, each) => sum + each + columnGap, 0);
  const hasRoom = width - used >= lastMoveHead.length;
  const kept = hasRoom ? columns.length : columns.length - 1;
  return look
    .table(
      columns.slice(0, kept),
      rows.map((row) => row.slice(0, kept)),
      width,
    )
    .split('\n');
}

/** Returns `100 best`, `101 backup`, `102`, or `-` for a node that announces nothing. */
function medCells(network: Network, style: Style, service: string, index: number): string[] {
  const best = network.failovers.server(service);
  const backup = network.nodes
    .filter((node) => node.isUp && node.plan.name !== best)
    .sort((a, b) => nodeMed(a, index) - nodeMed(b, index))
    .at(0);
  return network.nodes.map((node) => {
    if (!node.isUp) return style.faint('-');
    const med = String(nodeMed(node, index));
    const text = node.isHealthy ? med : style.bad(med);
    if (node.plan.name === best) return `${text} ${style.good('best')}`;
    return best !== undefined && node === backup ? `${text} ${style.busy('backup')}` : text;
  });
}

function nodeMed({ plan, isHealthy }: NodeState, index: number): number {
  return medOf(plan, index, isHealthy);
}

function lastMove({ lastMoves }: Network, service: string): string {
  const move = lastMoves.get(service);
  return move === undefined ? '' : moveText(move);
}

/** A health check cannot report anything for a node that is killed. */
function healthText({ isHealthy, isKilled }: NodeState, style: Style): string {
  if (isKilled) return style.faint('-');
  return isHealthy ? style.good('ok') : style.bad('fails');
}

function processText({ child, isUp, isKilled }: NodeState, style: Style): string {
  if (isKilled) return style.bad('killed');
  return isUp ? style.good(`pid ${child?.pid ?? ''}`) : style.busy('starting');
}

const routeColumns: readonly Column[] = [
  { head: 'Router' },
  { head: '   Network' },
  { head: 'Next Hop'.padEnd(nextHopColumns) },
  { head: 'Metric', align: 'right' },
  { head: 'Path   ', spare: 1 },
  { head: 'Node' },
];

/** Draws each router's BGP table as `show route` prints one. */
function routerTables(routers: readonly RouterState[], look: Look, width: number): string[] {
  const rows = routers.flatMap((router) => routerRows(router, look.style));
  return look.table(routeColumns, rows, width).split('\n');
}

function routerRows(router: RouterState, style: Style): string[][] {
  const name = router.isUp ? router.plan.name : style.bad(router.plan.name);
  return services.map((service, index) => [
    index === 0 ? name : '',
    ...routeCells(service, router.routes.get(service), style),
  ]);
}

function routeCells(service: string, route: HeldRoute | undefined, style: Style): string[] {
  if (route === undefined) return [style.faint(`   ${service}`), style.faint('-')];
  const { nextHop, med, asPath } = route;
  const metric = String(med);
  return [
    `${style.good('*>')} ${service}`,
    nextHop,
    med >= failedMed ? style.bad(metric) : metric,
    `${asPath.join(' ')} i`,
    style.strong(nodeOfNextHop(nextHop) ?? ''),
  ];
}

function eventLines(style: Style, { events, nowMs }: FrameOptions, width: number): string[] {
  return events.flatMap(({ atMs, tone, text }) => {
    if (tone === 'detail') return [];
    const age = agoText(nowMs - atMs).padStart(4);
    const paint = tone === 'move' ? style.strong : style[tone];
    return [`${style.faint(age)} ${paint(ellipsis(text, width - age.length - 1))}`];
  });
}

function ellipsis(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** Returns `0s`, `59s`, `12m` or `3h`. */
function agoText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}

/** Returns as many keys as fit; the one to quit is left out last. */
function keyLine({ strong }: Style, { hasKeys, columns }: FrameOptions): string {
  if (!hasKeys) return `${strong('fingerpost demo fail w1')} from elsewhere; Ctrl-C ends`;
  const quits = `${strong('q')} quits`;
  const lines = [
    `${strong('1 2 3')} health check fails, recovers   ${strong('! @ #')} or ${strong('k1 k2 k3')} dies, starts   ${quits}`,
    `${strong('1 2 3')} check fails   ${strong('k1 k2 k3')} dies, starts   ${quits}`,
    `${strong('1-3')} fails   ${strong('k1-k3')} dies   ${quits}`,
  ];
  return lines.find((line) => visibleWidth(line) <= columns) ?? quits;
}

function beside(left: readonly string[], right: readonly string[]): string[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, at) => {
    const line = left[at] ?? '';
    const padding = ' '.repeat(Math.max(0, tableColumns - visibleWidth(line)));
    return `${line}${padding}${gap}${right[at] ?? ''}`;
  });
}

function visibleWidth(line: string): number {
  return stripVTControlCharacters(line).length;
}

/** A line that is still too wide loses its colours together with its end. */
function cut(line: string, columns: number): string {
  return visibleWidth(line) <= columns ? line : stripVTControlCharacters(line).slice(0, columns);
}
