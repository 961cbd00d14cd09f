import type { ServiceRow, ServiceRows } from '#api/views/service.ts';
import type { TroubleView } from '#api/views/trouble.ts';
import { type ServiceState, serviceStates } from '#services/audit.ts';
import { serviceStateText } from '#words/service.ts';
import type { Frame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { columnsOf, legend, matrix } from './matrix.ts';
import { mostRows, troubleVerdict, troubleView } from './trouble.ts';

/** Which rows are shown. */
export interface Selection {
  readonly service?: string;
  readonly state?: ServiceState;
  /** How many rows precede these. */
  readonly from: number;
}

/** What stands around the matrix. */
interface Around {
  readonly trouble: TroubleView;
  readonly drained: Html;
  readonly timeline: Html;
}

/** How many rows a page has; JavaScript loads the others while the reader scrolls. */
export const pageRows = 200;
/** If there are more healthy rows than this, they are folded into one line. */
const unfoldedRows = 12;

/** Counts the addresses of one service or of all, in one state or in any. */
export function countOf(
  { services }: ServiceRows,
  { service, state }: Pick<Selection, 'service' | 'state'> = {},
): number {
  const states = state === undefined ? serviceStates : [state];
  return services
    .filter(({ name }) => service === undefined || name === service)
    .flatMap(({ counts }) => states.map((one) => counts[one]))
    .reduce((sum, count) => sum + count, 0);
}

/** Makes the first screen: the verdict, what needs attention, and the matrix of the addresses. */
export function servicesView(
  frame: Frame,
  rows: ServiceRows,
  by: Selection,
  { trouble, drained, timeline }: Around,
): Html {
  const { services, rows: shown } = rows;
  if (services.length === 0) {
    return [
      troubleVerdict(frame, trouble, ''),
      troubleView(frame, trouble, { isListed: true }),
      drained,
      noServices,
    ];
  }
  const total = countOf(rows, by);
  const affected = shown.filter(({ state }) => state !== 'ok');
  const healthy = shown.filter(({ state }) => state === 'ok');
  const ok =
    by.state === undefined || by.state === 'ok' ? countOf(rows, { ...by, state: 'ok' }) : 0;
  const tables = matricesOf(frame, { affected, healthy, ok, trouble, by }, services.length > 1);
  const selection = filters(rows, by);
  // A matrix of few affected addresses says all that their list would, and takes its place.
  const isListed = affected.length > mostRows || total < countOf(rows);
  const details = troubleView(frame, trouble, { isListed });
  const isFirst = trouble.is_trouble && !isListed;
  return html`${troubleVerdict(frame, trouble, othersOf(rows, trouble))}
  ${isFirst && [selection, tables.affected]} ${trouble.is_trouble && details} ${drained}
  ${!isFirst && [selection, tables.affected]} ${tables.healthy}
  ${total === 0 && html`<p class="empty">No address is in this selection.</p>`} ${more(total, by)}
  ${timeline} ${total > 0 && hint} ${legend()} ${!trouble.is_trouble && details}`;
}

interface Tables {
  readonly affected: Html;
  readonly healthy: Html;
}

interface ShownRows {
  readonly affected: readonly ServiceRow[];
  readonly healthy: readonly ServiceRow[];
  /** How many addresses are healthy, on this page and on all others. */
  readonly ok: number;
  readonly trouble: TroubleView;
  readonly by: Selection;
}

/** Makes one table of all addresses if they are few; of many, the healthy ones are folded. */
function matricesOf(
  frame: Frame,
  { affected, healthy, ok, trouble, by }: ShownRows,
  isSeveral: boolean,
): Tables {
  const all = [...affected, ...healthy];
  const columns = columnsOf(all, isSeveral);
  const troubled = new Map(trouble.addresses.items.map((item) => [item.prefix, item]));
  const table = (rows: readonly ServiceRow[], caption: string): Html =>
    rows.length > 0 && matrix(frame, { rows, troubled, caption }, columns);
  if (affected.length > 0 && all.length <= unfoldedRows) {
    return { affected: table(all, 'Addresses, worst first'), healthy: undefined };
  }
  const healthyTable = table(healthy, 'Healthy addresses');
  const isOpen = healthy.length <= unfoldedRows || by.state === 'ok';
  return {
    affected: table(affected, 'Addresses that lack something, worst first'),
    healthy: isOpen
      ? healthyTable
      : html`<details id="healthy" class="fold">
          <summary>${ok} ok</summary>
          ${healthyTable}
        </details>`,
  };
}

const noServices = html`<h1>Services</h1>
  <p class="empty">
    No services are configured. With <code>services:</code> in the configuration this page says who
    serves each address, who would take over, and what is missing.
  </p>`;

/** Says what the headline does not: how many addresses are well. */
function othersOf(rows: ServiceRows, { addresses: { items, lesser } }: TroubleView): string {
  const total = countOf(rows);
  if (total === 0) return 'No address is announced yet.';
  const count = countOf(rows, { state: 'ok' });
  if (count === 0) return '';
  const isSaid = items.length > 0 || lesser.length > 0;
  const all = total === 1 ? 'The one address' : `All ${total} addresses`;
  const subject = isSaid ? (count === 1 ? 'The other' : `The other ${count}`) : all;
  return `${subject} ${count === 1 ? 'is served and has' : 'are served and have'} a backup.`;
}

function filters(rows: ServiceRows, by: Selection): Html {
  const { services } = rows;
  const states = serviceStates.filter((state) => countOf(rows, { state }) > 0);
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
      >${link(`all ${countOf(rows)}`, kept, state === undefined)}
      ${states.map((one) =>
        link(
          `${serviceStateText(one)} ${countOf(rows, { state: one })}`,
          { ...kept, state: one },
          one === state,
        ),
      )}</span
    >
  </nav>`;
}

const hint = html`<p class="hint">
  Each row is an address that people use, each column a node that can serve it. The number is what
  the node asks for (MED): the lowest wins and serves, marked ▸, and the next takes over when it
  fails. Follow a node's name to see what would happen without it, and an address to see why its
  traffic goes where it goes.
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

/** Returns the address of a selection, relative to the first page. */
function pathOf({ service, state, from }: Selection): string {
  const query = new URLSearchParams({
    ...(service !== undefined && { service }),
    ...(state !== undefined && { state }),
    ...(from > 0 && { from: String(from) }),
  });
  return `./${query.size === 0 ? '' : `?${query}`}`;
}
