import type { ServiceAddressView, ServicePathView, ServiceView } from '#api/service.ts';
import { type ServiceState, serviceStates } from '#services/audit.ts';
import { gravityOf, healthMark, type Mark, marks, nodesOf } from '#words/service.ts';
import { plural } from '#words/text.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { chip, mono, routeLink, scroller } from '../parts.ts';

/** An address in the matrix. */
export interface Row extends ServiceAddressView {
  readonly service: string;
}

/** Which rows are shown. */
export interface Selection {
  readonly service?: string;
  readonly state?: ServiceState;
  /** Rows before these. */
  readonly from: number;
}

/** Rows of one page; JavaScript brings the others while one scrolls. */
export const pageRows = 200;
/** More healthy rows than these are folded into one line. */
const unfoldedRows = 12;
/** With more nodes than these the matrix has no column for each. */
const mostColumns = 24;

/** All addresses of all services, worst first. */
export function rowsOf(services: readonly ServiceView[]): Row[] {
  const rows = services.flatMap(({ name, addresses }) =>
    addresses.map((address): Row => ({ ...address, service: name })),
  );
  return serviceStates.flatMap((state) => rows.filter((row) => row.state === state));
}

/** The first screen: the verdict, what calls for attention, and the matrix of the addresses. */
export function servicesView(
  frame: Frame,
  services: readonly ServiceView[],
  by: Selection,
  attention: Html,
): Html {
  if (services.length === 0) return [attention, noServices];
  const all = rowsOf(services);
  const rows = all.filter(
    ({ service, state }) =>
      (by.service === undefined || service === by.service) &&
      (by.state === undefined || state === by.state),
  );
  const shown = rows.slice(by.from, by.from + pageRows);
  const affected = shown.filter(({ state }) => state !== 'ok');
  const healthy = shown.slice(affected.length);
  const isSeveral = services.length > 1;
  const ok = rows.filter(({ state }) => state === 'ok').length;
  const healthyTable = matrix(frame, healthy, 'Healthy addresses', isSeveral);
  return html`${verdict(all)} ${attention} ${filters(services, all, by)}
  ${
    affected.length > 0 &&
    matrix(frame, affected, 'Addresses that lack something, worst first', isSeveral)
  }
  ${
    healthy.length > 0 &&
    (healthy.length <= unfoldedRows || by.state === 'ok'
      ? healthyTable
      : html`<details id="healthy" class="fold">
          <summary>${ok} ok</summary>
          ${healthyTable}
        </details>`)
  }
  ${rows.length === 0 && html`<p class="empty">No address is in this selection.</p>`}
  ${more(rows.length, by)} ${rows.length > 0 && hint} ${legend()}`;
}

const noServices = html`<h1>Services</h1>
  <p class="empty">
    No services are configured. With <code>services:</code> in the configuration this page says who
    serves each address, who would take over, and what is missing.
  </p>`;

/** What is said of one address, and of several. */
const verdictTexts: Readonly<Record<ServiceState, readonly [one: string, several: string]>> = {
  absent: ['is dark: no node serves it', 'are dark: no node serves them'],
  only_down_paths: ['is served by a node that is not up', 'are served by nodes that are not up'],
  no_backup: ['has no backup', 'have no backup'],
  degraded: ['has too few backups', 'have too few backups'],
  tie: ['is tied between two nodes', 'are tied between two nodes'],
  unexpected_node: ['is served away from home', 'are served away from home'],
  ok: ['is served and has a backup', 'are served and have a backup'],
};

function verdictText(state: ServiceState, count: number, subject: string): string {
  const [one, several] = verdictTexts[state];
  return `${subject} ${count === 1 ? one : several}`;
}

function verdict(rows: readonly Row[]): Html {
  const found = serviceStates.flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : [{ state, count }];
  });
  if (found.length === 0) return html`<h1 class="verdict busy">No address is announced yet</h1>`;
  const [{ state: worst, count }, ...others] = found;
  const whole = plural(rows.length, 'address');
  const all = rows.length === 1 ? 'The one address' : `All ${whole}`;
  const subject = others.length === 0 ? all : `${count} of ${whole}`;
  return html`<div class=${`verdict ${gravityOf(worst)}`}>
    <h1>${verdictText(worst, count, subject)}</h1>
    ${
      others.length > 0 &&
      html`<p>
        ${others.map((row) => verdictText(row.state, row.count, `${row.count}`)).join(', ')}
      </p>`
    }
  </div>`;
}

function filters(services: readonly ServiceView[], rows: readonly Row[], by: Selection): Html {
  const states = serviceStates.filter((state) => rows.some((row) => row.state === state));
  const link = (label: string, to: Omit<Selection, 'from'>, isHere: boolean): Html =>
    html`<a href=${pathOf({ ...to, from: 0 })} aria-current=${isHere ? 'true' : undefined}
      >${label}</a
    >`;
  const { service, state } = by;
  const kept = service === undefined ? {} : { service };
  const alike = state === undefined ? {} : { state };
  if (services.length === 1 && states.length < 2) return undefined;
  return html`<nav class="filters" aria-label="Selection">
    ${
      services.length > 1 &&
      html`<span
        >${link('all services', alike, service === undefined)}
        ${services.map(({ name }) => link(name, { service: name, ...alike }, name === service))}</span
      >`
    }
    <span
      >${link(`all ${rows.length}`, kept, state === undefined)}
      ${states.map((one) =>
        link(
          `${wordsOf(one)} ${rows.filter((row) => row.state === one).length}`,
          { ...kept, state: one },
          one === state,
        ),
      )}</span
    >
  </nav>`;
}

function matrix(frame: Frame, rows: readonly Row[], caption: string, isSeveral: boolean): Html {
  const nodes = nodesOf({ addresses: [...rows] });
  const isWide = nodes.length > mostColumns;
  const columns = isWide ? [] : nodes;
  return scroller(
    caption,
    html`<table class="matrix">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">Address</th>
          ${isSeveral && html`<th scope="col">Service</th>`}
          ${columns.map((node) => html`<th scope="col" class="node">${nodeLink(frame, node)}</th>`)}
          <th scope="col">Best</th>
          <th scope="col">Backups</th>
          <th scope="col">State</th>
          <th scope="col">What is missing</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => matrixRow(frame, row, columns, isSeveral))}
      </tbody>
    </table>`,
  );
}

function matrixRow(frame: Frame, row: Row, nodes: readonly string[], isSeveral: boolean): Html {
  const { prefix, service, paths, best, best_med: med, backups, state, findings } = row;
  return html`<tr id=${`a-${prefix}`}>
    <th scope="row">${routeLink(frame, prefix)}</th>
    ${isSeveral && html`<td>${service}</td>`}
    ${nodes.map((node) =>
      cell(
        row,
        node,
        paths.find((path) => path.node === node),
      ),
    )}
    <td>${best === undefined ? '–' : html`${best}<small> MED ${med ?? 0}</small>`}</td>
    <td>${backups.join(', ') || '–'}</td>
    <td>${chip(gravityOf(state), wordsOf(state))}</td>
    <td class="text">${findings.join('; ')}</td>
  </tr>`;
}

/** `no_backup` as people say it. */
export function wordsOf(state: ServiceState): string {
  return state.replaceAll('_', ' ');
}

function nodeLink({ root }: Frame, node: string): Html {
  return html`<a
    href=${`${root}whatif?node=${encodeURIComponent(node)}`}
    title=${`What if ${node} failed?`}
    >${node}</a
  >`;
}

/** A mark of a cell, what it looks like, and what it means. */
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
};

/** The MED of a node's path, with its marks; what they mean is said on hovering and on focus. */
function cell({ home }: Row, node: string, path: ServicePathView | undefined): Html {
  const isHome = node === home;
  if (path === undefined) {
    return html`<td class="cell none">
      ${explained(node, '', ['none', ...(isHome ? (['h'] as const) : [])])}
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
  return html`<td class=${classes.filter(Boolean).join(' ')}>
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

const hint = html`<p class="hint">
  Each row is an address that people use, each column a node that can serve it. The number is what
  the node asks for (MED): the lowest wins and serves, marked ▸, and the next takes over when it
  fails. A node's name leads to what would happen then, an address to why it goes where it goes.
</p>`;

function more(total: number, by: Selection): Html {
  const end = by.from + pageRows;
  if (total <= pageRows) return undefined;
  return html`<p class="more">
    ${by.from + 1} to ${Math.min(end, total)} of ${total}
    ${by.from > 0 && html`<a href=${pathOf({ ...by, from: Math.max(0, by.from - pageRows) })}>previous</a>`}
    ${end < total && html`<a rel="next" href=${pathOf({ ...by, from: end })}>next ${Math.min(pageRows, total - end)}</a>`}
  </p>`;
}

/** A selection as an address relative to the first page. */
function pathOf({ service, state, from }: Selection): string {
  const query = new URLSearchParams({
    ...(service !== undefined && { service }),
    ...(state !== undefined && { state }),
    ...(from > 0 && { from: String(from) }),
  });
  return `./${query.size === 0 ? '' : `?${query}`}`;
}

function legend(): Html {
  const rows: [string, string, string][] = [
    ['best', '▸100', looks.best[1]],
    ['backup', '101', looks.backup[1]],
    ['disabled', '600~', looks['~'][1]],
    ['down', '1000!', looks['!'][1]],
    ['drained', '100x', looks.x[1]],
    ['drained', '100g', looks.g[1]],
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
