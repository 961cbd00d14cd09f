import type { StatusView } from '#api/views/status.ts';
import type { Html } from './html.ts';

/** The views to which the head of each page links. */
export const places = [
  { name: 'services', path: '', title: 'Services', keys: 'g s' },
  { name: 'timeline', path: 'timeline', title: 'Timeline', keys: 'g t' },
  { name: 'events', path: 'events', title: 'Events', keys: 'g e' },
  { name: 'peers', path: 'peers', title: 'Peers', keys: 'g p' },
  { name: 'whatif', path: 'whatif', title: 'What if', keys: 'g w' },
  { name: 'siblings', path: 'siblings', title: 'Siblings', keys: 'g c' },
] as const;
type Place = (typeof places)[number]['name'];

/** The moment for which a view is made, and where its links start. */
export interface Frame {
  /** Wall clock, milliseconds. */
  readonly nowMs: number;
  /** The relative path from the page to the looking glass, empty or `../`, so that any proxy may stand before it. */
  readonly root: string;
}

/** A view, to be put into the shell. */
export interface View {
  readonly title: string;
  readonly place?: Place;
  /** What was searched for. */
  readonly sought?: string;
  readonly body: Html;
}

/** Head and foot of every page. */
export interface ShellParts {
  readonly status: StatusView;
  readonly frame: Frame;
  readonly view: View;
}
