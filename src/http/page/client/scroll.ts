import { fetchPart } from './parts.ts';

/** A page that was loaded while scrolling, and where it is from. */
export const loadedParts = new Map<Element, string>();

/** Follows the link to the next rows when it comes near. */
export function loadWhileScrolling(): void {
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting && target instanceof HTMLAnchorElement) void load(target, watch);
      }
    },
    { rootMargin: '800px' },
  );
  observeLast(watch, document.body);
}

async function load(link: HTMLAnchorElement, watch: IntersectionObserver): Promise<void> {
  watch.unobserve(link);
  const { href } = link;
  const rows = await fetchPart(href).catch(() => undefined);
  const main = document.getElementById('main');
  if (rows === undefined || main === null) return;
  const part = document.createElement('div');
  part.className = 'loaded';
  part.append(...rows.querySelectorAll('.scroller, .more'));
  link.hidden = true;
  (document.querySelector('.loaded:last-of-type') ?? main).after(part);
  loadedParts.set(part, href);
  observeLast(watch, part);
}

function observeLast(watch: IntersectionObserver, within: Element): void {
  const next = within.querySelector('a[rel=next]');
  if (next !== null) watch.observe(next);
}
