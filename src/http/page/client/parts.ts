import { Idiomorph } from 'idiomorph';
import { showCopies } from './copy.ts';

const patienceMs = 5000;

/** The daemon answered with something else than a view: it is busy, or its proxy is. */
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
  return part;
}

/** Makes an element what the server says now; what is open, selected or has the focus stays so. */
export function become(element: Element, wanted: Element): void {
  for (const details of element.querySelectorAll<HTMLDetailsElement>('details[id]')) {
    const twin = wanted.querySelector(`#${CSS.escape(details.id)}`);
    twin?.toggleAttribute('open', details.open);
  }
  const callbacks = { beforeNodeMorphed: (node: Node) => !isBeingWritten(node) };
  Idiomorph.morph(element, wanted, { morphStyle: 'outerHTML', ignoreActiveValue: true, callbacks });
  showCopies();
}

/** A form into which somebody types a token and a name. */
function isBeingWritten(node: Node): boolean {
  return node instanceof HTMLFormElement && node.dataset.write !== undefined;
}
