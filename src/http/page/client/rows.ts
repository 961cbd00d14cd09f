import { Idiomorph } from 'idiomorph';
import { isOfServer } from './grid.ts';

/** A table of the page, and the rows that it is to have. */
export interface TableRows {
  readonly body: Element;
  readonly rows: readonly Element[];
}

/** How long the page may keep its user waiting because of the rows, milliseconds. */
const sliceMs = 20;

/**
 * Removes from a view that the server has sent the rows of each table that the page has, too, if each row has an id.
 * The empty tables stay.
 */
export function takeRows(page: Element, wanted: Element): TableRows[] {
  const shown = new Map([...page.querySelectorAll('table')].map((table) => [nameOf(table), table]));
  return [...wanted.querySelectorAll('table')].flatMap((table) => {
    const body = shown.get(nameOf(table))?.tBodies[0];
    const rows = [...(table.tBodies[0]?.rows ?? [])];
    if (body === undefined || rows.some(({ id }) => id === '')) return [];
    shown.delete(nameOf(table));
    for (const row of rows) row.remove();
    return [{ body, rows }];
  });
}

function nameOf({ caption }: HTMLTableElement): string {
  return caption?.textContent.trim() ?? '';
}

const callbacks = { beforeAttributeUpdated: isOfServer };

/** Gives a table the wanted rows in their order; a row that says the same already is not touched. */
export async function becomeRows(body: Element, rows: readonly Element[]): Promise<void> {
  const wanted = new Set(rows.map(({ id }) => id));
  const shown = new Map([...body.children].map((row) => [row.id, row]));
  for (const [id, row] of shown) if (!wanted.has(id)) row.remove();
  let place = body.firstElementChild;
  let sliceEndsMs = performance.now() + sliceMs;
  for (const row of rows) {
    const twin = shown.get(row.id) ?? row;
    if (twin === place) place = place.nextElementSibling;
    else body.insertBefore(twin, place);
    if (twin !== row && !twin.isEqualNode(row)) Idiomorph.morph(twin, row, { callbacks });
    if (performance.now() < sliceEndsMs) continue;
    await nextTask();
    sliceEndsMs = performance.now() + sliceMs;
  }
}

/** Resolves after what the user did meanwhile has been handled. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
