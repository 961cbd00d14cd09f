/**
 * Makes each matrix one stop of the Tab key, in which the arrow keys lead from cell to cell (WAI-ARIA grid pattern). As
 * the server sends it, each link and each mark is a stop of its own, and needs no script.
 */
export function moveInGrids(): void {
  becomeGrids(document);
  keepStops();
  document.addEventListener('keydown', (event) => {
    const cell = cellOf(event.target);
    const table = cell?.closest('table');
    if (cell == null || table == null || event.altKey || event.metaKey || event.shiftKey) return;
    const next = destination(table, cell, event.ctrlKey ? `Control+${event.key}` : event.key);
    if (next === undefined) return;
    event.preventDefault();
    stopAt(table, next).focus();
  });
  document.addEventListener('focusin', ({ target }) => {
    const table = cellOf(target)?.closest('table');
    if (table != null && target instanceof HTMLElement) makeStop(table, target);
  });
}

const grids = 'table.matrix';
/** What may have the focus within a cell. */
const stops = 'a[href], .mark';

/** To be called with what comes from the server, before it is shown: none of its cells is a stop. */
export function becomeGrids(within: ParentNode): void {
  for (const table of within.querySelectorAll(grids)) {
    table.setAttribute('role', 'grid');
    for (const stop of table.querySelectorAll<HTMLElement>(stops)) stop.tabIndex = -1;
  }
}

/** To be called after a part of the page was replaced: a matrix that has lost its stop gets one. */
export function keepStops(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>(grids)) {
    if (table.querySelector('[tabindex="0"]')?.checkVisibility() === true) continue;
    const all = [...table.querySelectorAll<HTMLElement>(stops)];
    const first = all.find((stop) => stop.checkVisibility()) ?? all.at(0);
    if (first !== undefined) makeStop(table, first);
  }
}

/** Returns whether an attribute becomes what the server says; which element is a stop is decided here. */
export function isOfServer(attribute: string): boolean {
  return attribute !== 'tabindex';
}

function cellOf(target: EventTarget | null): HTMLTableCellElement | null {
  if (!(target instanceof Element)) return null;
  return target.closest<HTMLTableCellElement>('table.matrix :is(th, td)');
}

/** Rows that Page Up and Page Down pass. */
const pageRows = 10;

/** How far each key leads, in rows and cells. */
const ways: Readonly<Record<string, readonly [rows: number, cells: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-pageRows, 0],
  PageDown: [pageRows, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
  'Control+Home': [-Infinity, -Infinity],
  'Control+End': [Infinity, Infinity],
};

/** Returns where a key leads from a cell, no further than to the edge; `undefined` for other keys. */
function destination(
  table: HTMLTableElement,
  cell: HTMLTableCellElement,
  key: string,
): HTMLTableCellElement | undefined {
  const way = ways[key];
  if (way === undefined) return undefined;
  const [rows, cells] = way;
  const row = moved(shown(table.rows), cell.parentElement, rows);
  if (row === undefined) return undefined;
  const below = row.cells[cell.cellIndex] ?? row.cells[row.cells.length - 1];
  return moved(shown(row.cells), below, cells);
}

/** On a phone there are rows and cells that are not shown. */
function shown<Part extends Element>(parts: Iterable<Part>): Part[] {
  return [...parts].filter((part) => part.checkVisibility());
}

/** Returns the element so many places further, no further than to the end. */
function moved<Part extends Element>(
  parts: readonly Part[],
  from: Element | null,
  places: number,
): Part | undefined {
  const at = parts.findIndex((part) => part === from);
  return parts[Math.max(0, Math.min(parts.length - 1, at + places))];
}

/** Returns what gets the focus: a link or a mark, or the cell itself if it has neither. */
function stopAt(table: HTMLTableElement, cell: HTMLTableCellElement): HTMLElement {
  const stop = cell.querySelector<HTMLElement>(stops) ?? cell;
  makeStop(table, stop);
  return stop;
}

function makeStop(table: HTMLTableElement, stop: HTMLElement): void {
  for (const before of table.querySelectorAll<HTMLElement>('[tabindex="0"]')) before.tabIndex = -1;
  stop.tabIndex = 0;
}
