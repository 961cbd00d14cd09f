import type { ServicePathView, ServiceRow } from '#api/views/service.ts';
import type { TroubledAddress } from '#api/views/trouble.ts';
import {
  gravityOf,
  healthMark,
  type Mark,
  marks,
  nodesOf,
  serviceStateText,
} from '#words/service.ts';
import { backgroundOf } from '#words/trouble.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { chip, mono, routeLink, scroller } from '../parts.ts';
import { forText } from './trouble.ts';

/** If there are more nodes than this, the matrix has no columns for them. */
const mostColumns = 24;
/** The same limit where fewer than a quarter of the cells would hold a path. */
const mostSparseColumns = 8;

/** If there are more nodes than this, their columns are narrow. */
const mostWide = 12;

/** The columns that all matrices of a page have. */
export interface Columns {
  readonly nodes: readonly string[];
  /** Whether there is a column for the name of the service. */
  readonly isSeveral: boolean;
}

/** Returns a column for each node if they are few enough and most cells would not be empty. */
export function columnsOf(rows: readonly ServiceRow[], isSeveral: boolean): Columns {
  const nodes = nodesOf({ addresses: [...rows] });
  const paths = rows.reduce((sum, row) => sum + row.paths.length, 0);
  const isSparse = paths * 4 < rows.length * nodes.length;
  const most = isSparse ? mostSparseColumns : mostColumns;
  return { nodes: nodes.length > most ? [] : nodes, isSeveral };
}

/** What a matrix shows. */
interface MatrixRows {
  readonly rows: readonly ServiceRow[];
  /** What `show trouble` says of an address, by prefix. */
  readonly troubled: ReadonlyMap<string, TroubledAddress>;
  readonly caption: string;
}

/** Shows a row for each address and a column for each node. */
export function matrix(
  frame: Frame,
  { rows, troubled, caption }: MatrixRows,
  columns: Columns,
): Html {
  return scroller(
    caption,
    html`<table class=${columns.nodes.length > mostWide ? 'cards matrix dense' : 'cards matrix'}>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">Address</th>
          ${columns.isSeveral && html`<th scope="col">Service</th>`}
          <th scope="col">State</th>
          ${columns.nodes.map((node) => html`<th scope="col" class="node">${nodeLink(frame, node)}</th>`)}
          <th scope="col">Best</th>
          <th scope="col">Backups</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => matrixRow(frame, row, columns, troubled.get(row.prefix)))}
      </tbody>
    </table>`,
  );
}

function matrixRow(
  frame: Frame,
  row: ServiceRow,
  { nodes, isSeveral }: Columns,
  trouble: TroubledAddress | undefined,
): Html {
  const { prefix, service, paths, best, best_med: med, backups, state, findings } = row;
  return html`<tr id=${`a-${prefix}`}>
    <th scope="row">${routeLink(frame, prefix)}</th>
    ${isSeveral && html`<td data-label="Service" class="service">${service}</td>`}
    <td class="state">
      ${chip(gravityOf(state), serviceStateText(state))}
      ${trouble !== undefined && html`<small>${forText(frame, trouble.since)}</small>`}
      ${findings.length > 0 && html`<span class="line">${findings.join('; ')}</span>`}
      ${trouble !== undefined && background(trouble)}
    </td>
    ${nodes.map((node) =>
      cell(
        row,
        node,
        paths.find((path) => path.node === node),
      ),
    )}
    <td data-label="Best">
      ${best === undefined ? '–' : html`${best}<small> MED ${med ?? 0}</small>`}
    </td>
    <td data-label="Backups" class="backups">${backups.join(', ') || '–'}</td>
  </tr>`;
}

/** Shows what led to the trouble, if that is known. */
function background(trouble: TroubledAddress): Html {
  const words = backgroundOf(trouble);
  return words !== '' && html`<small class="line">${words}</small>`;
}

function nodeLink({ root }: Frame, node: string): Html {
  return html`<a
    href=${`${root}whatif?node=${encodeURIComponent(node)}`}
    title=${`What if ${node} failed?`}
    >${node}</a
  >`;
}

/** What each mark of a cell looks like, and what it means. */
const looks = {
  best: ['▸', 'best: the node that serves the address'],
  backup: ['', 'backup: healthy, would take over'],
  none: ['·', 'the node does not announce the address'],
  h: ['⌂', meaningOf('h')],
  '~': ['~', meaningOf('~')],
  '!': ['!', meaningOf('!')],
  '?': ['?', meaningOf('?')],
  x: ['x', meaningOf('x')],
  g: ['g', meaningOf('g')],
  k: ['k', meaningOf('k')],
  p: ['p', meaningOf('p')],
} as const;
type Look = keyof typeof looks;

function meaningOf(wanted: Mark): string {
  return marks.find(([mark]) => mark === wanted)?.[1] ?? '';
}

const bandClasses: Readonly<Record<Mark, string>> = {
  h: '',
  '~': 'disabled',
  '!': 'down',
  '?': 'down',
  x: 'drained',
  g: 'drained',
  k: 'down',
  p: 'disabled',
};

/** Shows the MED of a node's path with its marks; what they mean is shown on hovering and on focus. */
function cell({ home }: ServiceRow, node: string, path: ServicePathView | undefined): Html {
  const isHome = node === home;
  if (path === undefined) {
    const absent: readonly Look[] = isHome ? ['none', 'h'] : ['none'];
    return html`<td data-label=${node} class=${isHome ? 'cell none home' : 'cell none'}>
      ${explained(node, '', absent)}
    </td>`;
  }
  const mark = healthMark(path);
  const kind = path.best ? 'best' : path.healthy ? 'backup' : undefined;
  const used: Look[] = [
    ...(kind === undefined ? [] : ([kind] as const)),
    ...(isHome ? (['h'] as const) : []),
    ...(mark === '' ? [] : [mark]),
  ];
  const classes = ['cell', kind ?? '', mark === '' ? '' : bandClasses[mark]];
  return html`<td data-label=${node} class=${classes.filter(Boolean).join(' ')}>
    ${explained(node, String(path.med ?? 0), used)}
  </td>`;
}

function explained(node: string, med: string, used: readonly Look[]): Html {
  const before = used.includes('best') ? looks.best[0] : '';
  const after = used
    .filter((look) => look !== 'best')
    .map((look) => looks[look][0])
    .join('');
  const meanings = used.map((look) => looks[look][1]).join('; ');
  return html`<span class="mark" tabindex="0"
    ><span aria-hidden="true"><b>${before}</b>${med}<i>${after}</i></span
    ><span class="tip">${node}${med === '' ? '' : `, MED ${med}`}: ${meanings}</span></span
  >`;
}

/** Explains every mark. */
export function legend(): Html {
  const rows: [string, string, string][] = [
    ['best', '▸100', looks.best[1]],
    ['backup', '101', looks.backup[1]],
    ['disabled', '600~', looks['~'][1]],
    ['down', '1000!', looks['!'][1]],
    ['drained', '100x', looks.x[1]],
    ['drained', '100g', looks.g[1]],
    ['disabled', '100p', looks.p[1]],
    ['down', '4294967295k', looks.k[1]],
    ['down', '9999?', looks['?'][1]],
    ['', '101⌂', looks.h[1]],
    ['none', '·', looks.none[1]],
  ];
  return html`<details class="legend" id="legend">
    <summary>What the marks mean</summary>
    <dl>
      ${rows.map(
        ([kind, sample, meaning]) =>
          html`<div>
            <dt class=${`cell ${kind}`}>${mono(sample)}</dt>
            <dd>${meaning}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}
