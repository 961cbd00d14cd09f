import { keepStops } from './grid.ts';
import { become, fetchPart } from './parts.ts';

/** Rows that were loaded while scrolling, and where each part of them is from. */
const loaded = new Map<Element, string>();

const watch = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting && target instanceof HTMLAnchorElement) void load(target);
    }
  },
  { rootMargin: '800px' },
);

/** Follows the link to the next rows when it comes near. */
export function loadWhileScrolling(): void {
  watchLast(document.body);
}

/**
 * Asks again for the loaded rows that are in sight, and for those whose place has changed because the rows before them
 * have changed.
 */
export async function refreshLoaded(): Promise<void> {
  let next = nextOf(document.getElementById('main'));
  for (const [part, href] of loaded) {
    const { top, bottom } = part.getBoundingClientRect();
    const isInSight = bottom > 0 && top < innerHeight;
    if (next !== undefined && (isInSight || next !== href)) {
      await become(part, rowsOf(await fetchPart(next)));
      loaded.set(part, next);
    }
    next = nextOf(part) ?? next;
  }
}

function nextOf(part: Element | null): string | undefined {
  return part?.querySelector<HTMLAnchorElement>('a[rel=next]')?.href;
}

async function load(link: HTMLAnchorElement): Promise<void> {
  watch.unobserve(link);
  const view = await fetchPart(link.href).catch(() => undefined);
  const before = [...loaded.keys()].at(-1) ?? document.getElementById('main');
  if (view === undefined || before === null) return;
  const part = rowsOf(view);
  before.after(part);
  loaded.set(part, link.href);
  keepStops();
  watchLast(part);
}

/** The tables of a view and the link to the next, without its head. */
function rowsOf(view: Element): Element {
  const part = document.createElement('div');
  part.className = 'loaded';
  part.append(...view.querySelectorAll('.scroller, .more'));
  return part;
}

function watchLast(within: Element): void {
  const next = within.querySelector('a[rel=next]');
  if (next !== null) watch.observe(next);
}
