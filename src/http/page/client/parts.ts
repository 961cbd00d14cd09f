import { Idiomorph } from 'idiomorph';
import { showCopies } from './copy.ts';
import { becomeGrids, isOfServer, keepStops } from './grid.ts';
import { becomeRows, takeRows } from './rows.ts';

const patienceMs = 5000;

/** The daemon answered with something that is no view, because it or its proxy is busy. */
export class NoView extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** Asks the server for the view at a URL, without the head and foot of the page. */
export async function fetchPart(url: string): Promise<Element> {
  const response = await fetch(url, {
    headers: { 'fingerpost-part': 'main' },
    signal: AbortSignal.timeout(patienceMs),
  });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const part = page.getElementById('main');
  if (part === null) throw new NoView(response.status);
  becomeGrids(part);
  return part;
}

/**
 * Changes an element into what the server says now; what is open, selected or focused stays so. The rows of long tables
 * come last and in slices, so that the page responds meanwhile.
 */
export async function become(element: Element, wanted: Element): Promise<void> {
  for (const details of element.querySelectorAll<HTMLDetailsElement>('details[id]')) {
    const twin = wanted.querySelector(`#${CSS.escape(details.id)}`);
    twin?.toggleAttribute('open', details.open);
  }
  const tables = takeRows(element, wanted);
  const isKept = new Set<Node>(tables.map(({ body }) => body));
  const beforeNodeMorphed = (node: Node) => !isKept.has(node) && !isBeingWritten(node);
  Idiomorph.morph(element, wanted, {
    morphStyle: 'outerHTML',
    ignoreActiveValue: true,
    callbacks: { beforeNodeMorphed, beforeAttributeUpdated: isOfServer },
  });
  showCopies();
  for (const { body, rows } of tables) await becomeRows(body, rows);
  keepStops();
}

/** Returns whether it is a form into which a token and a name are typed. */
function isBeingWritten(node: Node): boolean {
  return node instanceof HTMLFormElement && node.dataset.write !== undefined;
}
